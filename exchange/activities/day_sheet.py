"""A till's day on one page: everything that is booked at one organisation, and who is expected."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import roster_people, standing
from exchange.activities.printed import DayLine, DaySheet
from exchange.activities.tables import Activity, ActivitySession, Booking, Resource
from exchange.membership import banks, parties
from exchange.membership.tables import Bank, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import require


async def day(session: AsyncSession, viewer: Viewer, host_id: UUID, on_day: date) -> DaySheet:
    """Everything that is booked at one organisation on one day, with names, for its till.

    Raises:
        NotAllowed, NotFound
    """
    bank = await banks.get(session, viewer.bank_id)
    host = await parties.get(session, viewer.bank_id, host_id)
    require(viewer.roles, "session.help", viewer.relations_to(host_id))
    lines = [
        *await _sessions_of(session, viewer, host, on_day),
        *await _bookings_of(session, viewer, bank, host, on_day),
    ]
    return DaySheet(
        bank=bank.name,
        host=host.name,
        day=on_day,
        time_zone=bank.time_zone,
        lines=tuple(sorted(lines, key=lambda line: (line.starts_at, line.title))),
    )


async def _sessions_of(session: AsyncSession, viewer: Viewer, host: Party, on_day: date) -> list[DayLine]:
    rows = await session.execute(
        select(ActivitySession, Activity)
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(
            col(ActivitySession.bank_id) == host.bank_id,
            col(Activity.host_id) == host.party_id,
            col(ActivitySession.on_day) == on_day,
            col(ActivitySession.state) != "called_off",
        )
    )
    return [
        DayLine(
            starts_at=row.ActivitySession.starts_at,
            ends_at=row.ActivitySession.ends_at,
            title=row.Activity.title,
            location=row.Activity.location,
            names=await _expected_names(session, viewer, row.ActivitySession),
        )
        for row in rows.all()
    ]


async def _expected_names(session: AsyncSession, viewer: Viewer, meeting: ActivitySession) -> tuple[str, ...]:
    leader_ids = await standing.leaders(session, meeting.bank_id, meeting.activity_id)
    expected = await roster_people.expected_at(session, meeting.bank_id, meeting.session_id, leader_ids)
    hidden = await roster_people.hidden_from(session, viewer)
    names = await parties.names(session, meeting.bank_id, expected.keys() - hidden)
    return tuple(sorted(names.values(), key=str.casefold))


async def _bookings_of(
    session: AsyncSession, viewer: Viewer, bank: Bank, host: Party, on_day: date
) -> list[DayLine]:
    hidden = await roster_people.hidden_from(session, viewer)
    rows = await session.execute(
        select(Booking, Resource, col(Party.name))
        .join(
            Resource,
            (col(Resource.bank_id) == col(Booking.bank_id))
            & (col(Resource.resource_id) == col(Booking.resource_id)),
        )
        .join(
            Party,
            (col(Party.bank_id) == col(Booking.bank_id)) & (col(Party.party_id) == col(Booking.party_id)),
        )
        .where(
            col(Booking.bank_id) == bank.bank_id,
            col(Resource.owner_id) == host.party_id,
            col(Booking.state).in_(("booked", "used")),
        )
    )
    return [
        DayLine(
            starts_at=row.Booking.starts_at,
            ends_at=row.Booking.ends_at,
            title=row.Resource.title,
            location=row.Resource.location,
            names=() if row.Booking.party_id in hidden else (row.name,),
        )
        for row in rows
        if banks.today(bank, row.Booking.starts_at) <= on_day < banks.today(bank, row.Booking.ends_at)
        or banks.today(bank, row.Booking.starts_at) == on_day
    ]
