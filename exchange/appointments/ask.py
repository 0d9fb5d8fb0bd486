"""Asking for help: one helper or several, each asking decided by a person and with its reason."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.appointments import records, states
from exchange.appointments.errors import NobodyToAsk, PeopleChanged, TooManyAsked
from exchange.appointments.tables import Appointment, Ask
from exchange.directory import barriers, listings, taxonomy, turns
from exchange.directory.errors import CoordinatorFirst
from exchange.directory.matches import Reason
from exchange.errors import NotFound, SameIdOtherContents
from exchange.hours.log import check_minutes
from exchange.membership import parties
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import LINE_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean

ASKED_MAX = 10
REASONS_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody to ask, and what speaks for asking them."""

    party_id: UUID
    reasons: Sequence[str] = ()
    """As `matches.Reason.written` has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAppointment:
    """Help as somebody wishes it. `starts_at` None: the two will find a time."""

    appointment_id: UUID
    helpers: Sequence[Helper]
    minutes: int
    starts_at: datetime | None = None
    listing_id: UUID | None = None
    skill: str | None = None
    place: str | None = None
    is_at_home: bool = False
    note: str | None = None
    on_behalf_of: UUID | None = None
    """Who is helped, when a coordinator or representative asks for them."""

    def fingerprint(self, receiver_id: UUID) -> str:
        """The same for a repeat, another for another asking."""
        said = json.dumps({**asdict(self), "on_behalf_of": receiver_id}, default=str, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


async def ask(session: AsyncSession, viewer: Viewer, wanted: NewAppointment, *, at: datetime) -> Appointment:
    """Ask one or more people for help; the first yes wins. A repeat returns the first.

    Raises:
        NobodyToAsk, TooManyAsked, WithOneself, StartsInPast, StartsTooFar, MinutesOutOfRange, UnknownSkill,
        SkillNotAllowed, CoordinatorFirst, NotFound, MemberNotActive, PeopleChanged, SameIdOtherContents,
        NotAllowed
    """
    receiver_id = wanted.on_behalf_of or viewer.member_id
    await parties.get(session, viewer.bank_id, receiver_id)
    require(viewer.roles, "appointment.ask", viewer.relations_to(receiver_id))
    known = await session.get(Appointment, (viewer.bank_id, wanted.appointment_id))
    if known is not None:
        return _repeat(known, wanted, receiver_id)
    await _check(session, viewer, wanted, receiver_id, at)
    if not await insert_once(session, _row(viewer, wanted, receiver_id, at)):
        known = await session.get_one(Appointment, (viewer.bank_id, wanted.appointment_id))
        return _repeat(known, wanted, receiver_id)
    appointment = await session.get_one(Appointment, (viewer.bank_id, wanted.appointment_id))
    await _ask_each(session, viewer, appointment, wanted.helpers, at)
    return appointment


def _repeat(known: Appointment, wanted: NewAppointment, receiver_id: UUID) -> Appointment:
    if known.fingerprint != wanted.fingerprint(receiver_id):
        raise SameIdOtherContents
    return known


async def _check(
    session: AsyncSession, viewer: Viewer, wanted: NewAppointment, receiver_id: UUID, at: datetime
) -> None:
    check_minutes(wanted.minutes)
    records.check_time(wanted.starts_at, at=at)
    await _check_kind(session, viewer, wanted)
    receiver = await parties.exchanging(session, viewer.bank_id, receiver_id, field="on_behalf_of")
    if not await parties.is_present(session, receiver):
        raise MemberNotActive(field="on_behalf_of")


async def _check_kind(session: AsyncSession, viewer: Viewer, wanted: NewAppointment) -> None:
    """What a coordinator looks at first is asked for only once one has."""
    known = None
    if wanted.listing_id is not None:
        known = (await listings.get(session, viewer, wanted.listing_id)).listing
    skills = [wanted.skill] if wanted.skill else []
    taxonomy.check(skills)
    cleared = known.skills if known and known.state == "open" else ()
    waits = known is not None and known.state == "with_coordinator"
    needs_look = taxonomy.needs_coordinator([skill for skill in skills if skill not in cleared])
    if (waits or needs_look) and not viewer.is_staff:
        raise CoordinatorFirst


def _row(viewer: Viewer, wanted: NewAppointment, receiver_id: UUID, at: datetime) -> Appointment:
    return Appointment(
        bank_id=viewer.bank_id,
        appointment_id=wanted.appointment_id,
        state="asked",
        receiver_id=receiver_id,
        listing_id=wanted.listing_id,
        skill=wanted.skill,
        starts_at=wanted.starts_at,
        minutes=wanted.minutes,
        place=clean(wanted.place, field="place", characters_max=LINE_CHARACTERS_MAX),
        is_at_home=wanted.is_at_home,
        note=clean(wanted.note, field="note", characters_max=NOTE_CHARACTERS_MAX),
        arranged_by=viewer.member_id,
        made_at=at,
        fingerprint=wanted.fingerprint(receiver_id),
    )


async def insert_once(session: AsyncSession, appointment: Appointment) -> bool:
    """Write the row unless its id is taken; of two at once, the second waits and sees the first."""
    values = {name: getattr(appointment, name) for name in Appointment.__table__.columns.keys()}  # type: ignore[attr-defined]  # noqa: SIM118
    written = await session.execute(
        insert(Appointment)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(col(Appointment.appointment_id))
    )
    return written.first() is not None


async def ask_more(
    session: AsyncSession, viewer: Viewer, appointment_id: UUID, helpers: Sequence[Helper], *, at: datetime
) -> Appointment:
    """Ask further people while nobody has said yes; who was asked before is not asked again.

    Raises:
        AppointmentInWrongState, and as `ask`
    """
    appointment = await records.lock(session, viewer, appointment_id)
    records.allow(viewer, "appointment.ask", [appointment.receiver_id])
    states.check(appointment.state, "ask")
    await _ask_each(session, viewer, appointment, helpers, at)
    return appointment


async def _ask_each(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, helpers: Sequence[Helper], at: datetime
) -> None:
    before = {a.party_id for a in await records.asks_of(session, appointment)}
    fresh = {h.party_id: h for h in helpers if h.party_id not in before}
    if not fresh and not before:
        raise NobodyToAsk
    if len(fresh) + len(before) > ASKED_MAX:
        raise TooManyAsked
    if appointment.receiver_id in fresh:
        raise WithOneself(field="helpers")
    await check_people(session, appointment.bank_id, appointment.receiver_id, fresh)
    for helper in fresh.values():
        session.add(
            Ask(
                bank_id=appointment.bank_id,
                appointment_id=appointment.appointment_id,
                party_id=helper.party_id,
                answer="waiting",
                asked_at=at,
                decided_by=viewer.member_id,
                reasons=[Reason.read(reason).written for reason in helper.reasons[:REASONS_MAX]],
            )
        )
        await turns.take(session, appointment.bank_id, helper.party_id, at=at)
    if fresh:
        appointment.is_with_coordinator = False
        records.plan(appointment, at)
    await session.flush()
    if fresh:
        records.tell(session, appointment, "appointment.asked", by=viewer, to=sorted(fresh), at=at)


async def check_people(
    session: AsyncSession, bank_id: UUID, receiver_id: UUID, party_ids: Collection[UUID]
) -> None:
    """Nothing stands between the one to be helped and these people, now.

    Raises:
        NotFound: no such person, or a wall between the two.
        MemberNotActive: somebody is away.
        PeopleChanged: a coordinator holds matches with one of them back.
    """
    for party_id in party_ids:
        party = await parties.get(session, bank_id, party_id)
        is_hidden = await parties.are_blocked(session, bank_id, receiver_id, party_id)
        if party.kind not in ("member", "organisation") or is_hidden:
            raise NotFound(field="helpers")
        if not await parties.is_present(session, party):
            raise MemberNotActive(field="helpers")
    if await barriers.held(session, bank_id, [receiver_id, *party_ids]):
        raise PeopleChanged


async def is_unchanged(session: AsyncSession, appointment: Appointment) -> bool:
    """Whether the two who agreed may still be put together; True while nobody has said yes."""
    giver_id, receiver_id = appointment.giver_id, appointment.receiver_id
    if giver_id is None:
        return True
    try:
        await check_people(session, appointment.bank_id, receiver_id, [giver_id])
        await check_people(session, appointment.bank_id, giver_id, [receiver_id])
    except (NotFound, MemberNotActive, PeopleChanged):
        return False
    return True
