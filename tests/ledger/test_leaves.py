"""The log as leaves: the same in pieces, in shares and in one, and no seal ends with half a transaction."""

import asyncio
import json
import re
from datetime import datetime
from itertools import combinations
from uuid import UUID

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from api.database import Database
from ledger import leaves, seals
from ledger.leaves import ID_BYTES, Leaves, read_in_pieces, read_leaves
from ledger.merkle import Tree, leaf_hash, root_of, split
from ledger.merkle import root as root_over
from ledger.proofs import NUMBERS, leaf_data
from tests.ledger.conftest import hour, open_accounts
from tests.ledger.test_seals import all_over, seal

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


async def read(
    database: Database, bank_id: UUID, *, start: int = 0, stop: int = END, count: int = 15
) -> Leaves:
    async with database.transaction(bank_id) as session:
        return await read_leaves(session, bank_id, start, stop, count=count)


async def in_pieces(database: Database, bank_id: UUID, start: int, stop: int, count: int) -> Leaves:
    async with database.transaction(bank_id) as session:
        return await read_in_pieces(session, bank_id, start, stop, count=count, also=lambda _hashes: None)


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 15])
@pytest.mark.parametrize("shared_from", [1, 6, 99])
async def test_in_pieces_and_in_shares_they_are_the_same_as_in_one(
    database: Database,
    bank_id: UUID,
    clocks: list[int],
    piece: int,
    shared_from: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = await read(database, bank_id)
    assert len(whole) == sum(SIZES) == len(set(split(whole.hashes))) == len(set(split(whole.ids, ID_BYTES)))
    monkeypatch.setattr(leaves, "PIECE", piece)
    monkeypatch.setattr(leaves, "SHARED_FROM", shared_from)
    for start, stop, count, expected in (
        (clocks[0], clocks[-1] + 1, 15, slice(15)),
        (0, END, 15, slice(15)),  # cut where nothing is
        (clocks[1], clocks[3], 6, slice(5, 11)),
        (clocks[3], clocks[3] + 1, 4, slice(11, 15)),  # one transaction is never cut
        (clocks[3] + 1, END, 15, slice(0)),
    ):
        for found in (
            await in_pieces(database, bank_id, start, stop, count),
            await read(database, bank_id, start=start, stop=stop, count=count),
        ):
            assert split(found.hashes) == split(whole.hashes)[expected]
            assert split(found.ids, ID_BYTES) == split(whole.ids, ID_BYTES)[expected]


@pytest.mark.parametrize(
    ("enough", "expected"),
    [(1, [5, 6, 11, 15]), (5, [5, 11, 15]), (6, [6, 15]), (7, [11, 15]), (12, [15]), (99, [15])],
)
async def test_after_enough_a_seal_ends_with_a_whole_transaction(
    database: Database,
    bank_id: UUID,
    clocks: list[int],
    at: datetime,
    enough: int,
    expected: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seals, "LEAVES_ENOUGH", enough)
    await all_over(database, bank_id)
    sizes: list[int] = []
    while not sizes or sizes[-1] < sum(SIZES):
        async with database.transaction(bank_id) as session:
            made = await ledger.seal(session, bank_id, at=at)
        assert made is not None
        sizes.append(made.tree_size)
    assert sizes == expected
    async with database.transaction(bank_id) as session:
        assert await ledger.seal(session, bank_id, at=at) is None


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
        held = await read_leaves(session, bank_id, 0, END, count=15)
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


async def test_many_are_shared_out_among_processes(
    database: Database, bank_id: UUID, clocks: list[int]
) -> None:
    """Whatever the planner knows of the table: it has not looked at these rows yet."""
    cuts = {f"cut_{n}": clocks[0] + n for n in range(leaves.SHARES + 1)}
    async with database.transaction(bank_id) as session:
        await session.execute(leaves.BY_CLOCK)
        for shares, is_shared in ((1, False), (leaves.SHARES, True)):
            explain = text(f"explain {leaves.READ[shares].text}")
            known = {name: cut for name, cut in cuts.items() if f":{name}" in explain.text}
            plan = await session.scalars(explain, {"bank_id": bank_id, **known})
            assert any(re.search("Workers Planned: [1-9]", line) for line in plan) is is_shared


async def test_a_reading_that_fails_leaves_nothing_running_on_its_session(
    database: Database, bank_id: UUID, clocks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaves, "PIECE", 2)

    def fail(_hashes: bytes) -> None:
        raise LookupError

    for _ in range(3):
        async with database.transaction(bank_id) as session:
            with pytest.raises(LookupError):
                await read_in_pieces(session, bank_id, clocks[0], clocks[-1] + 1, count=15, also=fail)
    assert len(await read(database, bank_id)) == sum(SIZES)


def slowed(statement: TextClause) -> TextClause:
    return text(f"{statement.text}, (select pg_sleep(0.1)) slowly")


@pytest.mark.parametrize("seconds", [0.05, 0.15, 0.25])
@pytest.mark.parametrize("what", ["pieces", "audit"])
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
    monkeypatch.setattr(leaves, "READ", {shares: slowed(read) for shares, read in leaves.READ.items()})

    async def work() -> None:
        async with database.transaction(bank_id) as session:
            if what == "audit":
                await ledger.audit(session, bank_id)
            else:
                await read_in_pieces(
                    session, bank_id, clocks[0], clocks[-1] + 1, count=15, also=lambda _: None
                )

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
        held = await read_in_pieces(session, bank_id, clocks[0], clocks[-1] + 1, count=15, also=tree.add)
    assert (tree.size, root_of(tree.frontier)) == (sum(SIZES), root_over(split(held.hashes)))
