"""When somebody changes what is safe: what is still queued keeps to it, at once.

What must never happen: a message that was queued yesterday sent to a telephone that was called unsafe today.
"""

from collections.abc import Collection
from datetime import datetime, time
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.records import settle
from notifications.tables import DigestLine, Message

WAITING = ("pending", "maybe_sent")


class Way(Protocol):
    """One safe way to reach somebody, as whoever keeps their contacts has it."""

    @property
    def channel(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def is_discreet(self) -> bool: ...
    @property
    def safe_from(self) -> time | None: ...
    @property
    def safe_until(self) -> time | None: ...
    @property
    def may_leave_message(self) -> bool: ...


async def keep_to_ways(
    session: AsyncSession, bank_id: UUID, recipient_id: UUID, ways: Collection[Way], *, at: datetime
) -> int:
    """Stop what waits for a way that is safe no longer, and hold the rest to its new hours.

    A message whose words name somebody stops where the way has become discreet. Sign-in codes go to a contact
    to prove it, and are left alone. Returns how many were stopped.
    """
    safe = {(way.channel, way.to): way for way in ways}
    rows = await session.scalars(
        select(Message)
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.recipient_id) == recipient_id,
            col(Message.kind) != "code",
            col(Message.state).in_(WAITING),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    stopped = sum([_hold(row, safe.get((row.channel, row.address)), at) for row in rows.all()])
    await _hold_digest(session, bank_id, recipient_id, safe)
    await session.flush()
    return stopped


def _hold(row: Message, way: Way | None, at: datetime) -> bool:
    if way is None or (way.is_discreet and not row.is_discreet):
        settle(row, "cancelled", at=at, reason="unsafe")
        return True
    row.safe_from, row.safe_until = way.safe_from, way.safe_until
    row.may_leave_message = way.may_leave_message
    return False


async def _hold_digest(
    session: AsyncSession, bank_id: UUID, recipient_id: UUID, safe: dict[tuple[str, str], Way]
) -> None:
    rows = await session.scalars(
        select(DigestLine).where(
            col(DigestLine.bank_id) == bank_id,
            col(DigestLine.recipient_id) == recipient_id,
            col(DigestLine.told_at).is_(None),
        )
    )
    for line in rows.all():
        way = safe.get((line.channel, line.address))
        if way is None:
            await session.delete(line)
        else:
            line.is_discreet = way.is_discreet
            line.safe_from, line.safe_until = way.safe_from, way.safe_until
