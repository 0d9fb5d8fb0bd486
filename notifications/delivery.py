"""Sending what is due, so that nothing is lost and nothing is sent twice.

A message is claimed and `sending` is committed before anything leaves; the provider is called outside any
transaction; what it said is recorded in another. Whoever dies in between leaves a lease behind, and when
that ends the provider is asked what it took before anything is sent again. What must never happen: a
message sent again while it is not known whether it was taken.
"""

import asyncio
import time as clock
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from notifications import claims, records
from notifications.channels.contract import Channel, Found, Sent, Taken, Unsure
from notifications.claims import Claimed
from notifications.policy import Policy
from notifications.safety import escalate_due

Transaction = Callable[[UUID], AbstractAsyncContextManager[AsyncSession]]

LEASE: Final = timedelta(seconds=60)
"""Longer than any channel's time-out with room to spare: while it lasts, its owner may still be sending."""
AT_ONCE_MAX: Final = 32
"""Messages on the wire at the same moment."""


@dataclass(frozen=True, slots=True)
class _Answer:
    claimed: Claimed
    sent: Sent | None
    """What sending said; None where the provider was asked instead."""
    found: Sequence[Found] | None


async def deliver_due(
    transaction: Transaction,
    bank_id: UUID,
    channels: Mapping[str, Channel],
    *,
    at: datetime,
    limit: int = 50,
    policy: Policy | None = None,
    lease: timedelta = LEASE,
) -> int:
    """Send one bank's due messages and reconcile those whose sender died. Returns how many were claimed.

    `transaction` opens a transaction for a bank and commits it on the way out. `channels` has one entry
    for each of `sms` and `email` that this installation can send by. With a `policy`, a retry also keeps
    to the bank's quiet hours, and safety alerts go to the next person. `lease` is how long a claim lasts,
    and must exceed every channel's time-out.
    """
    started = clock.monotonic()
    async with transaction(bank_id) as session:
        if policy is not None:
            await escalate_due(session, bank_id, policy=policy, at=at)
        claimed = await claims.claim(
            session, bank_id, frozenset(channels), at=at, limit=limit, lease=lease, policy=policy
        )
    stale_after = started + lease.total_seconds() / 2
    gate = asyncio.Semaphore(AT_ONCE_MAX)
    working = {
        asyncio.create_task(_work(channels[c.outgoing.channel], c, gate, stale_after)) for c in claimed
    }
    try:
        while working:
            done, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            now = at + timedelta(seconds=clock.monotonic() - started)
            await _record(transaction, bank_id, channels, [task.result() for task in done], now)
    finally:
        await _abandon(working)
    return len(claimed)


async def _abandon(working: set["asyncio.Task[_Answer]"]) -> None:
    """On the way out with messages still on the wire: their leases end, and they are looked up."""
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)


async def _work(channel: Channel, claimed: Claimed, gate: asyncio.Semaphore, stale_after: float) -> _Answer:
    async with gate:
        if clock.monotonic() > stale_after:
            # Too late to send within the lease: another worker may ask about it soon.
            return _Answer(claimed, Unsure("stale"), None)
        if claimed.is_maybe_sent and channel.can_look_up:
            return _Answer(claimed, None, await channel.find(claimed.outgoing, since=claimed.first_sent_at))
        return _Answer(claimed, await channel.send(claimed.outgoing), None)


async def _record(
    transaction: Transaction,
    bank_id: UUID,
    channels: Mapping[str, Channel],
    answers: list[_Answer],
    now: datetime,
) -> None:
    answers.sort(key=lambda answer: answer.claimed.outgoing.reference)
    taken = [(a.claimed.outgoing.reference, a.sent) for a in answers if isinstance(a.sent, Taken)]
    async with transaction(bank_id) as session:
        await records.taken(session, bank_id, taken, at=now)
        for answer in answers:
            if answer.sent is None:
                await records.looked_up(session, answer.claimed, answer.found, at=now)
            elif not isinstance(answer.sent, Taken):
                can_look_up = channels[answer.claimed.outgoing.channel].can_look_up
                await records.sent(session, answer.claimed, answer.sent, at=now, can_look_up=can_look_up)
