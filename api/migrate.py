"""Bring the database's tables, functions and rules to the newest version, as their owner."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from api.database import Addresses, create_embedded_database


class OwnerUrlMissing(ValueError):
    """Migrating needs EVENHOUR_DATABASE_OWNER_URL, the role that owns the tables."""


def alembic_config(connection: Connection, application_role: str) -> Config:
    """Alembic's configuration for one open connection of the owner's."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
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
    await engine.dispose()
