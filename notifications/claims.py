"""Taking due messages, so that two workers never hold the same one.

A claim names one bank and skips what another worker has locked. It looks once more at what may have
changed since the message was queued: a STOP, a bounce, the hour of the night, how long it has waited.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.channels.contract import Outgoing
from notifications.notice import Address, Attachment, Channel, Kind
from notifications.pauses import paused_among
from notifications.policy import Policy, earliest
from notifications.records import settle
from notifications.tables import Message


@dataclass(frozen=True, slots=True)
class Claimed:
    """One message that this worker alone may send, until its lease ends."""

    outgoing: Outgoing
    is_maybe_sent: bool
    first_sent_at: datetime


async def claim(
    session: AsyncSession,
    bank_id: UUID,
    channels: frozenset[str],
    *,
    at: datetime,
    limit: int,
    lease: timedelta,
    policy: Policy | None,
) -> list[Claimed]:
    """Take up to `limit` due messages; the caller commits before anything is sent."""
    rows = await _due(session, bank_id, channels, at, limit)
    paused = await paused_among(session, bank_id, {row.address for row in rows}) if rows else {}
    leaving = [row for row in rows if row.state != "pending" or _may_leave(row, paused, policy, at)]
    taken = [_claimed(row, at) for row in leaving]
    for row in leaving:
        session.expunge(row)  # taken below in one statement
    await _take(session, bank_id, [row.id for row in leaving], at, lease)
    await session.flush()
    return taken


async def _due(
    session: AsyncSession, bank_id: UUID, channels: frozenset[str], at: datetime, limit: int
) -> list[Message]:
    is_due = or_(
        and_(col(Message.state) == "pending", col(Message.not_before) <= at),
        and_(col(Message.state).in_(("sending", "maybe_sent")), col(Message.lease_until) <= at),
    )
    rows = await session.scalars(
        select(Message)
        .where(col(Message.bank_id) == bank_id, is_due, col(Message.channel).in_(channels))
        .order_by(col(Message.not_before), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


def _may_leave(row: Message, paused: dict[tuple[str, str], str], policy: Policy | None, at: datetime) -> bool:
    """Whether a pending message may go now; otherwise it is settled, or put off until it may."""
    reason = paused.get((row.channel, row.address))
    if reason is not None:
        settle(row, "withheld", at=at, reason=reason)
        return False
    if at > row.give_up_at:
        settle(row, "failed", at=at, reason=row.reason or "too_late")
        return False
    if policy is not None and (moment := earliest(_address(row), cast("Kind", row.kind), policy, at=at)) > at:
        row.not_before = moment
        return False
    return True


def _claimed(row: Message, at: datetime) -> Claimed:
    is_maybe_sent = row.state in {"sending", "maybe_sent"}
    return Claimed(_outgoing(row), is_maybe_sent, row.first_sent_at or at)


async def _take(
    session: AsyncSession, bank_id: UUID, ids: list[UUID], at: datetime, lease: timedelta
) -> None:
    """A message that was `sending` when its lease ended may have been sent; a pending one now leaves."""
    is_pending = col(Message.state) == "pending"
    await session.execute(
        update(Message)
        .where(col(Message.bank_id) == bank_id, col(Message.id).in_(ids))
        .values(
            state=case((is_pending, "sending"), else_="maybe_sent"),
            attempts=col(Message.attempts) + case((is_pending, 1), else_=0),
            first_sent_at=func.coalesce(col(Message.first_sent_at), at),
            lease_until=at + lease,
        )
        .execution_options(synchronize_session=False)
    )


def _outgoing(row: Message) -> Outgoing:
    attachment = None
    if row.attachment is not None:
        attachment = Attachment(
            name=row.attachment_name or "file",
            media_type=row.attachment_type or "application/octet-stream",
            content=row.attachment,
        )
    return Outgoing(
        bank_id=row.bank_id,
        reference=row.id,
        channel=row.channel,
        to=row.address,
        language=row.language,
        subject=row.subject,
        body=row.body,
        attachment=attachment,
    )


def _address(row: Message) -> Address:
    return Address(
        channel=cast("Channel", row.channel),
        to=row.address,
        discreet=row.is_discreet,
        safe_from=row.safe_from,
        safe_until=row.safe_until,
        may_leave_message=row.may_leave_message,
    )
