"""A group that is there, otherwise: another place or time, one session called off, the poster trusted."""

from datetime import date, datetime, time
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import Clock, Visiting
from api.routes.activities import ActivityOut, Reason, Terms, Which, session_of
from exchange.activities import changing, proposing, sessions

router = APIRouter(tags=["activities"])


class Changes(Terms):
    """What is to be otherwise; what is left out stays. What coming earns or costs stands once approved."""

    title: str = Field(default="", max_length=80)
    location: str = Field(default="", max_length=200)
    first_on: date = date.max
    starts: Clock = Field(default=time(), description="On the clocks of the bank's own town.")
    minutes: int = Field(default=0, strict=True)


class CallingOff(Which, Reason):
    """Which session will not be; the next one when left out. The reason is for coordinators."""


class CalledOff(BaseModel):
    """A session, and whether it will be."""

    session_id: UUID
    activity_id: UUID
    starts_at: datetime
    state: str


class Trust(BaseModel):
    """Whether the poster counts without a helper's nod."""

    is_trusted: bool


@router.patch("/activities/{activity_id}")
async def change(visit: Visiting, activity_id: UUID, wanted: Changes) -> ActivityOut:
    """Change it; whoever booked hears of another time or place."""
    said = wanted.model_dump(exclude_unset=True)
    return ActivityOut.of(await changing.change(visit.session, visit.viewer, activity_id, said, at=visit.at))


@router.post("/activities/{activity_id}/call-off")
async def call_off(visit: Visiting, activity_id: UUID, said: CallingOff | None = None) -> CalledOff:
    """One session will not be: everything set aside is given back, everybody booked is told. Once."""
    said = said or CallingOff()
    meeting = await session_of(visit, activity_id, said.session_id)
    off = await sessions.call_off(
        visit.session, visit.viewer, meeting.session_id, reason=said.reason, at=visit.at
    )
    return CalledOff(
        session_id=off.session_id, activity_id=off.activity_id, starts_at=off.starts_at, state=off.state
    )


@router.post("/activities/{activity_id}/trust")
async def trust(visit: Visiting, activity_id: UUID, said: Trust) -> ActivityOut:
    """A coordinator with no part in it says whether the poster alone counts from now on."""
    return ActivityOut.of(
        await proposing.trust(visit.session, visit.viewer, activity_id, is_trusted=said.is_trusted)
    )
