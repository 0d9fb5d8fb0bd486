"""The meetings of an activity: written ahead, called off with everybody told, and closed when they are over.

What must never happen: credits left set aside for a meeting that will not be.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import codes, holding, paying, series, standing, states
from exchange.activities.standing import Meeting
from exchange.activities.tables import Activity, ActivitySession, CheckIn, Place
from exchange.hours.errors import BelowFloor
from exchange.membership import banks
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import NOTE_CHARACTERS_MAX, clean

AHEAD = timedelta(days=62)
PLAN_EVERY = timedelta(days=7)
CLOSE_AFTER = timedelta(days=2)
"""How long after its end those who stayed away are settled; scans without signal come in meanwhile."""


def key(activity_id: UUID, day: date) -> UUID:
    """A session's id, the same however often its day is written."""
    return uuid5(activity_id, f"session:{day}")


async def plan(session: AsyncSession, activity: Activity, *, at: datetime) -> None:
    """Write the sessions of the next two months that are not written yet."""
    bank = await banks.get(session, activity.bank_id)
    until = banks.today(bank, at + AHEAD)
    if activity.ends_on is not None:
        until = min(until, activity.ends_on)
    wanted = [
        _row(activity, bank, day) for day in series.days(activity.first_on, activity.repeats, until=until)
    ]
    new = [row for row in wanted if row["ends_at"] > at]
    if new:
        await session.execute(insert(ActivitySession).values(new).on_conflict_do_nothing())
    is_over = activity.repeats == "once" and bool(wanted)
    is_over = is_over or (activity.ends_on is not None and activity.ends_on <= until)
    activity.plan_at = None if is_over else at + PLAN_EVERY


def _row(activity: Activity, bank: Bank, day: date) -> dict[str, Any]:
    begins = series.starts_at(day, activity.starts, bank.time_zone)
    ends = begins + timedelta(minutes=activity.minutes)
    return {
        "bank_id": activity.bank_id,
        "session_id": key(activity.activity_id, day),
        "activity_id": activity.activity_id,
        "on_day": day,
        "starts_at": begins,
        "ends_at": ends,
        "state": "planned",
        "turns": 0,
        "close_at": ends + CLOSE_AFTER,
    }


async def to_come(session: AsyncSession, activity: Activity, *, at: datetime) -> list[ActivitySession]:
    """The planned sessions that have not begun."""
    rows = await session.scalars(
        select(ActivitySession)
        .where(
            col(ActivitySession.bank_id) == activity.bank_id,
            col(ActivitySession.activity_id) == activity.activity_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.starts_at) > at,
        )
        .order_by(col(ActivitySession.starts_at))
    )
    return list(rows.all())


async def just_over(session: AsyncSession, activity: Activity, *, at: datetime) -> list[ActivitySession]:
    """The sessions that are over and not settled yet: who came may still be entered. Newest first."""
    rows = await session.scalars(
        select(ActivitySession)
        .where(
            col(ActivitySession.bank_id) == activity.bank_id,
            col(ActivitySession.activity_id) == activity.activity_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) <= at,
            col(ActivitySession.ends_at) > at - CLOSE_AFTER,
        )
        .order_by(col(ActivitySession.starts_at).desc())
    )
    return list(rows.all())


async def _places(
    session: AsyncSession, meeting: ActivitySession, came: Collection[UUID] = ()
) -> list[Place]:
    """The places and turns that are still to be settled, and the places of those who `came`."""
    rows = await session.scalars(
        select(Place)
        .where(
            col(Place.bank_id) == meeting.bank_id,
            col(Place.session_id) == meeting.session_id,
            col(Place.state).in_(("booked", "waiting"))
            | ((col(Place.state) == "came") & col(Place.member_id).in_(came)),
        )
        .order_by(col(Place.turn))
        .execution_options(populate_existing=True)
    )
    return list(rows.all())


async def call_off(
    session: AsyncSession, viewer: Viewer, session_id: UUID, *, reason: str | None = None, at: datetime
) -> ActivitySession:
    """It will not be: what was set aside is given back; everybody booked, and who leads it, is told. Once.

    Before it has begun that goes for who has come already, too: what coming earned or cost is undone.

    Raises:
        ActivityInWrongState, NotAllowed, NotFound
    """
    found = await standing.meeting(session, viewer, session_id, is_locked=True)
    require(viewer.roles, "activity.change", found.relations(viewer))
    meeting = found.session
    if meeting.state == "called_off":
        return meeting
    meeting.state = states.check(states.SESSIONS, meeting.state, "call_off")
    meeting.reason = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    meeting.close_at = None
    came = await _came_already(session, found, at) if meeting.starts_at > at else []
    booked = await _places(session, meeting, {row.member_id for row in came})
    for place in booked:
        place.state, place.ended_at = states.check(states.PLACES, place.state, "call_off"), at
        await holding.give_back(session, place, place.place_id, at=at)
    expected = [*(place.member_id for place in booked), *(row.member_id for row in came)]
    for member_id in dict.fromkeys([*expected, *sorted(found.leader_ids)]):
        told = {
            "session_id": str(session_id),
            "activity_id": str(meeting.activity_id),
            "member_id": str(member_id),
            "by_id": str(viewer.member_id),
            "starts_at": meeting.starts_at.isoformat(),
        }
        outbox.record(session, meeting.bank_id, "session.called_off", told, at=at)
    await codes.kill(session, meeting.bank_id, "poster", [session_id], at=at)
    await session.flush()
    return meeting


async def _came_already(session: AsyncSession, found: Meeting, at: datetime) -> list[CheckIn]:
    """Whoever is there before it begins, their check-ins undone; who has spent theirs is a coordinator's."""
    rows = await session.scalars(
        select(CheckIn)
        .where(
            col(CheckIn.bank_id) == found.session.bank_id,
            col(CheckIn.session_id) == found.session.session_id,
            col(CheckIn.state).in_(("counted", "waiting")),
        )
        .order_by(col(CheckIn.check_in_id))
        .execution_options(populate_existing=True)
    )
    there = list(rows.all())
    for row in there:
        try:
            async with session.begin_nested():
                await paying.take_back(session, found, row, at=at)
        except BelowFloor:
            row.flags = sorted({*row.flags, "floor"})
            continue
        row.state, row.settled_at = states.check(states.CHECK_INS, row.state, "call_off"), at
    return there


async def close(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 50) -> int:
    """Settle the sessions that are over: who stayed away, and who never checked out. Returns how many."""
    rows = await session.scalars(
        select(ActivitySession)
        .where(col(ActivitySession.bank_id) == bank_id, col(ActivitySession.close_at) <= at)
        .order_by(col(ActivitySession.close_at), col(ActivitySession.session_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for meeting in due:
        await _close(session, meeting, at)
    await session.flush()
    return len(due)


async def _close(session: AsyncSession, meeting: ActivitySession, at: datetime) -> None:
    activity = await session.get_one(Activity, (meeting.bank_id, meeting.activity_id))
    meeting.state, meeting.close_at = states.check(states.SESSIONS, meeting.state, "close"), None
    expected = await _awaited(session, meeting)
    for place in await _places(session, meeting):
        if place.member_id in expected:
            continue
        was_booked = place.state == "booked"
        place.state, place.ended_at = states.check(states.PLACES, place.state, "close"), at
        if was_booked and activity.late_keeps:
            place.kept_minutes = await holding.keep(session, activity, place, meeting.on_day, at=at)
        else:
            await holding.give_back(session, place, place.place_id, at=at)
    if activity.has_check_out:
        await _flag_those_still_in(session, meeting)


async def _awaited(session: AsyncSession, meeting: ActivitySession) -> set[UUID]:
    """Those who say that they came, and whom nobody has nodded to yet."""
    rows = await session.scalars(
        select(col(CheckIn.member_id)).where(
            col(CheckIn.bank_id) == meeting.bank_id,
            col(CheckIn.session_id) == meeting.session_id,
            col(CheckIn.state) == "waiting",
        )
    )
    return set(rows.all())


async def _flag_those_still_in(session: AsyncSession, meeting: ActivitySession) -> None:
    rows = await session.scalars(
        select(CheckIn).where(
            col(CheckIn.bank_id) == meeting.bank_id,
            col(CheckIn.session_id) == meeting.session_id,
            col(CheckIn.state) == "counted",
            col(CheckIn.left_at).is_(None),
        )
    )
    for row in rows:
        row.flags = [*row.flags, "no_check_out"]


async def plan_due(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 50) -> int:
    """Write further sessions of the series that are due. Returns how many series."""
    rows = await session.scalars(
        select(Activity)
        .where(col(Activity.bank_id) == bank_id, col(Activity.plan_at) <= at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for activity in due:
        await plan(session, activity, at=at)
    await session.flush()
    return len(due)
