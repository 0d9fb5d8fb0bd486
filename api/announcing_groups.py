"""What is told about groups: the rows of the table, and the one fact their words need: when.

No title and no place ever stands in a message about a group, since either may betray a person. What must
never happen: a group's name in a text.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api import formats
from exchange.membership import banks
from exchange.outbox import Event

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "activity_approved": (),
    "activity_declined": ("coordinator",),
    "activity_changed": ("when",),
    "session_called_off": ("when",),
    "place_moved_up": ("when",),
    "check_in_written_down": ("coordinator", "when"),
    "booking_called_off": ("when",),
}
KINDS = ("activity.", "session.", "place.", "check_in.", "booking.")


async def facts(session: AsyncSession, event: Event, speaks: str) -> dict[str, str]:
    """When the session or the booking begins, on the bank's own clocks."""
    starts_at = event.payload.get("starts_at")
    if not event.kind.startswith(KINDS) or starts_at is None:
        return {}
    bank = await banks.get(session, event.bank_id)
    return {"when": formats.moment(datetime.fromisoformat(starts_at), bank.time_zone, speaks)}
