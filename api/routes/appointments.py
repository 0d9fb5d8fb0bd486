"""Agreed help through the machine door: ask, answer, move, call off, and say whether it happened."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from api.door import CreatedId, Limit, Visiting
from exchange.appointments import ask, read, steps
from exchange.appointments import offer as offering
from exchange.appointments.ask import ASKED_MAX, REASONS_MAX
from exchange.appointments.offer import NewOffer
from exchange.appointments.read import AppointmentView, SharedContact

router = APIRouter(tags=["appointments"])
LATELY = timedelta(days=30)
OPEN = ("asked", "agreed", "moved")
Reasons = Annotated[list[Annotated[str, Field(max_length=250)]], Field(max_length=REASONS_MAX)]


class HelperIn(BaseModel):
    """Somebody to ask; `reasons` as a match gave them."""

    party_id: UUID
    reasons: Reasons = []


Helpers = Annotated[list[HelperIn], Field(max_length=ASKED_MAX * 2)]


class AskForHelp(BaseModel):
    """Help as somebody wishes it; without `starts_at` the two still have to find a time."""

    id: UUID | None = None
    helpers: Helpers
    minutes: int = Field(strict=True)
    starts_at: AwareDatetime | None = None
    listing_id: UUID | None = None
    skill: str | None = Field(default=None, max_length=60)
    place: str | None = Field(default=None, max_length=200)
    at_home: bool = False
    note: str | None = Field(default=None, max_length=2000)
    on_behalf_of: UUID | None = Field(default=None, description="Who is helped; the viewer when left out.")


class OfferHelp(BaseModel):
    """Help for somebody's ask; without `starts_at` the two still have to find a time."""

    id: UUID | None = None
    listing_id: UUID
    minutes: int = Field(strict=True)
    starts_at: AwareDatetime | None = None
    note: str | None = Field(default=None, max_length=2000)
    on_behalf_of: UUID | None = Field(default=None, description="Who would help; the viewer when left out.")


class AskMore(BaseModel):
    """Further people to ask."""

    helpers: Helpers


class Said(BaseModel):
    """An answer; the last two are for coordinators who heard it. A reason goes to the coordinator only."""

    reason: str | None = Field(default=None, max_length=2000)
    party_id: UUID | None = Field(default=None, description="Whose answer it is.")
    evidence: str | None = Field(default=None, max_length=200)


class Move(BaseModel):
    """Another time, for the other side to say yes to."""

    starts_at: AwareDatetime
    minutes: int | None = Field(default=None, strict=True)
    party_id: UUID | None = None


class Reason(BaseModel):
    """Why; for the coordinator only."""

    reason: str | None = Field(default=None, max_length=2000)


class Happened(Reason):
    """How long it really took; a coordinator who says it for somebody gives a reason and evidence."""

    minutes: int | None = Field(default=None, strict=True)
    evidence: str | None = Field(default=None, max_length=200)


class SideOut(BaseModel):
    """One side, by name."""

    id: UUID
    name: str


class AskOut(BaseModel):
    """Somebody who was asked, and what they said."""

    name: str
    answer: str


class AppointmentOut(BaseModel):
    """Agreed help as the viewer may see it."""

    id: UUID
    state: str
    receiver: SideOut
    giver: SideOut | None
    skill: str | None
    what: str | None
    starts_at: datetime | None
    minutes: int
    place: str | None
    at_home: bool
    note: str | None
    listing_id: UUID | None
    hours_id: UUID | None
    my_answer: str | None
    waits_for_me: bool
    asks: list[AskOut]
    private_reasons: list[str]
    verbs: list[str]
    clashes: list[str] = Field(default=[], description="Who of the two has agreed to something else then.")

    @classmethod
    def of(cls, view: AppointmentView) -> "AppointmentOut":
        row = view.appointment
        giver = SideOut(id=row.giver_id, name=view.giver) if row.giver_id and view.giver else None
        same = ("state", "skill", "starts_at", "minutes", "place", "note", "listing_id", "hours_id")
        return cls(
            id=row.appointment_id,
            receiver=SideOut(id=row.receiver_id, name=view.receiver),
            giver=giver,
            what=view.what,
            at_home=row.is_at_home,
            my_answer=view.my_answer,
            waits_for_me=view.waits_for_me,
            asks=[AskOut(name=name, answer=answer) for name, answer in view.asks],
            private_reasons=list(view.private_reasons),
            verbs=list(view.verbs),
            **{name: getattr(row, name) for name in same},
        )


class AppointmentPage(BaseModel):
    """What the viewer takes part in or was asked for, soonest first; all that is open, and a month back."""

    items: list[AppointmentOut]
    next_cursor: str | None = None


class ContactOut(BaseModel):
    """How to reach the other side for this appointment, and what is safe."""

    name: str
    kind: str
    value: str
    may_text: bool
    may_leave_voicemail: bool
    safe_from: time | None
    safe_until: time | None


class ContactsOut(BaseModel):
    """Empty until both agreed, and once it is over."""

    items: list[ContactOut]


async def _shown(visit: Visiting, appointment_id: UUID) -> AppointmentOut:
    out = AppointmentOut.of(await read.view(visit.session, visit.viewer, appointment_id))
    if out.state in OPEN:
        out.clashes = await read.clashes(visit.session, visit.viewer, appointment_id)
    return out


def _helpers(given: list[HelperIn]) -> list[ask.Helper]:
    return [ask.Helper(party_id=one.party_id, reasons=tuple(one.reasons)) for one in given]


@router.post("/appointments", status_code=201)
async def make(visit: Visiting, wanted: AskForHelp, new_id: CreatedId) -> AppointmentOut:
    """Ask one or more people for help; the first yes wins. The same id again returns the first."""
    same = wanted.model_dump(exclude={"id", "helpers", "at_home"})
    asked = ask.NewAppointment(
        appointment_id=wanted.id or new_id,
        helpers=_helpers(wanted.helpers),
        is_at_home=wanted.at_home,
        **same,
    )
    row = await ask.ask(visit.session, visit.viewer, asked, at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/offers", status_code=201)
async def offer(visit: Visiting, wanted: OfferHelp, new_id: CreatedId) -> AppointmentOut:
    """Say that one could help with somebody's ask; they decide. The same id again returns the first."""
    said = wanted.model_dump(exclude={"id"})
    offered = NewOffer(appointment_id=wanted.id or new_id, **said)
    row = await offering.offer(visit.session, visit.viewer, offered, at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.get("/appointments")
async def mine(visit: Visiting, limit: Limit = 50) -> AppointmentPage:
    """The viewer's own, and those for which the viewer was asked."""
    found = await read.mine(visit.session, visit.viewer, since=visit.at - LATELY, limit=limit)
    return AppointmentPage(items=[AppointmentOut.of(view) for view in found])


@router.get("/appointments/{appointment_id}")
async def get(visit: Visiting, appointment_id: UUID) -> AppointmentOut:
    """One of them."""
    return await _shown(visit, appointment_id)


@router.get("/appointments/{appointment_id}/contacts")
async def contacts(visit: Visiting, appointment_id: UUID) -> ContactsOut:
    """How to reach the other side, once both agreed and until it is over."""
    found = await read.shared_contacts(visit.session, visit.viewer, appointment_id)
    return ContactsOut(items=[_contact(one) for one in found])


def _contact(shared: SharedContact) -> ContactOut:
    return ContactOut(**{name: getattr(shared, name) for name in ContactOut.model_fields})


@router.post("/appointments/{appointment_id}/ask")
async def ask_more(visit: Visiting, appointment_id: UUID, more: AskMore) -> AppointmentOut:
    """Ask further people while nobody has said yes; whoever was asked before is not asked again."""
    helpers = _helpers(more.helpers)
    row = await ask.ask_more(visit.session, visit.viewer, appointment_id, helpers, at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/{appointment_id}/agree")
async def agree(visit: Visiting, appointment_id: UUID, said: Said | None = None) -> AppointmentOut:
    """Yes: to being asked, or to another time."""
    said = said or Said()
    row = await steps.agree(
        visit.session,
        visit.viewer,
        appointment_id,
        party_id=said.party_id,
        evidence=said.evidence,
        at=visit.at,
    )
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/{appointment_id}/decline")
async def decline(visit: Visiting, appointment_id: UUID, said: Said | None = None) -> AppointmentOut:
    """Not this time."""
    said = said or Said()
    row = await steps.decline(visit.session, visit.viewer, appointment_id, **said.model_dump(), at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/{appointment_id}/move")
async def move(visit: Visiting, appointment_id: UUID, wanted: Move) -> AppointmentOut:
    """Another time; the other side is asked."""
    row = await steps.move(visit.session, visit.viewer, appointment_id, **wanted.model_dump(), at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/{appointment_id}/happened")
async def happened(visit: Visiting, appointment_id: UUID, said: Happened | None = None) -> AppointmentOut:
    """It happened: the hour is filled in and the other side is asked to say yes to it."""
    told = (said or Happened()).model_dump()
    row = await steps.happened(visit.session, visit.viewer, appointment_id, **told, at=visit.at)
    return await _shown(visit, row.appointment_id)


@router.post("/appointments/{appointment_id}/settle")
async def settle(visit: Visiting, appointment_id: UUID) -> AppointmentOut:
    """A coordinator has talked with them: off the desk."""
    row = await read.settle(visit.session, visit.viewer, appointment_id)
    return await _shown(visit, row.appointment_id)


ENDS = {"cancel": steps.cancel, "did-not-happen": steps.did_not_happen}


@router.post("/appointments/{appointment_id}/{verb}")
async def end(
    visit: Visiting,
    appointment_id: UUID,
    verb: Literal["cancel", "did-not-happen"],
    said: Reason | None = None,
) -> AppointmentOut:
    """Call it off, or say that nobody came; the other side is told that, and not why."""
    reason = said.reason if said else None
    row = await ENDS[verb](visit.session, visit.viewer, appointment_id, reason=reason, at=visit.at)
    return await _shown(visit, row.appointment_id)
