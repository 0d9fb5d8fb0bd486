"""What the clock does to agreed help: a reminder the day before, 'did it happen?', then a coordinator.

What must never happen: a word to either of two people who are no longer to be put together, or to a family.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.appointments import records
from exchange.appointments.ask import is_unchanged
from exchange.appointments.tables import Appointment

TOLD_AS = {
    "remind": "appointment.reminder",
    "ask": "appointment.did_it_happen",
    "hand_over": "appointment.with_coordinator",
}


async def chase(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 100) -> int:
    """Do what is due in one bank; other workers skip what is being done. Returns how many."""
    rows = await session.scalars(
        select(Appointment)
        .where(col(Appointment.bank_id) == bank_id, col(Appointment.chase_at) <= at)
        .order_by(col(Appointment.chase_at), col(Appointment.appointment_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for appointment in due:
        _chase(session, appointment, at, is_unchanged=await is_unchanged(session, appointment))
    await session.flush()
    return len(due)


def _chase(session: AsyncSession, appointment: Appointment, at: datetime, *, is_unchanged: bool) -> None:
    done = appointment.next_chase if is_unchanged else "hand_over"
    assert done is not None
    if done == "remind":
        records.plan(appointment, at)
    elif done == "ask":
        appointment.next_chase, appointment.chase_at = "hand_over", at + records.HAND_OVER_AFTER
    else:
        appointment.next_chase = appointment.chase_at = None
        appointment.is_with_coordinator = True
    sides = (appointment.giver_id, appointment.receiver_id) if is_unchanged else ()
    records.tell(session, appointment, TOLD_AS[done], by=None, to=sides, at=at)
