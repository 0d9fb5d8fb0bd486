"""Rooms by the hour and things by the day, lent by organisations for hours.

Booking sets the hours aside, coming uses them; giving up late follows the organisation's rule, and when it
takes the offer back everybody booked is told. What must never happen: two bookings of one hour, which the
key of `slot` refuses whatever the code thinks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import holding
from exchange.activities.errors import BadActivity, BookingInWrongState, OutsideHours, SlotTaken
from exchange.activities.tables import MINUTES_MAX, RESOURCE_KINDS, Booking, Resource, Slot
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

UNIT_OF = {"room": "hour", "equipment": "day"}
STEP = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
UNITS_MAX = {"hour": 14, "day": 31}
AHEAD = timedelta(days=366)
HELD_AFTER = timedelta(days=60)
CLOSE_AFTER = timedelta(days=2)
ACTIVE = ("booked", "used")
LATE_HOURS_MAX = 336


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A room or a thing as its owner offers it; `costs_minutes` is for each hour, or each day."""

    resource_id: UUID
    owner_id: UUID
    kind: str
    title: str
    location: str
    costs_minutes: int = 0
    about: str | None = None
    access: Sequence[str] = ()
    opens: time = time(9)
    closes: time = time(21)
    late_hours: int = 0
    late_keeps: bool = False


async def offer(session: AsyncSession, viewer: Viewer, wanted: Offer, *, at: datetime) -> Resource:
    """Put a room or a thing on offer. The same id again returns the first.

    Raises:
        BadActivity, TextMissing, TextTooLong, SameIdOtherContents, NotAllowed, NotFound
    """
    owner = await parties.get(session, viewer.bank_id, wanted.owner_id)
    require(viewer.roles, "resource.offer", viewer.relations_to(owner.party_id))
    known = await session.get(Resource, (viewer.bank_id, wanted.resource_id))
    if known is not None:
        if (known.owner_id, known.kind, known.title) != (wanted.owner_id, wanted.kind, wanted.title.strip()):
            raise SameIdOtherContents
        return known
    _check(wanted, owner.kind)
    made = Resource(
        bank_id=viewer.bank_id,
        resource_id=wanted.resource_id,
        owner_id=owner.party_id,
        kind=wanted.kind,
        unit=UNIT_OF[wanted.kind],
        title=required(wanted.title, field="title", characters_max=NAME_CHARACTERS_MAX),
        about=clean(wanted.about, field="about", characters_max=NOTE_CHARACTERS_MAX),
        location=required(wanted.location, field="location"),
        access=[line for text in wanted.access if (line := clean(text, field="access"))],
        costs_minutes=wanted.costs_minutes,
        opens=wanted.opens,
        closes=wanted.closes,
        late_hours=wanted.late_hours,
        late_keeps=wanted.late_keeps,
        made_at=at,
    )
    session.add(made)
    await session.flush()
    return made


def _check(wanted: Offer, owner_kind: str) -> None:
    wrong = {
        "owner": owner_kind != "organisation",
        "kind": wanted.kind not in RESOURCE_KINDS,
        "costs_minutes": not 0 <= wanted.costs_minutes <= MINUTES_MAX,
        "closes": wanted.opens >= wanted.closes,
        "late_hours": not 0 <= wanted.late_hours <= LATE_HOURS_MAX,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise BadActivity(field=field)


async def get(
    session: AsyncSession, viewer: Viewer, resource_id: UUID, *, is_locked: bool = False
) -> Resource:
    """One room or thing.

    Raises:
        NotFound: none such in this bank.
    """
    require(viewer.roles, "activity.read", [Relation.BANK])
    found = await session.get(
        Resource, (viewer.bank_id, resource_id), with_for_update=is_locked or None, populate_existing=True
    )
    if found is None:
        raise NotFound(field="resource_id")
    return found


async def every(session: AsyncSession, viewer: Viewer) -> list[tuple[Resource, str]]:
    """What is on offer, with the owners' names, by title."""
    require(viewer.roles, "activity.read", [Relation.BANK])
    rows = await session.scalars(
        select(Resource).where(col(Resource.bank_id) == viewer.bank_id, col(Resource.is_offered))
    )
    found = list(rows.all())
    names = await parties.names(session, viewer.bank_id, {row.owner_id for row in found})
    return sorted(((row, names[row.owner_id]) for row in found), key=lambda pair: pair[0].title.casefold())


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
    known = await session.get(Booking, (viewer.bank_id, booking_id))
    if known is not None:
        if (known.resource_id, known.party_id, known.units) != (resource_id, who, units):
            raise SameIdOtherContents
        return known
    resource = await get(session, viewer, resource_id)
    if person.kind not in ("member", "organisation") or not await parties.is_present(session, person):
        raise MemberNotActive
    if not resource.is_offered or who == resource.owner_id:
        raise OutsideHours
    bank = await banks.get(session, viewer.bank_id)
    slots = _slots(resource, bank, day, starts, units, at)
    made = Booking(
        bank_id=viewer.bank_id,
        booking_id=booking_id,
        resource_id=resource_id,
        party_id=who,
        state="booked",
        starts_at=slots[0],
        ends_at=_end(resource, bank, slots[-1]),
        units=units,
        minutes=units * resource.costs_minutes,
        booked_by=viewer.member_id,
        booked_at=at,
    )
    made.close_at = made.ends_at + CLOSE_AFTER
    await _take(session, made, slots)
    await _set_aside(session, made, at)
    return made


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


def _end(resource: Resource, bank: Bank, last: datetime) -> datetime:
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
    await _end_booking(session, made, resource, "cancelled", is_kept=is_late, at=at)
    return made


async def _end_booking(
    session: AsyncSession, made: Booking, resource: Resource, state: str, *, is_kept: bool, at: datetime
) -> None:
    made.state, made.ended_at, made.close_at = state, at, None
    bank = await banks.get(session, made.bank_id)
    if is_kept and made.is_held:
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
    if made.state not in ("booked", "missed") or made.starts_at > at + STEP["hour"]:
        raise BookingInWrongState
    await _end_booking(session, made, resource, "used", is_kept=True, at=at)
    return made


async def call_off(
    session: AsyncSession, viewer: Viewer, resource_id: UUID, *, from_day: date, until_day: date, at: datetime
) -> list[Booking]:
    """The owner takes days back: whoever has booked them gets everything back, and is told.

    Raises:
        NotAllowed, NotFound
    """
    resource = await get(session, viewer, resource_id, is_locked=True)
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
        await _end_booking(session, made, resource, "called_off", is_kept=False, at=at)
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
    resource = await get(session, viewer, resource_id)
    resource.is_offered = False
    await session.flush()
    return resource


async def taken(session: AsyncSession, viewer: Viewer, resource_id: UUID, day: date) -> set[datetime]:
    """The hours of a day that are taken, or the day itself."""
    resource = await get(session, viewer, resource_id)
    bank = await banks.get(session, viewer.bank_id)
    zone = ZoneInfo(bank.time_zone)
    begins = datetime.combine(day, time(), tzinfo=zone)
    rows = await session.scalars(
        select(col(Slot.starts_at)).where(
            col(Slot.bank_id) == viewer.bank_id,
            col(Slot.resource_id) == resource.resource_id,
            col(Slot.starts_at) >= begins,
            col(Slot.starts_at) < begins + timedelta(days=1),
        )
    )
    return set(rows.all())


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
        await _end_booking(session, made, resource, "missed", is_kept=resource.late_keeps, at=at)
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
        await _end_booking(session, made, resource, "cancelled", is_kept=False, at=at)


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
