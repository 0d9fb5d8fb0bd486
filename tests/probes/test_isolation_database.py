"""Another bank's rows, tried as the application's own database role: not seen, not changed, not joined.

This is the last wall: it holds when everything above it has a mistake.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from api.database import Addresses, Database
from tests.probes.conftest import TwoBanks

NO_RIGHT = "42501"
"""insufficient_privilege: no grant, or a row that row-level security does not accept."""
ANOTHER_BANK = "LG001"
"""The books' own refusal."""

TABLES = text(
    "select c.relname, c.relkind from pg_class c join pg_attribute a on a.attrelid = c.oid "
    "where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p', 'm') "
    "and a.attname = 'bank_id' order by 1"
)
NONE = "select 1 / (case when count(*) = 0 then 1 else 0 end) from done"
"""Fails, by dividing by zero, when the statement before it touched a row."""
ACROSS_BANKS = {
    "banks_of_code",
    "banks_of_contact",
    "banks_with_due_holds",
    "banks_with_work",
    "banks_with_messages",
    "banks_with_feeds_due",
    "open_doors",
    "banks_with_referrals_due",
}
"""The only functions that may look across banks: each takes one narrow thing and gives back banks,
or what hangs at every bank's door: its languages and its telephone."""

CALLABLE = text(
    "select p.proname, pg_get_function_identity_arguments(p.oid) as takes, p.prosecdef, "
    "array(select format_type(t, null) from unnest(p.proargtypes) t) as types "
    "from pg_proc p where p.pronamespace = 'public'::regnamespace "
    "and has_function_privilege(:role, p.oid, 'execute') "
    "and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by 1"
)


@pytest.fixture(scope="module")
async def owner(addresses: Addresses) -> AsyncIterator[AsyncConnection]:
    assert addresses.owner
    engine = create_async_engine(addresses.owner, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


@pytest.fixture(scope="module")
async def tables(owner: AsyncConnection) -> dict[str, str]:
    """Every table and view that belongs to banks, and which of the two it is."""
    rows = (await owner.execute(TABLES)).all()
    return {row.relname: "view" if row.relkind in (b"v", "v") else "table" for row in rows}


async def refused(session: AsyncSession, statement: str, **values: Any) -> str | None:
    """The SQLSTATE that a statement is refused with; None when it is not."""
    try:
        async with session.begin_nested():
            await session.execute(text(statement), values)
    except DBAPIError as error:
        return str(getattr(error.orig, "sqlstate", None))
    return None


async def rows_of(owner: AsyncConnection, table: str, bank_id: Any) -> int:
    counted = text(f"select count(*) from {table} where bank_id = :bank")
    return int(await owner.scalar(counted, {"bank": bank_id}) or 0)


async def test_the_owner_sees_both_banks(two_banks: TwoBanks, owner: AsyncConnection, tables) -> None:
    """The control: there is something of theirs to find in most tables."""
    found = {t: await rows_of(owner, t, two_banks.theirs.bank_id) for t in tables}
    assert sum(count > 0 for count in found.values()) >= 15, found
    assert {"bank", "member", "contact", "hours", "hours_step", "ledger_transfer", "message", "event"} <= {
        table for table, count in found.items() if count
    }
    assert await rows_of(owner, "member", two_banks.ours.bank_id) > 0


async def test_a_session_sees_its_own_bank_only(two_banks: TwoBanks, database: Database, tables) -> None:
    async with database.transaction(two_banks.ours.bank_id) as session:
        for table in tables:
            banks = set((await session.scalars(text(f"select distinct bank_id from {table}"))).all())
            assert banks <= {two_banks.ours.bank_id}, table


async def test_a_session_without_a_bank_sees_nothing(two_banks: TwoBanks, database: Database, tables) -> None:
    async with database.transaction(None) as session:
        for table in tables:
            assert await session.scalar(text(f"select count(*) from {table}")) == 0, table


async def test_a_session_that_never_named_a_bank_sees_nothing(
    two_banks: TwoBanks, addresses: Addresses, tables
) -> None:
    """A fresh connection has no setting at all, which is not the same as an empty one."""
    engine = create_async_engine(addresses.application, poolclass=NullPool)
    async with engine.connect() as connection:
        for table in tables:
            assert await connection.scalar(text(f"select count(*) from {table}")) == 0, table
    await engine.dispose()


async def test_nothing_of_theirs_is_changed_or_deleted(
    two_banks: TwoBanks, database: Database, owner: AsyncConnection, tables
) -> None:
    theirs = two_banks.theirs.bank_id
    before = {table: await rows_of(owner, table, theirs) for table in tables}
    async with database.transaction(two_banks.ours.bank_id) as session:
        for table, kind in tables.items():
            if kind == "view":
                continue
            for statement in (
                f"update {table} set bank_id = bank_id where bank_id = :theirs returning 1",
                f"delete from {table} where bank_id = :theirs returning 1",
            ):
                assert await refused(session, f"with done as ({statement}) {NONE}", theirs=theirs) in (
                    None,
                    NO_RIGHT,
                ), statement
    await owner.rollback()
    assert {table: await rows_of(owner, table, theirs) for table in tables} == before


GENERATED = ("lot",)
"""Columns that the database computes, so that nobody offers them."""


async def test_no_row_is_written_into_their_bank(
    two_banks: TwoBanks, database: Database, owner: AsyncConnection, tables
) -> None:
    """Their own row, offered again: refused for the bank it names, before any key is looked at."""
    tried = 0
    async with database.transaction(two_banks.ours.bank_id) as session:
        for table, kind in tables.items():
            one = text(f"select to_jsonb(t)::text from {table} t where bank_id = :bank limit 1")
            row = await owner.scalar(one, {"bank": two_banks.theirs.bank_id})
            if kind == "view" or row is None:
                continue
            tried += 1
            record = f"jsonb_populate_record(null::public.{table}, cast(:row as jsonb))"
            columns = ", ".join(key for key in json.loads(row) if key not in GENERATED)
            insert = f"insert into {table} ({columns}) select {columns} from {record}"
            assert await refused(session, insert, row=row) == NO_RIGHT, table
            assert json.loads(row)["bank_id"] == str(two_banks.theirs.bank_id)
    assert tried >= 15


async def test_no_row_of_ours_is_moved_into_their_bank(
    two_banks: TwoBanks, database: Database, owner: AsyncConnection, tables
) -> None:
    async with database.transaction(two_banks.ours.bank_id) as session:
        for table, kind in tables.items():
            if kind == "view" or not await rows_of(owner, table, two_banks.ours.bank_id):
                continue
            move = f"update {table} set bank_id = :theirs"
            assert await refused(session, move, theirs=two_banks.theirs.bank_id) == NO_RIGHT, table


async def test_a_row_of_our_own_is_changed(two_banks: TwoBanks, database: Database) -> None:
    """The control: the same statements in one's own bank are no mistake of grammar."""
    async with database.transaction(two_banks.ours.bank_id) as session:
        changed = await session.execute(text("update member set source = source returning 1"))
        assert len(changed.all()) > 5
        row = await session.scalar(text("select to_jsonb(t)::text from block t limit 1"))
        await session.execute(text("delete from block"))
        insert = "insert into block select * from jsonb_populate_record(null::block, cast(:row as jsonb))"
        assert await refused(session, insert, row=row) is None
        await session.rollback()


async def test_the_books_are_written_by_nobody(two_banks: TwoBanks, database: Database, tables) -> None:
    """Not even in one's own bank: only through the functions that keep the rules."""
    books = [t for t, kind in tables.items() if t.startswith("ledger_") and kind == "table"]
    assert len(books) >= 5
    async with database.transaction(two_banks.ours.bank_id) as session:
        for table in books:
            assert await refused(session, f"update {table} set bank_id = bank_id") == NO_RIGHT, table
            assert await refused(session, f"delete from {table}") == NO_RIGHT, table
            assert await refused(session, f"insert into {table} default values") == NO_RIGHT, table
            assert await refused(session, f"truncate {table}") == NO_RIGHT, table


async def test_functions_that_run_as_the_owner_refuse_another_bank(
    two_banks: TwoBanks, database: Database, owner: AsyncConnection, addresses: Addresses
) -> None:
    """Row-level security does not hold the owner: the comparison inside must. Those of the books first."""
    found = (await owner.execute(CALLABLE, {"role": addresses.application_role})).all()
    held = [row for row in found if row.prosecdef and row.proname not in ACROSS_BANKS]
    assert sum(row.proname.startswith("ledger_") for row in held) >= 6
    for bank in (two_banks.ours.bank_id, None):
        async with database.transaction(bank) as session:
            for row in held:
                assert row.types[0] == "uuid", f"{row.proname} takes the bank first"
                rest = "".join(f", null::{kind}" for kind in row.types[1:])
                call = f"select {row.proname}(cast(:theirs as uuid){rest})"
                refusal = await refused(session, call, theirs=two_banks.theirs.bank_id)
                assert refusal in (ANOTHER_BANK, NO_RIGHT), row.proname


async def test_the_narrow_functions_that_look_across_banks_tell_only_banks(owner: AsyncConnection) -> None:
    kinds = text(
        "select proname, pg_get_function_result(oid) as gives from pg_proc where proname = any(:names)"
    )
    found = {row.proname: row.gives for row in await owner.execute(kinds, {"names": sorted(ACROSS_BANKS)})}
    doors = {"open_doors": "TABLE(languages text[], telephone text)"}
    assert {name: gives.removeprefix("SETOF ") for name, gives in found.items()} == (
        dict.fromkeys(ACROSS_BANKS, "uuid") | doors
    )


async def test_the_application_cannot_become_anybody_else(two_banks: TwoBanks, database: Database) -> None:
    async with database.transaction(two_banks.ours.bank_id) as session:
        for statement in (
            "set local role postgres",
            "alter table member disable row level security",
            "drop policy own_bank on member",
            "create table mine (a int)",
            "copy member to program 'cat'",
        ):
            assert await refused(session, statement) == NO_RIGHT, statement
        assert (
            await session.scalar(
                text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
            )
            is False
        )
