"""What the clock does for groups: writes sessions ahead, settles what is over, sends notes' hours back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.activities import bookings, notes, sessions

STEPS = (sessions.plan_due, sessions.close, bookings.close, notes.expire)


async def run(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Everything that is due in one bank; other workers skip what is being done. Returns how much."""
    return sum([await step(session, bank_id, at=at) for step in STEPS])
