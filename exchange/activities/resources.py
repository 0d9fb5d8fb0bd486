"""Rooms by the hour and things by the day, lent by organisations for hours.

Booking sets the hours aside, coming uses them; giving up late follows the organisation's rule, and when it
takes the offer back everybody booked is told. What must never happen: two bookings of one hour, which the
key of `slot` refuses whatever the code thinks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.errors import BadActivity, SomebodyBooked
from exchange.activities.tables import MINUTES_MAX, RESOURCE_KINDS, Booking, Resource, Slot
from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

UNIT_OF = {"room": "hour", "equipment": "day"}
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
        bank_id=viewer.bank_id, unit=UNIT_OF[wanted.kind], is_offered=True, made_at=at, **_parts(wanted)
    )
    session.add(made)
    await session.flush()
    return made


def _parts(wanted: Offer) -> dict[str, Any]:
    """What the row says of it, with what people wrote made clean.

    Raises:
        TextMissing, TextTooLong
    """
    return {f.name: getattr(wanted, f.name) for f in fields(Offer)} | {
        "title": required(wanted.title, field="title", characters_max=NAME_CHARACTERS_MAX),
        "about": clean(wanted.about, field="about", characters_max=NOTE_CHARACTERS_MAX),
        "location": required(wanted.location, field="location"),
        "access": [line for text in wanted.access if (line := clean(text, field="access"))],
    }


async def change(
    session: AsyncSession, viewer: Viewer, resource_id: UUID, changes: Mapping[str, Any], *, at: datetime
) -> Resource:
    """Change what is said of a room or a thing; what is booked already keeps its price.

    Raises:
        SomebodyBooked: a stricter rule for giving up late than they booked under; or hours that begin at
            another minute, so that two bookings would overlap under different keys.
        BadActivity, TextMissing, TextTooLong, NotAllowed, NotFound
    """
    found = await get(session, viewer, resource_id, is_locked=True)
    require(viewer.roles, "resource.change", viewer.relations_to(found.owner_id))
    plain = {f.name: getattr(found, f.name) for f in fields(Offer)}
    wanted = Offer(**(plain | {name: changes[name] for name in changes if name in CHANGEABLE}))
    _check(wanted, "organisation")
    is_stricter = wanted.late_keeps and (not found.late_keeps or wanted.late_hours > found.late_hours)
    if is_stricter and await _is_booked(session, found, at):
        raise SomebodyBooked(field="late_hours")
    if wanted.opens.minute != found.opens.minute and await _is_booked(session, found, at):
        raise SomebodyBooked(field="opens")
    for name, value in _parts(wanted).items():
        setattr(found, name, value)
    await session.flush()
    return found


async def _is_booked(session: AsyncSession, resource: Resource, at: datetime) -> bool:
    booked = await session.scalar(
        select(col(Booking.booking_id))
        .where(
            col(Booking.bank_id) == resource.bank_id,
            col(Booking.resource_id) == resource.resource_id,
            col(Booking.state).in_(ACTIVE),
            col(Booking.ends_at) > at,
        )
        .limit(1)
    )
    return booked is not None


async def offer_again(session: AsyncSession, viewer: Viewer, resource_id: UUID) -> Resource:
    """On offer once more, after it was withdrawn. Repeats do nothing.

    Raises:
        NotAllowed, NotFound
    """
    found = await get(session, viewer, resource_id, is_locked=True)
    require(viewer.roles, "resource.change", viewer.relations_to(found.owner_id))
    found.is_offered = True
    await session.flush()
    return found


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


CHANGEABLE = frozenset(field.name for field in fields(Offer)) - {"resource_id", "owner_id", "kind"}


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
