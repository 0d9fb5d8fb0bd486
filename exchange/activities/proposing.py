"""Activities from the idea to the calendar: proposed by anybody, approved by somebody else, ended.

What must never happen: a group that nobody but its own host looked at, or a session written twice.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange import outbox
from exchange.activities import sessions, standing, states
from exchange.activities.errors import BadActivity
from exchange.activities.tables import MINUTES_MAX, REPEATS, Activity, ActivityLeader
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

LEADERS_MAX = 20
ACCESS_LINES_MAX = 12
PLACES_MAX = 10_000
COMPANIONS_MAX = 20
LATE_HOURS_MAX = 336


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An activity as somebody imagines it. `starts` is on the bank's own clocks; minutes are whole."""

    activity_id: UUID
    host_id: UUID
    title: str
    location: str
    first_on: date
    starts: time
    minutes: int
    repeats: str = "once"
    ends_on: date | None = None
    about: str | None = None
    access: Sequence[str] = ()
    lifts: str | None = None
    places: int | None = None
    companions_max: int = 0
    earns_minutes: int = 0
    earns_from: str = "issuance"
    costs_minutes: int = 0
    costs_to: str = "pot"
    leaders_earn_minutes: int = 0
    leader_ids: Sequence[UUID] = ()
    has_check_out: bool = False
    is_public: bool = True
    late_hours: int = 0
    late_keeps: bool = False

    def fingerprint(self) -> str:
        """The same for a repeat, another for another proposal."""
        words = [str(getattr(self, field.name)) for field in fields(self)]
        return hashlib.sha256(json.dumps(words).encode()).hexdigest()


async def propose(session: AsyncSession, viewer: Viewer, proposal: Proposal, *, at: datetime) -> Activity:
    """Write an idea down for a coordinator to look at. The same id again returns the first.

    Raises:
        BadActivity, TextMissing, TextTooLong, MemberNotActive, SameIdOtherContents, NotAllowed, NotFound
    """
    host = await parties.get(session, viewer.bank_id, proposal.host_id)
    require(viewer.roles, "activity.propose", viewer.relations_to(host.party_id))
    known = await session.get(Activity, (viewer.bank_id, proposal.activity_id))
    if known is not None:
        if known.fingerprint != proposal.fingerprint():
            raise SameIdOtherContents
        return known
    await check(session, viewer, proposal, at=at)
    made = _row(viewer, proposal, at)
    session.add(made)
    await session.flush()
    session.add_all(
        ActivityLeader(bank_id=viewer.bank_id, activity_id=made.activity_id, member_id=member_id)
        for member_id in dict.fromkeys(proposal.leader_ids)
    )
    _tell(session, made, "activity.proposed", viewer, at)
    await session.flush()
    return made


async def check(session: AsyncSession, viewer: Viewer, proposal: Proposal, *, at: datetime) -> None:
    """Whether an activity may be like this; `at` is when its first day must not be over.

    Raises:
        BadActivity, MemberNotActive, NotFound
    """
    _check_values(await banks.get(session, viewer.bank_id), proposal, at)
    host = await parties.get(session, viewer.bank_id, proposal.host_id)
    await _check_people(session, viewer, host, proposal)


def _check_values(bank: Bank, proposal: Proposal, at: datetime) -> None:
    minutes = (proposal.earns_minutes, proposal.costs_minutes, proposal.leaders_earn_minutes)
    wrong = {
        "minutes": not 1 <= proposal.minutes <= MINUTES_MAX,
        "repeats": proposal.repeats not in REPEATS,
        "first_on": proposal.first_on < banks.today(bank, at),
        "ends_on": proposal.ends_on is not None and proposal.ends_on < proposal.first_on,
        "places": proposal.places is not None and not 1 <= proposal.places <= PLACES_MAX,
        "companions_max": not 0 <= proposal.companions_max <= COMPANIONS_MAX,
        "late_hours": not 0 <= proposal.late_hours <= LATE_HOURS_MAX,
        "earns_minutes": not all(0 <= credit <= MINUTES_MAX for credit in minutes),
        "costs_minutes": bool(proposal.earns_minutes and proposal.costs_minutes),
        "access": len(proposal.access) > ACCESS_LINES_MAX,
        "leaders": len(proposal.leader_ids) > LEADERS_MAX,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise BadActivity(field=field)


async def _check_people(session: AsyncSession, viewer: Viewer, host: Party, proposal: Proposal) -> None:
    if host.kind not in ("member", "organisation"):
        raise NotFound(field="host")
    if proposal.earns_from not in ("host", "issuance") or proposal.costs_to not in ("host", "pot"):
        raise BadActivity(field="earns_from")
    if host.kind == "member" and "host" in (proposal.earns_from, proposal.costs_to):
        raise BadActivity("Only an organisation pays or is paid itself.", field="earns_from")
    for party_id in (host.party_id, *proposal.leader_ids):
        party = await parties.get(session, viewer.bank_id, party_id)
        if party_id != host.party_id and party.kind != "member":
            raise NotFound(field="leaders")
        if not await parties.is_present(session, party):
            raise MemberNotActive(field="leaders")


def _parts(proposal: Proposal) -> dict[str, Any]:
    """What the row says of it, with what people wrote made clean.

    Raises:
        TextMissing, TextTooLong
    """
    plain = {
        field.name: getattr(proposal, field.name) for field in fields(proposal) if field.name != "leader_ids"
    }
    lines = (clean(line, field="access") for line in proposal.access)
    return plain | {
        "title": required(proposal.title, field="title", characters_max=NAME_CHARACTERS_MAX),
        "location": required(proposal.location, field="location"),
        "about": clean(proposal.about, field="about", characters_max=NOTE_CHARACTERS_MAX),
        "access": [line for line in lines if line],
        "lifts": clean(proposal.lifts, field="lifts"),
    }


def write(activity: Activity, proposal: Proposal) -> None:
    """Let the row say what the proposal says; who leads it stands elsewhere.

    Raises:
        TextMissing, TextTooLong
    """
    for name, value in _parts(proposal).items():
        setattr(activity, name, value)


def _row(viewer: Viewer, proposal: Proposal, at: datetime) -> Activity:
    return Activity(
        bank_id=viewer.bank_id,
        state=states.check(states.ACTIVITIES, None, "propose"),
        proposed_by=viewer.member_id,
        made_at=at,
        fingerprint=proposal.fingerprint(),
        **_parts(proposal),
    )


def _tell(session: AsyncSession, activity: Activity, kind: str, by: Viewer, at: datetime) -> None:
    told = {
        "activity_id": str(activity.activity_id),
        "host_id": str(activity.host_id),
        "proposer_id": str(activity.proposed_by),
        "by_id": str(by.member_id),
    }
    outbox.record(session, activity.bank_id, kind, told, at=at)


async def _decide(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, verb: str
) -> tuple[Activity, bool]:
    """The activity, locked, and whether this was decided just so before."""
    activity = await standing.activity_of(session, viewer, activity_id, is_locked=True)
    leader_ids = await standing.leaders(session, viewer.bank_id, activity_id)
    found = standing.relations(viewer, activity, leader_ids)
    if activity.proposed_by == viewer.member_id:
        found = frozenset({Relation.OWN})
    require(viewer.roles, "activity.decide", found)
    is_repeat = activity.state == {"approve": "approved", "decline": "declined"}[verb]
    if not is_repeat:
        activity.state = states.check(states.ACTIVITIES, activity.state, verb)
    return activity, is_repeat


async def approve(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, *, is_trusted: bool = False, at: datetime
) -> Activity:
    """A coordinator who has no part in it says yes; its sessions are written. A repeat changes nothing.

    `is_trusted` lets the poster count without a helper's nod.

    Raises:
        ActivityInWrongState, NotAllowed, NotFound
    """
    activity, is_repeat = await _decide(session, viewer, activity_id, "approve")
    if is_repeat:
        return activity
    activity.is_trusted, activity.decided_by, activity.decided_at = is_trusted, viewer.member_id, at
    await sessions.plan(session, activity, at=at)
    _tell(session, activity, "activity.approved", viewer, at)
    await session.flush()
    return activity


async def decline(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, *, reason: str | None = None, at: datetime
) -> Activity:
    """A coordinator says no; the reason is for coordinators. A repeat changes nothing.

    Raises:
        ActivityInWrongState, NotAllowed, NotFound
    """
    activity, is_repeat = await _decide(session, viewer, activity_id, "decline")
    if is_repeat:
        return activity
    activity.decided_by, activity.decided_at = viewer.member_id, at
    activity.reason = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    _tell(session, activity, "activity.declined", viewer, at)
    await session.flush()
    return activity


async def end(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, *, reason: str | None = None, at: datetime
) -> Activity:
    """No more sessions: those to come are called off, and everybody booked is told.

    Raises:
        ActivityInWrongState, NotAllowed, NotFound
    """
    activity = await standing.activity_of(session, viewer, activity_id, is_locked=True)
    leader_ids = await standing.leaders(session, viewer.bank_id, activity_id)
    found = standing.relations(viewer, activity, leader_ids)
    require(viewer.roles, "activity.change", found)
    if activity.state == "ended":
        return activity
    activity.state = states.check(states.ACTIVITIES, activity.state, "end")
    activity.plan_at = None
    for to_come in await sessions.to_come(session, activity, at=at):
        await sessions.call_off(session, viewer, to_come.session_id, reason=reason, at=at)
    await session.flush()
    return activity


async def trust(session: AsyncSession, viewer: Viewer, activity_id: UUID, *, is_trusted: bool) -> Activity:
    """Whether the poster alone counts from now on.

    Raises:
        NotAllowed, NotFound
    """
    activity = await standing.activity_of(session, viewer, activity_id, is_locked=True)
    if not await may_decide(session, viewer, activity):
        raise NotAllowed
    activity.is_trusted = is_trusted
    await session.flush()
    return activity


async def may_decide(session: AsyncSession, viewer: Viewer, activity: Activity) -> bool:
    """A coordinator who has no part in it."""
    leader_ids = await standing.leaders(session, viewer.bank_id, activity.activity_id)
    is_mine = Relation.OWN in standing.relations(viewer, activity, leader_ids)
    return not is_mine and may(viewer.roles, "activity.decide", [Relation.UNINVOLVED])
