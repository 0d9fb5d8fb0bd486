from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import ledger.tables
from api.database import Addresses


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    found = compare_metadata(context, SQLModel.metadata)
    return [text for text in map(str, found) if "ledger_" in text]


async def test_the_migration_makes_the_tables_that_the_room_declares(addresses: Addresses) -> None:
    assert ledger.tables.TransferRow.__tablename__ == "ledger_transfer"
    engine = create_async_engine(str(addresses.owner))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
