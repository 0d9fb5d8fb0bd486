"""Sessions, roles, and the one place where a lost race for a lock is tried again.

The owner's role migrates; the application's role serves, and sees one bank at a time: every transaction
begins by naming its bank, and row-level security holds it to that. What must never happen: a session
handed out that can see two banks.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from api import embedded
from api.refusals import OperatorRefused
from api.settings import Settings
from exchange.tenancy import enter

APPLICATION_ROLE = "evenhour_app"
OWNER_ROLE = "postgres"
DATABASE_NAME = "evenhour"
LOST_RACES = {"40001", "40P01", "23505"}
"""serialization_failure, deadlock_detected and unique_violation: nothing was written, so run it again.

The last is how a twin shows, the same press sent twice at once: run again, the second finds what the first
wrote and answers as a repeat does. One that is no twin's is violated again, and is our own mistake.
"""


POSTGRESQL = ("postgresql", "postgres")


class NoAddress(OperatorRefused):
    """EVENHOUR_DATABASE_URL and its owner's look like postgresql://role:password@host:5432/evenhour."""


NOT_LET_IN = {"28000", "28P01", "3D000"}
"""No such role, a wrong password, or no such database."""


def is_shut_out(error: BaseException) -> bool:
    """Whether the server answered, and did not let this login in."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in NOT_LET_IN


def is_lost_race(error: BaseException) -> bool:
    """Whether the database gave up this transaction in favour of another one."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in LOST_RACES


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the database is: the application's login, the owner's, and PostgreSQL's programs if embedded."""

    application: str
    owner: str | None
    programs: Path | None = None

    @property
    def application_role(self) -> str:
        return make_url(self.application).username or APPLICATION_ROLE


def asyncpg_url(url: str) -> str:
    """Any PostgreSQL address, as SQLAlchemy's asyncpg dialect wants it.

    Raises:
        NoAddress: it is none; what was written is not repeated, since it may hold a password.
    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        raise NoAddress(NoAddress.__doc__) from None
    if read.get_backend_name() not in POSTGRESQL:
        raise NoAddress(NoAddress.__doc__)
    return read.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def locate(settings: Settings) -> Addresses:
    """The database that the settings name; starts the embedded one when they name none."""
    if settings.database_url:
        owner = settings.database_owner_url
        return Addresses(asyncpg_url(settings.database_url), asyncpg_url(owner) if owner else None)
    server = embedded.start(settings.data_dir)
    return Addresses(
        server.url(APPLICATION_ROLE, DATABASE_NAME), server.url(OWNER_ROLE, DATABASE_NAME), server.programs
    )


class Database:
    """A pool of the application's connections, from which transactions are opened."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url, pool_size=pool_size, max_overflow=10, hide_parameters=True
        )

    @asynccontextmanager
    async def transaction(self, bank_id: UUID | None) -> AsyncIterator[AsyncSession]:
        """One transaction that sees `bank_id` only (or no bank at all); commits on the way out."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            await enter(session, bank_id)
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


async def create_embedded_database(owner_url: str) -> None:
    """Make the embedded server's database, with an explicit locale, and the application's role."""
    maintenance = make_url(owner_url).set(database="postgres")
    engine = create_async_engine(maintenance, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await _create_role(connection)
        database = make_url(owner_url).database
        known = await connection.scalar(
            text("select 1 from pg_database where datname = :name"), {"name": database}
        )
        if not known:
            await connection.execute(
                text(f'create database "{database}" template template0 encoding utf8 locale "C.UTF-8"')
            )
    await engine.dispose()


async def _create_role(connection: AsyncConnection) -> None:
    known = await connection.scalar(
        text("select 1 from pg_roles where rolname = :name"), {"name": APPLICATION_ROLE}
    )
    if not known:
        await connection.execute(text(f"create role {APPLICATION_ROLE} login"))
