"""Check-in: by poster, card, roster, typed code or text, or written down afterwards; five ways, one result.

There is one check-in for a person and a session, however often and by whatever way it is told, and the
second telling gets the first one's answer. What must never happen: somebody lost because of a clock or a
dead battery, credits by a card alone, or a nod to oneself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import gone, moments, paying, standing, states
from exchange.activities.errors import ActivityInWrongState, CameByReason, NotToday
from exchange.activities.moments import Moment
from exchange.activities.standing import Meeting
from exchange.activities.tables import CheckIn, Place
from exchange.derived import check_callers_id, derived
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import parties
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import attendance
from exchange.words import NOTE_CHARACTERS_MAX, clean

PEOPLE_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What stands now: a check-in for each person, and those for whom the coordinator must be asked."""

    check_ins: list[CheckIn] = field(default_factory=list)
    ask_coordinator: list[UUID] = field(default_factory=list)


def key(session_id: UUID, member_id: UUID) -> UUID:
    """A check-in's id where no form brings one."""
    return derived(session_id, f"check-in:{member_id}")


async def arrive(
    session: AsyncSession,
    viewer: Viewer,
    session_id: UUID,
    *,
    check_in_id: UUID,
    way: str,
    moment: Moment,
    at: datetime,
) -> CheckIn:
    """The member says: I am here. It waits for a helper's nod, unless the bank trusts the poster.

    Raises:
        ActivityInWrongState: the session is called off.
        NotToday: told at once, and not while people are checked in.
        SameIdOtherContents, ReservedId, NotAllowed, NotFound
    """
    require(viewer.roles, "place.book", [Relation.OWN])
    check_callers_id(check_in_id, own=key(session_id, viewer.member_id))
    found = await standing.meeting(session, viewer, session_id, is_locked=True)
    await _check_id(session, viewer, check_in_id, session_id)
    known = await of_member(session, viewer.bank_id, session_id, viewer.member_id)
    if known is not None:
        return known
    _check_session(found, moment)
    flags = moment.flags(found.session, at)
    is_guest = Relation.OWN not in found.relations(viewer)
    is_counted = found.activity.is_trusted and not flags and is_guest
    rows = [
        _row(
            viewer,
            found,
            viewer.member_id,
            check_in_id=check_in_id,
            way=way,
            state="counted" if is_counted else "waiting",
            moment=moment,
            flags=flags,
            at=at,
        )
    ]
    return (await _write(session, found, rows, at))[0]


def _check_session(found: Meeting, moment: Moment) -> None:
    if found.session.state == "called_off" or found.activity.state not in ("approved", "ended"):
        raise ActivityInWrongState
    if not moment.is_kept and not moment.is_during(found.session):
        raise NotToday


async def _check_id(session: AsyncSession, viewer: Viewer, check_in_id: UUID, session_id: UUID) -> None:
    known = await session.get(CheckIn, (viewer.bank_id, check_in_id))
    if known is not None and (known.session_id, known.member_id) != (session_id, viewer.member_id):
        raise SameIdOtherContents


async def of_member(
    session: AsyncSession, bank_id: UUID, session_id: UUID, member_id: UUID
) -> CheckIn | None:
    """Somebody's check-in at a session."""
    return (await of_people(session, bank_id, session_id, [member_id])).get(member_id)


async def of_people(
    session: AsyncSession, bank_id: UUID, session_id: UUID, people: Collection[UUID]
) -> dict[UUID, CheckIn]:
    """The check-ins that these people have at a session."""
    rows = await session.scalars(
        select(CheckIn)
        .where(
            col(CheckIn.bank_id) == bank_id,
            col(CheckIn.session_id) == session_id,
            col(CheckIn.member_id).in_(people),
        )
        .execution_options(populate_existing=True)
    )
    return {row.member_id: row for row in rows}


async def tick(
    session: AsyncSession,
    viewer: Viewer,
    session_id: UUID,
    people: Sequence[UUID],
    *,
    way: str,
    moment: Moment,
    reason: str | None = None,
    at: datetime,
) -> Answer:
    """A helper says who came: by card, from the roster, from a day list, or afterwards with a reason.

    Any number of people is one posting. Who has gone, or is not a member any more, is left out and named;
    what a telephone tells of a session that is still to come waits.

    Raises:
        CameByReason: written down afterwards, without a reason.
        NotToday: by card or roster, at once, and not while people are checked in.
        NotAllowed: not a helper here, or for oneself.
        ActivityInWrongState, NotFound
    """
    found = await standing.helping(session, viewer, session_id, is_locked=True)
    why = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    _check_way(viewer, found, way, why, moment)
    wanted = list(dict.fromkeys(people))[:PEOPLE_MAX]
    if viewer.member_id in wanted:
        raise NotAllowed("Another helper checks you in.")
    there = await _present(session, viewer.bank_id, wanted)
    known = await of_people(session, viewer.bank_id, session_id, wanted)
    flags = [flag for flag in moment.flags(found.session, at) if way in ("card", "roster")]
    is_begun = moments.has_opened(found.session, at)
    state = "counted" if is_begun else "waiting"
    rows = [
        _row(viewer, found, who, way=way, state=state, moment=moment, flags=flags, reason=why, at=at)
        for who in wanted
        if who in there and who not in known
    ]
    written = await _write(session, found, rows, at)
    nodded = [known[who] for who in wanted if who in known and who in there]
    if is_begun:
        await _nod_all(session, viewer, found, nodded, at)
    if way in ("afterwards", "day_list"):
        _tell(session, viewer, found, written, at)
    by_member = {row.member_id: row for row in (*written, *nodded)}
    return Answer(
        check_ins=[by_member[who] for who in wanted if who in by_member],
        ask_coordinator=[who for who in wanted if who not in there],
    )


def _check_way(viewer: Viewer, found: Meeting, way: str, reason: str | None, moment: Moment) -> None:
    if way in ("card", "roster"):
        _check_session(found, moment)
        return
    if found.session.state == "called_off":
        raise ActivityInWrongState
    if moment.came_at < found.session.starts_at:
        raise NotToday
    if way == "afterwards":
        require(viewer.roles, "session.correct", found.relations(viewer))
        if reason is None:
            raise CameByReason


async def _present(session: AsyncSession, bank_id: UUID, people: Sequence[UUID]) -> set[UUID]:
    """Those of them who are members now.

    Raises:
        NotFound: somebody is of no member's key in this bank.
    """
    rows = await session.execute(
        select(col(Member.member_id), col(Member.status)).where(
            col(Member.bank_id) == bank_id, col(Member.member_id).in_(people)
        )
    )
    status = {row.member_id: row.status for row in rows}
    if set(people) - status.keys():
        raise NotFound(field="member_id")
    return {member_id for member_id, found in status.items() if found == "active"}


def _row(
    viewer: Viewer,
    found: Meeting,
    member_id: UUID,
    *,
    way: str,
    state: str,
    moment: Moment,
    flags: list[str],
    at: datetime,
    check_in_id: UUID | None = None,
    reason: str | None = None,
) -> CheckIn:
    is_afterwards = way in ("afterwards", "day_list")
    return CheckIn(
        bank_id=viewer.bank_id,
        check_in_id=check_in_id or key(found.session.session_id, member_id),
        session_id=found.session.session_id,
        member_id=member_id,
        state=state,
        way=way,
        is_leader=member_id in found.leader_ids,
        came_at=found.session.starts_at if is_afterwards else moment.came_at,
        left_at=found.session.ends_at if is_afterwards else None,
        device_at=moment.device_at,
        told_at=at,
        minutes=0,
        is_paid=False,
        flags=flags,
        by_id=viewer.member_id,
        reason=reason,
    )


async def _write(
    session: AsyncSession, found: Meeting, rows: Sequence[CheckIn], at: datetime
) -> list[CheckIn]:
    """Write them in one statement, and pay those that count. The caller holds the session's row."""
    if not rows:
        return []
    names = CheckIn.__table__.columns.keys()  # type: ignore[attr-defined]
    values = [{name: getattr(row, name) for name in names} for row in rows]
    await session.execute(insert(CheckIn).values(values))
    stored = await of_people(
        session, found.session.bank_id, found.session.session_id, [row.member_id for row in rows]
    )
    written = [stored[row.member_id] for row in rows]
    await count(session, found, [row for row in written if row.state == "counted"], at)
    return written


async def count(session: AsyncSession, found: Meeting, rows: Sequence[CheckIn], at: datetime) -> None:
    """Pay them, and let their places be used."""
    await paying.pay(session, found, rows, at=at)
    came = [row.member_id for row in rows if row.state == "counted"]
    if came:
        await attendance.came(session, found.session.bank_id, came, at=at)
        await session.execute(
            update(Place)
            .where(
                col(Place.bank_id) == found.session.bank_id,
                col(Place.session_id) == found.session.session_id,
                col(Place.member_id).in_(came),
                col(Place.state).in_(("booked", "waiting")),
            )
            .values(state="came", ended_at=at)
        )


async def _nod_all(
    session: AsyncSession, viewer: Viewer, found: Meeting, rows: Sequence[CheckIn], at: datetime
) -> None:
    waiting = [row for row in rows if row.state == "waiting" and row.member_id != viewer.member_id]
    for row in waiting:
        row.state, row.by_id = states.check(states.CHECK_INS, row.state, "nod"), viewer.member_id
    await count(session, found, waiting, at)
    await session.flush()


def _tell(
    session: AsyncSession, viewer: Viewer, found: Meeting, rows: Sequence[CheckIn], at: datetime
) -> None:
    """Somebody wrote it down for them: they hear of it, and may say that it was not so."""
    for row in rows:
        told = {
            "session_id": str(row.session_id),
            "member_id": str(row.member_id),
            "by_id": str(viewer.member_id),
            "starts_at": found.session.starts_at.isoformat(),
        }
        outbox.record(session, row.bank_id, "check_in.written_down", told, at=at)


async def check_out(
    session: AsyncSession,
    viewer: Viewer,
    session_id: UUID,
    *,
    member_id: UUID | None = None,
    moment: Moment,
    at: datetime,
) -> CheckIn:
    """Somebody goes home, by their own word or a helper's: what they earned is by the minute. Once.

    Raises:
        AskCoordinator: they are no member any more, and it is not for a helper to say.
        NotAllowed, NotFound
    """
    who = member_id or viewer.member_id
    found = await standing.meeting(session, viewer, session_id, is_locked=True)
    if who != viewer.member_id:
        await parties.get(session, viewer.bank_id, who)
        require(viewer.roles, "session.help", found.relations(viewer))
    row = await of_member(session, viewer.bank_id, session_id, who)
    if row is None:
        raise NotFound
    await gone.check(session, viewer, row)
    if row.left_at is None:
        row.left_at = max(moment.came_at, row.came_at)
        row.flags = sorted({*row.flags, *moment.flags(found.session, at)} - {"no_check_out"})
        await paying.pay(session, found, [row], at=at)
        await gone.pass_on(session, viewer, row, at=at)
        await session.flush()
    return row
