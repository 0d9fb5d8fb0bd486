"""The tables in code and the tables that the migrations make are the same, and every rule holds on them."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import api.tables  # noqa: F401  # every room's tables register themselves on import
from api.database import Addresses, Database, is_shut_out
from api.migrate import OwnerServes, require_newest

WITHOUT_BANK = {"alembic_version", "inbound_claim", "code_request", "passkey_question"}
"""Tables that belong to no bank, and why: the migration's own; texts claimed, requests for codes counted,
and passkeys asked for, before their bank is known."""


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


async def test_the_migrations_make_what_the_code_declares(addresses: Addresses) -> None:
    assert addresses.owner
    engine = create_async_engine(addresses.owner, poolclass=NullPool)
    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences)
        assert [str(d)[:200] for d in differences] == []
    await engine.dispose()


async def test_nobody_serves_for_whom_the_rules_of_the_tables_do_not_hold(
    addresses: Addresses, database: Database
) -> None:
    assert addresses.owner
    owners = Database(addresses.owner)
    with pytest.raises(OwnerServes):
        await require_newest(owners)
    await owners.close()
    await require_newest(database)
    stranger = make_url(addresses.application).set(username="nobody_here", password="")
    strangers = Database(stranger.render_as_string(hide_password=False))
    with pytest.raises(DBAPIError) as refused:
        await require_newest(strangers)
    await strangers.close()
    assert is_shut_out(refused.value), "which is not the same as a database that is behind"


async def test_every_tenant_table_begins_its_key_with_the_bank(addresses: Addresses) -> None:
    assert addresses.owner
    engine = create_async_engine(addresses.owner, poolclass=NullPool)
    first_key_column = text(
        "select c.relname, a.attname, c.relrowsecurity from pg_class c "
        "left join pg_index i on i.indrelid = c.oid and i.indisprimary "
        "left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] "
        "where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
    )
    async with engine.connect() as connection:
        found = {row.relname: row for row in await connection.execute(first_key_column)}
    await engine.dispose()
    tenant = {name: row for name, row in found.items() if name not in WITHOUT_BANK}
    assert len(tenant) > 10
    assert {name for name, row in tenant.items() if row.attname != "bank_id"} == set()
    assert {name for name, row in tenant.items() if not row.relrowsecurity} == set()


def test_every_key_between_tenant_tables_names_the_bank() -> None:
    strays = [
        constraint.name
        for table in SQLModel.metadata.tables.values()
        for constraint in table.foreign_key_constraints
        if "bank_id" not in constraint.column_keys
    ]
    assert strays == []
