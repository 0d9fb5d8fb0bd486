"""Bring the database's tables, functions and rules to the newest version, as their owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.database import Addresses, Database, create_embedded_database, is_shut_out
from api.refusals import OperatorRefused

MIGRATIONS = Path(__file__).parent / "migrations"


class OwnerUrlMissing(OperatorRefused):
    """Migrating needs EVENHOUR_DATABASE_OWNER_URL, the role that owns the tables."""


class DatabaseBehind(OperatorRefused):
    """The database has not been brought up to date for this version. Run `evenhour migrate`."""


class OwnerServes(OperatorRefused):
    """EVENHOUR_DATABASE_URL names an owner or superuser: give the service its own role (docs/operate.md)."""


VERSION = "select version_num from alembic_version"
PASSES_BY_THE_RULES = """
    select r.rolbypassrls or pg_has_role(r.oid, t.relowner, 'usage')
    from pg_roles r, pg_class t where r.rolname = current_user and t.oid = 'bank'::regclass
"""


def alembic_config(connection: Connection, application_role: str) -> Config:
    """Alembic's configuration for one open connection of the owner's."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["application_role"] = application_role
    return config


async def migrate(addresses: Addresses) -> None:
    """Upgrade to the newest version; does nothing when it is already there.

    Raises:
        OwnerUrlMissing: an external database was given without its owner's address.
    """
    if addresses.owner is None:
        raise OwnerUrlMissing(OwnerUrlMissing.__doc__)
    if addresses.programs is not None:
        await create_embedded_database(addresses.owner)
    engine = create_async_engine(addresses.owner, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(
            lambda sync: command.upgrade(alembic_config(sync, addresses.application_role), "head")
        )
        role = addresses.application_role
        await connection.execute(text(f'grant select on alembic_version to "{role}"'))
    await engine.dispose()


async def is_newest(database: Database) -> bool:
    """Whether the database has every migration of this version, and can be asked at all."""
    try:
        return await _is_newest(database)
    except DBAPIError:
        return False


async def _is_newest(database: Database) -> bool:
    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    async with database.transaction(None) as session:
        return bool(await session.scalar(text(VERSION)) == head)


async def require_newest(database: Database) -> None:
    """Refuse to serve over tables of another version, or as somebody for whom their rules do not hold.

    Raises:
        DatabaseBehind: `evenhour migrate` has not been run.
        OwnerServes: the owner, a superuser, or somebody else whom row-level security lets pass.
    """
    try:
        is_behind = not await _is_newest(database)
    except DBAPIError as error:
        if is_shut_out(error):
            raise
        is_behind = True
    if is_behind:
        raise DatabaseBehind(DatabaseBehind.__doc__)
    async with database.transaction(None) as session:
        if await session.scalar(text(PASSES_BY_THE_RULES)):
            raise OwnerServes(OwnerServes.__doc__)
