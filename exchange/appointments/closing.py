"""An hour that was told on an appointment closes it: from then on there is one record of what happened.

What must never happen: an hour hung on other people's appointment, or two hours that count on one.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.appointments import records
from exchange.appointments.errors import AppointmentInWrongState
from exchange.appointments.tables import Appointment
from exchange.derived import derived
from exchange.directory.tables import Listing
from exchange.errors import NotFound
from exchange.hours.tables import Hours
from exchange.membership import banks

ENDED = ("declined", "withdrawn", "reversed")
"""Hours that do not count: the appointment may have others."""


def hours_id(appointment_id: UUID | None) -> UUID | None:
    """The id of the hour that this appointment fills in by itself."""
    return derived(appointment_id, "hours") if appointment_id else None


async def close(session: AsyncSession, hours: Hours, *, at: datetime) -> None:
    """The appointment that these fresh hours name has happened.

    Raises:
        NotFound: no such appointment between these two.
        AppointmentInWrongState: nobody has agreed to it, it was called off, or it has its hour already.
    """
    if hours.appointment_id is None:
        return
    key = (hours.bank_id, hours.appointment_id)
    found = await session.get(Appointment, key, with_for_update=True, populate_existing=True)
    if found is None or (found.giver_id, found.receiver_id) != (hours.giver_id, hours.receiver_id):
        raise NotFound(field="appointment_id")
    if found.state not in ("agreed", "moved") and not await _may_have_another(session, found):
        raise AppointmentInWrongState(field="appointment_id")
    found.state, found.hours_id, found.is_with_coordinator = "happened", hours.hours_id, False
    records.plan(found, at)
    await _ask_whether_still_needed(session, found, at)
    await session.flush()


async def _may_have_another(session: AsyncSession, found: Appointment) -> bool:
    if found.state != "happened" or found.hours_id is None:
        return False
    first = await session.get(Hours, (found.bank_id, found.hours_id))
    return first is not None and first.state in ENDED


async def _ask_whether_still_needed(session: AsyncSession, appointment: Appointment, at: datetime) -> None:
    """An ask that was met may be over; its owner is asked, since none ends by itself."""
    if appointment.listing_id is None:
        return
    listing = await session.get(Listing, (appointment.bank_id, appointment.listing_id))
    if listing is not None and listing.kind == "request" and listing.state == "open":
        bank = await banks.get(session, appointment.bank_id)
        listing.review_on, listing.review_asked_at = banks.today(bank, at), None
