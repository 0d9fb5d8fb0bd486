"""What paper needs, as plain values: posters, cards, rosters, day sheets, time notes, what's on.

Each holds no more than what is printed. What must never happen: a contact detail, a balance or a need on a
sheet that lies on a table, or a person behind a wall on the wrong one's roster.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import codes, standing
from exchange.activities.codes import Code
from exchange.activities.tables import (
    Activity,
    ActivitySession,
    Booking,
    CheckIn,
    NoteSheet,
    Place,
    Resource,
    TimeNote,
)
from exchange.errors import NotFound
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank, Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

CARDS_MAX = 500
AHEAD_DAYS = 28
AHEAD_DAYS_MAX = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """One session's poster: its code opens 'I am here' for that session only."""

    bank: str
    title: str
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    code: str
    """As printed, in groups of four."""
    path: str
    """Where its QR leads, below the public address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A member's wallet card; it identifies, and alone does nothing."""

    bank: str
    telephone: str | None
    """The office's, for whoever finds it."""
    name: str
    language: str
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """Somebody expected at a session."""

    name: str
    is_leader: bool
    is_waiting: bool
    companions: int
    wants_lift: bool
    has_come: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is expected at a session, by name; `hidden` counts those whom this helper does not see."""

    bank: str
    title: str
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    code: str
    path: str
    lines: tuple[RosterLine, ...]
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One thing of a day at an organisation: a session or a booking, and who is expected."""

    starts_at: datetime
    ends_at: datetime
    title: str
    location: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A till's day on one page: everything booked at one organisation."""

    bank: str
    host: str
    day: date
    time_zone: str
    lines: tuple[DayLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNote:
    """One time note of a sheet."""

    number: int
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNotes:
    """A sheet of time notes that are still out."""

    bank: str
    payer: str
    minutes: int
    purpose: str | None
    expires_on: date
    notes: tuple[PrintedNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsOnLine:
    """One session that anybody may come to."""

    session_id: UUID
    activity_id: UUID
    title: str
    about: str | None
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    access: tuple[str, ...]
    lifts: str | None
    earns_minutes: int
    costs_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsOn:
    """The sessions of some weeks, in order."""

    bank: str
    telephone: str | None
    time_zone: str
    from_day: date
    until_day: date
    lines: tuple[WhatsOnLine, ...]


async def poster(session: AsyncSession, viewer: Viewer, session_id: UUID, *, at: datetime) -> Poster:
    """A session's poster; printed again, it has the same code.

    Raises:
        NotAllowed, NotFound
    """
    found = await standing.helping(session, viewer, session_id)
    if found.session.state == "called_off":
        raise NotFound
    bank = await banks.get(session, viewer.bank_id)
    code = await codes.issue(session, viewer.bank_id, "poster", session_id, at=at)
    return Poster(
        bank=bank.name,
        title=found.activity.title,
        host=await _name(session, viewer.bank_id, found.activity.host_id),
        location=found.activity.location,
        starts_at=found.session.starts_at,
        ends_at=found.session.ends_at,
        time_zone=bank.time_zone,
        code=code.shown,
        path=code.path,
    )


async def _name(session: AsyncSession, bank_id: UUID, party_id: UUID) -> str:
    return (await parties.get(session, bank_id, party_id)).name


async def cards(
    session: AsyncSession, viewer: Viewer, member_ids: Sequence[UUID], *, at: datetime
) -> list[Card]:
    """The cards of these members, in this order; each gets its code when it has none yet.

    Raises:
        MemberNotActive: one of them left, or has not joined yet.
        NotAllowed, NotFound
    """
    bank = await banks.get(session, viewer.bank_id)
    return [
        _card(
            bank, *await _person(session, viewer, member_id), await _card_code(session, viewer, member_id, at)
        )
        for member_id in member_ids[:CARDS_MAX]
    ]


async def _person(session: AsyncSession, viewer: Viewer, member_id: UUID) -> tuple[Member, str]:
    require(viewer.roles, "card.make", [Relation.UNINVOLVED])
    member = await session.get(Member, (viewer.bank_id, member_id))
    if member is None:
        raise NotFound(field="member_id")
    if member.status != "active":
        raise MemberNotActive
    return member, await _name(session, viewer.bank_id, member_id)


async def _card_code(session: AsyncSession, viewer: Viewer, member_id: UUID, at: datetime) -> Code:
    return await codes.issue(session, viewer.bank_id, "card", member_id, at=at)


def _card(bank: Bank, member: Member, name: str, code: Code) -> Card:
    return Card(
        bank=bank.name,
        telephone=bank.telephone,
        name=name,
        language=member.language,
        code=code.shown,
        path=code.path,
    )


async def replace_card(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> Card:
    """A new card for one that was lost; the old one is dead from now on.

    Raises:
        MemberNotActive, NotAllowed, NotFound
    """
    member, name = await _person(session, viewer, member_id)
    bank = await banks.get(session, viewer.bank_id)
    code = await codes.replace(session, viewer.bank_id, "card", member_id, at=at)
    return _card(bank, member, name, code)


async def roster(session: AsyncSession, viewer: Viewer, session_id: UUID, *, at: datetime) -> Roster:
    """Who is expected at a session, for its helpers.

    Raises:
        NotAllowed, NotFound
    """
    printed = await poster(session, viewer, session_id, at=at)
    found = await standing.helping(session, viewer, session_id)
    expected = await expected_at(session, viewer.bank_id, session_id, found.leader_ids)
    hidden = await _hidden(session, viewer)
    names = await parties.names(session, viewer.bank_id, expected.keys())
    lines = [
        RosterLine(
            name=names[member_id],
            is_leader=member_id in found.leader_ids,
            is_waiting=place is not None and place.state == "waiting",
            companions=place.companions if place else 0,
            wants_lift=bool(place and place.wants_lift),
            has_come=has_come,
        )
        for member_id, (place, has_come) in expected.items()
        if member_id not in hidden
    ]
    return Roster(
        **{name: getattr(printed, name) for name in Poster.__slots__},
        lines=tuple(sorted(lines, key=lambda line: (line.is_waiting, line.name.casefold()))),
        hidden=len(expected.keys() & hidden),
    )


async def _hidden(session: AsyncSession, viewer: Viewer) -> set[UUID]:
    """Whom this helper does not see; staff see everybody, as they do elsewhere."""
    return set() if viewer.is_staff else await parties.hidden_from(session, viewer.bank_id, viewer.member_id)


async def expected_at(
    session: AsyncSession, bank_id: UUID, session_id: UUID, leader_ids: Collection[UUID]
) -> dict[UUID, tuple[Place | None, bool]]:
    """Everybody with a place, a turn or a check-in, and leaders: their place, and whether they came."""
    places = await session.scalars(
        select(Place).where(
            col(Place.bank_id) == bank_id,
            col(Place.session_id) == session_id,
            col(Place.state).in_(("booked", "waiting", "came")),
        )
    )
    came = await session.scalars(
        select(col(CheckIn.member_id)).where(
            col(CheckIn.bank_id) == bank_id,
            col(CheckIn.session_id) == session_id,
            col(CheckIn.state).in_(("waiting", "counted")),
        )
    )
    there = set(came.all())
    found: dict[UUID, tuple[Place | None, bool]] = {
        member_id: (None, member_id in there) for member_id in {*leader_ids, *there}
    }
    return found | {place.member_id: (place, place.member_id in there) for place in places}


async def day(session: AsyncSession, viewer: Viewer, host_id: UUID, on_day: date) -> DaySheet:
    """Everything that is booked at one organisation on one day, with names, for its till.

    Raises:
        NotAllowed, NotFound
    """
    bank = await banks.get(session, viewer.bank_id)
    host = await parties.get(session, viewer.bank_id, host_id)
    require(viewer.roles, "session.help", viewer.relations_to(host_id))
    lines = [
        *await _sessions_of(session, viewer, host, on_day),
        *await _bookings_of(session, bank, host, on_day),
    ]
    return DaySheet(
        bank=bank.name,
        host=host.name,
        day=on_day,
        time_zone=bank.time_zone,
        lines=tuple(sorted(lines, key=lambda line: (line.starts_at, line.title))),
    )


async def _sessions_of(session: AsyncSession, viewer: Viewer, host: Party, on_day: date) -> list[DayLine]:
    rows = await session.execute(
        select(ActivitySession, Activity)
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(
            col(ActivitySession.bank_id) == host.bank_id,
            col(Activity.host_id) == host.party_id,
            col(ActivitySession.on_day) == on_day,
            col(ActivitySession.state) != "called_off",
        )
    )
    return [
        DayLine(
            starts_at=row.ActivitySession.starts_at,
            ends_at=row.ActivitySession.ends_at,
            title=row.Activity.title,
            location=row.Activity.location,
            names=await _expected_names(session, viewer, row.ActivitySession),
        )
        for row in rows.all()
    ]


async def _expected_names(session: AsyncSession, viewer: Viewer, meeting: ActivitySession) -> tuple[str, ...]:
    leader_ids = await standing.leaders(session, meeting.bank_id, meeting.activity_id)
    expected = await expected_at(session, meeting.bank_id, meeting.session_id, leader_ids)
    hidden = await _hidden(session, viewer)
    names = await parties.names(session, meeting.bank_id, expected.keys() - hidden)
    return tuple(sorted(names.values(), key=str.casefold))


async def _bookings_of(session: AsyncSession, bank: Bank, host: Party, on_day: date) -> list[DayLine]:
    rows = await session.execute(
        select(Booking, Resource, col(Party.name))
        .join(
            Resource,
            (col(Resource.bank_id) == col(Booking.bank_id))
            & (col(Resource.resource_id) == col(Booking.resource_id)),
        )
        .join(
            Party,
            (col(Party.bank_id) == col(Booking.bank_id)) & (col(Party.party_id) == col(Booking.party_id)),
        )
        .where(
            col(Booking.bank_id) == bank.bank_id,
            col(Resource.owner_id) == host.party_id,
            col(Booking.state).in_(("booked", "used")),
        )
    )
    return [
        DayLine(
            starts_at=row.Booking.starts_at,
            ends_at=row.Booking.ends_at,
            title=row.Resource.title,
            location=row.Resource.location,
            names=(row.name,),
        )
        for row in rows
        if banks.today(bank, row.Booking.starts_at) <= on_day < banks.today(bank, row.Booking.ends_at)
        or banks.today(bank, row.Booking.starts_at) == on_day
    ]


async def notes(session: AsyncSession, viewer: Viewer, sheet_id: UUID, *, secret: bytes) -> PrintedNotes:
    """The notes of a sheet that are still out; printed again, each has the same code.

    Raises:
        NotAllowed, NotFound
    """
    sheet = await session.get(NoteSheet, (viewer.bank_id, sheet_id))
    if sheet is None:
        raise NotFound
    require(viewer.roles, "note.issue", viewer.relations_to(sheet.payer_id))
    bank = await banks.get(session, viewer.bank_id)
    rows = await session.execute(
        select(col(TimeNote.note_id), col(TimeNote.number))
        .where(
            col(TimeNote.bank_id) == viewer.bank_id,
            col(TimeNote.sheet_id) == sheet_id,
            col(TimeNote.state) == "out",
        )
        .order_by(col(TimeNote.number))
    )
    made = [(row.number, codes.of_note(viewer.bank_id, row.note_id, secret)) for row in rows]
    return PrintedNotes(
        bank=bank.name,
        payer=await _name(session, viewer.bank_id, sheet.payer_id),
        minutes=sheet.minutes,
        purpose=sheet.purpose,
        expires_on=sheet.expires_on,
        notes=tuple(PrintedNote(number=n, code=code.shown, path=code.path) for n, code in made),
    )


async def whats_on(
    session: AsyncSession,
    bank_id: UUID,
    *,
    viewer: Viewer | None,
    at: datetime,
    days: int = AHEAD_DAYS,
) -> WhatsOn:
    """What is on in the next days: to a stranger the public ones, to a member all but those behind a wall.

    A stranger is not told the name of a member who holds one.

    Raises:
        NotFound: no such bank.
    """
    if viewer is not None:
        require(viewer.roles, "activity.read", [Relation.BANK])
    bank = await banks.get(session, bank_id)
    from_day = banks.today(bank, at)
    until_day = from_day + timedelta(days=min(days, AHEAD_DAYS_MAX))
    statement = (
        select(ActivitySession, Activity, col(Party.name), col(Party.kind))
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .join(
            Party,
            (col(Party.bank_id) == col(Activity.bank_id)) & (col(Party.party_id) == col(Activity.host_id)),
        )
        .where(
            col(ActivitySession.bank_id) == bank_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at,
            col(ActivitySession.on_day) <= until_day,
            col(Activity.state) == "approved",
        )
        .order_by(col(ActivitySession.starts_at), col(ActivitySession.session_id))
    )
    if viewer is None:
        statement = statement.where(col(Activity.is_public))
    hidden = await _walled(session, viewer)
    rows = [row for row in (await session.execute(statement)).all() if row.Activity.activity_id not in hidden]
    return WhatsOn(
        bank=bank.name,
        telephone=bank.telephone,
        time_zone=bank.time_zone,
        from_day=from_day,
        until_day=until_day,
        lines=tuple(
            _whats_on_line(
                row.ActivitySession,
                row.Activity,
                bank.name if viewer is None and row.kind == "member" else row.name,
            )
            for row in rows
        ),
    )


async def _walled(session: AsyncSession, viewer: Viewer | None) -> set[UUID]:
    """Activities that somebody behind a wall holds or leads."""
    if viewer is None:
        return set()
    people = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
    return await standing.activities_of(session, viewer.bank_id, people) if people else set()


def _whats_on_line(meeting: ActivitySession, activity: Activity, host: str) -> WhatsOnLine:
    return WhatsOnLine(
        session_id=meeting.session_id,
        activity_id=activity.activity_id,
        title=activity.title,
        about=activity.about,
        host=host,
        location=activity.location,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        access=tuple(activity.access),
        lifts=activity.lifts,
        earns_minutes=activity.earns_minutes,
        costs_minutes=activity.costs_minutes,
    )
