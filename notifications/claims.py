"""Taking due messages, so that two workers never hold the same one.

A claim names one bank and skips what another worker has locked. It looks once more at what may have
changed since the message was queued: a STOP, a bounce, the hour of the night, how long it has waited.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import and_, or_, select
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
    attempts: int


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
    taken = []
    for row in rows:
        if row.state == "pending" and not _may_leave(row, paused, policy, at):
            continue
        taken.append(_take(row, at, lease))
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


def _take(row: Message, at: datetime, lease: timedelta) -> Claimed:
    is_maybe_sent = row.state in {"sending", "maybe_sent"}
    if is_maybe_sent:
        row.state = "maybe_sent"
    else:
        row.state, row.attempts = "sending", row.attempts + 1
        row.first_sent_at = row.first_sent_at or at
    row.lease_until = at + lease
    return Claimed(_outgoing(row), is_maybe_sent, row.first_sent_at or at, row.attempts)


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
    )
