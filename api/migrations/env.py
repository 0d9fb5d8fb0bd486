"""Alembic's entry: all rooms' tables in one metadata, over a connection the caller opened."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import api.tables  # noqa: F401  # every room's tables register themselves on import


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    """For `alembic` typed by a developer: the database that the settings name."""
    from api.database import locate  # noqa: PLC0415  # only this path starts a server
    from api.settings import Settings  # noqa: PLC0415

    owner = locate(Settings()).owner
    if owner is None:
        raise SystemExit("Set EVENHOUR_DATABASE_OWNER_URL.")
    engine = create_async_engine(owner, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_alone())
