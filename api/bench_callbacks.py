"""Callbacks in any order and transactions that break off, by the thousand, for `bench notifications`.

What must never happen: a figure here that was not measured on the real tables.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.bench_notifications import POLICY, notices, queue_all
from api.database import Database
from notifications import Address, Notice, message_id, queue_many, record_status
from notifications.tables import Message, MessageSpend

STORIES: Final = {
    "delivered": ["queued", "sending", "sent", "delivered"],
    "undelivered": ["queued", "sending", "sent", "undelivered"],
    "failed": ["queued", "sending", "failed"],
}
AT_ONCE: Final = 8
BATCH: Final = 200
SIDES: Final = 2
NONSENSE: Final = ("", "read?", "<html>")


@dataclass(frozen=True, slots=True)
class Callbacks:
    """How many messages' stories were told shuffled and doubled, and how many ended wrong."""

    messages: int
    callbacks: int
    wrong: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Aborted:
    """Transactions that queued two messages for one event; half of them broke off at the end."""

    aborted: int
    committed: int
    half_told: int
    told_and_not_paid: int
    seconds: float


def shuffled(dice: random.Random, end: str) -> list[str]:
    """One message's story, doubled here and there, in any order, with nonsense in it."""
    told = STORIES[end] * dice.randint(1, 2) + [dice.choice(NONSENSE)]
    dice.shuffle(told)
    return told


async def callbacks(database_url: str, *, runs: int, seed: int = 0) -> Callbacks:
    """Tell each message's story to the real table, several at once, and look how it ended."""
    dice, started, bank_id = random.Random(seed), time.monotonic(), uuid7()  # noqa: S311  # dice, no secret
    database = Database(database_url, pool_size=AT_ONCE)
    said = wrong = 0
    for start in range(0, runs, BATCH):
        wanted, count = await _one_batch(database, bank_id, dice, start, min(BATCH, runs - start))
        found = await _states(database, bank_id, set(wanted))
        said += count
        wrong += sum(found[key] != end for key, end in wanted.items())
    await database.close()
    return Callbacks(runs, said, wrong, round(time.monotonic() - started, 1))


async def _one_batch(
    database: Database, bank_id: UUID, dice: random.Random, start: int, size: int
) -> tuple[dict[UUID, str], int]:
    told = notices(size, start=start)
    await queue_all(database, bank_id, told)
    keys = [message_id(notice.event_id, notice.recipient_id) for notice in told]
    await _send(database, bank_id, keys)
    wanted = {key: dice.choice(sorted(STORIES)) for key in keys}
    steps = [(key, status) for key, end in wanted.items() for status in shuffled(dice, end)]
    dice.shuffle(steps)
    gate = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(_say(database, bank_id, gate, key, status) for key, status in steps))
    return wanted, len(steps)


async def _send(database: Database, bank_id: UUID, keys: list[UUID]) -> None:
    """As if each had been claimed, and its POST were still out."""
    async with database.transaction(bank_id) as session:
        await session.execute(
            update(Message)
            .where(col(Message.bank_id) == bank_id, col(Message.id).in_(keys))
            .values(state="sending", attempts=1, lease_until=datetime.now(UTC))
        )


async def _say(database: Database, bank_id: UUID, gate: asyncio.Semaphore, key: UUID, status: str) -> None:
    async with gate, database.transaction(bank_id) as session:
        await record_status(session, bank_id, key, f"SM{key.hex}", status, at=datetime.now(UTC))


async def _states(database: Database, bank_id: UUID, keys: set[UUID]) -> dict[UUID, str]:
    async with database.transaction(bank_id) as session:
        rows = await session.execute(
            select(col(Message.id), col(Message.state)).where(
                col(Message.bank_id) == bank_id, col(Message.id).in_(keys)
            )
        )
        return {row.id: row.state for row in rows}


class _BrokenOff(Exception):
    """The transaction ends here, with everything it did."""


async def aborted(database_url: str, *, transactions: int) -> Aborted:
    """Queue two messages for one event and break every other transaction off after that."""
    started, bank_id = time.monotonic(), uuid7()
    database = Database(database_url, pool_size=AT_ONCE)

    async def one(number: int) -> None:
        async with database.transaction(bank_id) as session:
            await queue_many(session, bank_id, _two(number), policy=POLICY, at=datetime.now(UTC))
            if number % 2:
                raise _BrokenOff

    for start in range(0, transactions, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, transactions))
        await asyncio.gather(*(one(number) for number in numbers), return_exceptions=True)
    half, unpaid = await _left_behind(database, bank_id, events=transactions - transactions // 2)
    await database.close()
    seconds = round(time.monotonic() - started, 1)
    return Aborted(transactions // 2, transactions - transactions // 2, half, unpaid, seconds)


def _two(number: int) -> list[Notice]:
    """One event, told to both sides."""
    event_id = uuid7()
    return [
        Notice(
            event_id=event_id,
            recipient_id=uuid7(),
            template="gift_received",
            parameters={"giver": "Ann", "duration": "1 h"},
            language="en",
            address=Address(channel="sms", to=f"+4477{(2 * number + side) % 10**8:08d}"),
        )
        for side in (0, 1)
    ]


async def _left_behind(database: Database, bank_id: UUID, *, events: int) -> tuple[int, int]:
    async with database.transaction(bank_id) as session:
        rows = await session.scalars(
            select(func.count()).where(col(Message.bank_id) == bank_id).group_by(col(Message.event_id))
        )
        told = list(rows.all())
        segments = await session.scalar(
            select(func.sum(col(Message.segments))).where(col(Message.bank_id) == bank_id)
        )
        paid = await session.scalar(
            select(func.sum(col(MessageSpend.segments))).where(
                col(MessageSpend.bank_id) == bank_id, col(MessageSpend.scope) == "bank"
            )
        )
    half = abs(len(told) - events) + sum(count != SIDES for count in told)
    return half, abs((segments or 0) - (paid or 0))
