"""What an operator does with the books as a whole: audit, seal, export. Behind the commands of those names.

Each opens its own transaction of the application's role, so that an audit sees one moment of books that go
on being written. What must never happen: a file left behind that looks like a whole export and is not.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

import ledger
from api.database import Addresses
from exchange.tenancy import enter


@asynccontextmanager
async def snapshot(addresses: Addresses, bank_id: UUID) -> AsyncIterator[AsyncSession]:
    """A session on one bank whose statements all see the same moment."""
    engine = create_async_engine(addresses.application, poolclass=NullPool, isolation_level="REPEATABLE READ")
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            await enter(session, bank_id)
            yield session
    finally:
        await engine.dispose()


async def audit_books(
    addresses: Addresses,
    bank_id: UUID,
    progress: ledger.Progress,
    *,
    published: Collection[str] = (),
) -> ledger.AuditReport:
    """Recompute a bank's books; `published` are the phrases of seals that somebody wrote down.

    Raises:
        BadPhrase: one of them is not eight words of a seal's kind.
    """
    async with snapshot(addresses, bank_id) as session:
        return await ledger.audit(session, bank_id, published=published, progress=progress)


async def seal_books(
    addresses: Addresses, bank_id: UUID, *, at: datetime, progress: ledger.Progress
) -> list[ledger.Seal]:
    """Seal all that may be sealed now; returns the seals that were made, the newest last."""
    engine = create_async_engine(addresses.application, poolclass=NullPool)
    made: list[ledger.Seal] = []
    try:
        while True:
            async with AsyncSession(engine) as session, session.begin():
                await enter(session, bank_id)
                sealed = await ledger.seal(session, bank_id, at=at)
            if sealed is None:
                return made
            made.append(sealed)
            progress("transfers sealed", sealed.tree_size, sealed.tree_size)
    finally:
        await engine.dispose()


async def export_books(
    addresses: Addresses,
    bank_id: UUID,
    form: str,
    path: Path,
    *,
    names: Mapping[UUID, str],
    progress: ledger.Progress,
) -> int:
    """Write a bank's books to a file in one of `ledger.FORMATS`; returns the number of pieces written.

    Raises:
        UnknownFormat: no such format.
    """
    unfinished = path.with_name(path.name + ".part")
    written = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            async with snapshot(addresses, bank_id) as session:
                async for piece in ledger.export(session, bank_id, form, names=names):
                    file.write(piece)
                    written += 1
                    progress("lines", written, 0)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return written
