"""Hours that wait too long: reminded politely, then handed to a coordinator. They never expire silently."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.hours import steps
from exchange.hours.tables import Hours
from exchange.membership import banks
from exchange.membership.tables import Bank


async def chase(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 200) -> int:
    """Remind or hand over what is due in one bank; returns how many hours were touched."""
    bank = await banks.get(session, bank_id)
    due = await session.scalars(
        select(Hours)
        .where(col(Hours.bank_id) == bank_id, col(Hours.chase_at) <= at)
        .order_by(col(Hours.chase_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(due.all())
    for hours in found:
        _chase_one(session, bank, hours, at)
    await session.flush()
    return len(found)


def _chase_one(session: AsyncSession, bank: Bank, hours: Hours, at: datetime) -> None:
    if hours.reminders >= len(bank.reminder_days):
        hours.is_with_coordinator, hours.chase_at = True, None
        return
    days = [*bank.reminder_days, bank.coordinator_after_days]
    told = steps.payload(hours, by_id=None, for_id=hours.awaited_id)
    outbox.record(session, hours.bank_id, "hours.reminder", told, at=at)
    wait = days[hours.reminders + 1] - days[hours.reminders]
    hours.reminders += 1
    hours.chase_at = at + timedelta(days=wait)
