"""Telling of an hour and everything that follows: confirm, decline, withdraw, approve, object, decide."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.door import CreatedId, Limit, Visiting
from exchange.hours import log, read, verbs
from exchange.hours.read import HoursView
from exchange.hours.tables import Hours

router = APIRouter(tags=["hours"])


class LogHours(BaseModel):
    """An hour as one side tells it; the last three fields are for coordinators."""

    model_config = ConfigDict(populate_by_name=True)

    id: UUID | None = None
    direction: Literal["gave", "received"]
    with_id: UUID = Field(alias="with", description="A member's or an organisation's id.")
    minutes: int = Field(strict=True, description="Whole minutes, from 1 to 1440.")
    done_on: date
    skill: str | None = Field(default=None, max_length=200)
    listing_id: UUID | None = None
    appointment_id: UUID | None = None
    activity_id: UUID | None = None
    at_home: bool = False
    note: str | None = Field(default=None, max_length=2000)
    on_behalf_of: UUID | None = None
    reason: str | None = Field(default=None, max_length=200)
    evidence: str | None = Field(default=None, max_length=200)


class Confirmation(BaseModel):
    """A yes, or a yes with other minutes; `evidence` when a coordinator heard it spoken."""

    minutes: int | None = Field(default=None, strict=True)
    seen_minutes: int | None = Field(
        default=None, description="What you were shown: refused if changed since."
    )
    evidence: str | None = Field(default=None, max_length=2000)
    on_behalf_of: UUID | None = Field(default=None, description="For coordinators: whose yes it is.")


class Reason(BaseModel):
    """A reason; it goes to the coordinator only."""

    reason: str | None = Field(default=None, max_length=2000)


class Approval(Reason):
    """A coordinator's decision; `floor` says what to do for a payer at the limit."""

    floor: Literal["pot", "raise"] | None = None


class Objection(Reason):
    """A reason to look again; `on_behalf_of` is for coordinators: the side that asked for it."""

    on_behalf_of: UUID | None = None


class PartyOut(BaseModel):
    """A member or an organisation, by the name they use."""

    id: UUID
    name: str


class HoursOut(BaseModel):
    """Hours as the viewer may see them."""

    id: UUID
    state: str
    direction: Literal["gave", "received"] | None
    with_party: PartyOut = Field(serialization_alias="with")
    giver: PartyOut
    receiver: PartyOut
    minutes: int
    done_on: date
    skill: str | None
    note: str | None
    at_home: bool
    reference: str
    waiting_for: PartyOut | None
    verbs: list[str]
    approval_reasons: list[str]
    private_reasons: list[str]
    logged_at: datetime
    posted_at: datetime | None

    @classmethod
    def of(cls, view: HoursView) -> "HoursOut":
        """The viewer's picture of one hour."""
        row = view.hours
        giver = PartyOut(id=row.giver_id, name=view.giver)
        receiver = PartyOut(id=row.receiver_id, name=view.receiver)
        return cls(
            id=row.hours_id,
            state=row.state,
            direction=_direction(view),
            with_party=PartyOut(id=view.other_id, name=view.other),
            giver=giver,
            receiver=receiver,
            minutes=row.minutes,
            done_on=row.done_on,
            skill=row.skill,
            note=row.note,
            at_home=row.is_at_home,
            reference=row.reference,
            waiting_for=_waiting_for(view),
            verbs=list(view.verbs),
            approval_reasons=[] if view.is_party else row.approval_reasons,
            private_reasons=list(view.private_reasons),
            logged_at=row.logged_at,
            posted_at=row.posted_at,
        )


def _direction(view: HoursView) -> Literal["gave", "received"] | None:
    if view.is_giver:
        return "gave"
    return "received" if view.is_party else None


def _waiting_for(view: HoursView) -> PartyOut | None:
    if view.hours.state != "awaiting_confirmation":
        return None
    return PartyOut(id=view.hours.awaited_id, name=view.awaited)


class HoursPage(BaseModel):
    """A page of hours, newest first."""

    items: list[HoursOut]
    next_cursor: str | None


async def _shown(visit: Visiting, hours: Hours) -> HoursOut:
    return HoursOut.of(await read.view(visit.session, visit.viewer, hours.hours_id))


@router.post("/hours", status_code=201)
async def log_hours(visit: Visiting, told: LogHours, new_id: CreatedId) -> HoursOut:
    """Tell of an hour; the other side is asked to say yes. The same id again returns the first."""
    telling = log.Telling(
        hours_id=told.id or new_id,
        is_at_home=told.at_home,
        **told.model_dump(exclude={"id", "at_home"}),
    )
    return await _shown(visit, await log.log(visit.session, visit.viewer, telling, at=visit.at))


@router.get("/hours")
async def list_hours(
    visit: Visiting,
    party_id: UUID | None = None,
    state: str | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 20,
) -> HoursPage:
    """Hours given and received, newest first; one's own unless `party_id` says whose."""
    found, more = await read.recent(
        visit.session, visit.viewer, party_id=party_id, state=state, cursor=cursor, limit=limit
    )
    return HoursPage(items=[HoursOut.of(view) for view in found], next_cursor=more)


@router.get("/hours/{hours_id}")
async def get_hours(visit: Visiting, hours_id: UUID) -> HoursOut:
    """One hour's record."""
    return HoursOut.of(await read.view(visit.session, visit.viewer, hours_id))


@router.post("/hours/{hours_id}/confirm")
async def confirm(visit: Visiting, hours_id: UUID, said: Confirmation | None = None) -> HoursOut:
    """Say yes; or yes with other minutes, which the other side then confirms."""
    said = said or Confirmation()
    return await _shown(
        visit,
        await verbs.confirm(visit.session, visit.viewer, hours_id, **said.model_dump(), at=visit.at),
    )


@router.post("/hours/{hours_id}/approve")
async def approve(visit: Visiting, hours_id: UUID, said: Approval | None = None) -> HoursOut:
    """A coordinator who took no part says that it counts."""
    said = said or Approval()
    return await _shown(
        visit,
        await verbs.approve(
            visit.session, visit.viewer, hours_id, floor=said.floor, reason=said.reason, at=visit.at
        ),
    )


@router.post("/hours/{hours_id}/reverse")
async def reverse(visit: Visiting, hours_id: UUID, said: Approval | None = None) -> HoursOut:
    """A coordinator undoes posted hours by a transfer back; `floor` helps a giver who has spent them."""
    said = said or Approval()
    return await _shown(
        visit,
        await verbs.reverse(
            visit.session, visit.viewer, hours_id, floor=said.floor, reason=said.reason, at=visit.at
        ),
    )


@router.post("/hours/{hours_id}/object")
async def object_to(visit: Visiting, hours_id: UUID, said: Objection | None = None) -> HoursOut:
    """Either side asks a coordinator to look again; a coordinator may, for the side that rang."""
    said = said or Objection()
    return await _shown(
        visit,
        await verbs.object_to(visit.session, visit.viewer, hours_id, **said.model_dump(), at=visit.at),
    )


WITH_A_REASON = {
    "decline": verbs.decline,
    "withdraw": verbs.withdraw,
    "dismiss": verbs.dismiss,
}


@router.post("/hours/{hours_id}/{verb}")
async def do(
    visit: Visiting,
    hours_id: UUID,
    verb: Literal["decline", "withdraw", "dismiss"],
    said: Reason | None = None,
) -> HoursOut:
    """The other verbs; each takes a reason, which goes to the coordinator only."""
    reason = said.reason if said else None
    return await _shown(
        visit, await WITH_A_REASON[verb](visit.session, visit.viewer, hours_id, reason=reason, at=visit.at)
    )
