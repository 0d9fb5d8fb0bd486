"""The form for a sheet of time notes, read alike at the coordinator's desk and at an organisation's own.

What must never happen: two desks that read the same words differently.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from exchange.activities import notes
from exchange.activities.tables import NoteSheet
from mobile_web.answers import whole
from mobile_web.door import Door
from mobile_web.visit import Visit, key

NOTE_DAYS = 90
"""How long a sheet is good for, unless another last day is typed."""
FIELDS = ("minutes", "notes", "expires_on")
"""Where a broken rule can be said beside the field."""


async def issue_sheet(seen: Visit, payer_id: UUID, form: Mapping[str, str]) -> NoteSheet:
    """The sheet that was asked for; the same form sent again is the same sheet.

    Raises:
        ExchangeError: what the rules of time notes refuse; nothing was written.
    """
    async with seen.attempt():
        return await notes.issue(
            seen.session,
            seen.viewer,
            sheet_id=key(form.get("id", "")),
            payer_id=payer_id,
            minutes=whole(form.get("minutes")) or 0,
            notes=whole(form.get("notes")) or 0,
            expires_on=_day(form.get("expires_on", ""), seen.today),
            purpose=form.get("purpose") or None,
            secret=Door(seen.request).secret,
            at=seen.at,
        )


def _day(typed: str, today: date) -> date:
    """The day that was typed; one that is none lies in the past, and is refused by name."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return today - timedelta(days=1)
