"""Agreed help as people read it: names, what the viewer may do next, and how to reach the other.

What must never happen: contact details before both agreed or after it is over, or somebody's private reason
shown to the other side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.appointments import records, states
from exchange.appointments.ask import is_unchanged
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import taxonomy
from exchange.errors import NotFound
from exchange.membership import contacts, parties
from exchange.membership.tables import Contact, Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require

SHARING = ("agreed", "moved")
"""States in which the two may reach each other."""
PERMISSION = {"agree": "appointment.answer", "decline": "appointment.answer", "ask": "appointment.ask"}
"""Verbs that need another permission than `appointment.change`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedContact:
    """How one side may reach the other for this appointment only, as is safe."""

    name: str
    kind: str
    """`mobile`, `landline`, `email`, or `address` for a visit."""
    value: str
    may_text: bool
    may_leave_voicemail: bool
    safe_from: time | None
    safe_until: time | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentView:
    """An appointment with names, and the verbs the viewer may use now."""

    appointment: Appointment
    receiver: str
    giver: str | None
    what: str | None
    my_answer: str | None
    """`waiting`, `yes`, `no`, `thanked`, or None when the viewer was not asked."""
    waits_for_me: bool
    asks: tuple[tuple[str, str], ...]
    """(name, answer) of everybody asked, for the one to be helped and for coordinators."""
    verbs: tuple[str, ...]
    private_reasons: tuple[str, ...] = ()
    """What people said for the coordinator only; empty for everybody else."""


async def view(session: AsyncSession, viewer: Viewer, appointment_id: UUID) -> AppointmentView:
    """One appointment.

    Raises:
        NotFound: no such appointment, or none of the viewer's business.
    """
    found = await session.get(Appointment, (viewer.bank_id, appointment_id))
    if found is None:
        raise NotFound
    asks = await records.asks_of(session, found)
    records.allow(viewer, "appointment.read", _readers(found, asks))
    return await _one(session, viewer, found, asks)


def _readers(appointment: Appointment, asks: Sequence[Ask]) -> set[UUID]:
    """Who was asked may still read afterwards that somebody else helps."""
    return records.parties_of(appointment, asks) | {ask.party_id for ask in asks}


async def _one(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, asks: Sequence[Ask]
) -> AppointmentView:
    names = await parties.names(session, viewer.bank_id, _readers(appointment, asks))
    sides = {appointment.receiver_id, appointment.giver_id or appointment.receiver_id}
    is_mine = bool(viewer.party_ids & sides)
    mine = next((ask for ask in asks if ask.party_id in viewer.party_ids), None)
    arranges = appointment.receiver_id in viewer.party_ids or viewer.is_staff
    shows_giver = is_mine or viewer.is_staff
    return AppointmentView(
        appointment=appointment,
        receiver=names[appointment.receiver_id],
        giver=names[appointment.giver_id] if appointment.giver_id and shows_giver else None,
        what=taxonomy.get(appointment.skill).name if appointment.skill else None,
        my_answer=mine.answer if mine else None,
        waits_for_me=_waits(viewer, appointment, mine),
        asks=tuple((names[ask.party_id], ask.answer) for ask in asks) if arranges else (),
        verbs=_verbs(viewer, appointment, asks),
        private_reasons=_private_reasons(appointment, asks) if viewer.is_staff and not is_mine else (),
    )


def _waits(viewer: Viewer, appointment: Appointment, mine: Ask | None) -> bool:
    if appointment.state == "asked":
        return mine is not None and mine.answer == "waiting"
    sides = {appointment.receiver_id, appointment.giver_id}
    others = sides - {appointment.moved_by}
    return appointment.state == "moved" and bool(viewer.party_ids & others)


def _verbs(viewer: Viewer, appointment: Appointment, asks: Sequence[Ask]) -> tuple[str, ...]:
    sides = [appointment.receiver_id, appointment.giver_id or appointment.receiver_id]
    asked = [ask.party_id for ask in asks if ask.answer == "waiting"]
    offered = []
    for verb in states.verbs(appointment.state):
        permission = PERMISSION.get(verb, "appointment.change")
        whose = asked if permission == "appointment.answer" and appointment.state == "asked" else sides
        if verb == "ask":
            whose = sides[:1]
        if whose and may(viewer.roles, permission, records.relations(viewer, whose)):
            offered.append(verb)
    return tuple(offered)


def _private_reasons(appointment: Appointment, asks: Sequence[Ask]) -> tuple[str, ...]:
    said = (text for ask in asks for text in (ask.reason, ask.evidence))
    return tuple(text for text in (appointment.reason, *said) if text)


async def mine(
    session: AsyncSession, viewer: Viewer, *, since: datetime, limit: int = 50
) -> list[AppointmentView]:
    """What the viewer takes part in or was asked for, that is open or was since `since`; soonest first."""
    asked = select(col(Ask.appointment_id)).where(
        col(Ask.bank_id) == viewer.bank_id,
        col(Ask.party_id).in_(viewer.party_ids),
        col(Ask.answer) == "waiting",
    )
    is_side = or_(
        col(Appointment.giver_id).in_(viewer.party_ids), col(Appointment.receiver_id).in_(viewer.party_ids)
    )
    is_open = col(Appointment.state).in_(("asked", "agreed", "moved"))
    rows = await session.scalars(
        select(Appointment)
        .where(
            col(Appointment.bank_id) == viewer.bank_id,
            or_(
                and_(is_side, or_(is_open, col(Appointment.starts_at) >= since)),
                and_(is_open, col(Appointment.appointment_id).in_(asked)),
            ),
        )
        .order_by(col(Appointment.starts_at).nulls_last(), col(Appointment.appointment_id))
        .limit(limit)
    )
    return [await _one(session, viewer, row, await records.asks_of(session, row)) for row in rows.all()]


async def desk(session: AsyncSession, viewer: Viewer) -> list[AppointmentView]:
    """What waits for a coordinator: nobody said yes, it did not happen, or nobody says whether it did."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(Appointment)
        .where(col(Appointment.bank_id) == viewer.bank_id, col(Appointment.is_with_coordinator))
        .order_by(col(Appointment.made_at), col(Appointment.appointment_id))
    )
    return [await _one(session, viewer, row, await records.asks_of(session, row)) for row in rows.all()]


async def settle(session: AsyncSession, viewer: Viewer, appointment_id: UUID) -> Appointment:
    """A coordinator has talked with them: off the desk."""
    appointment = await records.lock(session, viewer, appointment_id)
    require(viewer.roles, "queue.read", [Relation.BANK])
    appointment.is_with_coordinator = False
    await session.flush()
    return appointment


async def clashes(session: AsyncSession, viewer: Viewer, appointment_id: UUID) -> list[str]:
    """The names of those of the two who have agreed to something else at the same time: to say so, kindly.

    Raises:
        NotFound
    """
    this = (await view(session, viewer, appointment_id)).appointment
    sides = [side for side in (this.giver_id, this.receiver_id) if side]
    sides += [party_id for party_id in viewer.party_ids if party_id not in sides]
    busy = await _busy(session, this, sides)
    return sorted((await parties.names(session, viewer.bank_id, busy)).values())


async def is_twice_at_once(session: AsyncSession, viewer: Viewer, this: Appointment) -> bool:
    """Whether the viewer has agreed to something else at the same time; nothing about anybody else."""
    return bool(await _busy(session, this, list(viewer.party_ids)))


async def _busy(session: AsyncSession, this: Appointment, sides: Sequence[UUID]) -> set[UUID]:
    if this.starts_at is None:
        return set()
    ends_at = this.starts_at + timedelta(minutes=this.minutes)
    rows = await session.scalars(
        select(Appointment).where(
            col(Appointment.bank_id) == this.bank_id,
            col(Appointment.appointment_id) != this.appointment_id,
            col(Appointment.state).in_(SHARING),
            or_(col(Appointment.giver_id).in_(sides), col(Appointment.receiver_id).in_(sides)),
            col(Appointment.starts_at) < ends_at,
            col(Appointment.starts_at) > this.starts_at - timedelta(days=1),
        )
    )
    return {
        party_id
        for row in rows
        if row.starts_at and row.starts_at + timedelta(minutes=row.minutes) > this.starts_at
        for party_id in (row.giver_id, row.receiver_id)
        if party_id is not None and party_id in sides
    }


async def shared_contacts(session: AsyncSession, viewer: Viewer, appointment_id: UUID) -> list[SharedContact]:
    """How to reach the other side, once both agreed and until it is over; by their safety settings.

    Raises:
        NotFound: not one of the two sides.
    """
    found = await session.get(Appointment, (viewer.bank_id, appointment_id))
    if found is None or not viewer.party_ids & {found.giver_id, found.receiver_id}:
        raise NotFound
    return await contacts_for(session, found, is_giver=found.giver_id in viewer.party_ids)


async def contacts_for(session: AsyncSession, found: Appointment, *, is_giver: bool) -> list[SharedContact]:
    """What one side may know of the other; empty until both agreed, once it is over, and behind a wall."""
    if found.state not in SHARING or found.giver_id is None or not await is_unchanged(session, found):
        return []
    other_id = found.receiver_id if is_giver else found.giver_id
    name = (await parties.names(session, found.bank_id, [other_id])).get(other_id, "")
    known = await contacts.of_member(session, found.bank_id, other_id)
    shared = [_shared(name, contact) for contact in known if _is_shareable(contact)][:1]
    return shared + await _address(session, found, name, is_giver=is_giver)


def _is_shareable(contact: Contact) -> bool:
    """A contact that others may read is nobody's but the service's."""
    is_unread_by_others = contact.kind != "email" or contact.may_write
    return contact.kind != "post" and not contact.is_discreet and is_unread_by_others


def _shared(name: str, contact: Contact) -> SharedContact:
    return SharedContact(
        name=name,
        kind=contact.kind,
        value=contact.value,
        may_text=contact.may_write,
        may_leave_voicemail=contact.may_leave_voicemail,
        safe_from=contact.safe_from,
        safe_until=contact.safe_until,
    )


async def _address(
    session: AsyncSession, appointment: Appointment, name: str, *, is_giver: bool
) -> list[SharedContact]:
    if not (appointment.is_at_home and is_giver):
        return []
    member = await session.get(Member, (appointment.bank_id, appointment.receiver_id))
    if member is None or not member.address:
        return []
    return [
        SharedContact(
            name=name,
            kind="address",
            value=member.address,
            may_text=False,
            may_leave_voicemail=False,
            safe_from=None,
            safe_until=None,
        )
    ]
