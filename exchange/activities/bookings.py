"""Bookings of rooms and things: set aside, used, given up, settled.

What must never happen: two bookings of one hour, which the key of `slot` refuses whatever the code thinks.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import holding, resources, series
from exchange.activities.errors import BookingInWrongState, OutsideHours, SlotTaken
from exchange.activities.tables import Booking, Resource, Slot
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.permissions import require

STEP = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
UNITS_MAX = {"hour": 14, "day": 31}
AHEAD = timedelta(days=366)
HELD_AFTER = timedelta(days=60)
CLOSE_AFTER = timedelta(days=2)


async def book(
    session: AsyncSession,
    viewer: Viewer,
    resource_id: UUID,
    *,
    booking_id: UUID,
    day: date,
    starts: time | None = None,
    units: int = 1,
    party_id: UUID | None = None,
    at: datetime,
) -> Booking:
    """So many hours of a room from `starts` on, or so many days of a thing; the hours are set aside.

    Raises:
        SlotTaken, OutsideHours, NotEnoughForPlace, MemberNotActive, SameIdOtherContents, NotAllowed, NotFound
    """
    who = party_id or viewer.member_id
    person = await parties.get(session, viewer.bank_id, who)
    require(viewer.roles, "resource.book", viewer.relations_to(who))
    # Held, so that nobody books what is just withdrawn, and a press sent twice at once finds its twin.
    resource = await resources.get(session, viewer, resource_id, is_locked=True)
    bank = await banks.get(session, viewer.bank_id)
    first = _first(resource, bank, day, starts, at)
    known = await session.get(Booking, (viewer.bank_id, booking_id))
    if known is not None:
        wanted = (resource_id, who, units, first)
        if (known.resource_id, known.party_id, known.units, known.starts_at) != wanted:
            raise SameIdOtherContents
        return known
    if person.kind not in ("member", "organisation") or not await parties.is_present(session, person):
        raise MemberNotActive
    if not resource.is_offered or who == resource.owner_id:
        raise OutsideHours
    slots = _slots(resource, bank, day, starts, units, at)
    made = Booking(
        bank_id=viewer.bank_id,
        booking_id=booking_id,
        resource_id=resource_id,
        party_id=who,
        state="booked",
        starts_at=slots[0],
        ends_at=_last_moment(resource, bank, slots[-1]),
        units=units,
        minutes=units * resource.costs_minutes,
        booked_by=viewer.member_id,
        booked_at=at,
    )
    made.close_at = made.ends_at + CLOSE_AFTER
    await _take(session, made, slots)
    await _set_aside(session, made, at)
    return made


def _first(resource: Resource, bank: Bank, day: date, starts: time | None, at: datetime) -> datetime:
    """The moment that a booking would begin at.

    Raises:
        OutsideHours: in another age, where a calendar has no more days to add.
    """
    if abs(day - banks.today(bank, at)) > 2 * AHEAD:
        raise OutsideHours
    begins = time() if resource.unit == "day" else starts or resource.opens
    return series.starts_at(day, begins, bank.time_zone)


def _slots(
    resource: Resource, bank: Bank, day: date, starts: time | None, units: int, at: datetime
) -> list[datetime]:
    """The keys of the hours or days that are asked for, as moments."""
    if not 1 <= units <= UNITS_MAX[resource.unit]:
        raise OutsideHours(field="units")
    zone = ZoneInfo(bank.time_zone)
    if resource.unit == "day":
        found = [datetime.combine(day + timedelta(days=n), time(), tzinfo=zone) for n in range(units)]
        is_inside = day >= banks.today(bank, at)
    else:
        begins = starts or resource.opens
        first = datetime.combine(day, begins, tzinfo=zone)
        last = datetime.combine(day, resource.closes, tzinfo=zone)
        found = [first + timedelta(hours=n) for n in range(units)]
        on_grid = (begins.minute, begins.second, begins.microsecond) == (resource.opens.minute, 0, 0)
        is_inside = begins >= resource.opens and first + timedelta(hours=units) <= last and on_grid
        is_inside = is_inside and first > at - timedelta(hours=1)
    if not is_inside or day > banks.today(bank, at + AHEAD):
        raise OutsideHours
    utc = ZoneInfo("UTC")
    return [slot.astimezone(utc) for slot in found]


def _last_moment(resource: Resource, bank: Bank, last: datetime) -> datetime:
    if resource.unit == "hour":
        return last + STEP["hour"]
    zone = ZoneInfo(bank.time_zone)
    return datetime.combine(last.astimezone(zone).date() + STEP["day"], time(), tzinfo=zone).astimezone(
        ZoneInfo("UTC")
    )


async def _take(session: AsyncSession, made: Booking, slots: Sequence[datetime]) -> None:
    try:
        async with session.begin_nested():
            session.add(made)
            await session.flush()
            session.add_all(
                Slot(
                    bank_id=made.bank_id,
                    resource_id=made.resource_id,
                    starts_at=slot,
                    booking_id=made.booking_id,
                )
                for slot in slots
            )
            await session.flush()
    except IntegrityError as taken:
        raise SlotTaken from taken


async def _set_aside(session: AsyncSession, made: Booking, at: datetime) -> None:
    if not made.minutes:
        return
    await holding.set_aside(
        session,
        made.bank_id,
        made.booking_id,
        party_id=made.party_id,
        minutes=made.minutes,
        expires_at=made.ends_at + HELD_AFTER,
        reference=made.resource_id,
        at=at,
    )
    made.is_held = True
    await session.flush()


async def _locked(session: AsyncSession, viewer: Viewer, booking_id: UUID) -> tuple[Booking, Resource]:
    made = await session.get(
        Booking, (viewer.bank_id, booking_id), with_for_update=True, populate_existing=True
    )
    if made is None:
        raise NotFound
    resource = await session.get_one(Resource, (viewer.bank_id, made.resource_id))
    is_own = {made.party_id, resource.owner_id} & viewer.party_ids
    if not (is_own or viewer.is_staff):
        raise NotFound
    return made, resource


async def cancel(session: AsyncSession, viewer: Viewer, booking_id: UUID, *, at: datetime) -> Booking:
    """Give a booking up before it begins; late, it costs what the organisation decided. Repeats do nothing.

    Raises:
        BookingInWrongState, NotAllowed, NotFound
    """
    made, resource = await _locked(session, viewer, booking_id)
    require(viewer.roles, "resource.book", viewer.relations_to(made.party_id))
    if made.state == "cancelled":
        return made
    if made.state != "booked" or made.starts_at <= at:
        raise BookingInWrongState
    is_late = resource.late_keeps and at > made.starts_at - timedelta(hours=resource.late_hours)
    await end(session, made, resource, "cancelled", is_kept=is_late, at=at)
    return made


async def end(
    session: AsyncSession, made: Booking, resource: Resource, state: str, *, is_kept: bool, at: datetime
) -> None:
    made.state, made.ended_at, made.close_at = state, at, None
    bank = await banks.get(session, made.bank_id)
    if is_kept and await holding.is_standing(session, made, made.booking_id, at=at):
        day = min(banks.today(bank, made.starts_at), banks.today(bank, at))
        made.kept_minutes = made.minutes
        await holding.use(session, made, made.booking_id, payee_id=resource.owner_id, on_day=day, at=at)
    else:
        await holding.give_back(session, made, made.booking_id, at=at)
    if state in ("cancelled", "called_off"):
        await session.execute(
            delete(Slot).where(col(Slot.bank_id) == made.bank_id, col(Slot.booking_id) == made.booking_id)
        )
    await session.flush()


async def check_in(session: AsyncSession, viewer: Viewer, booking_id: UUID, *, at: datetime) -> Booking:
    """The owner's people say: they came. What was set aside is theirs now. Repeats do nothing.

    Raises:
        BookingInWrongState, NotAllowed, NotFound
    """
    made, resource = await _locked(session, viewer, booking_id)
    require(viewer.roles, "resource.change", viewer.relations_to(resource.owner_id))
    if made.party_id == viewer.member_id:
        raise NotAllowed("Somebody else checks you in.")
    if made.state == "used":
        return made
    if made.state != "booked" or made.starts_at > at + STEP["hour"]:
        raise BookingInWrongState
    await end(session, made, resource, "used", is_kept=True, at=at)
    return made


async def close(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 100) -> int:
    """Settle bookings that are over and that nobody came to. Returns how many."""
    rows = await session.scalars(
        select(Booking)
        .where(col(Booking.bank_id) == bank_id, col(Booking.close_at) <= at)
        .order_by(col(Booking.booking_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for made in due:
        resource = await session.get_one(Resource, (bank_id, made.resource_id))
        await end(session, made, resource, "missed", is_kept=resource.late_keeps, at=at)
    return len(due)


async def give_all_up(session: AsyncSession, bank_id: UUID, party_id: UUID, *, at: datetime) -> None:
    """Somebody goes for good: their bookings are free again, and what was set aside is theirs."""
    rows = await session.scalars(
        select(Booking)
        .where(
            col(Booking.bank_id) == bank_id, col(Booking.party_id) == party_id, col(Booking.state) == "booked"
        )
        .order_by(col(Booking.booking_id))
    )
    for made in rows.all():
        resource = await session.get_one(Resource, (bank_id, made.resource_id))
        await end(session, made, resource, "cancelled", is_kept=False, at=at)


async def mine(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[tuple[Booking, Resource]]:
    """The viewer's bookings that are not over, soonest first."""
    rows = await session.execute(
        select(Booking, Resource)
        .join(
            Resource,
            (col(Resource.bank_id) == col(Booking.bank_id))
            & (col(Resource.resource_id) == col(Booking.resource_id)),
        )
        .where(
            col(Booking.bank_id) == viewer.bank_id,
            col(Booking.party_id).in_(viewer.party_ids),
            col(Booking.state) == "booked",
            col(Booking.ends_at) > at,
        )
        .order_by(col(Booking.starts_at), col(Booking.booking_id))
    )
    return [(row.Booking, row.Resource) for row in rows]


async def call_off(
    session: AsyncSession, viewer: Viewer, resource_id: UUID, *, from_day: date, until_day: date, at: datetime
) -> list[Booking]:
    """The owner takes days back: whoever has booked them gets everything back, and is told.

    Raises:
        NotAllowed, NotFound
    """
    resource = await resources.get(session, viewer, resource_id, is_locked=True)
    require(viewer.roles, "resource.change", viewer.relations_to(resource.owner_id))
    bank = await banks.get(session, viewer.bank_id)
    rows = await session.scalars(
        select(Booking)
        .where(
            col(Booking.bank_id) == viewer.bank_id,
            col(Booking.resource_id) == resource_id,
            col(Booking.state) == "booked",
            col(Booking.ends_at) > at,
        )
        .order_by(col(Booking.booking_id))
        .with_for_update()
    )
    ended = [row for row in rows.all() if from_day <= banks.today(bank, row.starts_at) <= until_day]
    for made in ended:
        await end(session, made, resource, "called_off", is_kept=False, at=at)
        told = {
            "booking_id": str(made.booking_id),
            "party_id": str(made.party_id),
            "by_id": str(viewer.member_id),
            "starts_at": made.starts_at.isoformat(),
        }
        outbox.record(session, made.bank_id, "booking.called_off", told, at=at)
    await session.flush()
    return ended


async def withdraw(session: AsyncSession, viewer: Viewer, resource_id: UUID, *, at: datetime) -> Resource:
    """No longer on offer: every booking to come is called off.

    Raises:
        NotAllowed, NotFound
    """
    bank = await banks.get(session, viewer.bank_id)
    today = banks.today(bank, at)
    await call_off(session, viewer, resource_id, from_day=today, until_day=today + 2 * AHEAD, at=at)
    resource = await resources.get(session, viewer, resource_id)
    resource.is_offered = False
    await session.flush()
    return resource
