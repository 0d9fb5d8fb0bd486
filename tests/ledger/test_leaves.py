"""The log as leaves: read in pieces as in one, and never ending with half a transaction."""

import asyncio
import json
import re
from datetime import datetime
from itertools import combinations
from uuid import UUID

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import ledger
from api.database import Addresses, Database
from ledger import leaves, seals
from ledger.leaves import ID_BYTES, Leaves, read_first_leaves, read_leaves
from ledger.merkle import Tree, leaf_hash, root_of, split
from ledger.merkle import root as root_over
from ledger.proofs import NUMBERS, leaf_data
from tests.ledger.conftest import hour, open_accounts
from tests.ledger.test_seals import seal

SIZES = (5, 1, 5, 4)
"""Transfers in each of four transactions."""
END = 2**62


@pytest.fixture
async def clocks(database: Database, bank_id: UUID, at: datetime) -> list[int]:
    """When each of four transactions was, by the log."""
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
    for size in SIZES:
        async with database.transaction(bank_id) as session:
            await ledger.post(session, bank_id, [hour(who.pot, who.bea, 1) for _ in range(size)], at=at)
    async with database.transaction(bank_id) as session:
        found = await session.scalars(text("select distinct clock from ledger_transfer order by 1"))
        return list(found)


async def read(database: Database, bank_id: UUID, *, start: int = 0, stop: int = END) -> Leaves:
    async with database.transaction(bank_id) as session:
        return await read_leaves(session, bank_id, start, stop)


async def read_first(
    database: Database, bank_id: UUID, *, enough: int = END, start: int = 0, stop: int = END
) -> Leaves:
    async with database.transaction(bank_id) as session:
        return await read_first_leaves(session, bank_id, start, stop, enough=enough)


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 15])
async def test_in_pieces_they_are_the_same_as_in_one(
    database: Database, bank_id: UUID, clocks: list[int], piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await read(database, bank_id)
    assert len(whole) == sum(SIZES) == len(set(split(whole.hashes))) == len(set(split(whole.ids, ID_BYTES)))
    monkeypatch.setattr(leaves, "PIECE", piece)
    assert await read_first(database, bank_id) == whole
    for reading in (read, read_first):
        middle = await reading(database, bank_id, start=clocks[1], stop=clocks[3])
        assert split(middle.hashes) == split(whole.hashes)[5:11]
        assert await reading(database, bank_id, start=clocks[3] + 1) == Leaves(END)


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7])
@pytest.mark.parametrize(("enough", "found"), [(1, 5), (5, 5), (6, 6), (7, 11), (11, 11), (12, 15), (99, 15)])
async def test_after_enough_they_end_with_a_whole_transaction(
    database: Database,
    bank_id: UUID,
    clocks: list[int],
    piece: int,
    enough: int,
    found: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With larger pieces there may be a few more, but never a part of a transaction."""
    monkeypatch.setattr(leaves, "PIECE", piece)
    some = await read_first(database, bank_id, enough=enough)
    whole_transactions = {5, 6, 11, 15}
    assert len(some) in {size for size in whole_transactions if found <= size < found + piece + 5}
    rest = await read(database, bank_id, start=some.stop)
    assert some.hashes + rest.hashes == (await read(database, bank_id)).hashes


async def test_a_bank_with_more_than_enough_is_sealed_bit_by_bit(
    database: Database, bank_id: UUID, clocks: list[int], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "PIECE", 2)
    monkeypatch.setattr(seals, "LEAVES_ENOUGH", 3)
    sizes: list[int] = []
    while not sizes or sizes[-1] < sum(SIZES):
        made = await seal(database, bank_id, at)
        assert made is not None
        sizes.append(made.tree_size)
    assert sizes[0] == 5, "a transaction is larger than a piece, and than enough"
    assert set(sizes) <= {5, 6, 11, 15}
    async with database.transaction(bank_id) as session:
        report = await ledger.audit(session, bank_id)
        held = await read_leaves(session, bank_id, 0, END)
        root = await session.scalar(text("select root from ledger_seal order by number desc limit 1"))
    assert report.is_clean, report.findings
    assert root == root_over(split(held.hashes))


PLAIN = {
    "bank_id": str(UUID(int=1)),
    "transfer_id": str(UUID(int=2)),
    "payer_id": str(UUID(int=3)),
    "payee_id": str(UUID(int=4)),
    "amount_minor": 60,
    "payer_version": 7,
    "payer_balance": -60,
    "payee_version": 2**53,
    "payee_balance": 2**53 - 1,
    "booked_at": "2026-05-12T12:00:00.000001+00:00",
    "happened_on": "2026-05-11",
    "late_for": None,
    "currency": "HOUR",
    "reference": None,
    "reverses": None,
    "captures": None,
}
OTHERWISE = {
    **{name: str(UUID(int=9)) for name in ("transfer_id", "payer_id", "payee_id")},
    **dict.fromkeys(NUMBERS, 61),
    "booked_at": "1999-12-31T23:59:59.999999+00:00",
    "happened_on": "1969-12-31",
    "currency": "HOURS",
}
SELDOM = {
    "late_for": "2026-05-01",
    **{name: str(UUID(int=9)) for name in ("reference", "reverses", "captures")},
}
TRANSFERS = [
    PLAIN,
    *({**PLAIN, name: value} for name, value in OTHERWISE.items()),
    *({**PLAIN, **dict(some)} for size in range(1, 5) for some in combinations(SELDOM.items(), size)),
    # Where one value ends and the next begins is never in doubt.
    {**PLAIN, "reference": SELDOM["reference"], "currency": "\0HOUR"[1:] + "\1"},
]
LEAF = text("select ledger_leaf(jsonb_populate_record(null::ledger_transfer, cast(:values as jsonb)))")


async def test_the_database_and_an_auditors_python_make_the_same_leaf_and_every_value_counts(
    session: AsyncSession,
) -> None:
    made = [await session.scalar(LEAF, {"values": json.dumps(values)}) for values in TRANSFERS]
    assert made == [leaf_hash(leaf_data(values)) for values in TRANSFERS]
    assert len(set(made)) == len(TRANSFERS)


SHARED_OUT = text("""
    select set_config('min_parallel_index_scan_size', '0', true),
           set_config('min_parallel_table_scan_size', '0', true), set_config('cpu_operator_cost', '10', true)
""")
"""As if there were many of them."""


async def test_shared_out_among_processes_they_are_the_same(
    addresses: Addresses, database: Database, bank_id: UUID, clocks: list[int]
) -> None:
    engine = create_async_engine(str(addresses.owner))
    async with engine.begin() as owner:
        await owner.execute(text("analyze ledger_transfer"))
    await engine.dispose()
    where = {"bank_id": bank_id, "start": 0, "stop": END}
    async with database.transaction(bank_id) as session:
        await session.execute(SHARED_OUT)
        shared = await read_leaves(session, bank_id, 0, END)
        plan = await session.scalars(text(f"explain {leaves.READ.text}"), where)
        assert any(re.search("Workers Planned: [1-9]", line) for line in plan), "more than one process reads"
    assert shared == await read_first(database, bank_id)


async def test_a_reading_that_fails_leaves_nothing_running_on_its_session(
    database: Database, bank_id: UUID, clocks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "PIECE", 2)

    def fail(_hashes: bytes) -> None:
        raise LookupError

    for _ in range(3):
        async with database.transaction(bank_id) as session:
            with pytest.raises(LookupError):
                await read_first_leaves(session, bank_id, 0, END, enough=END, also=fail)
    assert len(await read(database, bank_id)) == sum(SIZES)


def slowed(statement: TextClause) -> TextClause:
    return text(f"{statement.text}, (select pg_sleep(0.1)) slowly")


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.25])
@pytest.mark.parametrize("what", ["first leaves", "audit"])
async def test_who_is_cancelled_leaves_nothing_running_either(
    database: Database,
    bank_id: UUID,
    clocks: list[int],
    at: datetime,
    what: str,
    seconds: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leaves, "PIECE", 2)
    monkeypatch.setattr(seals, "LEAVES_ENOUGH", 2)
    made = await seal(database, bank_id, at)
    while made is not None and made.tree_size < sum(SIZES):
        made = await seal(database, bank_id, at)
    for name in ("READ", "READ_SOME"):
        monkeypatch.setattr(leaves, name, slowed(getattr(leaves, name)))

    async def work() -> None:
        async with database.transaction(bank_id) as session:
            if what == "audit":
                await ledger.audit(session, bank_id)
            else:
                await read_first_leaves(session, bank_id, 0, END, enough=END)

    before = asyncio.all_tasks()
    reading = asyncio.create_task(work())
    await asyncio.sleep(seconds)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert asyncio.all_tasks() == before
    monkeypatch.undo()
    for _ in range(3):
        assert len(await read(database, bank_id)) == sum(SIZES)


async def test_a_tree_grown_while_reading_is_that_of_all_leaves(
    database: Database, bank_id: UUID, clocks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "PIECE", 4)
    tree = Tree([], 0)
    async with database.transaction(bank_id) as session:
        held = await read_first_leaves(session, bank_id, 0, END, enough=END, also=tree.add)
    assert (tree.size, root_of(tree.frontier)) == (sum(SIZES), root_over(split(held.hashes)))
