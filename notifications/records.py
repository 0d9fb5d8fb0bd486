"""Writing down what became of a message: what sending said, what a look-up found, what the provider reports.

Every change reads the table of states under the row's lock, so a late answer never moves a message
backwards. Once a message is final, a sign-in code and any attachment are erased from it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.channels.contract import Found, Refused, Retry, Taken, Unsure
from notifications.pauses import forget_bounces, record_bounce
from notifications.states import FINAL, after_callback, may_become
from notifications.tables import Message, MessageReceipt

if TYPE_CHECKING:
    from notifications.claims import Claimed

BACKOFF_SECONDS: Final = (5, 30, 120, 600, 1800, 3600)
"""Waits between tries; the last one repeats until the horizon."""
LOOK_AGAIN: Final = timedelta(seconds=15)
"""How long to wait where another message with the same words is on its way to the same number."""
PROVIDER_WORD_MAX: Final = 64
UNANSWERED: Final = "look_up_unanswered"
BOUNCES: Final = frozenset({"mailbox", "not_a_number", "landline", "route", "not_an_address"})


def settle(row: Message, state: str, *, at: datetime, reason: str | None = None) -> None:
    """Move a message on, if the table of states allows it; erase what a final message need not keep."""
    if not may_become(row.state, state):
        return
    row.state, row.lease_until = state, None
    row.reason = reason if reason is not None or state in {"accepted", "delivered"} else row.reason
    if state in FINAL:
        row.settled_at = at
        row.attachment = None
    if row.kind == "code" and (state in FINAL or state == "accepted"):
        row.body, row.parameters = "", {}


TAKEN: Final = text(
    "update message m set provider_id = t.provider_id, lease_until = null, reason = null, "
    "state = case when t.is_delivered then 'delivered' else 'accepted' end, "
    "settled_at = case when t.is_delivered then cast(:at as timestamptz) end, "
    "attachment = case when t.is_delivered then null else m.attachment end, "
    "body = case when m.kind = 'code' then '' else m.body end, "
    "parameters = case when m.kind = 'code' then '{}'::jsonb else m.parameters end "
    "from unnest(cast(:ids as uuid[]), cast(:provider_ids as text[]), cast(:delivered as bool[])) "
    "as t(id, provider_id, is_delivered) "
    "where m.bank_id = :bank_id and m.id = t.id and m.state in ('sending', 'maybe_sent')"
)


async def taken(
    session: AsyncSession, bank_id: UUID, answers: Sequence[tuple[UUID, Taken]], *, at: datetime
) -> None:
    """Record all that the provider took, at once. A callback that came first has said it already."""
    if answers:
        await session.execute(
            TAKEN,
            {
                "bank_id": bank_id,
                "at": at,
                "ids": [reference for reference, _ in answers],
                "provider_ids": [answer.provider_id for _, answer in answers],
                "delivered": [answer.is_delivered for _, answer in answers],
            },
        )


async def sent(
    session: AsyncSession,
    claimed: "Claimed",
    answer: Retry | Unsure | Refused,
    *,
    at: datetime,
    can_look_up: bool,
) -> None:
    """Record why it was not surely taken. A callback may have come first and known better."""
    row = await _locked(session, claimed.outgoing.bank_id, claimed.outgoing.reference)
    if row is None or row.state not in {"sending", "maybe_sent"}:
        return
    match answer:
        case Retry(reason, seconds):
            _try_again(row, reason, at, seconds)
        case Unsure(reason):
            _wait_and_ask(row, reason, at, can_look_up=can_look_up)
        case Refused(reason):
            settle(row, "failed", at=at, reason=reason)
            if reason in BOUNCES:
                await record_bounce(session, row.bank_id, row.channel, row.address, at=at)
    await session.flush()


async def looked_up(
    session: AsyncSession, claimed: "Claimed", found: Sequence[Found] | None, *, at: datetime
) -> None:
    """Record what the provider remembers: it has the message, or it never got it and may have it now."""
    row = await _locked(session, claimed.outgoing.bank_id, claimed.outgoing.reference)
    if row is None or row.state != "maybe_sent":
        return
    if found is None:
        _ask_later(row, at)
    elif await _twin_on_its_way(session, row, at):
        row.lease_until = at + LOOK_AGAIN
    elif (mine := await _unclaimed(session, row, found)) is not None:
        row.provider_id = mine.provider_id
        settle(row, "accepted", at=at)
        settle(row, after_callback(row.state, row.attempts, mine.status), at=at)
    elif row.reason == UNANSWERED:
        # It was stuck a moment ago, and may yet take what it had received: absent must be said twice.
        row.reason, row.lease_until = "asked_again", at + LOOK_AGAIN
    else:
        _try_again(row, "not_taken", at, seconds=0)
    await session.flush()


async def record_status(
    session: AsyncSession, bank_id: UUID, message_id: UUID, provider_id: str, status: str, *, at: datetime
) -> bool:
    """Apply one of the provider's callbacks: in any order, any number of times.

    Returns:
        Whether the message exists in this bank.
    """
    provider_id, status = _kept(provider_id), _kept(status)
    row = await _locked(session, bank_id, message_id)
    if row is None:
        return False
    await session.execute(
        insert(MessageReceipt)
        .values(
            bank_id=bank_id, message_id=message_id, provider_id=provider_id, status=status, received_at=at
        )
        .on_conflict_do_nothing()
    )
    await _prove(session, row, provider_id, at)
    target = after_callback(row.state, row.attempts, status)
    if target != row.state:
        await _apply(session, row, target, at)
    return True


def _kept(said: str) -> str:
    """What the provider said, as far as it is worth keeping: nonsense may be of any length."""
    return said.replace("\x00", "")[:PROVIDER_WORD_MAX]


async def _prove(session: AsyncSession, row: Message, provider_id: str, at: datetime) -> None:
    """Our id came back with the provider's: whoever a look-up took it for must give it up.

    A look-up cannot tell two messages of the same words to the same number apart. The one that held this
    id takes the other's instead, or is looked up again.
    """
    if row.provider_id == provider_id or (row.state == "pending" and row.attempts == 0):
        return
    holder = await session.scalar(
        select(Message)
        .where(
            col(Message.bank_id) == row.bank_id,
            col(Message.address) == row.address,
            col(Message.provider_id) == provider_id,
            col(Message.id) != row.id,
        )
        .with_for_update()
    )
    if holder is not None:
        holder.provider_id = row.provider_id
        if holder.provider_id is None and holder.state == "accepted":
            holder.state, holder.lease_until = "maybe_sent", at
    if holder is not None or row.provider_id is None:
        row.provider_id = provider_id
    await session.flush()


async def _apply(session: AsyncSession, row: Message, target: str, at: datetime) -> None:
    if row.state == "pending":
        row.state = "sending"
    settle(row, target, at=at, reason="provider" if target in {"undelivered", "failed"} else None)
    if target in {"undelivered", "failed"}:
        await record_bounce(session, row.bank_id, row.channel, row.address, at=at)
    elif target == "delivered":
        await forget_bounces(session, row.bank_id, row.channel, row.address)
    await session.flush()


async def _locked(session: AsyncSession, bank_id: UUID, message_id: UUID) -> Message | None:
    return await session.scalar(
        select(Message)
        .where(col(Message.bank_id) == bank_id, col(Message.id) == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _try_again(row: Message, reason: str, at: datetime, seconds: float | None) -> None:
    wait = BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS)) - 1] if seconds is None else seconds
    moment = at + timedelta(seconds=wait)
    if moment > row.give_up_at:
        settle(row, "failed", at=at, reason=reason)
        return
    row.state, row.reason, row.lease_until, row.not_before = "pending", reason, None, moment


def _wait_and_ask(row: Message, reason: str, at: datetime, *, can_look_up: bool) -> None:
    """Its fate is unknown: the lease runs on, and when it ends the provider is asked."""
    if can_look_up:
        row.state, row.reason = "maybe_sent", reason
        return
    _try_again(row, reason, at, seconds=None)


def _ask_later(row: Message, at: datetime) -> None:
    wait = timedelta(seconds=BACKOFF_SECONDS[min(row.attempts, len(BACKOFF_SECONDS)) - 1])
    if at + wait > row.give_up_at:
        settle(row, "failed", at=at, reason="unknown")
        return
    row.reason, row.lease_until = UNANSWERED, at + wait


async def _twin_on_its_way(session: AsyncSession, row: Message, at: datetime) -> bool:
    """Whether the same words are being sent to the same number right now, so that one found may be theirs."""
    twin = await session.scalar(
        select(col(Message.id))
        .where(
            col(Message.bank_id) == row.bank_id,
            col(Message.address) == row.address,
            col(Message.body) == row.body,
            col(Message.id) != row.id,
            col(Message.state) == "sending",
            col(Message.lease_until) > at,
        )
        .limit(1)
    )
    return twin is not None


async def _unclaimed(session: AsyncSession, row: Message, found: Sequence[Found]) -> Found | None:
    """The first of the provider's records that no other message of ours already is."""
    if not found:
        return None
    ids = {f.provider_id for f in found}
    rows = await session.scalars(
        select(col(Message.provider_id)).where(
            col(Message.bank_id) == row.bank_id,
            col(Message.address) == row.address,
            col(Message.provider_id).in_(ids),
            col(Message.id) != row.id,
        )
    )
    spoken_for = set(rows)
    return next((f for f in found if f.provider_id not in spoken_for), None)
