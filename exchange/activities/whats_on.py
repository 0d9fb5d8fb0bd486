"""What is on: to strangers the public sessions, to members all but those behind a wall.

What must never happen: a member's name or home read by a stranger, or a group led by somebody behind a wall.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import standing
from exchange.activities.printed import WhatsOn, WhatsOnLine
from exchange.activities.tables import Activity, ActivitySession, Place
from exchange.errors import NotFound
from exchange.membership import banks, parties
from exchange.membership.tables import Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

AHEAD_DAYS = 28
AHEAD_DAYS_MAX = 62


async def whats_on(
    session: AsyncSession,
    bank_id: UUID,
    *,
    viewer: Viewer | None,
    at: datetime,
    days: int = AHEAD_DAYS,
) -> WhatsOn:
    """What is on in the next days: to a stranger the public ones, to a member all but those behind a wall.

    A stranger is not told the name of a member who holds one, nor the place, since it may be their home.

    Raises:
        NotFound: no such bank.
    """
    if viewer is not None:
        require(viewer.roles, "activity.read", [Relation.BANK])
    bank = await banks.get(session, bank_id)
    from_day = banks.today(bank, at)
    until_day = from_day + timedelta(days=min(days, AHEAD_DAYS_MAX))
    statement = (
        select(ActivitySession, Activity, col(Party.name), col(Party.kind))
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .join(
            Party,
            (col(Party.bank_id) == col(Activity.bank_id)) & (col(Party.party_id) == col(Activity.host_id)),
        )
        .where(
            col(ActivitySession.bank_id) == bank_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at,
            col(ActivitySession.on_day) <= until_day,
            col(Activity.state) == "approved",
        )
        .order_by(col(ActivitySession.starts_at), col(ActivitySession.session_id))
    )
    if viewer is None:
        statement = statement.where(col(Activity.is_public))
    hidden = await _walled(session, viewer)
    rows = [row for row in (await session.execute(statement)).all() if row.Activity.activity_id not in hidden]
    return WhatsOn(
        bank=bank.name,
        telephone=bank.telephone,
        time_zone=bank.time_zone,
        from_day=from_day,
        until_day=until_day,
        lines=tuple(
            _whats_on_line(
                row.ActivitySession,
                row.Activity,
                None if viewer is None and row.kind == "member" else row.name,
                bank.name,
            )
            for row in rows
        ),
    )


async def one(session: AsyncSession, viewer: Viewer, activity_id: UUID) -> Activity:
    """One activity, as the viewer may look at it; one's own is there whoever else leads it.

    Raises:
        NotFound: none such, not the viewer's to know of yet, or behind a wall.
    """
    found = await standing.activity_of(session, viewer, activity_id)
    led_by = await standing.leaders(session, viewer.bank_id, activity_id)
    is_own = Relation.OWN in standing.relations(viewer, found, led_by)
    if not (is_own or viewer.is_staff):
        hidden = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
        if hidden & {found.host_id, *led_by}:
            raise NotFound(field="activity_id")
    return found


async def taking_part(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[ActivitySession]:
    """The sessions still to begin at which the viewer has a place or waits for one, the next one first."""
    rows = await session.scalars(
        select(ActivitySession)
        .join(
            Place,
            (col(Place.bank_id) == col(ActivitySession.bank_id))
            & (col(Place.session_id) == col(ActivitySession.session_id)),
        )
        .where(
            col(ActivitySession.bank_id) == viewer.bank_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.starts_at) > at,
            col(Place.member_id) == viewer.member_id,
            col(Place.state).in_(("booked", "waiting")),
        )
        .order_by(col(ActivitySession.starts_at), col(ActivitySession.session_id))
    )
    return list(rows.all())


async def _walled(session: AsyncSession, viewer: Viewer | None) -> set[UUID]:
    """Activities that somebody behind a wall holds or leads."""
    if viewer is None:
        return set()
    people = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
    return await standing.activities_of(session, viewer.bank_id, people) if people else set()


def _whats_on_line(meeting: ActivitySession, activity: Activity, host: str | None, bank: str) -> WhatsOnLine:
    """With no `host` to be named, the bank stands for them."""
    return WhatsOnLine(
        session_id=meeting.session_id,
        activity_id=activity.activity_id,
        title=activity.title,
        about=activity.about,
        host=host or bank,
        location=activity.location if host else "",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        access=tuple(activity.access) if host else (),
        lifts=activity.lifts,
        earns_minutes=activity.earns_minutes,
        costs_minutes=activity.costs_minutes,
    )
