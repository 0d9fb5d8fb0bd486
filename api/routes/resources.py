"""Rooms by the hour and things by the day, lent by organisations."""

from datetime import date, datetime, time
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import Clock, CreatedId, Visiting
from exchange.activities import bookings, hosting, resources
from exchange.activities.tables import Booking, Resource

router = APIRouter(tags=["rooms"])


class NewResource(BaseModel):
    """A room or a thing on offer."""

    id: UUID | None = None
    owner_id: UUID
    kind: Literal["room", "equipment"]
    title: str = Field(max_length=80)
    location: str = Field(max_length=200)
    about: str | None = Field(default=None, max_length=2000)
    access: list[str] = Field(default_factory=list, max_length=12)
    costs_minutes: int = Field(default=0, description="For each hour of a room, each day of a thing.")
    opens: Clock = time(9)
    closes: Clock = time(21)
    late_hours: int = 0
    late_keeps: bool = False


class ResourceOut(BaseModel):
    """A room or a thing."""

    id: UUID
    owner_id: UUID
    kind: str
    unit: str
    title: str
    about: str | None
    location: str
    access: list[str]
    costs_minutes: int
    opens: Clock
    closes: Clock
    late_hours: int
    late_keeps: bool
    is_offered: bool

    @classmethod
    def of(cls, row: Resource) -> "ResourceOut":
        """The row as the door shows it."""
        names = cls.model_fields.keys() - {"id"}
        return cls(id=row.resource_id, **{name: getattr(row, name) for name in names})


class ResourcePage(BaseModel):
    """What is on offer."""

    items: list[ResourceOut]
    next_cursor: str | None = None


class ChangedResource(BaseModel):
    """What is to be otherwise; what is left out stays, and so does the price of what is booked."""

    title: str = Field(default="", max_length=80)
    location: str = Field(default="", max_length=200)
    about: str | None = Field(default=None, max_length=2000)
    access: list[str] = Field(default_factory=list, max_length=12)
    costs_minutes: int = 0
    opens: Clock = time(9)
    closes: Clock = time(21)
    late_hours: int = 0
    late_keeps: bool = False


class NewBooking(BaseModel):
    """So many hours from `starts` on, or so many days."""

    id: UUID | None = None
    day: date
    starts: Clock | None = None
    units: int = Field(default=1, strict=True)
    party_id: UUID | None = Field(default=None, description="For an organisation, or by staff for a member.")


class BookingOut(BaseModel):
    """A booking, and what is set aside for it."""

    id: UUID
    resource_id: UUID
    party_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    units: int
    minutes: int
    kept_minutes: int

    @classmethod
    def of(cls, row: Booking) -> "BookingOut":
        """The row as the door shows it."""
        names = cls.model_fields.keys() - {"id"}
        return cls(id=row.booking_id, **{name: getattr(row, name) for name in names})


class BookingPage(BaseModel):
    """Bookings, soonest first."""

    items: list[BookingOut]
    next_cursor: str | None = None


class Days(BaseModel):
    """Days that the owner takes back."""

    from_day: date
    until_day: date


@router.get("/resources")
async def list_resources(visit: Visiting) -> ResourcePage:
    """What organisations lend."""
    found = await resources.every(visit.session, visit.viewer)
    return ResourcePage(items=[ResourceOut.of(row) for row, _ in found])


@router.post("/resources", status_code=201)
async def offer(visit: Visiting, wanted: NewResource, new_id: CreatedId) -> ResourceOut:
    """Put a room or a thing on offer."""
    made = resources.Offer(resource_id=wanted.id or new_id, **wanted.model_dump(exclude={"id"}))
    return ResourceOut.of(await resources.offer(visit.session, visit.viewer, made, at=visit.at))


@router.patch("/resources/{resource_id}")
async def change(visit: Visiting, resource_id: UUID, wanted: ChangedResource) -> ResourceOut:
    """Say something else of it."""
    said = wanted.model_dump(exclude_unset=True)
    return ResourceOut.of(await resources.change(visit.session, visit.viewer, resource_id, said, at=visit.at))


@router.post("/resources/{resource_id}/withdraw")
async def withdraw(visit: Visiting, resource_id: UUID) -> ResourceOut:
    """No longer on offer: every booking to come is called off, and whoever booked is told."""
    return ResourceOut.of(await bookings.withdraw(visit.session, visit.viewer, resource_id, at=visit.at))


@router.post("/resources/{resource_id}/offer-again")
async def offer_again(visit: Visiting, resource_id: UUID) -> ResourceOut:
    """On offer once more."""
    return ResourceOut.of(await resources.offer_again(visit.session, visit.viewer, resource_id))


@router.get("/resources/{resource_id}/bookings")
async def list_bookings_of(visit: Visiting, resource_id: UUID) -> BookingPage:
    """Who has it when, for the owner's people."""
    resource = await resources.get(visit.session, visit.viewer, resource_id)
    found = await hosting.booked(visit.session, visit.viewer, resource.owner_id, resource_id=resource_id)
    return BookingPage(items=[BookingOut.of(lent.booking) for lent in found if lent.name is not None])


@router.post("/resources/{resource_id}/bookings", status_code=201)
async def book(visit: Visiting, resource_id: UUID, wanted: NewBooking, new_id: CreatedId) -> BookingOut:
    """Book it; the hours are set aside until it is used."""
    made = await bookings.book(
        visit.session,
        visit.viewer,
        resource_id,
        booking_id=wanted.id or new_id,
        at=visit.at,
        **wanted.model_dump(exclude={"id"}),
    )
    return BookingOut.of(made)


@router.post("/resources/{resource_id}/call-off")
async def call_off(visit: Visiting, resource_id: UUID, days: Days) -> BookingPage:
    """The owner takes days back; everybody booked gets everything back, and is told."""
    ended = await bookings.call_off(
        visit.session,
        visit.viewer,
        resource_id,
        from_day=days.from_day,
        until_day=days.until_day,
        at=visit.at,
    )
    return BookingPage(items=[BookingOut.of(row) for row in ended])


@router.get("/bookings")
async def list_bookings(visit: Visiting) -> BookingPage:
    """One's own bookings that are not over."""
    found = await bookings.mine(visit.session, visit.viewer, at=visit.at)
    return BookingPage(items=[BookingOut.of(row) for row, _ in found])


VERBS = {"cancel": bookings.cancel, "check-in": bookings.check_in}


@router.post("/bookings/{booking_id}/{verb}")
async def do(visit: Visiting, booking_id: UUID, verb: Literal["cancel", "check-in"]) -> BookingOut:
    """Give it up; or, by the owner's people, say that they came."""
    return BookingOut.of(await VERBS[verb](visit.session, visit.viewer, booking_id, at=visit.at))
