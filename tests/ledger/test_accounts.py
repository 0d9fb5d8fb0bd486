from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from tests.ledger.conftest import TODAY, Accounts, Pay


async def test_opening_again_with_the_same_contents_changes_nothing(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    await ledger.open_account(session, bank_id, accounts.ada, floor=-300, ceiling=1200, at=at)
    with pytest.raises(ledger.DifferentAccountSameId):
        await ledger.open_account(session, bank_id, accounts.ada, floor=0, ceiling=1200, at=at)


async def test_an_account_needs_a_currency_that_the_bank_has(
    session: AsyncSession, bank_id: UUID, at: datetime
) -> None:
    with pytest.raises(ledger.UnknownCurrency):
        await ledger.open_account(session, bank_id, uuid7(), floor=None, ceiling=None, at=at)


@pytest.mark.parametrize(("code", "minor"), [("hour", 60), ("", 60), ("HOUR", 0), ("H" * 13, 60)])
async def test_a_currency_is_capitals_and_has_minor_units(
    session: AsyncSession, bank_id: UUID, code: str, minor: int
) -> None:
    with pytest.raises(ledger.BadCurrency):
        await ledger.open_currency(session, bank_id, code, minor_per_major=minor, label="x")


async def test_a_code_names_one_currency(session: AsyncSession, bank_id: UUID, accounts: Accounts) -> None:
    await ledger.open_currency(session, bank_id, "HOUR", minor_per_major=60, label="hours")
    with pytest.raises(ledger.DifferentCurrencySameCode):
        await ledger.open_currency(session, bank_id, "HOUR", minor_per_major=100, label="hours")


async def test_a_floor_is_not_above_its_ceiling(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    with pytest.raises(ledger.FloorAboveCeiling):
        async with session.begin_nested():
            await ledger.open_account(session, bank_id, uuid7(), floor=1, ceiling=0, at=at)
    with pytest.raises(ledger.FloorAboveCeiling):
        await ledger.set_limits(session, bank_id, accounts.ada, floor=1, ceiling=0)


async def test_balances_leave_out_accounts_that_do_not_exist(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    await pay(accounts.ada, accounts.bea, 20)
    found = await ledger.balances(session, bank_id, [accounts.ada, accounts.bea, uuid7()])
    assert {key: value.available for key, value in found.items()} == {accounts.ada: -20, accounts.bea: 20}


async def test_a_balance_as_of_a_day_counts_what_happened_by_then_however_late_it_was_told(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    for days, minutes in ((1, 10), (9, 20), (3, 40)):
        await pay(accounts.pot, accounts.ada, minutes, happened_on=TODAY - timedelta(days=days))
    stood = [
        (await ledger.balance(session, bank_id, accounts.ada, as_of=TODAY - timedelta(days=days))).posted
        for days in (10, 9, 3, 1, 0)
    ]
    assert stood == [0, 20, 60, 70, 70]


async def test_an_unknown_account_has_no_balance(session: AsyncSession, bank_id: UUID) -> None:
    with pytest.raises(ledger.UnknownAccount):
        await ledger.balance(session, bank_id, uuid7())


async def test_a_statement_is_paged_from_the_newest(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    for minutes in range(1, 8):
        sides = (accounts.ada, accounts.bea) if minutes % 2 else (accounts.bea, accounts.ada)
        await pay(*sides, minutes)
    seen, cursor = [], None
    while True:
        page = await ledger.statement(session, bank_id, accounts.ada, cursor=cursor, limit=3)
        seen += page.entries
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [entry.amount_minor for entry in seen] == [-7, 6, -5, 4, -3, 2, -1]
    assert [entry.version for entry in seen] == [7, 6, 5, 4, 3, 2, 1]
    assert all(b.balance_after + a.amount_minor == a.balance_after for a, b in pairwise(seen))


@pytest.mark.parametrize("cursor", ["x", "-1", "", "1; drop", "9" * 40, "１"])
async def test_a_cursor_comes_from_a_page(session: AsyncSession, bank_id: UUID, cursor: str) -> None:
    with pytest.raises(ledger.BadCursor):
        await ledger.statement(session, bank_id, uuid7(), cursor=cursor)


async def test_clean_books_pass_their_audit(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    await pay(accounts.ada, accounts.bea)
    report = await ledger.audit(session, bank_id)
    assert report.is_clean
    assert report.checked["transfers"] == 1


def test_a_busy_account_sorts_behind_those_that_begin_with_a_time() -> None:
    busy = {ledger.busy_account_id() for _ in range(100)}
    assert len(busy) == 100
    assert min(busy) > max(uuid7() for _ in range(100))
    assert {key.version for key in busy} == {4}
