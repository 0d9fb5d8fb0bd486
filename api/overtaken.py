"""Questions that were answered another way before they could be put: nobody is asked them any more.

Somebody to be rung said yes on the page, or at the door; a text that waits for the morning is about an hour
that was taken back. What must never happen: a question dropped that is still open.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import notifications
from exchange.membership import organisations
from exchange.outbox import Event

ANSWERS: Final = frozenset(
    ("hours.posted", "hours.needs_approval", "hours.declined", "hours.withdrawn", "hours.amended")
)
"""Events after which what was asked about these hours before is answered, or asked no longer."""
ASKS: Final = ("hours_logged_gave", "hours_logged_received", "hours_amended", "hours_reminder")
"""The templates that ask for a yes or no."""
SIDES: Final = ("giver_id", "receiver_id")


async def drop(session: AsyncSession, event: Event, *, at: datetime) -> int:
    """Stop what still waits to ask about the hours of this event; returns how many.

    Called before what the event itself tells is queued, which may be a question anew.
    """
    if event.kind not in ANSWERS:
        return 0
    asked = {UUID(event.payload[side]) for side in SIDES}
    for side in sorted(asked):
        asked |= await organisations.representatives(session, event.bank_id, side)
    waiting = await notifications.unsaid(session, event.bank_id, asked, ASKS)
    if not waiting:
        return 0
    rows = await session.scalars(
        select(Event).where(
            col(Event.bank_id) == event.bank_id, col(Event.event_id).in_(set(waiting.values()))
        )
    )
    about = {row.event_id for row in rows if row.payload.get("hours_id") == event.payload["hours_id"]}
    return await notifications.leave_unsaid(
        session,
        event.bank_id,
        [message for message, told in waiting.items() if told in about],
        at=at,
    )
