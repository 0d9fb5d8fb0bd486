"""Words in: each text is taken once, kept, and never left unread.

What must never happen: the same text acted on twice, or a text that nobody understood and nobody sees.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.commands import Verb
from notifications.errors import UnknownMessage
from notifications.parsing import parse
from notifications.tables import InboundClaim, InboundText, Message

THREAD_LINES_MAX: Final = 12
THREAD_AGE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One text in a conversation with a number, theirs or ours."""

    at: datetime
    direction: Literal["in", "out"]
    body: str


@dataclass(frozen=True, slots=True)
class UnreadText:
    """A text that waits for a person, with what was said before and since."""

    id: UUID
    sender: str
    body: str
    received_at: datetime
    member_id: UUID | None
    thread: tuple[ThreadLine, ...]
    verb: Verb
    """What it asks for, as far as words can tell."""
    is_alarming: bool


async def claim_inbound(
    session: AsyncSession, provider: str, provider_message_id: str, *, at: datetime
) -> bool:
    """Take one of the provider's messages: True the first time, False for every repeat.

    Claim it in the transaction that acts on it: a repeat that arrives meanwhile waits for that one's end.
    """
    found = await session.scalar(
        insert(InboundClaim)
        .values(provider=provider, provider_message_id=provider_message_id, claimed_at=at)
        .on_conflict_do_nothing()
        .returning(col(InboundClaim.provider))
    )
    return found is not None


async def claim_one_of(session: AsyncSession, what: str, day: str, most: int, *, at: datetime) -> bool:
    """Take one of the `most` things that a day has room for; of two at the same moment one may get none."""
    taken = await session.scalar(
        select(func.count()).where(
            col(InboundClaim.provider) == what, col(InboundClaim.provider_message_id).startswith(f"{day}:")
        )
    )
    number = (taken or 0) + 1
    return number <= most and await claim_inbound(session, what, f"{day}:{number}", at=at)


async def record_inbound(
    session: AsyncSession,
    bank_id: UUID,
    *,
    inbound_id: UUID,
    sender: str,
    body: str,
    at: datetime,
    member_id: UUID | None = None,
    needs_person: bool,
) -> None:
    """Keep a text; one that needs a person waits on the desk until one settles it. Repeats change nothing."""
    await session.execute(
        insert(InboundText)
        .values(
            bank_id=bank_id,
            id=inbound_id,
            sender=sender,
            body=body,
            member_id=member_id,
            needs_person=needs_person,
            received_at=at,
        )
        .on_conflict_do_nothing()
    )


async def unread_texts(session: AsyncSession, bank_id: UUID) -> list[UnreadText]:
    """Texts that wait for a person: those that alarm, then the longest waiting, each with its thread."""
    rows = await session.scalars(
        select(InboundText)
        .where(
            col(InboundText.bank_id) == bank_id,
            col(InboundText.needs_person),
            col(InboundText.settled_at).is_(None),
        )
        .order_by(col(InboundText.received_at), col(InboundText.id))
    )
    found = [await _unread(session, bank_id, row) for row in rows.all()]
    return sorted(found, key=lambda unread: not unread.is_alarming)


async def _unread(session: AsyncSession, bank_id: UUID, row: InboundText) -> UnreadText:
    intent = parse(row.body)
    return UnreadText(
        id=row.id,
        sender=row.sender,
        body=row.body,
        received_at=row.received_at,
        member_id=row.member_id,
        thread=await _thread(session, bank_id, row),
        verb=intent.verb,
        is_alarming=intent.is_alarming,
    )


async def settle_text(
    session: AsyncSession, bank_id: UUID, inbound_id: UUID, by_id: UUID, at: datetime
) -> None:
    """Somebody has dealt with it. The first to say so stays on record.

    Raises:
        UnknownMessage: there is no such text in this bank.
    """
    row = await session.get(InboundText, (bank_id, inbound_id), with_for_update=True)
    if row is None:
        raise UnknownMessage
    if row.settled_at is None:
        row.settled_at, row.settled_by = at, by_id
        await session.flush()


async def _thread(session: AsyncSession, bank_id: UUID, unread: InboundText) -> tuple[ThreadLine, ...]:
    since = unread.received_at - THREAD_AGE
    theirs = await session.execute(
        select(col(InboundText.received_at), col(InboundText.body))
        .where(
            col(InboundText.bank_id) == bank_id,
            col(InboundText.sender) == unread.sender,
            col(InboundText.received_at) >= since,
        )
        .order_by(col(InboundText.received_at).desc())
        .limit(THREAD_LINES_MAX)
    )
    ours = await session.execute(
        select(col(Message.queued_at), col(Message.body))
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.address) == unread.sender,
            col(Message.queued_at) >= since,
            col(Message.kind) != "code",
        )
        .order_by(col(Message.queued_at).desc())
        .limit(THREAD_LINES_MAX)
    )
    lines = [ThreadLine(at, "in", body) for at, body in theirs]
    lines += [ThreadLine(at, "out", body) for at, body in ours]
    return tuple(sorted(lines, key=lambda line: line.at)[-THREAD_LINES_MAX:])
