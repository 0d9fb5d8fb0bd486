"""What an organisation sees of its own: its sessions to come, who booked its rooms and things, what it lends.

What must never happen: another organisation's bookings here, or a name from behind a wall.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import roster_people
from exchange.activities.sessions import CLOSE_AFTER
from exchange.activities.tables import Activity, ActivitySession, Booking, Place, Resource
from exchange.errors import NotFound
from exchange.membership import parties
from exchange.membership.tables import Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

AHEAD = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """One session, and how many are expected: people with a place, those with them, and turns on the list."""

    session: ActivitySession
    activity: Activity
    booked: int
    companions: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """One booking of a room or a thing; `name` is None where a wall stands between."""

    booking: Booking
    resource: Resource
    name: str | None


async def organisation(session: AsyncSession, viewer: Viewer, organisation_id: UUID) -> Party:
    """An organisation whose doings the viewer looks after: its voice, or staff.

    Raises:
        NotFound: no such organisation in this bank.
        NotAllowed
    """
    found = await parties.get(session, viewer.bank_id, organisation_id)
    if found.kind != "organisation":
        raise NotFound
    require(viewer.roles, "resource.change", viewer.relations_to(organisation_id))
    return found


async def sessions_to_come(
    session: AsyncSession, viewer: Viewer, organisation_id: UUID, *, at: datetime
) -> list[Coming]:
    """Its sessions of the next four weeks, and those just over whose list may still come in, in order.

    Raises:
        NotAllowed, NotFound
    """
    await organisation(session, viewer, organisation_id)
    rows = await session.execute(
        select(ActivitySession, Activity)
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(
            col(ActivitySession.bank_id) == viewer.bank_id,
            col(Activity.host_id) == organisation_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at - CLOSE_AFTER,
            col(ActivitySession.starts_at) < at + AHEAD,
        )
        .order_by(col(ActivitySession.starts_at), col(ActivitySession.session_id))
    )
    found = list(rows.all())
    counts = await _counts(session, viewer.bank_id, [row.ActivitySession.session_id for row in found])
    return [_coming(row.ActivitySession, row.Activity, counts) for row in found]


def _coming(
    meeting: ActivitySession, activity: Activity, counts: dict[tuple[UUID, str], tuple[int, int]]
) -> Coming:
    booked, companions = counts.get((meeting.session_id, "booked"), (0, 0))
    waiting, _ = counts.get((meeting.session_id, "waiting"), (0, 0))
    return Coming(session=meeting, activity=activity, booked=booked, companions=companions, waiting=waiting)


async def _counts(
    session: AsyncSession, bank_id: UUID, session_ids: list[UUID]
) -> dict[tuple[UUID, str], tuple[int, int]]:
    rows = await session.execute(
        select(
            col(Place.session_id),
            col(Place.state),
            func.count().label("people"),
            func.sum(col(Place.companions)).label("companions"),
        )
        .where(
            col(Place.bank_id) == bank_id,
            col(Place.session_id).in_(session_ids),
            col(Place.state).in_(("booked", "waiting")),
        )
        .group_by(col(Place.session_id), col(Place.state))
    )
    return {(row.session_id, row.state): (row.people, int(row.companions or 0)) for row in rows}


async def expected(session: AsyncSession, bank_id: UUID, session_ids: list[UUID]) -> int:
    """How many have a place or a turn at these sessions."""
    return sum(people for people, _ in (await _counts(session, bank_id, session_ids)).values())


async def booked(
    session: AsyncSession,
    viewer: Viewer,
    organisation_id: UUID,
    *,
    resource_id: UUID | None = None,
) -> list[Lent]:
    """Bookings of its rooms and things that nobody has settled yet, also those just over, soonest first.

    Raises:
        NotAllowed, NotFound
    """
    await organisation(session, viewer, organisation_id)
    statement = (
        select(Booking, Resource)
        .join(
            Resource,
            (col(Resource.bank_id) == col(Booking.bank_id))
            & (col(Resource.resource_id) == col(Booking.resource_id)),
        )
        .where(
            col(Booking.bank_id) == viewer.bank_id,
            col(Resource.owner_id) == organisation_id,
            col(Booking.state) == "booked",
        )
        .order_by(col(Booking.starts_at), col(Booking.booking_id))
    )
    if resource_id is not None:
        statement = statement.where(col(Booking.resource_id) == resource_id)
    rows = (await session.execute(statement)).all()
    hidden = await roster_people.hidden_from(session, viewer)
    names = await parties.names(session, viewer.bank_id, {row.Booking.party_id for row in rows} - hidden)
    return [
        Lent(booking=row.Booking, resource=row.Resource, name=names.get(row.Booking.party_id)) for row in rows
    ]


async def without_host(session: AsyncSession, viewer: Viewer) -> list[Activity]:
    """Groups that still go on although the member who holds them has left or died, by title."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.scalars(
        select(Activity)
        .join(
            Member,
            (col(Member.bank_id) == col(Activity.bank_id)) & (col(Member.member_id) == col(Activity.host_id)),
        )
        .where(
            col(Activity.bank_id) == viewer.bank_id,
            col(Activity.state) == "approved",
            col(Member.status).in_(("left", "deceased")),
        )
    )
    return sorted(rows.all(), key=lambda row: (row.title.casefold(), row.activity_id))


async def lends(session: AsyncSession, viewer: Viewer, organisation_id: UUID) -> list[Resource]:
    """Its rooms and things by title, those that are withdrawn last.

    Raises:
        NotAllowed, NotFound
    """
    await organisation(session, viewer, organisation_id)
    rows = await session.scalars(
        select(Resource).where(
            col(Resource.bank_id) == viewer.bank_id, col(Resource.owner_id) == organisation_id
        )
    )
    return sorted(rows.all(), key=lambda row: (not row.is_offered, row.title.casefold()))
