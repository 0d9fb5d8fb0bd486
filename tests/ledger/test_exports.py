"""Other programs read our books and agree; each is shown a wrong one too, to know that it would say so."""

import csv
import json
import re
import shutil
import subprocess
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from beancount import loader
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from ledger.amounts import as_words
from tests.ledger.conftest import TODAY, Accounts, Pay, hour


@pytest.fixture
async def village(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> dict[UUID, str]:
    """Hours told out of order, a reversal, a late one, and leaves beside the hours."""
    for days, minutes in ((1, 50), (9, 20), (3, 40)):
        await pay(accounts.pot, accounts.ada, minutes, happened_on=TODAY - timedelta(days=days))
    posted = await pay(accounts.ada, accounts.bea, 90)
    await ledger.reverse(session, bank_id, posted.transfer_id, reversal_id=uuid7(), happened_on=TODAY, at=at)
    await ledger.close_period(session, bank_id, open_from=date(2026, 5, 4), at=at)
    await pay(accounts.bea, accounts.ada, 15, happened_on=date(2026, 4, 2), may_be_late=True)
    await ledger.open_currency(session, bank_id, "LEAF", minor_per_major=100, label="leaves")
    green, brown = uuid7(), uuid7()
    for account_id in (green, brown):
        await ledger.open_account(
            session, bank_id, account_id, currency="LEAF", floor=None, ceiling=None, at=at
        )
    await pay(green, brown, 1250, currency="LEAF")
    return {accounts.ada: "Ada O’Brien", accounts.bea: "2 Bea", accounts.pot: "the pot"}


async def written(session: AsyncSession, bank_id: UUID, form: str, names: dict[UUID, str]) -> str:
    return "".join([piece async for piece in ledger.export(session, bank_id, form, names=names)])


async def test_beancount_reads_the_journal_and_agrees(
    session: AsyncSession, bank_id: UUID, village: dict[UUID, str]
) -> None:
    journal = await written(session, bank_id, "beancount", village)
    entries, errors, _ = loader.load_string(journal)
    assert errors == []
    assert sum(1 for entry in entries if type(entry).__name__ == "Transaction") == 7
    assert "12.50 LEAF" in journal


@pytest.mark.parametrize(
    ("true", "false"), [("  50 HOURMINOR", "  51 HOURMINOR"), ("-12.50 LEAF", "-12.49 LEAF")]
)
async def test_beancount_would_not_agree_to_a_wrong_one(
    session: AsyncSession, bank_id: UUID, village: dict[UUID, str], true: str, false: str
) -> None:
    journal = await written(session, bank_id, "beancount", village)
    assert true in journal
    assert loader.load_string(journal.replace(true, false, 1))[1] != []


def check_hledger(journal: str) -> dict[str, float]:
    """The strict rules that `hledger check -s` applies to such a journal, for machines without it."""
    accounts = set(re.findall(r"^account (\S+)$", journal, re.MULTILINE))
    units = set(re.findall(r'^commodity [\d.]+ "(\w+)"$', journal, re.MULTILINE))
    stands: dict[str, float] = defaultdict(float)
    for block in re.split(r"\n\n", journal)[1:]:
        total: dict[str, float] = defaultdict(float)
        for account, amount, unit, stated in re.findall(
            r'^    (\S+)  (-?[\d.]+) "(\w+)"(?: = (-?[\d.]+) "\w+")?$', block, re.MULTILINE
        ):
            assert account in accounts
            assert unit in units
            total[unit] += float(amount)
            stands[account] += float(amount)
            assert not stated or float(stated) == stands[account]
        assert set(total.values()) <= {0}
    return stands


def ask_hledger(journal: str, path: Path) -> None:
    path.write_text(journal)
    if program := shutil.which("hledger"):
        subprocess.run([program, "check", "--strict", "-f", str(path)], check=True)


async def test_hledgers_rules_hold_for_the_journal_and_hledger_agrees_where_it_is_installed(
    session: AsyncSession, bank_id: UUID, village: dict[UUID, str], accounts: Accounts, tmp_path: Path
) -> None:
    journal = await written(session, bank_id, "hledger", village)
    assert check_hledger(journal)[f"Assets:Ada-O-Brien-{accounts.ada}"] == 125
    with pytest.raises(AssertionError):
        check_hledger(journal.replace(" -20 ", " -21 ", 1))
    ask_hledger(journal, tmp_path / "books.journal")


async def test_csv_and_json_lines_hold_every_transfer_exactly(
    session: AsyncSession, bank_id: UUID, village: dict[UUID, str]
) -> None:
    rows = list(csv.DictReader((await written(session, bank_id, "csv", village)).splitlines()))
    lines = [json.loads(line) for line in (await written(session, bank_id, "jsonl", village)).splitlines()]
    transfers = [line for line in lines if line["kind"] == "transfer"]
    assert [row["transfer_id"] for row in rows] == [line["transfer_id"] for line in transfers]
    assert sum(line["amount_minor"] for line in transfers) == sum(int(row["amount_minor"]) for row in rows)
    assert {line["kind"] for line in lines} == {"currency", "account", "transfer"}
    assert [line["late_for"] for line in transfers if line["late_for"]] == ["2026-04-02"]


async def test_an_export_is_read_in_pages_and_leaves_nothing_out(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.exports.PAGE_ROWS", 7)
    items = [hour(accounts.pot, accounts.ada, 1) for _ in range(21)]
    await ledger.post(session, bank_id, items, at=at)
    rows = list(csv.DictReader((await written(session, bank_id, "csv", {})).splitlines()))
    assert {row["transfer_id"] for row in rows} == {str(item.transfer_id) for item in items}


async def test_an_unknown_format_is_refused(session: AsyncSession, bank_id: UUID) -> None:
    with pytest.raises(ledger.UnknownFormat):
        await written(session, bank_id, "abacus", {})


async def test_a_statement_reads_like_a_letter(
    session: AsyncSession, bank_id: UUID, village: dict[UUID, str], accounts: Accounts
) -> None:
    statement = await ledger.period_statement(
        session, bank_id, accounts.ada, since=date(2026, 5, 4), until=TODAY
    )
    assert statement.as_text(village) == (
        "4 May 2026 to 12 May 2026\n"
        "Before: 20 min\n"
        "4 May 2026  15 min from 2 Bea (for 2 April 2026, told late)  → 35 min\n"
        "9 May 2026  40 min from the pot  → 1 h 15 min\n"
        "11 May 2026  50 min from the pot  → 2 h 5 min\n"
        "12 May 2026  1 h 30 min to 2 Bea  → 35 min\n"
        "12 May 2026  1 h 30 min from 2 Bea (undone)  → 2 h 5 min\n"
        "After: 2 h 5 min\n"
    )
    stands = await ledger.balance(session, bank_id, accounts.ada, as_of=TODAY)
    assert statement.closing_minor == stands.posted


@pytest.mark.parametrize(
    ("amount", "minor", "words"),
    [
        (0, 60, "0 min"),
        (-60, 60, "-1 h"),
        (90, 60, "1 h 30 min"),
        (-1250, 100, "-12.50 leaves"),
        (5, 1, "5 leaves"),
        (7, 12, "0 7/12 leaves"),
    ],
)
def test_amounts_are_written_without_rounding(amount: int, minor: int, words: str) -> None:
    assert as_words(amount, minor, "leaves") == words
