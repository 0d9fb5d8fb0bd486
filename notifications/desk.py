"""What a coordinator does by hand: calls to make, letters to post, messages that nobody got.

A call and a letter are messages like any other, which wait here until a person says what happened.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.errors import NoMessageMayBeLeft, NotOnTheDesk
from notifications.records import settle
from notifications.states import PROVIDER_SAYS
from notifications.tables import Message, MessageReceipt

CallOutcome = Literal["spoke", "no_answer", "wrong_number", "left_message"]
AFTER_A_CALL: Final[dict[str, str]] = {
    "spoke": "delivered",
    "left_message": "delivered",
    "wrong_number": "failed",
}
"""Nobody answered: the call stays on the list."""
PROBLEM_STATES: Final = ("undelivered", "failed", "withheld", "maybe_sent")
NOT_SURELY_THERE: Final = ("sending", "accepted")
UNREADABLE: Final = dict.fromkeys(NOT_SURELY_THERE, "unreadable")
SEEN_TO: Final = "seen_to"
PROBLEMS_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One message on the desk."""

    id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    to: str
    language: str
    template: str
    subject: str
    body: str
    state: str
    reason: str | None
    attempts: int
    queued_at: datetime
    not_before: datetime
    is_discreet: bool
    safe_from: time | None
    safe_until: time | None
    may_leave_message: bool


async def call_list(session: AsyncSession, bank_id: UUID) -> list[DeskItem]:
    """People to ring, the longest waiting first, each with what to say."""
    return await _open(session, bank_id, "call")


async def letters(session: AsyncSession, bank_id: UUID) -> list[DeskItem]:
    """Letters to print and post, the longest waiting first."""
    return await _open(session, bank_id, "letter")


async def problems(session: AsyncSession, bank_id: UUID, *, limit: int = 50) -> list[DeskItem]:
    """Messages that somebody did not get, or may not have, newest first, with the reason.

    Among them what the provider said something of that nobody understands. One that was seen to is left out.
    """
    receipt = exists().where(
        col(MessageReceipt.bank_id) == col(Message.bank_id),
        col(MessageReceipt.message_id) == col(Message.id),
        col(MessageReceipt.status).not_in(PROVIDER_SAYS),
    )
    rows = await session.scalars(
        select(Message)
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.outcome).is_distinct_from(SEEN_TO),
            or_(
                col(Message.state).in_(PROBLEM_STATES),
                and_(col(Message.state).in_(NOT_SURELY_THERE), receipt),
            ),
        )
        .order_by(col(Message.queued_at).desc(), col(Message.id))
        .limit(limit)
    )
    return [_item(row, reason=row.reason or UNREADABLE.get(row.state)) for row in rows]


async def mark_seen_to(
    session: AsyncSession, bank_id: UUID, message_id: UUID, by_id: UUID, at: datetime
) -> None:
    """Somebody has seen to a message that did not arrive; where it is still tried, that goes on.

    Raises:
        NotOnTheDesk: it is no problem of this bank.
    """
    del at  # when it was settled stays as it is
    if message_id not in {item.id for item in await problems(session, bank_id, limit=PROBLEMS_MAX)}:
        raise NotOnTheDesk
    row = await session.get_one(Message, (bank_id, message_id), with_for_update=True)
    row.outcome, row.handled_by = SEEN_TO, by_id
    await session.flush()


async def mark_called(
    session: AsyncSession,
    bank_id: UUID,
    message_id: UUID,
    outcome: CallOutcome,
    by_id: UUID,
    at: datetime,
    *,
    said: str | None = None,
) -> None:
    """Record what came of a call, who made it and what was said; an unanswered one stays on the list.

    Raises:
        NotOnTheDesk: it is not an open call of this bank.
        NoMessageMayBeLeft: the contact says that it is not safe to leave one.
    """
    row = await _take(session, bank_id, message_id, "call")
    if outcome == "left_message" and not row.may_leave_message:
        raise NoMessageMayBeLeft
    row.attempts += 1
    row.outcome, row.said, row.handled_by = outcome, said, by_id
    if outcome in AFTER_A_CALL:
        settle(row, AFTER_A_CALL[outcome], at=at, reason=outcome if outcome == "wrong_number" else None)
    await session.flush()


async def mark_printed(
    session: AsyncSession, bank_id: UUID, message_id: UUID, by_id: UUID, at: datetime
) -> None:
    """Record that a letter is in the post.

    Raises:
        NotOnTheDesk: it is not an open letter of this bank.
    """
    row = await _take(session, bank_id, message_id, "letter")
    row.attempts += 1
    row.outcome, row.handled_by = "printed", by_id
    settle(row, "delivered", at=at)
    await session.flush()


async def _open(session: AsyncSession, bank_id: UUID, channel: str) -> list[DeskItem]:
    rows = await session.scalars(
        select(Message)
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.channel) == channel,
            col(Message.state) == "pending",
        )
        .order_by(col(Message.queued_at), col(Message.id))
    )
    return [_item(row) for row in rows]


async def _take(session: AsyncSession, bank_id: UUID, message_id: UUID, channel: str) -> Message:
    row = await session.scalar(
        select(Message)
        .where(
            col(Message.bank_id) == bank_id,
            col(Message.id) == message_id,
            col(Message.channel) == channel,
            col(Message.state) == "pending",
        )
        .with_for_update()
    )
    if row is None:
        raise NotOnTheDesk
    return row


def _item(row: Message, *, reason: str | None = None) -> DeskItem:
    return DeskItem(
        id=row.id,
        event_id=row.event_id,
        recipient_id=row.recipient_id,
        channel=row.channel,
        to=row.address,
        language=row.language,
        template=row.template,
        subject=row.subject,
        body=row.body,
        state=row.state,
        reason=reason or row.reason,
        attempts=row.attempts,
        queued_at=row.queued_at,
        not_before=row.not_before,
        is_discreet=row.is_discreet,
        safe_from=row.safe_from,
        safe_until=row.safe_until,
        may_leave_message=row.may_leave_message,
    )
