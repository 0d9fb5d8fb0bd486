"""Budgets, claims and causes when many work at once, each in a transaction that really commits."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from notifications import Notice, Policy, deliver_due, queue, queue_many
from notifications.channels import Outgoing, Sent, Taken
from notifications.tables import Message, MessageSpend

Make = Callable[..., Notice]


async def count(database: Database, bank_id: UUID, *states: str) -> int:
    async with database.transaction(bank_id) as session:
        found = await session.scalar(
            select(func.count())
            .select_from(Message)
            .where(col(Message.bank_id) == bank_id, col(Message.state).in_(states))
        )
        return found or 0


async def test_fifty_senders_at_once_never_pass_a_budget_and_safety_passes_all_the_same(
    database: Database, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    tight = replace(policy, sms_budget_bank_day=23, sms_budget_number_day=7)
    numbers = [f"+4477009001{n:02d}" for n in range(5)]

    async def send(n: int) -> bool:
        notice = gift(to=numbers[n % 5], kind="safety" if n == 49 else "service")
        async with database.transaction(bank_id) as session:
            return await queue(session, bank_id, notice, policy=tight, at=at) is not None

    sent = await asyncio.gather(*(send(n) for n in range(50)))
    assert sent[49]
    # The safety message is counted too, so it may take the place of one that came after it.
    assert sum(sent) in {23, 24}
    async with database.transaction(bank_id) as session:
        spent = {row.scope: row.segments for row in await session.scalars(select(MessageSpend))}
    assert spent["bank"] == sum(sent)
    assert all(spent[number] <= 8 for number in numbers)


async def test_counting_without_a_lock_would_pass_the_budget(
    database: Database, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    """The control: looking first and spending afterwards lets many through at once."""
    limit, everybody_has_looked = 5, asyncio.Barrier(10)

    async def send() -> None:
        async with database.transaction(bank_id) as session:
            already = await session.scalar(
                select(func.count()).select_from(Message).where(col(Message.bank_id) == bank_id)
            )
            await everybody_has_looked.wait()
            if (already or 0) < limit:
                await queue(session, bank_id, gift(), policy=policy, at=at)

    await asyncio.gather(*(send() for _ in range(10)))
    assert await count(database, bank_id, "pending") > limit


async def test_the_same_event_from_many_workers_is_one_message_and_paid_once(
    database: Database, bank_id: UUID, policy: Policy, gift: Make, at: datetime
) -> None:
    notice = gift()

    async def send() -> UUID | None:
        async with database.transaction(bank_id) as session:
            return await queue(session, bank_id, notice, policy=policy, at=at)

    found = await asyncio.gather(*(send() for _ in range(20)))
    assert len(set(found)) == 1
    assert await count(database, bank_id, "pending") == 1
    async with database.transaction(bank_id) as session:
        assert {row.segments for row in await session.scalars(select(MessageSpend))} == {1}


class Counting:
    """A channel that remembers what it sent."""

    can_look_up = True

    def __init__(self) -> None:
        self.sent: list[UUID] = []

    async def send(self, message: Outgoing) -> Sent:
        await asyncio.sleep(0.001)
        self.sent.append(message.reference)
        return Taken(f"id:{message.reference}")

    async def find(self, message: Outgoing, *, since: datetime) -> list[object]:
        return []


async def test_five_workers_share_the_work_and_nobody_sends_anothers(
    database: Database, bank_id: UUID, policy: Policy, gift: Make
) -> None:
    now, channel = datetime.now(UTC), Counting()
    async with database.transaction(bank_id) as session:
        notices = [gift(to=f"+44770090{n:04d}") for n in range(60)]
        await queue_many(session, bank_id, notices, policy=replace(policy, quiet=None), at=now)

    async def work() -> None:
        while await deliver_due(database.transaction, bank_id, {"sms": channel}, at=now, limit=7):
            pass

    await asyncio.gather(*(work() for _ in range(5)))
    assert len(channel.sent) == len(set(channel.sent)) == 60
    assert await count(database, bank_id, "accepted") == 60


class Regretted(Exception):
    pass


async def abort_some(database: Database, bank_id: UUID, policy: Policy, gift: Make, causes: int) -> None:
    """A cause and its message share a transaction: here the cause is another message's row."""
    at = datetime(2026, 5, 12, 12, tzinfo=UTC)
    big = replace(policy, sms_budget_bank_day=10**9, sms_budget_number_day=10**9)

    async def one(n: int) -> None:
        async with database.transaction(bank_id) as session:
            event = uuid7()
            await queue_many(
                session, bank_id, [gift(event_id=event), gift(event_id=event)], policy=big, at=at
            )
            if n % 2:
                raise Regretted

    for start in range(0, causes, 8):
        await asyncio.gather(*(one(n) for n in range(start, start + 8)), return_exceptions=True)
    async with database.transaction(bank_id) as session:
        per_event = await session.execute(
            select(func.count()).where(col(Message.bank_id) == bank_id).group_by(col(Message.event_id))
        )
        assert [row[0] for row in per_event] == [2] * (causes // 2)


async def test_an_aborted_transaction_leaves_no_message_and_a_committed_one_all(
    database: Database, bank_id: UUID, policy: Policy, gift: Make
) -> None:
    await abort_some(database, bank_id, policy, gift, causes=80)


@pytest.mark.long
async def test_ten_thousand_aborted_transactions(
    database: Database, bank_id: UUID, policy: Policy, gift: Make
) -> None:
    await abort_some(database, bank_id, policy, gift, causes=20_000)
