"""One real database for the whole run, built by the real migrations; one fresh bank for each test.

Tests connect as the application's role, as the service does. `EVENHOUR_TEST_DATABASE_URL` (a login that
may create databases and roles) runs the same tests on a PostgreSQL of your own.
"""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from api import embedded
from api.database import Addresses, Database, asyncpg_url
from api.migrate import migrate
from tests.small_bank import Small, make

TEST_ROLE = "evenhour_tests_app"
"""The application's role of the tests: its own, so that a server's real one is left alone."""
NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)
"""A Tuesday in British Summer Time: the day most tests happen on."""

LONGEST_FIRST = ("probes", "journeys")
"""Rooms whose files take longest: begun first, so that two workers end together."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A long file begun last would leave the other worker idle."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST_FIRST)


HASTY = ("fsync", "full_page_writes", "synchronous_commit")
"""What keeps a bank whole through a power cut, and the tests' own server waiting for its disk."""


@pytest.fixture(scope="session")
async def maintenance_url() -> AsyncIterator[str]:
    """A login that may create databases: an external server's, or one embedded server's for all workers."""
    external = os.environ.get("EVENHOUR_TEST_DATABASE_URL")
    if external:
        yield asyncpg_url(external)
        return
    folder = Path(tempfile.gettempdir()) / f"evenhour-tests-{os.getuid()}"
    url = embedded.start(folder).url("postgres", "postgres")
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for setting in HASTY:
            await connection.execute(text(f"alter system set {setting} = off"))
        await connection.execute(text("select pg_reload_conf()"))
    yield url


@pytest.fixture(scope="session")
async def addresses(maintenance_url: str) -> AsyncIterator[Addresses]:
    """A database of this worker's own, migrated, and dropped at the end."""
    server = make_url(maintenance_url)
    password = hashlib.sha256(f"{server.host}:{server.port}".encode()).hexdigest()
    name = f"evenhour_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"
    engine = create_async_engine(maintenance_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(
            text(
                f"do $$ begin if not exists (select from pg_roles where rolname = '{TEST_ROLE}') then "
                f"create role {TEST_ROLE} login password '{password}'; end if; "
                "exception when duplicate_object or unique_violation then null; end $$"
            )
        )
        await connection.execute(
            text(f'create database "{name}" template template0 encoding utf8 locale "C.UTF-8"')
        )
    owner = make_url(maintenance_url).set(database=name)
    application = owner.set(username=TEST_ROLE, password=password)
    found = Addresses(
        application.render_as_string(hide_password=False), owner.render_as_string(hide_password=False)
    )
    await migrate(found)
    yield found
    async with engine.connect() as connection:
        await connection.execute(text(f'drop database "{name}" with (force)'))
    await engine.dispose()


@pytest.fixture(scope="session")
async def database(addresses: Addresses) -> AsyncIterator[Database]:
    """The service's own pool, as the application's role."""
    opened = Database(addresses.application)
    yield opened
    await opened.close()


@pytest.fixture
def bank_id() -> UUID:
    """The key of a bank nobody has used yet."""
    return uuid7()


@pytest.fixture
async def session(database: Database, bank_id: UUID) -> AsyncIterator[AsyncSession]:
    """One transaction in a fresh bank, rolled back at the end."""
    async with database.transaction(bank_id) as opened:
        yield opened
        await opened.rollback()


@pytest.fixture
def at() -> datetime:
    return NOON


@pytest.fixture
async def small(session: AsyncSession, bank_id: UUID, at: datetime) -> Small:
    """A small bank with an administrator, a coordinator, three members and an organisation."""
    return await make(session, bank_id, at)
