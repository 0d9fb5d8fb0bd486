from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from tests.ledger.conftest import TODAY, Accounts, Pay, hour


async def test_both_sides_know_their_balance_and_version(accounts: Accounts, pay: Pay) -> None:
    posted = await pay(accounts.ada, accounts.bea, 90)
    assert (posted.payer_balance, posted.payer_version) == (-90, 1)
    assert (posted.payee_balance, posted.payee_version) == (90, 1)


async def test_a_list_is_judged_in_order(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    ada, bea, cai = accounts.ada, accounts.bea, accounts.cai
    booked = await ledger.post(session, bank_id, [hour(ada, bea, 300), hour(bea, cai, 600)], at=at)
    assert [b.payer_balance for b in booked] == [-300, -300]
    assert [b.payer_version for b in booked] == [1, 2]


async def test_a_list_posts_whole_or_not_at_all_and_says_which_item_failed(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    items = [hour(accounts.ada, accounts.bea), hour(accounts.cai, accounts.ada, 301)]
    with pytest.raises(ledger.FloorCrossed) as refused:
        async with session.begin_nested():
            await ledger.post(session, bank_id, items, at=at)
    assert (refused.value.item, refused.value.account_id) == (1, accounts.cai)
    assert refused.value.shortfall_minor == 1
    assert (await ledger.balance(session, bank_id, accounts.bea)).posted == 0


async def test_a_repeat_returns_the_first_result(accounts: Accounts, pay: Pay) -> None:
    transfer_id = uuid7()
    first = await pay(accounts.ada, accounts.bea, transfer_id=transfer_id)
    await pay(accounts.ada, accounts.bea)
    assert await pay(accounts.ada, accounts.bea, transfer_id=transfer_id) == first


async def test_a_list_may_repeat_some_and_add_others(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    old, new = hour(accounts.ada, accounts.bea), hour(accounts.bea, accounts.cai)
    (first,) = await ledger.post(session, bank_id, [old], at=at)
    assert (await ledger.post(session, bank_id, [new, old], at=at))[1] == first
    assert (await ledger.balance(session, bank_id, accounts.bea)).version == 2


@pytest.mark.parametrize(
    "other",
    [
        {"minutes": 61},
        {"happened_on": TODAY - timedelta(days=1)},
        {"reference": UUID(int=7)},
    ],
)
async def test_the_same_id_with_other_contents_is_refused(
    accounts: Accounts, pay: Pay, other: dict[str, object]
) -> None:
    transfer_id = uuid7()
    await pay(accounts.ada, accounts.bea, transfer_id=transfer_id)
    with pytest.raises(ledger.DifferentTransferSameId) as refused:
        await pay(accounts.ada, accounts.bea, transfer_id=transfer_id, **other)
    assert refused.value.transfer_id == transfer_id


async def test_the_same_id_between_other_accounts_is_refused(accounts: Accounts, pay: Pay) -> None:
    transfer_id = uuid7()
    await pay(accounts.ada, accounts.bea, transfer_id=transfer_id)
    with pytest.raises(ledger.DifferentTransferSameId):
        await pay(accounts.cai, accounts.pot, transfer_id=transfer_id)


async def test_a_failed_attempt_may_be_tried_again_with_the_same_id(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    transfer_id = uuid7()
    with pytest.raises(ledger.FloorCrossed):
        await pay(accounts.ada, accounts.bea, 400, transfer_id=transfer_id)
    await ledger.set_limits(session, bank_id, accounts.ada, floor=-400, ceiling=None)
    assert (await pay(accounts.ada, accounts.bea, 400, transfer_id=transfer_id)).payer_balance == -400


@pytest.mark.parametrize("amount", [0, -60, 2**53 + 1, 2**63, 1.5, "60", True, None])
async def test_an_amount_is_a_positive_whole_number(accounts: Accounts, pay: Pay, amount: int) -> None:
    with pytest.raises(ledger.BadAmount) as refused:
        await pay(accounts.pot, accounts.bea, amount)
    assert refused.value.item == 0


async def test_no_balance_goes_beyond_what_every_reader_holds_not_even_within_a_list(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    x, y, most = accounts.pot, uuid7(), 2**53
    await ledger.open_account(session, bank_id, y, floor=None, ceiling=None, at=at)
    there, back = hour(x, y, most), hour(y, x, most)
    for items in ([there, hour(x, y, 1), back], [hour(x, y, most) for _ in range(1_100)]):
        with pytest.raises(ledger.BalanceTooLarge) as refused:
            async with session.begin_nested():
                await ledger.post(session, bank_id, items, at=at)
        assert refused.value.item == 1
    assert [b.payee_balance for b in await ledger.post(session, bank_id, [there, back], at=at)] == [most, 0]
    await ledger.post(session, bank_id, [hour(x, y, most)], at=at)
    booked = await ledger.post(session, bank_id, [hour(y, x, 5), hour(x, y, 5)], at=at)
    assert booked[-1].payee_balance == most
    with pytest.raises(ledger.BalanceTooLarge):
        await ledger.post(session, bank_id, [hour(x, y, 1)], at=at)


async def test_nobody_pays_themselves(accounts: Accounts, pay: Pay) -> None:
    with pytest.raises(ledger.SameAccount):
        await pay(accounts.ada, accounts.ada)


@pytest.mark.parametrize("turned", [False, True])
async def test_an_unknown_account_is_named(accounts: Accounts, pay: Pay, turned: bool) -> None:
    stranger = uuid7()
    sides = (stranger, accounts.ada) if turned else (accounts.ada, stranger)
    with pytest.raises(ledger.UnknownAccount) as refused:
        await pay(*sides)
    assert refused.value.account_id == stranger


async def test_a_list_is_judged_item_by_item_though_its_end_would_stand(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    there_and_back = [hour(accounts.ada, accounts.bea, 301), hour(accounts.bea, accounts.ada, 301)]
    with pytest.raises(ledger.FloorCrossed) as refused:
        async with session.begin_nested():
            await ledger.post(session, bank_id, [hour(accounts.pot, accounts.bea), *there_and_back], at=at)
    assert refused.value.item == 1
    up_and_down = [hour(accounts.pot, accounts.cai, 1201), hour(accounts.cai, accounts.pot, 1)]
    with pytest.raises(ledger.CeilingCrossed):
        async with session.begin_nested():
            await ledger.post(session, bank_id, up_and_down, at=at)
    assert (await ledger.balance(session, bank_id, accounts.cai)).version == 0


@pytest.mark.parametrize("many", [False, True])
async def test_the_books_time_does_not_run_backwards_on_any_account(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime, many: bool
) -> None:
    later = at + timedelta(hours=1)
    await ledger.post(session, bank_id, [hour(accounts.ada, accounts.bea)], at=later)
    for sides in ((accounts.bea, accounts.cai), (accounts.cai, accounts.pot)):
        items = [hour(*sides, 5), hour(*sides, 5)] if many else [hour(*sides, 5)]
        posted = await ledger.post(session, bank_id, items, at=at)
        assert {item.booked_at for item in posted} == {later}
    then = await ledger.balance(session, bank_id, accounts.pot, booked_by=at)
    assert then.posted == 0


@pytest.mark.parametrize("many", [False, True])
async def test_entries_are_folded_as_they_gather_and_days_still_add_up(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime, many: bool
) -> None:
    yesterday = TODAY - timedelta(days=1)
    await ledger.post(
        session,
        bank_id,
        [hour(accounts.pot, accounts.ada, 1, happened_on=yesterday) for _ in range(510)],
        at=at,
    )
    rest = [hour(accounts.pot, accounts.ada, 1) for _ in range(4)]
    for items in [rest] if many else [[item] for item in rest]:
        await ledger.post(session, bank_id, items, at=at)
    folded = text("select folded_version from ledger_account where account_id = :ada")
    assert await session.scalar(folded, {"ada": accounts.ada}) == (514 if many else 512)
    for day, stood in ((yesterday, 510), (TODAY, 514)):
        assert (await ledger.balance(session, bank_id, accounts.ada, as_of=day)).posted == stood
    report = await ledger.audit(session, bank_id)
    assert report.is_clean, report.findings


async def test_a_ceiling_refuses_what_goes_over_it(accounts: Accounts, pay: Pay) -> None:
    await pay(accounts.pot, accounts.ada, 1200)
    with pytest.raises(ledger.CeilingCrossed) as refused:
        await pay(accounts.pot, accounts.ada, 5)
    assert (refused.value.account_id, refused.value.excess_minor) == (accounts.ada, 5)


async def test_an_account_below_its_floor_may_always_receive(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay
) -> None:
    await pay(accounts.ada, accounts.bea, 200)
    await ledger.set_limits(session, bank_id, accounts.ada, floor=-60, ceiling=None)
    assert (await pay(accounts.pot, accounts.ada, 30)).payee_balance == -170
    with pytest.raises(ledger.FloorCrossed):
        await pay(accounts.ada, accounts.bea, 1)


@pytest.mark.parametrize("turned", [False, True])
async def test_nothing_moves_on_a_frozen_account(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, turned: bool
) -> None:
    await ledger.freeze(session, bank_id, accounts.ada)
    sides = (accounts.ada, accounts.bea) if turned else (accounts.bea, accounts.ada)
    with pytest.raises(ledger.AccountFrozen) as refused:
        await pay(*sides)
    assert refused.value.account_id == accounts.ada
    await ledger.unfreeze(session, bank_id, accounts.ada)
    await pay(*sides)


@pytest.mark.parametrize("no_day", [date.min, date.max])
async def test_a_day_that_stands_for_none_is_refused(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime, no_day: date
) -> None:
    """Python's first and last day are the database's infinities."""
    good, bad = hour(accounts.ada, accounts.bea), hour(accounts.ada, accounts.bea, happened_on=no_day)
    for items in ([bad], [good, bad]):
        with pytest.raises(ledger.BadDay) as refused:
            async with session.begin_nested():
                await ledger.post(session, bank_id, items, at=at)
        assert refused.value.item == len(items) - 1
    outcomes = await ledger.post_each(session, bank_id, [good, replace(bad, may_be_late=True)], at=at)
    assert [type(outcome.error) for outcome in outcomes] == [type(None), ledger.BadDay]
    with pytest.raises(ledger.BadDay):
        async with session.begin_nested():
            await ledger.reverse(
                session, bank_id, good.transfer_id, reversal_id=uuid7(), happened_on=no_day, at=at
            )
    earliest = hour(accounts.ada, accounts.bea, happened_on=date.min + timedelta(days=1))
    await ledger.post(session, bank_id, [earliest], at=at)


async def test_a_day_that_has_not_come_is_refused(accounts: Accounts, pay: Pay) -> None:
    with pytest.raises(ledger.DayInFuture):
        await pay(accounts.ada, accounts.bea, happened_on=TODAY + timedelta(days=1))


async def test_today_is_the_banks_own(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    just_past_midnight_in_london = at.replace(hour=23, minute=30)
    item = hour(accounts.ada, accounts.bea, happened_on=date(2026, 5, 13))
    await ledger.post(session, bank_id, [item], at=just_past_midnight_in_london)


async def test_currencies_do_not_mix(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    await ledger.open_currency(session, bank_id, "LEAF", minor_per_major=100, label="leaves")
    leafy = uuid7()
    await ledger.open_account(session, bank_id, leafy, currency="LEAF", floor=None, ceiling=None, at=at)
    for currency in ("HOUR", "LEAF", "NONE"):
        with pytest.raises(ledger.CurrencyMismatch):
            await pay(accounts.pot, leafy, currency=currency)


async def test_an_empty_list_is_nothing_to_do(session: AsyncSession, bank_id: UUID, at: datetime) -> None:
    assert await ledger.post(session, bank_id, [], at=at) == []


async def test_a_list_with_a_repeated_id_is_refused(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    item = hour(accounts.ada, accounts.bea)
    with pytest.raises(ledger.RepeatedId) as refused:
        await ledger.post(session, bank_id, [item, item], at=at)
    assert refused.value.item == 1


async def test_ten_thousand_items_are_taken_and_one_more_is_not(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    items = [hour(accounts.pot, accounts.ada, 1), hour(accounts.ada, accounts.pot, 1)]
    many = [hour(i.payer_id, i.payee_id, 1) for i in items for _ in range(500)] * 10
    many = [hour(i.payer_id, i.payee_id, 1) for i in many]
    assert len(await ledger.post(session, bank_id, many, at=at)) == 10_000
    with pytest.raises(ledger.TooManyItems):
        await ledger.post(session, bank_id, [*many, hour(accounts.pot, accounts.ada)], at=at)


PASSED_BY = text(
    "select ledger_post(:bank_id, :at, false, :accounts, :ids, :payers, :payees, :amounts, :days, "
    ":lates, :currencies, :refs)"
)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"amounts": [-60]}, "bad_amount"),
        ({"payees": [1]}, "same_account"),
        ({"payees": [3]}, "unknown_account"),
        ({"payees": [0]}, "unknown_account"),
        ({"payees": [None]}, "unknown_account"),
    ],
)
async def test_the_database_judges_too_when_python_is_passed_by(
    session: AsyncSession,
    bank_id: UUID,
    accounts: Accounts,
    at: datetime,
    changed: dict[str, object],
    rule: str,
) -> None:
    with pytest.raises(Exception, match=rule):
        await session.execute(PASSED_BY, passed_by(bank_id, accounts, at) | changed)


async def test_an_account_named_twice_is_moved_by_every_item_all_the_same(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    twice = [accounts.bea, accounts.ada, accounts.bea]
    values = passed_by(bank_id, accounts, at) | {"accounts": twice, "ids": [uuid7(), uuid7()]}
    values |= {"payers": [2, 2], "payees": [1, 3], "amounts": [20, 20], "days": [TODAY] * 2, "refs": None}
    await session.execute(PASSED_BY, values | {"lates": None})
    assert (await ledger.balance(session, bank_id, accounts.bea)).posted == 40
    assert (await ledger.audit(session, bank_id)).is_clean


def passed_by(bank_id: UUID, accounts: Accounts, at: datetime) -> dict[str, object]:
    """A list of one, as `ledger_post` takes it."""
    return {
        "bank_id": bank_id,
        "at": at,
        "accounts": [accounts.ada, accounts.bea],
        "ids": [uuid7()],
        "payers": [1],
        "payees": [2],
        "amounts": [60],
        "days": [TODAY],
        "lates": [False],
        "currencies": ["HOUR"],
        "refs": [None],
    }


async def test_another_banks_accounts_are_unknown_and_its_books_closed_to_this_session(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime
) -> None:
    with pytest.raises(ledger.AnotherBank):
        async with session.begin_nested():
            await ledger.post(session, uuid7(), [hour(accounts.ada, accounts.bea)], at=at)


async def test_without_a_moment_nothing_is_booked(
    session: AsyncSession, bank_id: UUID, accounts: Accounts
) -> None:
    """Six hundred, since lists are looked at more closely where an account's entries have gathered."""
    far = TODAY + timedelta(days=3000)
    items = [hour(accounts.pot, accounts.ada, 1, happened_on=far) for _ in range(600)]
    with pytest.raises(DBAPIError):
        await ledger.post(session, bank_id, items, at=None)  # type: ignore[arg-type]
