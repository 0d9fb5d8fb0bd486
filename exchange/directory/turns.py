"""Whose turn it is: when each party was last asked to help, so that nobody is asked while others wait."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory.tables import Turn

WINDOW = timedelta(days=30)
ENOUGH_TIMES = 3
"""Who was asked so often within the window comes after everybody who was not."""


async def take(session: AsyncSession, bank_id: UUID, party_id: UUID, *, at: datetime) -> None:
    """This party was asked now."""
    fresh = insert(Turn).values(
        bank_id=bank_id, party_id=party_id, last_asked_at=at, counted_from=at, asked_times=1
    )
    is_old = col(Turn.counted_from) < at - WINDOW
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["bank_id", "party_id"],
            set_={
                "last_asked_at": at,
                "counted_from": case((is_old, at), else_=col(Turn.counted_from)),
                "asked_times": case((is_old, 1), else_=col(Turn.asked_times) + 1),
            },
        )
    )


async def asked_times(
    session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID], *, at: datetime
) -> dict[UUID, int]:
    """How often each of these was asked within the window; who was not is left out."""
    rows = await session.execute(
        select(col(Turn.party_id), col(Turn.asked_times)).where(
            col(Turn.bank_id) == bank_id,
            col(Turn.party_id).in_(party_ids),
            col(Turn.last_asked_at) >= at - WINDOW,
        )
    )
    return {row.party_id: row.asked_times for row in rows}
