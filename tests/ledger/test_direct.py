"""Lists on connections of their own: a transaction each, on disk when told, the disk waited for together."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from ledger import direct
from ledger.transfers import arrays
from tests.ledger.conftest import TODAY, Accounts, hour, login, open_accounts

TRIES = 40
LOG_END = "select pg_current_wal_insert_lsn()"
"""Where the server's log ends, in memory."""
IS_ON_DISK = "select pg_current_wal_flush_lsn() >= $1"
NO_WAITING = "select 1"


@pytest.fixture
async def who(database: Database, bank_id: UUID, at: datetime) -> Accounts:
    async with database.transaction(bank_id) as session:
        return await open_accounts(session, bank_id, at)


@pytest.fixture
async def books(addresses: Addresses, bank_id: UUID) -> AsyncIterator[ledger.Direct]:
    async with ledger.open_direct(bank_id, connections=4, **login(addresses.application)) as found:
        yield found


@pytest.fixture
async def beside(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """A connection that only looks, or that ends others."""
    found = await asyncpg.connect(**login(addresses.owner))
    yield found
    await found.close()


async def test_a_list_is_booked_and_committed_and_a_repeat_gets_the_first_answer(
    books: ledger.Direct, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    for items, left in (
        ([hour(who.ada, who.bea, 30), hour(who.bea, who.pot, 10)], [(-30, 30), (20, 10)]),
        ([hour(who.ada, who.bea, 5)], [(-35, 25)]),
    ):
        posted = await books.post(items, at=at)
        assert [(p.payer_balance, p.payee_balance) for p in posted] == left
        assert await books.post(items, at=at) == posted
        async with database.transaction(bank_id) as session:
            assert await ledger.post(session, bank_id, items, at=at) == posted
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 25
    assert await books.post([], at=at) == []


async def test_a_broken_rule_is_named_nothing_is_booked_and_the_connection_goes_on(
    books: ledger.Direct, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    for _ in range(6):  # more often than there are connections
        with pytest.raises(ledger.FloorCrossed) as refused:
            await books.post([hour(who.pot, who.bea), hour(who.ada, who.bea, 301)], at=at)
        assert (refused.value.item, refused.value.shortfall_minor) == (1, 1)
    with pytest.raises(ledger.BadAmount):
        await books.post([hour(who.pot, who.bea, 0)], at=at)
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).version == 0
    await books.post([hour(who.pot, who.bea)], at=at)


async def test_one_transfer_that_is_not_plain_is_booked_or_refused_as_in_a_list(
    books: ledger.Direct, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    plain = hour(who.pot, who.bea)
    await books.post([plain], at=at)
    with pytest.raises(ledger.DifferentTransferSameId):
        await books.post([replace(plain, amount_minor=59)], at=at)
    async with database.transaction(bank_id) as session:
        await ledger.close_period(session, bank_id, open_from=TODAY, at=at)
    late = hour(who.pot, who.bea, happened_on=TODAY - timedelta(days=3))
    with pytest.raises(ledger.PeriodClosed):
        await books.post([late], at=at)
    (posted,) = await books.post([replace(late, may_be_late=True)], at=at)
    assert (posted.happened_on, posted.late_for) == (TODAY, late.happened_on)
    with pytest.raises(ledger.FloorCrossed):
        await books.post([hour(who.ada, who.bea, 301)], at=at)
    with pytest.raises(ledger.SameAccount):
        await books.post([hour(who.bea, who.bea)], at=at)
    for _ in range(5):  # more often than there are connections
        with pytest.raises(ledger.UnknownAccount):
            await books.post([hour(who.bea, uuid7())], at=at)
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).version == 2


IN_THE_BOOKS = """
    select count(*) from pg_stat_activity
    where query like '%ledger_post($1%' and state = 'active'
      and datname = current_database() and pid <> pg_backend_pid()
"""


async def test_some_lists_are_booked_at_a_time_others_wait_their_turn_and_one_transfer_goes_by(
    addresses: Addresses,
    beside: asyncpg.Connection,
    database: Database,
    bank_id: UUID,
    who: Accounts,
    at: datetime,
) -> None:
    """One who leaves the queue gives up their place, and is not booked."""
    async with ledger.open_direct(bank_id, connections=8, **login(addresses.application)) as books:
        async with database.transaction(bank_id) as session:
            await ledger.post(session, bank_id, [hour(who.pot, who.bea, 1)], at=at)
            lists = [
                asyncio.create_task(books.post([hour(who.pot, who.bea, 1), hour(who.pot, who.bea, 1)], at=at))
                for _ in range(7)
            ]
            await asyncio.sleep(0.2)
            await books.post([hour(who.ada, who.cai, 5)], at=at)
            assert await beside.fetchval(IN_THE_BOOKS) == direct.LISTS_AT_ONCE
            lists[5].cancel()
        booked = await asyncio.gather(*lists, return_exceptions=True)
    assert [type(one) for one in booked] == [list] * 5 + [asyncio.CancelledError] + [list]
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 1 + 6 * 2


async def test_a_bank_sees_only_its_own_accounts(addresses: Addresses, who: Accounts, at: datetime) -> None:
    other = UUID(int=1)
    async with ledger.open_direct(other, connections=1, **login(addresses.application)) as books:
        with pytest.raises(ledger.UnknownAccount):
            await books.post([hour(who.pot, who.bea)], at=at)


async def on_disk_when_told(
    books: ledger.Direct, beside: asyncpg.Connection, who: Accounts, at: datetime, monkeypatch: Any
) -> list[bool]:
    """Whether the log was on disk as far as a list's commit when its writer was told, for some lists."""
    found, ends = [], []
    wait = direct._Disk.has_all

    async def note_and_wait(disk: Any) -> None:
        ends.append(await beside.fetchval(LOG_END))
        await wait(disk)

    monkeypatch.setattr(direct._Disk, "has_all", note_and_wait)
    for _ in range(TRIES):
        await books.post([hour(who.pot, who.bea, 1)], at=at)
        found.append(await beside.fetchval(IS_ON_DISK, ends[-1]))
    return found


async def test_a_list_is_on_disk_when_its_writer_is_told(
    books: ledger.Direct, beside: asyncpg.Connection, who: Accounts, at: datetime, monkeypatch: Any
) -> None:
    assert all(await on_disk_when_told(books, beside, who, at, monkeypatch))


async def test_without_waiting_for_the_disk_some_lists_would_not_be(
    addresses: Addresses,
    beside: asyncpg.Connection,
    bank_id: UUID,
    who: Accounts,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the commit alone does not wait."""
    monkeypatch.setattr(direct, "AWAIT_DISK", NO_WAITING)
    async with ledger.open_direct(bank_id, connections=1, **login(addresses.application)) as books:
        assert not all(await on_disk_when_told(books, beside, who, at, monkeypatch))


class Slow:
    """A disk that answers when it is told to, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers: list[asyncio.Future[None]] = []

    async def fetchval(self) -> None:
        self.asked += 1
        self.answers.append(asyncio.get_running_loop().create_future())
        await self.answers[-1]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_who_comes_while_the_disk_is_asked_waits_for_the_next_answer() -> None:
    slow = Slow()
    disk = direct._Disk(slow)  # type: ignore[arg-type]
    first = asyncio.create_task(disk.has_all())
    await turns()
    late = [asyncio.create_task(disk.has_all()) for _ in range(3)]
    await turns()
    assert slow.asked == 1
    slow.answers[0].set_result(None)
    await turns()
    assert [one.done() for one in (first, *late)] == [True, False, False, False]
    assert slow.asked == 2, "the three of them are one question"
    late[1].cancel()
    await turns()
    slow.answers[1].set_result(None)
    await turns()
    assert [one.cancelled() for one in late] == [False, True, False], "one who leaves takes nobody along"
    assert all(one.done() for one in late)


async def test_a_disk_that_fails_is_believed_by_nobody_who_waits() -> None:
    slow = Slow()
    disk = direct._Disk(slow)  # type: ignore[arg-type]
    first = asyncio.create_task(disk.has_all())
    await turns()
    late = [asyncio.create_task(disk.has_all()) for _ in range(2)]
    await turns()
    for answer, waiting in ((0, [first]), (1, late)):
        slow.answers[answer].set_exception(ConnectionError("gone"))
        await turns()
        assert [type(one.exception()) for one in waiting] == [ledger.BooksLost] * len(waiting)


async def test_with_the_disks_connection_lost_nobody_is_told_that_a_list_is_booked(
    books: ledger.Direct, beside: asyncpg.Connection, who: Accounts, at: datetime
) -> None:
    await books.post([hour(who.pot, who.bea)], at=at)
    await beside.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%logical_emit%' "
        "and pid <> pg_backend_pid() and datname = current_database()"
    )
    for _ in range(3):
        with pytest.raises(ledger.BooksLost, match="not known whether"):
            await books.post([hour(who.pot, who.bea)], at=at)


async def test_with_its_own_connection_lost_a_list_may_be_booked_or_not(
    books: ledger.Direct,
    beside: asyncpg.Connection,
    database: Database,
    bank_id: UUID,
    who: Accounts,
    at: datetime,
) -> None:
    items = [hour(who.pot, who.bea, 7)]
    async with database.transaction(bank_id) as session:
        await ledger.post(session, bank_id, [hour(who.pot, who.bea, 1)], at=at)
        stuck = asyncio.create_task(books.post(items, at=at))
        await asyncio.sleep(0.1)
        await beside.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' "
            "and query like '%ledger_post_plain_one($1%' and datname = current_database()"
        )
        with pytest.raises(ledger.BooksLost):
            await stuck
    async with database.transaction(bank_id) as session:
        await ledger.post(session, bank_id, items, at=at)
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 8


async def test_after_one_lost_connection_everybody_is_told_and_nothing_more_is_booked(
    books: ledger.Direct,
    beside: asyncpg.Connection,
    database: Database,
    bank_id: UUID,
    who: Accounts,
    at: datetime,
) -> None:
    await books.post([hour(who.pot, who.bea, 1)], at=at)
    await beside.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() "
        "and query like '%ledger_post_plain_one($1%' and datname = current_database()"
    )
    for _ in range(6):
        with pytest.raises(ledger.BooksLost):
            await books.post([hour(who.pot, who.bea, 2)], at=at)
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 1


async def test_with_every_connection_taken_others_wait_their_turn(
    addresses: Addresses, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    async with ledger.open_direct(bank_id, connections=2, **login(addresses.application)) as books:
        await asyncio.gather(*(books.post([hour(who.pot, who.bea, 1)], at=at) for _ in range(50)))
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 50


async def test_a_caller_who_gives_up_leaves_the_connection_to_others(
    addresses: Addresses, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    async with (
        ledger.open_direct(bank_id, connections=1, **login(addresses.application)) as books,
        database.transaction(bank_id) as session,
    ):
        await ledger.post(session, bank_id, [hour(who.pot, who.bea, 1)], at=at)
        stuck = asyncio.create_task(books.post([hour(who.pot, who.bea, 2)], at=at))
        await asyncio.sleep(0.05)
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        await session.commit()
        await books.post([hour(who.pot, who.bea, 4)], at=at)
    async with database.transaction(bank_id) as session:
        booked = (await ledger.balance(session, bank_id, who.bea)).posted
    assert booked in {1 + 4, 1 + 2 + 4}, "who gives up does not know whether it was booked; others are"


async def test_a_list_with_nothing_out_of_the_ordinary_is_tried_once(
    addresses: Addresses, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    """The long way names each item's day; accounts found in another order than asked for would take it."""
    connection = await asyncpg.connect(**login(addresses.application))
    await connection.execute(direct.SETTINGS, str(bank_id), "off")
    plain = [hour(who.pot, who.bea), hour(who.bea, who.ada, 30), hour(who.ada, who.pot, 10)]
    for items, is_plain in ((plain, True), (plain[:1], False)):
        booked = await connection.fetchval(direct.POST_LIST, bank_id, at, *arrays(items).values())
        assert (booked["days"] is None) is is_plain
    await connection.close()


async def test_an_error_that_is_no_rule_of_ours_stays_what_it_is(
    addresses: Addresses, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    read_only = {"server_settings": {"default_transaction_read_only": "on"}}
    async with ledger.open_direct(
        bank_id, connections=1, **login(addresses.application), **read_only
    ) as books:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await books.post([hour(who.pot, who.bea)], at=at)
