"""What the commands `audit`, `seal` and `export` stand on."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

import ledger
from api.books import audit_books, export_books, seal_books, snapshot
from api.database import Addresses, Database
from tests.ledger.conftest import hour, open_accounts
from tests.ledger.test_seals import seal


async def test_books_are_sealed_audited_and_exported(
    addresses: Addresses, database: Database, bank_id: UUID, at: datetime, tmp_path: Path
) -> None:
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
        await ledger.post(session, bank_id, [hour(who.ada, who.bea)], at=at)
    seen: list[str] = []

    def progress(what: str, _done: int, _total: int) -> None:
        seen.append(what)

    first = await seal(database, bank_id, at)
    assert first is not None
    async with database.transaction(bank_id) as session:
        await ledger.post(session, bank_id, [hour(who.ada, who.bea)], at=at)
    made: list[ledger.Seal] = []
    while not made:
        made = await seal_books(addresses, bank_id, at=at, progress=progress)
    assert [item.number for item in made] == [2]
    report = await audit_books(addresses, bank_id, progress, published=[made[0].phrase])
    assert report.is_clean
    assert report.not_checked == []
    path = tmp_path / "books.beancount"
    await export_books(addresses, bank_id, "beancount", path, names={who.ada: "Ada"}, progress=progress)
    assert "Assets:Ada-" in path.read_text()
    assert {"chains", "rules", "seals", "lines", "transfers sealed"} <= set(seen)


def leftovers(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_an_export_that_fails_leaves_no_file(
    addresses: Addresses, bank_id: UUID, tmp_path: Path
) -> None:
    with pytest.raises(ledger.UnknownFormat):
        await export_books(
            addresses, bank_id, "abacus", tmp_path / "books", names={}, progress=lambda *_: None
        )
    assert not leftovers(tmp_path)


async def test_an_audit_sees_one_moment_and_holds_up_nobody(
    addresses: Addresses, database: Database, bank_id: UUID, at: datetime
) -> None:
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
    async with snapshot(addresses, bank_id) as auditing:
        assert (await ledger.balance(auditing, bank_id, who.ada)).version == 0
        async with database.transaction(bank_id) as writing:
            await ledger.post(writing, bank_id, [hour(who.ada, who.bea)], at=at)
        report = await ledger.audit(auditing, bank_id)
    assert report.is_clean
    assert report.checked["transfers"] == 0
