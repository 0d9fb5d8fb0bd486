"""Safeguarding concerns: a record of its own, read by people named one by one, each read written down.

Raising one blocks matching with that person at once and tells whoever is on duty, without a word of what it
is about. What must never happen: a concern in a note, an event, a text, or before somebody who is not named.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange import outbox
from exchange.directory.tables import MatchingHold
from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership import organisations, parties
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.care_tables import Concern, ConcernRead, ConcernReader, SafeguardingLead
from exchange.prescribing.errors import NobodyOnDuty
from exchange.words import NOTE_CHARACTERS_MAX, required


async def set_leads(session: AsyncSession, viewer: Viewer, member_ids: list[UUID]) -> None:
    """Say who reads concerns and is told of visits, the first first.

    Raises:
        NobodyOnDuty: the list is empty.
        NotFound, NotAllowed
    """
    require(viewer.roles, "policy.change", [Relation.BANK])
    if not member_ids:
        raise NobodyOnDuty
    for member_id in member_ids:
        if await session.get(Member, (viewer.bank_id, member_id)) is None:
            raise NotFound(field="member_id")
    for lead in await _leads(session, viewer.bank_id):
        await session.delete(lead)
    await session.flush()
    session.add_all(
        SafeguardingLead(bank_id=viewer.bank_id, member_id=member_id, position=position)
        for position, member_id in enumerate(dict.fromkeys(member_ids), 1)
    )
    await session.flush()


async def _leads(session: AsyncSession, bank_id: UUID) -> list[SafeguardingLead]:
    rows = await session.scalars(
        select(SafeguardingLead)
        .where(col(SafeguardingLead.bank_id) == bank_id)
        .order_by(col(SafeguardingLead.position))
    )
    return list(rows.all())


async def on_duty(session: AsyncSession, bank_id: UUID, *, besides: UUID | None = None) -> list[UUID]:
    """Whom to tell, in order: the leads, else the bank's administrators; never the person it is about."""
    found = [lead.member_id for lead in await _leads(session, bank_id)]
    found = found or sorted(await organisations.holders_of(session, bank_id, "administrator"))
    return [member_id for member_id in found if member_id != besides]


async def raise_concern(
    session: AsyncSession, viewer: Viewer, concern_id: UUID, *, about_id: UUID, words: str, at: datetime
) -> Concern:
    """Say that somebody may be in danger, or may be one: anybody may. A repeat returns the first.

    Raises:
        TextMissing, TextTooLong, SameIdOtherContents, NotFound, NotAllowed
    """
    require(viewer.roles, "concern.raise", [Relation.BANK])
    said = required(words, field="words", characters_max=NOTE_CHARACTERS_MAX)
    known = await session.get(Concern, (viewer.bank_id, concern_id))
    if known is not None:
        if (known.about_id, known.words, known.raised_by) != (about_id, said, viewer.member_id):
            raise SameIdOtherContents
        return known
    await parties.get(session, viewer.bank_id, about_id)
    concern = Concern(
        bank_id=viewer.bank_id,
        concern_id=concern_id,
        about_id=about_id,
        raised_by=viewer.member_id,
        words=said,
        raised_at=at,
    )
    session.add(concern)
    await session.flush()
    for reader_id in await on_duty(session, viewer.bank_id, besides=about_id):
        session.add(_reader(concern, reader_id, viewer.member_id, at))
    await _stop_matching(session, viewer, about_id, at)
    told = {"concern_id": str(concern_id)}
    outbox.record(session, viewer.bank_id, "concern.raised", told, at=at)
    await session.flush()
    return concern


def _reader(concern: Concern, member_id: UUID, named_by: UUID, at: datetime) -> ConcernReader:
    return ConcernReader(
        bank_id=concern.bank_id,
        concern_id=concern.concern_id,
        member_id=member_id,
        named_by=named_by,
        named_at=at,
    )


async def _stop_matching(session: AsyncSession, viewer: Viewer, about_id: UUID, at: datetime) -> None:
    if await session.get(MatchingHold, (viewer.bank_id, about_id)) is None:
        session.add(
            MatchingHold(bank_id=viewer.bank_id, party_id=about_id, made_by=viewer.member_id, made_at=at)
        )


async def read(session: AsyncSession, viewer: Viewer, concern_id: UUID, *, at: datetime) -> Concern:
    """A concern, for those named to read it; the read is written down.

    Raises:
        NotFound: there is none, or the viewer is not named.
    """
    concern = await _named(session, viewer, concern_id)
    session.add(
        ConcernRead(
            bank_id=viewer.bank_id,
            read_id=uuid7(),
            concern_id=concern_id,
            by_id=viewer.member_id,
            read_at=at,
        )
    )
    await session.flush()
    return concern


async def _named(session: AsyncSession, viewer: Viewer, concern_id: UUID) -> Concern:
    is_named = await session.get(ConcernReader, (viewer.bank_id, concern_id, viewer.member_id))
    concern = await session.get(Concern, (viewer.bank_id, concern_id))
    is_mine = concern is not None and concern.about_id == viewer.member_id
    if concern is None or is_named is None or is_mine or viewer.is_paused:
        raise NotFound
    return concern


async def mine_to_read(session: AsyncSession, viewer: Viewer) -> list[UUID]:
    """The open concerns that the viewer is named to read, the oldest first, without what they say."""
    rows = await session.scalars(
        select(col(Concern.concern_id))
        .join(
            ConcernReader,
            (col(ConcernReader.bank_id) == col(Concern.bank_id))
            & (col(ConcernReader.concern_id) == col(Concern.concern_id)),
        )
        .where(
            col(Concern.bank_id) == viewer.bank_id,
            col(ConcernReader.member_id) == viewer.member_id,
            col(Concern.about_id) != viewer.member_id,
            col(Concern.closed_at).is_(None),
        )
        .order_by(col(Concern.raised_at))
    )
    return list(rows.all())


async def name_reader(
    session: AsyncSession, viewer: Viewer, concern_id: UUID, member_id: UUID, *, at: datetime
) -> None:
    """A reader names another one; a repeat changes nothing.

    Raises:
        NotFound: the viewer is no reader, or there is nobody by that key, or it is about them.
    """
    concern = await _named(session, viewer, concern_id)
    if await session.get(Member, (viewer.bank_id, member_id)) is None or concern.about_id == member_id:
        raise NotFound(field="member_id")
    if await session.get(ConcernReader, (viewer.bank_id, concern_id, member_id)) is None:
        session.add(_reader(concern, member_id, viewer.member_id, at))
        await session.flush()


async def close(
    session: AsyncSession, viewer: Viewer, concern_id: UUID, *, outcome: str, at: datetime
) -> Concern:
    """A reader writes down what came of it. Matching stays blocked until a coordinator lifts it by hand.

    Raises:
        TextMissing, TextTooLong, NotFound
    """
    concern = await _named(session, viewer, concern_id)
    if concern.closed_at is None:
        concern.outcome = required(outcome, field="outcome", characters_max=NOTE_CHARACTERS_MAX)
        concern.closed_at = at
        await session.flush()
    return concern


async def reads_of(session: AsyncSession, viewer: Viewer, concern_id: UUID) -> list[ConcernRead]:
    """Who has read a concern, the latest first; for its readers.

    Raises:
        NotFound
    """
    await _named(session, viewer, concern_id)
    rows = await session.scalars(
        select(ConcernRead)
        .where(col(ConcernRead.bank_id) == viewer.bank_id, col(ConcernRead.concern_id) == concern_id)
        .order_by(col(ConcernRead.read_at).desc(), col(ConcernRead.read_id).desc())
    )
    return list(rows.all())
