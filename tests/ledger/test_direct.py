"""Lists on a bare connection: a transaction each, on disk when told, the bank named for it alone."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

import ledger
from api.database import Addresses, Database
from ledger import direct
from ledger.transfers import arrays
from tests.ledger.conftest import Accounts, hour, login, open_accounts

TRIES = 40
POSITION = "select pg_current_wal_insert_lsn()"
"""Where the server's log ends, in memory."""
IS_ON_DISK = "select pg_current_wal_flush_lsn() >= $1"
NO_WAITING = "select 1"


class Noting(asyncpg.Connection):
    """Notes how far the log goes when a list is committed and its writer is about to wait."""

    committed_at: Any = None

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        self.committed_at = await self.fetchval(POSITION)
        return await super().execute(query, *args, **options)


@pytest.fixture
async def connection(addresses: Addresses) -> AsyncIterator[Noting]:
    found = await asyncpg.connect(connection_class=Noting, **login(addresses.application))
    # As a server has it: the tests' own does not wait for the disk.
    await asyncpg.Connection.execute(found, "set synchronous_commit = on")
    yield found
    await found.close()


@pytest.fixture
async def who(database: Database, bank_id: UUID, at: datetime) -> Accounts:
    async with database.transaction(bank_id) as session:
        return await open_accounts(session, bank_id, at)


async def test_a_list_is_booked_and_committed_and_a_repeat_gets_the_first_answer(
    connection: asyncpg.Connection, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    items = [hour(who.ada, who.bea, 30), hour(who.bea, who.pot, 10)]
    posted = await ledger.post_alone(connection, bank_id, items, at=at)
    assert [(p.payer_balance, p.payee_balance) for p in posted] == [(-30, 30), (20, 10)]
    assert await ledger.post_alone(connection, bank_id, items, at=at) == posted
    async with database.transaction(bank_id) as session:
        assert await ledger.post(session, bank_id, items, at=at) == posted
        assert (await ledger.balance(session, bank_id, who.bea)).posted == 20
    assert await ledger.post_alone(connection, bank_id, [], at=at) == []


async def test_a_broken_rule_is_named_and_nothing_is_booked(
    connection: asyncpg.Connection, database: Database, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    with pytest.raises(ledger.FloorCrossed) as refused:
        await ledger.post_alone(
            connection, bank_id, [hour(who.pot, who.bea), hour(who.ada, who.bea, 301)], at=at
        )
    assert (refused.value.item, refused.value.shortfall_minor) == (1, 1)
    with pytest.raises(ledger.BadAmount):
        await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea, 0)], at=at)
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, who.bea)).version == 0


async def test_the_connection_keeps_no_bank_and_sees_none_afterwards(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea)], at=at)
    assert await connection.fetchval("select count(*) from ledger_transfer") == 0
    assert not await connection.fetchval("select current_setting('evenhour.bank_id', true)")
    with pytest.raises(ledger.UnknownAccount):
        await ledger.post_alone(connection, UUID(int=1), [hour(who.pot, who.bea)], at=at)


async def on_disk_when_told(connection: Noting, bank_id: UUID, who: Accounts, at: datetime) -> list[bool]:
    """Whether the log was on disk as far as a list's commit when its writer was told, for some lists."""
    found = []
    for _ in range(TRIES):
        await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea, 1)], at=at)
        found.append(await connection.fetchval(IS_ON_DISK, connection.committed_at))
    return found


async def test_a_list_is_on_disk_when_its_writer_is_told(
    connection: Noting, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    assert all(await on_disk_when_told(connection, bank_id, who, at))


async def test_without_waiting_for_the_disk_some_lists_would_not_be(
    connection: Noting,
    bank_id: UUID,
    who: Accounts,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: the commit alone does not wait."""
    monkeypatch.setattr(direct, "AWAIT_DISK", NO_WAITING)
    assert not all(await on_disk_when_told(connection, bank_id, who, at))


async def test_the_connection_waits_for_the_disk_again_afterwards(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea)], at=at)
    assert await connection.fetchval("show synchronous_commit") == "on"


async def test_a_list_is_never_booked_within_another_transaction(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    async with connection.transaction():
        with pytest.raises(ledger.NotAlone):
            await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea)], at=at)


async def test_a_list_with_nothing_out_of_the_ordinary_is_tried_once(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    """The long way names each item's day; accounts found in another order than asked for would take it."""
    plain = [hour(who.pot, who.bea), hour(who.bea, who.ada, 30), hour(who.ada, who.pot, 10)]
    for items, is_plain in ((plain, True), (plain[:1], False)):
        booked = await connection.fetchrow(direct.POST, bank_id, at, *arrays(items).values())
        assert (booked["days"] is None) is is_plain


async def test_an_error_that_is_no_rule_of_ours_stays_what_it_is(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    await connection.execute("set default_transaction_read_only = on")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea)], at=at)
