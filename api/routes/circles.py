"""Balanced rounds for the coordinator: suggested on demand, looked at, accepted, pinned or dropped."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.door import CreatedId, Visiting
from api.routes.listings import MatchOut, MatchPage
from exchange.appointments import circles
from exchange.directory import circle_rounds, circle_views
from exchange.directory.circle_views import CircleView

router = APIRouter(tags=["circles"])


class Propose(BaseModel):
    """A suggestion for this week."""

    id: UUID | None = None


class LegOut(BaseModel):
    """One help of a circle."""

    place: int
    giver: str
    giver_id: UUID
    receiver: str
    receiver_id: UUID
    skill: str
    offer_id: UUID
    request_id: UUID
    appointment_id: UUID | None


class CircleOut(BaseModel):
    """A helps B, B helps C, C helps A; `minutes` of each help."""

    id: UUID
    state: str
    minutes: int
    legs: list[LegOut]

    @classmethod
    def of(cls, view: CircleView) -> "CircleOut":
        circle = view.circle
        same = ("place", "giver_id", "receiver_id", "skill", "offer_id", "request_id", "appointment_id")
        legs = [
            LegOut(giver=one.giver, receiver=one.receiver, **{name: getattr(one.leg, name) for name in same})
            for one in view.legs
        ]
        return cls(id=circle.circle_id, state=circle.state, minutes=circle.minutes, legs=legs)


class RoundOut(BaseModel):
    """The newest suggestion: its hours, what pairs alone would find, what fairness costs."""

    id: UUID
    made_at: datetime
    minutes: int
    greedy_minutes: int
    fairness_cost_minutes: int | None


class CirclesOut(BaseModel):
    """Circles still to decide on, and those pinned; without a round when none was suggested yet."""

    round: RoundOut | None
    items: list[CircleOut]


async def _newest(visit: Visiting) -> CirclesOut:
    found = await circle_views.newest(visit.session, visit.viewer)
    if found is None:
        return CirclesOut(round=None, items=[])
    made, shown = found
    same = ("made_at", "minutes", "greedy_minutes", "fairness_cost_minutes")
    described = RoundOut(id=made.round_id, **{name: getattr(made, name) for name in same})
    return CirclesOut(round=described, items=[CircleOut.of(view) for view in shown])


@router.post("/circles", status_code=201)
async def propose(visit: Visiting, new_id: CreatedId, wanted: Propose | None = None) -> CirclesOut:
    """Suggest circles for this week; nobody is asked by it. The same id again changes nothing."""
    round_id = (wanted.id if wanted else None) or new_id
    await circle_rounds.propose(visit.session, visit.viewer, round_id=round_id, at=visit.at)
    return await _newest(visit)


@router.get("/circles")
async def newest(visit: Visiting) -> CirclesOut:
    """The newest suggestion."""
    return await _newest(visit)


@router.get("/circles/{circle_id}")
async def get(visit: Visiting, circle_id: UUID) -> CircleOut:
    """One circle."""
    return CircleOut.of(await circle_views.view(visit.session, visit.viewer, circle_id))


@router.get("/circles/{circle_id}/instead")
async def instead(visit: Visiting, circle_id: UUID, place: Annotated[int, Query(ge=0, le=1000)]) -> MatchPage:
    """When one help breaks: who else could give it."""
    found = await circle_rounds.instead(visit.session, visit.viewer, circle_id, place, at=visit.at)
    return MatchPage(items=[MatchOut.of(match, visit.viewer.language) for match in found])


DECIDE = {"accept": circles.accept, "pin": circle_rounds.pin, "drop": circle_rounds.drop}


@router.post("/circles/{circle_id}/{verb}")
async def decide(visit: Visiting, circle_id: UUID, verb: Literal["accept", "pin", "drop"]) -> CircleOut:
    """Accept it (both sides of every help are asked), keep it for the next suggestion, or drop it."""
    await DECIDE[verb](visit.session, visit.viewer, circle_id, at=visit.at)
    return CircleOut.of(await circle_views.view(visit.session, visit.viewer, circle_id))
