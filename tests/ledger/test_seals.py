"""Sealing, the watermark, and proofs checked with nothing but themselves."""

import asyncio
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from tests.ledger.conftest import Accounts, hour, open_accounts


@pytest.fixture
async def village(database: Database, bank_id: UUID, at: datetime) -> Accounts:
    """A bank whose rows are committed, since what is not committed cannot be sealed."""
    async with database.transaction(bank_id) as session:
        return await open_accounts(session, bank_id, at)


async def book(database: Database, bank_id: UUID, accounts: Accounts, at: datetime, count: int = 1) -> UUID:
    items = [hour(accounts.pot, accounts.ada, 1) for _ in range(count)]
    async with database.transaction(bank_id) as session:
        await ledger.post(session, bank_id, items, at=at)
    return items[-1].transfer_id


async def seal(database: Database, bank_id: UUID, at: datetime) -> ledger.Seal | None:
    """Seal all there is: other banks' transactions in other tests may hold the watermark back a moment."""
    for _ in range(3_000):
        async with database.transaction(bank_id) as session:
            made = await ledger.seal(session, bank_id, at=at)
        if made is not None:
            return made
        await asyncio.sleep(0.02)
    return None


ARE_OVER = text("""
    select max(clock) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint from ledger_transfer
""")


async def all_over(database: Database, bank_id: UUID) -> None:
    """Wait for what other tests began before this bank's last transaction: the next seal takes all of it."""
    are_over = False
    while not are_over:
        await asyncio.sleep(0.01)
        async with database.transaction(bank_id) as session:
            are_over = bool(await session.scalar(ARE_OVER))


async def sealed_to(database: Database, bank_id: UUID, at: datetime, size: int) -> ledger.Seal:
    """Seal until the tree holds so many leaves."""
    made = await seal(database, bank_id, at)
    while made is not None and made.tree_size < size:
        made = await seal(database, bank_id, at)
    assert made is not None
    assert made.tree_size == size
    return made


async def test_each_seal_is_chained_to_the_last_and_grows_its_tree(
    database: Database, bank_id: UUID, village: Accounts, at: datetime
) -> None:
    await book(database, bank_id, village, at, 5)
    first = await seal(database, bank_id, at)
    await book(database, bank_id, village, at, 3)
    second = await seal(database, bank_id, at + timedelta(minutes=1))
    assert first is not None
    assert second is not None
    assert (first.number, first.tree_size, first.previous) == (1, 5, bytes(32))
    assert (second.number, second.tree_size, second.previous) == (2, 8, first.hash)
    async with database.transaction(bank_id) as session:
        assert await ledger.newest_seals(session, bank_id) == [second, first]
        assert await ledger.seal(session, bank_id, at=at) is None


async def test_a_transfer_that_commits_late_is_not_missed(
    database: Database, bank_id: UUID, village: Accounts, at: datetime
) -> None:
    """The slow one has the lower number; a queue that took `number > last` would pass it by."""
    async with database.transaction(bank_id) as slow:
        await ledger.post(slow, bank_id, [hour(village.bea, village.cai)], at=at)
        await book(database, bank_id, village, at)
        async with database.transaction(bank_id) as sealing:
            assert await ledger.seal(sealing, bank_id, at=at) is None
    await sealed_to(database, bank_id, at, 2)


async def test_books_that_moved_to_a_server_with_a_lower_count_are_sealed_whole(
    database: Database, addresses: Addresses, bank_id: UUID, village: Accounts, at: datetime
) -> None:
    """What a dump and restore does to the clock: every row's number is far ahead of the new server's."""
    await book(database, bank_id, village, at, 2)
    assert await seal(database, bank_id, at)
    await book(database, bank_id, village, at, 2)
    owner = create_async_engine(str(addresses.owner))
    async with owner.begin() as connection:
        for statement in (
            "update ledger_transfer set clock = clock + 1000000000 where bank_id = :bank_id",
            "update ledger_seal set clock = clock + 1000000000 where bank_id = :bank_id",
            "update ledger_book set sealed_clock = sealed_clock + 1000000000 where bank_id = :bank_id",
        ):
            await connection.execute(text(statement), {"bank_id": bank_id})
    await owner.dispose()
    await book(database, bank_id, village, at, 2)
    await sealed_to(database, bank_id, at, 6)
    await book(database, bank_id, village, at, 1)
    await sealed_to(database, bank_id, at, 7)
    async with database.transaction(bank_id) as session:
        report = await ledger.audit(session, bank_id)
    assert report.is_clean, report.findings


async def test_a_proof_is_checked_with_nothing_but_itself_and_the_published_words(
    database: Database, bank_id: UUID, village: Accounts, at: datetime, tmp_path: Path
) -> None:
    transfer_id = await book(database, bank_id, village, at, 7)
    older = await seal(database, bank_id, at)
    await book(database, bank_id, village, at, 6)
    newer = await seal(database, bank_id, at)
    assert older is not None
    assert newer is not None
    async with database.transaction(bank_id) as session:
        inclusion = await ledger.inclusion_proof(session, bank_id, transfer_id)
        growth = await ledger.consistency_proof(session, bank_id, 1, 2)
    room = tmp_path / "ledger"
    room.mkdir()
    (room / "__init__.py").touch()
    for name in ("merkle", "phrases", "chain", "proofs", "errors"):
        shutil.copy(Path(ledger.__file__).parent / f"{name}.py", room)
    forged = inclusion.as_json().replace('"amount_minor": 1,', '"amount_minor": 2,')
    assert forged != inclusion.as_json()
    check = (
        "import sys; sys.path.insert(0, sys.argv[1]); from ledger.proofs import *; "
        "print(agrees_with(read_proof(sys.stdin.read()), sys.argv[2]))"
    )

    def says(proof: str, phrase: str) -> str:
        # -I -S: no installed package can help.
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", check, str(tmp_path), phrase],
            input=proof,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert says(inclusion.as_json(), older.phrase) == "True"
    assert says(growth.as_json(), older.phrase) == "True"
    assert says(inclusion.as_json(), newer.phrase) == "False"
    assert says(forged, older.phrase) == "False"


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": "many"},
        {"amount_minor": True},
        {"amount_minor": 1.0},
        {"amount_minor": -1},
        {"payee_version": 2**80},
        {"late_for": False},
        {"reference": ""},
        {"transfer_id": None},
        {"happened_on": "20260512"},
        {"booked_at": "noon"},
        {"bank_id": 7},
        {"currency": None},
        {"note": "and a word more"},
    ],
    ids=str,
)
async def test_a_proof_with_other_words_is_not_sound_and_no_error(
    database: Database, bank_id: UUID, village: Accounts, at: datetime, change: dict[str, Any]
) -> None:
    transfer_id = await book(database, bank_id, village, at)
    assert await seal(database, bank_id, at)
    async with database.transaction(bank_id) as session:
        proof = await ledger.inclusion_proof(session, bank_id, transfer_id)
    assert proof.is_sound()
    assert not replace(proof, transfer=proof.transfer | change).is_sound()
    spoken_louder = proof.transfer | {"payer_id": proof.transfer["payer_id"].upper()}
    assert not replace(proof, transfer=spoken_louder).is_sound()
    for name in change.keys() & proof.transfer.keys():
        without = {key: value for key, value in proof.transfer.items() if key != name}
        assert not replace(proof, transfer=without).is_sound()


BEGIN = text("select * from ledger_seal_begin(:bank_id, 65536)")
END = text(
    "select ledger_seal_end(:bank_id, now(), 1, :leaves, :leaves, :clock, :hash, :hash, :hash, '', "
    ":hashes, :ids)"
)


@pytest.mark.parametrize(("more", "later"), [(0, 0), (-1, 0), (1, 0), (0, 1), (0, -1)])
async def test_the_database_refuses_a_seal_of_anything_but_what_it_has_counted(
    database: Database, bank_id: UUID, village: Accounts, at: datetime, more: int, later: int
) -> None:
    await book(database, bank_id, village, at, 3)
    await all_over(database, bank_id)
    async with database.transaction(bank_id) as session:
        begun = (await session.execute(BEGIN, {"bank_id": bank_id})).one()
        leaves = begun.leaf_count + more
        said = {"bank_id": bank_id, "leaves": leaves, "clock": begun.stop + later, "hash": bytes(32)}
        said |= {"hashes": bytes(32 * leaves), "ids": bytes(16 * leaves)}
        if more or later:
            with pytest.raises(DBAPIError, match="seal_does_not_follow"):
                await session.execute(END, said)
        else:
            await session.execute(END, said)


async def test_what_is_not_sealed_or_not_there_has_no_proof(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    item = hour(accounts.ada, accounts.bea)
    await ledger.post(session, bank_id, [item], at=at)
    with pytest.raises(ledger.NotSealedYet):
        await ledger.inclusion_proof(session, bank_id, item.transfer_id)
    with pytest.raises(ledger.UnknownTransfer):
        await ledger.inclusion_proof(session, bank_id, uuid7())
    with pytest.raises(ledger.UnknownSeal):
        await ledger.consistency_proof(session, bank_id, 1, 2)
