"""Closing accounts and periods, and the two dates."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from tests.ledger.conftest import TODAY, Accounts, Pay, hour, open_accounts

APRIL, MAY = date(2026, 4, 30), date(2026, 5, 1)


async def shut(
    session: AsyncSession, bank_id: UUID, account_id: UUID, at: datetime, rest: ledger.Rest | None = None
) -> ledger.Posted | None:
    async with session.begin_nested():
        return await ledger.close_account(session, bank_id, account_id, at=at, rest=rest)


async def test_an_account_closes_at_zero_and_then_nothing_moves(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    assert await shut(session, bank_id, accounts.ada, at) is None
    assert (await ledger.balance(session, bank_id, accounts.ada)).is_closed
    with pytest.raises(ledger.AccountClosed):
        await pay(accounts.bea, accounts.ada)
    with pytest.raises(ledger.AccountClosed):
        await ledger.set_limits(session, bank_id, accounts.ada, floor=None, ceiling=None)


async def test_an_account_with_a_rest_says_where_it_goes(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    await pay(accounts.ada, accounts.bea, 90)
    for account_id, left in ((accounts.ada, -90), (accounts.bea, 90)):
        with pytest.raises(ledger.BalanceNotZero) as refused:
            await shut(session, bank_id, account_id, at)
        assert refused.value.balance_minor == left
        rest = ledger.Rest(account_id=accounts.pot, transfer_id=uuid7(), happened_on=TODAY)
        moved = await shut(session, bank_id, account_id, at, rest)
        assert moved is not None
        assert await shut(session, bank_id, account_id, at, rest) == moved
    assert (await ledger.balance(session, bank_id, accounts.pot)).posted == 0


async def test_an_account_with_something_held_does_not_close(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    await ledger.hold(
        session,
        bank_id,
        uuid7(),
        account_id=accounts.ada,
        amount_minor=5,
        expires_at=at + timedelta(days=1),
        at=at,
    )
    with pytest.raises(ledger.HoldsRemain):
        await shut(session, bank_id, accounts.ada, at)


async def test_nothing_is_booked_on_a_closed_day(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    await ledger.close_period(session, bank_id, open_from=MAY, at=at)
    with pytest.raises(ledger.PeriodClosed) as refused:
        await pay(accounts.ada, accounts.bea, happened_on=APRIL)
    assert refused.value.open_from == MAY == await ledger.first_open_day(session, bank_id)
    await pay(accounts.ada, accounts.bea, happened_on=MAY)


async def test_a_late_hour_is_booked_in_the_open_period_and_says_so(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    told_before, told_after = uuid7(), uuid7()
    first = await pay(accounts.ada, accounts.bea, transfer_id=told_before, happened_on=APRIL)
    await ledger.close_period(session, bank_id, open_from=MAY, at=at)
    for other in ({}, {"may_be_late": True}):
        again = await pay(accounts.ada, accounts.bea, transfer_id=told_before, happened_on=APRIL, **other)
        assert again == first
    late = await pay(accounts.ada, accounts.bea, transfer_id=told_after, happened_on=APRIL, may_be_late=True)
    assert (late.happened_on, late.late_for) == (MAY, APRIL)
    assert (
        await pay(accounts.ada, accounts.bea, transfer_id=told_after, happened_on=APRIL, may_be_late=True)
        == late
    )
    newest = (await ledger.statement(session, bank_id, accounts.ada)).entries[0]
    assert newest.late_for == APRIL


async def test_a_closed_day_stays_closed_and_tomorrow_is_not_closed_yet(
    session: AsyncSession, bank_id: UUID, at: datetime
) -> None:
    await ledger.close_period(session, bank_id, open_from=MAY, at=at)
    await ledger.close_period(session, bank_id, open_from=MAY, at=at)
    with pytest.raises(ledger.PeriodGoesBack):
        async with session.begin_nested():
            await ledger.close_period(session, bank_id, open_from=APRIL, at=at)
    with pytest.raises(ledger.DayInFuture):
        await ledger.close_period(session, bank_id, open_from=TODAY + timedelta(days=1), at=at)


async def test_closing_a_period_waits_for_what_is_being_written(
    database: Database, bank_id: UUID, at: datetime
) -> None:
    async with database.transaction(bank_id) as session:
        accounts = await open_accounts(session, bank_id, at)
    async with database.transaction(bank_id) as writing:
        await ledger.post(writing, bank_id, [hour(accounts.ada, accounts.bea, happened_on=APRIL)], at=at)

        async def close() -> None:
            async with database.transaction(bank_id) as session:
                await ledger.close_period(session, bank_id, open_from=MAY, at=at)

        closing = asyncio.create_task(close())
        done, _ = await asyncio.wait([closing], timeout=0.2)
        assert not done
    await closing


async def test_a_banks_days_are_in_its_own_time_zone(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    await ledger.open_books(session, bank_id, time_zone="Pacific/Auckland")
    await pay(accounts.ada, accounts.bea, happened_on=TODAY + timedelta(days=1))
    with pytest.raises(ledger.UnknownTimeZone):
        await ledger.open_books(session, bank_id, time_zone="Middle/Earth")


async def test_the_books_time_does_not_run_backwards(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    moments = []
    for minutes in (0, -5, 5):
        item = hour(accounts.ada, accounts.bea, 1)
        (posted,) = await ledger.post(session, bank_id, [item], at=at + timedelta(minutes=minutes))
        moments.append(posted.booked_at)
    assert moments == [at, at, at + timedelta(minutes=5)]


async def test_a_balance_as_of_a_day_is_the_same_once_its_entries_are_folded(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    days = [TODAY - timedelta(days=n % 7) for n in range(1200)]
    items = [hour(accounts.pot, accounts.ada, 1, happened_on=day) for day in days]
    for start in range(0, 1200, 300):
        await ledger.post(session, bank_id, items[start : start + 300], at=at)
    for back in range(8):
        day = TODAY - timedelta(days=back)
        stood = await ledger.balance(session, bank_id, accounts.ada, as_of=day)
        assert stood.posted == sum(1 for d in days if d <= day)


async def test_each_item_has_its_own_outcome(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    ada, bea = accounts.ada, accounts.bea
    items = [hour(ada, bea, 0), hour(ada, bea, 300), hour(ada, bea, 1), hour(bea, ada, 5), hour(ada, bea, 5)]
    outcomes = await ledger.post_each(session, bank_id, items, at=at)
    assert [type(o.error) for o in outcomes] == [
        ledger.BadAmount,
        type(None),
        ledger.FloorCrossed,
        type(None),
        type(None),
    ]
    assert outcomes[2].error is not None
    assert outcomes[2].error.item == 2
    again = await ledger.post_each(session, bank_id, items, at=at)
    assert [o.posted for o in again] == [o.posted for o in outcomes]


async def test_the_books_can_be_read_as_they_were_at_a_moment(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    for n in range(9):
        item = hour(*((accounts.ada, accounts.bea) if n % 3 else (accounts.bea, accounts.ada)), 1 + n)
        await ledger.post(session, bank_id, [item], at=at + timedelta(minutes=n))
    whole = (await ledger.statement(session, bank_id, accounts.ada)).entries
    for n in range(-1, 9):
        moment = at + timedelta(minutes=n, seconds=30)
        then = await ledger.statement(session, bank_id, accounts.ada, booked_by=moment)
        assert then.entries == whole[8 - n :]
        stood = await ledger.balance(session, bank_id, accounts.ada, booked_by=moment)
        assert stood.posted == (whole[8 - n].balance_after if n >= 0 else 0)
