"""What the database itself refuses: to the application's role, and where a CHECK can, to its owner."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import ledger
from api.database import Addresses, Database
from tests.ledger.conftest import Accounts, Pay, hour, open_accounts

TABLES = (
    "ledger_currency",
    "ledger_book",
    "ledger_account",
    "ledger_hold",
    "ledger_transfer",
    "ledger_day",
    "ledger_seal",
)

SECOND_ROW = """
    insert into ledger_transfer
    select bank_id, gen_random_uuid(), payer_id, payee_id, amount_minor, {}, payee_balance, payee_version + 7,
           clock, booked_at, happened_on, late_for, currency
    from ledger_transfer
"""


async def refused(session: AsyncSession, statement: str, **values: object) -> str:
    with pytest.raises(DBAPIError) as raised:
        async with session.begin_nested():
            await session.execute(text(statement), values)
    return str(raised.value)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "update {} set bank_id = bank_id",
        "delete from {}",
        "insert into {} default values",
        "truncate {}",
        "lock table {} in exclusive mode",
        "select * from {} for update",
        "alter table {} disable row level security",
    ],
)
async def test_the_application_may_only_read_the_books(
    session: AsyncSession, table: str, statement: str
) -> None:
    await session.execute(text(f"select * from {table}"))
    said = await refused(session, statement.format(table))
    assert "permission denied" in said or "must be owner" in said


@pytest.mark.parametrize(
    "function",
    [
        "ledger_write",
        "ledger_write_plain",
        "ledger_fold",
        "ledger_end_holds",
        "ledger_enter",
        "ledger_explain",
        "ledger_refuse",
    ],
)
async def test_the_functions_within_are_called_by_nobody_outside(
    session: AsyncSession, function: str
) -> None:
    may = await session.scalar(
        text("select bool_or(has_function_privilege(oid, 'execute')) from pg_proc where proname = :name"),
        {"name": function},
    )
    assert may is False


async def test_every_function_of_the_owners_names_its_schema_and_its_bank_first(
    session: AsyncSession,
) -> None:
    rows = await session.execute(
        text(
            "select proname, proargnames[1] as first, proconfig::text as config, prosrc from pg_proc "
            "where prosecdef and proname like 'ledger%'"
        )
    )
    found = rows.all()
    assert len(found) >= 15
    for row in found:
        assert row.first == "p_bank", row.proname
        assert "search_path=public, pg_temp" in row.config, row.proname
        assert "ledger_enter(p_bank" in row.prosrc, row.proname


async def test_another_banks_books_are_neither_seen_nor_written(
    database: Database, bank_id: UUID, at: datetime
) -> None:
    async with database.transaction(bank_id) as session:
        await open_accounts(session, bank_id, at)
    async with database.transaction(UUID(int=1)) as session:
        for table in (*TABLES, "ledger_entry"):
            seen = text(f"select count(*) from {table} where bank_id = :bank_id")
            assert await session.scalar(seen, {"bank_id": bank_id}) == 0
        statement = "select ledger_freeze(:bank_id, :account_id, true)"
        assert "another_bank" in await refused(session, statement, bank_id=bank_id, account_id=bank_id)
    async with database.transaction(None) as session:
        assert "another_bank" in await refused(session, statement, bank_id=bank_id, account_id=bank_id)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("update ledger_account set balance = -301 where account_id = :ada", "stays_within_limits"),
        ("update ledger_account set balance = 1201 where account_id = :ada", "stays_within_limits"),
        ("update ledger_account set held = -1 where account_id = :ada", "ledger_held"),
        ("update ledger_account set currency = 'NONE' where account_id = :ada", "currency_exists"),
        ("update ledger_transfer set amount_minor = -1", "ledger_amount"),
        ("update ledger_transfer set payee_id = payer_id", "moves_between_two"),
        ("update ledger_transfer set happened_on = '-infinity'", "ledger_date"),
        ("update ledger_transfer set late_for = 'infinity'", "ledger_date"),
        ("update ledger_transfer set booked_at = '-infinity'", "ledger_moment"),
        (SECOND_ROW.format("payer_balance, payer_version"), "payer_version"),
        (SECOND_ROW.format("null, payer_version + 1"), "payer_balance"),
        ("update ledger_hold set amount_minor = 0", "ledger_amount"),
    ],
)
async def test_what_a_constraint_can_say_is_refused_to_the_owner_too(
    addresses: Addresses, database: Database, bank_id: UUID, at: datetime, statement: str, constraint: str
) -> None:
    async with database.transaction(bank_id) as session:
        who = await open_accounts(session, bank_id, at)
        await ledger.post(session, bank_id, [hour(who.ada, who.bea)], at=at)
        await ledger.hold(
            session,
            bank_id,
            who.cai,
            account_id=who.cai,
            amount_minor=1,
            expires_at=at.replace(year=2027),
            at=at,
        )
    engine = create_async_engine(str(addresses.owner))
    async with AsyncSession(engine) as owner:
        values = {"ada": who.ada} if ":ada" in statement else {}
        assert constraint in await refused(owner, statement, **values)
    await engine.dispose()


async def test_the_view_shows_two_entries_that_sum_to_nothing(
    session: AsyncSession, accounts: Accounts, pay: Pay
) -> None:
    await pay(accounts.ada, accounts.bea, 45)
    rows = await session.execute(text("select account_id, amount_minor from ledger_entry"))
    assert {row.account_id: row.amount_minor for row in rows} == {accounts.ada: -45, accounts.bea: 45}
