"""Thirty-two writers at once, in opposing directions, on few accounts; and one life lived twice."""

import asyncio
import random
import time
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from tests.conftest import NOON
from tests.ledger.conftest import TODAY, hour, login, open_accounts

WRITERS = 32


async def test_fifty_attempts_at_one_transfer_pay_once(
    database: Database, bank_id: UUID, at: datetime
) -> None:
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
    item, other = hour(who.ada, who.bea), hour(who.pot, who.cai)

    async def attempt(n: int) -> ledger.Posted:
        async with database.transaction(bank_id) as session:
            items = [item] if n % 2 else [other, item]
            return (await ledger.post(session, bank_id, items, at=at))[-1]

    answers = await asyncio.gather(*(attempt(n) for n in range(50)))
    assert len(set(answers)) == 1
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.ada)).version == 1


class Crowd:
    """A writer that keeps count of what it was told was booked; given `direct`, it books by that way."""

    def __init__(
        self,
        database: Database,
        bank_id: UUID,
        keys: list[UUID],
        seed: int,
        direct: ledger.Direct | None = None,
    ) -> None:
        self.database, self.bank_id, self.keys, self.direct = database, bank_id, keys, direct
        self.random = random.Random(seed)
        self.told: dict[UUID, int] = {}
        self.lists = 0

    async def write_until(self, end: float) -> None:
        while time.monotonic() < end:
            items = self._items()
            await self._book(items)
            self.told |= {item.transfer_id: item.amount_minor for item in items}
            self.lists += 1
            if self.random.random() < 0.05:
                await self._book(items)

    async def _book(self, items: list[ledger.Transfer]) -> None:
        if self.direct:
            await self.direct.post(items, at=NOON)
            return
        async with self.database.transaction(self.bank_id) as session:
            await ledger.post(session, self.bank_id, items, at=NOON)

    def _items(self) -> list[ledger.Transfer]:
        sides = [self.random.sample(self.keys, 2) for _ in range(self.random.choice([1, 1, 2, 5, 20]))]
        return [hour(payer, payee, self.random.randint(1, 60)) for payer, payee in sides]


async def crowd_for(addresses: Addresses, seconds: float) -> None:
    database, bank_id, keys = Database(addresses.application, pool_size=WRITERS), uuid7(), []
    async with database.transaction(bank_id) as session:
        await ledger.open_currency(session, bank_id, "HOUR", minor_per_major=60, label="hours")
        for _ in range(8):
            keys.append(uuid7())
            await ledger.open_account(session, bank_id, keys[-1], floor=None, ceiling=None, at=NOON)
    async with ledger.open_direct(bank_id, **login(addresses.application)) as direct:
        crowds = [Crowd(database, bank_id, keys, n, direct if n % 4 == 0 else None) for n in range(WRITERS)]
        end = time.monotonic() + seconds
        await asyncio.gather(*(crowd.write_until(end) for crowd in crowds))
    async with database.transaction(bank_id) as session:
        rows = await session.execute(text("select transfer_id, amount_minor from ledger_transfer"))
        booked = {row.transfer_id: row.amount_minor for row in rows}
        report = await ledger.audit(session, bank_id)
    assert booked == {key: amount for crowd in crowds for key, amount in crowd.told.items()}
    assert report.is_clean, report.findings
    assert min(crowd.lists for crowd in crowds) > 0
    await database.close()


async def test_thirty_two_writers_in_opposing_directions(addresses: Addresses) -> None:
    await crowd_for(addresses, seconds=20)


@pytest.mark.long
async def test_thirty_two_writers_for_ten_minutes(addresses: Addresses) -> None:
    await crowd_for(addresses, seconds=600)


async def simulate(database: Database, bank_id: UUID, seed: int, operations: int) -> ledger.Seal:
    """A seeded life of a bank, ids and moments included, sealed at its end."""
    chance = random.Random(seed)

    def new_id() -> UUID:
        return UUID(int=chance.getrandbits(128), version=4)

    keys = [new_id() for _ in range(200)]
    async with database.transaction(bank_id) as session:
        await ledger.open_currency(session, bank_id, "HOUR", minor_per_major=60, label="hours")
        for key in keys:
            await ledger.open_account(session, bank_id, key, floor=-600, ceiling=None, at=NOON)
    for _ in range(operations // 1000):
        items = []
        for _ in range(1000):
            payer, payee = chance.sample(keys, 2)
            items.append(
                ledger.Transfer(
                    transfer_id=new_id(),
                    payer_id=payer,
                    payee_id=payee,
                    amount_minor=chance.randint(1, 480),
                    happened_on=TODAY,
                )
            )
        async with database.transaction(bank_id) as session:
            await ledger.post_each(session, bank_id, items, at=NOON)
    made = last = None
    for _ in range(10_000):
        async with database.transaction(bank_id) as session:
            made = await ledger.seal(session, bank_id, at=NOON)
            last = made or last
            left = await session.scalar(
                text(
                    "select count(*) from ledger_transfer t join ledger_book b using (bank_id) "
                    "where t.clock >= b.sealed_clock"
                )
            )
        if not left:
            break
        await asyncio.sleep(0 if made else 0.05)
    assert last is not None
    return last


async def twice_the_same(addresses: Addresses, operations: int) -> None:
    """The same bank in two databases' worth of rows: once, wiped by its owner, and once more."""
    database, bank_id = Database(addresses.application), uuid7()
    first = await simulate(database, bank_id, 7, operations)
    owner = create_async_engine(str(addresses.owner))
    async with owner.begin() as connection:
        for table in ("seal", "transfer", "day", "account", "book", "currency"):
            await connection.execute(text(f"delete from ledger_{table} where bank_id = :b"), {"b": bank_id})
    await owner.dispose()
    second = await simulate(database, bank_id, 7, operations)
    other = await simulate(database, uuid7(), 8, 1000)
    assert (first.root, first.tree_size) == (second.root, second.tree_size)
    assert other.root != first.root
    await database.close()


async def test_the_same_life_gives_the_same_seal(addresses: Addresses) -> None:
    await twice_the_same(addresses, 3000)


@pytest.mark.long
async def test_a_million_operations_give_the_same_seal_twice(addresses: Addresses) -> None:
    await twice_the_same(addresses, 1_000_000)
