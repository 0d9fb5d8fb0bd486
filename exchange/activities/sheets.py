"""What paper needs, as plain values: posters, cards, rosters, day sheets, time notes, what's on.

Each holds no more than what is printed. What must never happen: a contact detail, a balance or a need on a
sheet that lies on a table, or a person behind a wall on the wrong one's roster.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import codes, roster_people, standing
from exchange.activities.codes import Code
from exchange.activities.day_sheet import day
from exchange.activities.printed import (
    Card,
    DayLine,
    DaySheet,
    Poster,
    PrintedNote,
    PrintedNotes,
    Roster,
    RosterLine,
    WhatsOn,
    WhatsOnLine,
)
from exchange.activities.tables import (
    NoteSheet,
    TimeNote,
)
from exchange.activities.whats_on import AHEAD_DAYS, whats_on
from exchange.errors import NotFound
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank, Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

CARDS_MAX = 500

__all__ = [
    "AHEAD_DAYS",
    "Card",
    "DayLine",
    "DaySheet",
    "Poster",
    "PrintedNote",
    "PrintedNotes",
    "Roster",
    "RosterLine",
    "WhatsOn",
    "WhatsOnLine",
    "cards",
    "day",
    "notes",
    "poster",
    "replace_card",
    "roster",
    "whats_on",
]


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
    expected = await roster_people.expected_at(session, viewer.bank_id, session_id, found.leader_ids)
    hidden = await roster_people.hidden_from(session, viewer)
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
    payer = await parties.get(session, viewer.bank_id, sheet.payer_id)
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
        payer=payer.name,
        payer_kind=payer.kind,
        minutes=sheet.minutes,
        purpose=sheet.purpose,
        expires_on=sheet.expires_on,
        notes=tuple(PrintedNote(number=n, code=code.shown, path=code.path) for n, code in made),
    )
