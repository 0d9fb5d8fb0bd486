"""Lists on a bare connection: one round trip, one transaction, the bank named for it alone."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import make_url

import ledger
from api.database import Addresses, Database
from tests.ledger.conftest import Accounts, hour, open_accounts


@pytest.fixture
async def connection(addresses: Addresses) -> AsyncIterator[asyncpg.Connection]:
    url = make_url(addresses.application)
    login = {"host": url.query.get("host", url.host), "user": url.username, "database": url.database}
    login |= {"port": url.port, "password": url.password}
    found = await asyncpg.connect(**{key: value for key, value in login.items() if value})
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


async def test_an_error_that_is_no_rule_of_ours_stays_what_it_is(
    connection: asyncpg.Connection, bank_id: UUID, who: Accounts, at: datetime
) -> None:
    await connection.execute("set default_transaction_read_only = on")
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await ledger.post_alone(connection, bank_id, [hour(who.pot, who.bea)], at=at)
