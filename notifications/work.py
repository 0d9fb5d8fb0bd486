"""Which banks have something to send: one of the few questions that may be asked across banks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def banks_with_messages(session: AsyncSession, *, at: datetime) -> list[UUID]:
    """The banks with a message, a lease or an alert that is due. Works in a session that names no bank."""
    rows = await session.scalars(text("select banks_with_messages(:at)"), {"at": at})
    return list(rows)
