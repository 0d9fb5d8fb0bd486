"""Changing an activity that is there: which part, by whom, until when; who booked hears of time and place.

Until it is approved, whoever holds it changes anything. Afterwards what coming earns or costs stands, since
others said yes to it; its name and who leads it are a coordinator's who has no part in it. What must never
happen: a new price, or a stricter rule for staying away, behind the back of somebody who booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import holding, places, proposing, series, sessions, standing, states
from exchange.activities.errors import BadActivity, FixedOnceApproved, SomebodyBooked
from exchange.activities.proposing import Proposal
from exchange.activities.standing import Meeting
from exchange.activities.tables import Activity, ActivityLeader, ActivitySession, Place
from exchange.membership import banks
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require

HOSTS = frozenset(
    {
        "about",
        "location",
        "access",
        "lifts",
        "starts",
        "minutes",
        "ends_on",
        "places",
        "companions_max",
        "is_public",
        "late_hours",
        "late_keeps",
    }
)
"""What whoever holds an approved activity changes alone."""
DECIDERS = frozenset({"title", "leader_ids"})
"""What only a coordinator with no part in it changes once it is approved: others read it, or earn by it."""
MOVES = frozenset({"starts", "minutes", "location"})
"""What those who booked must hear of."""
CHANGEABLE = frozenset(field.name for field in fields(Proposal)) - {"activity_id", "host_id"}


def as_proposal(activity: Activity, leader_ids: Sequence[UUID]) -> Proposal:
    """The activity as it might be proposed now, for a form to show and to compare with."""
    plain = {f.name: getattr(activity, f.name) for f in fields(Proposal) if f.name != "leader_ids"}
    return Proposal(**plain, leader_ids=tuple(sorted(leader_ids)))


async def change(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, changes: Mapping[str, Any], *, at: datetime
) -> Activity:
    """Change the parts of an activity that `changes` names; what is as it was changes nothing.

    Raises:
        FixedOnceApproved: what coming earns or costs, once it is approved; or a part only others may change.
        SomebodyBooked: a stricter rule for staying away, or fewer places than are taken.
        ActivityInWrongState: declined or ended.
        BadActivity, TextMissing, TextTooLong, MemberNotActive, NotAllowed, NotFound
    """
    activity = await standing.activity_of(session, viewer, activity_id, is_locked=True)
    leader_ids = await standing.leaders(session, viewer.bank_id, activity_id)
    require(viewer.roles, "activity.change", standing.relations(viewer, activity, leader_ids))
    states.check(states.ACTIVITIES, activity.state, "change")
    before = as_proposal(activity, sorted(leader_ids))
    after = _changed(before, changes)
    named = {f.name for f in fields(Proposal) if getattr(before, f.name) != getattr(after, f.name)}
    _check_may(viewer, activity, leader_ids, named)
    await proposing.check(session, viewer, after, at=at if "first_on" in named else activity.made_at)
    meetings = await _to_come(session, activity, leader_ids, at)
    await _check_booked(session, before, after, meetings)
    proposing.write(activity, after)
    if "leader_ids" in named:
        await _lead(session, activity, after.leader_ids, meetings, at)
    await _move(session, activity, meetings, named, at)
    if "ends_on" in named and activity.state == "approved":
        await _end_on(session, viewer, activity, meetings, at)
    if named & MOVES:
        await _tell(session, viewer, activity, meetings, at)
    await session.flush()
    if "places" in named:
        for found in await _to_come(session, activity, leader_ids, at):
            await places.move_up(session, found, at)
    return activity


def _changed(before: Proposal, changes: Mapping[str, Any]) -> Proposal:
    plain = {f.name: getattr(before, f.name) for f in fields(Proposal)}
    wanted = {name: value for name, value in changes.items() if name in CHANGEABLE}
    if "leader_ids" in wanted:
        wanted["leader_ids"] = tuple(sorted(set(wanted["leader_ids"])))
    if "access" in wanted:
        wanted["access"] = list(wanted["access"])
    return Proposal(**(plain | wanted))


def _check_may(viewer: Viewer, activity: Activity, leader_ids: frozenset[UUID], named: set[str]) -> None:
    if activity.state == "proposed":
        return
    if named & DECIDERS:
        require(viewer.roles, "activity.decide", _part(viewer, activity, leader_ids))
    if fixed := sorted(named - HOSTS - DECIDERS):
        raise FixedOnceApproved(field=fixed[0])


def _part(viewer: Viewer, activity: Activity, leader_ids: frozenset[UUID]) -> frozenset[Relation]:
    """Whether the viewer has a part in it; who proposed it has."""
    if activity.proposed_by == viewer.member_id:
        return frozenset({Relation.OWN})
    return standing.relations(viewer, activity, leader_ids)


async def _to_come(
    session: AsyncSession, activity: Activity, leader_ids: frozenset[UUID], at: datetime
) -> list[Meeting]:
    """Its sessions that have not begun, each held for this transaction in the order of their keys."""
    rows = await session.scalars(
        select(ActivitySession)
        .where(
            col(ActivitySession.bank_id) == activity.bank_id,
            col(ActivitySession.activity_id) == activity.activity_id,
            col(ActivitySession.state) == "planned",
            col(ActivitySession.starts_at) > at,
        )
        .order_by(col(ActivitySession.session_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [Meeting(session=row, activity=activity, leader_ids=leader_ids) for row in rows]


async def _booked(session: AsyncSession, meetings: Sequence[Meeting]) -> list[Place]:
    """The places and turns at these sessions."""
    if not meetings:
        return []
    rows = await session.scalars(
        select(Place)
        .where(
            col(Place.bank_id) == meetings[0].session.bank_id,
            col(Place.session_id).in_([found.session.session_id for found in meetings]),
            col(Place.state).in_(("booked", "waiting")),
        )
        .order_by(col(Place.place_id))
        .execution_options(populate_existing=True)
    )
    return list(rows.all())


def is_stricter(before: Any, after: Any) -> bool:
    """Whether staying away would cost more than under the rule that people booked by."""
    return after.late_keeps and (not before.late_keeps or after.late_hours > before.late_hours)


async def _check_booked(
    session: AsyncSession, before: Proposal, after: Proposal, meetings: Sequence[Meeting]
) -> None:
    booked = [place for place in await _booked(session, meetings) if place.state == "booked"]
    if booked and is_stricter(before, after):
        raise SomebodyBooked(field="late_hours")
    if after.places is None:
        return
    for found in meetings:
        here = [place for place in booked if place.session_id == found.session.session_id]
        if sum(1 + place.companions for place in here) > after.places:
            raise SomebodyBooked(field="places")


async def _lead(
    session: AsyncSession,
    activity: Activity,
    wanted: Sequence[UUID],
    meetings: Sequence[Meeting],
    at: datetime,
) -> None:
    """Others lead it; a leader who had booked pays nothing for their place any more."""
    await session.execute(
        delete(ActivityLeader).where(
            col(ActivityLeader.bank_id) == activity.bank_id,
            col(ActivityLeader.activity_id) == activity.activity_id,
        )
    )
    session.add_all(
        ActivityLeader(bank_id=activity.bank_id, activity_id=activity.activity_id, member_id=member_id)
        for member_id in wanted
    )
    for place in await _booked(session, meetings):
        if place.member_id in wanted:
            await holding.give_back(session, place, place.place_id, at=at)
    await session.flush()


async def _move(
    session: AsyncSession, activity: Activity, meetings: Sequence[Meeting], named: set[str], at: datetime
) -> None:
    if not named & {"starts", "minutes"}:
        return
    bank = await banks.get(session, activity.bank_id)
    for found in meetings:
        begins = series.starts_at(found.session.on_day, activity.starts, bank.time_zone)
        if begins <= at:
            raise BadActivity("Today's session would have begun already.", field="starts")
        ends = begins + timedelta(minutes=activity.minutes)
        found.session.starts_at, found.session.ends_at = begins, ends
        found.session.close_at = ends + sessions.CLOSE_AFTER


async def _end_on(
    session: AsyncSession, viewer: Viewer, activity: Activity, meetings: Sequence[Meeting], at: datetime
) -> None:
    """Another last day: what comes after it is called off, what is now missing is written."""
    for found in meetings:
        if activity.ends_on is not None and found.session.on_day > activity.ends_on:
            await sessions.call_off(session, viewer, found.session.session_id, at=at)
    await sessions.plan(session, activity, at=at)


async def _tell(
    session: AsyncSession, viewer: Viewer, activity: Activity, meetings: Sequence[Meeting], at: datetime
) -> None:
    """One message for each person, about the next session that they booked."""
    starts = {f.session.session_id: f.session.starts_at for f in meetings if f.session.state == "planned"}
    told = [place for place in await _booked(session, meetings) if place.session_id in starts]
    soonest: dict[UUID, Place] = {}
    for place in sorted(told, key=lambda place: starts[place.session_id]):
        soonest.setdefault(place.member_id, place)
    for member_id, place in soonest.items():
        payload = {
            "activity_id": str(activity.activity_id),
            "session_id": str(place.session_id),
            "member_id": str(member_id),
            "by_id": str(viewer.member_id),
            "starts_at": starts[place.session_id].isoformat(),
        }
        outbox.record(session, activity.bank_id, "activity.changed", payload, at=at)


async def may_decide(session: AsyncSession, viewer: Viewer, activity: Activity) -> bool:
    """Whether the viewer, having no part in it, may give it another name or other leaders."""
    leader_ids = await standing.leaders(session, viewer.bank_id, activity.activity_id)
    return may(viewer.roles, "activity.decide", _part(viewer, activity, leader_ids))
