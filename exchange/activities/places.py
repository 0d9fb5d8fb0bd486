"""Places at a session: booked, waited for, given up. One chair, one person: the database holds the key.

Whoever asks first is first: the session's row is held while a turn is taken. What must never happen: two
people in one chair, or credits set aside for somebody who has no place.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.activities import holding, standing, states
from exchange.activities.errors import (
    ActivityInWrongState,
    NotEnoughForPlace,
    PlaceInWrongState,
    TooManyCompanions,
)
from exchange.activities.standing import Meeting
from exchange.activities.tables import ActivitySession, Place, Seat
from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.viewer import Viewer
from exchange.permissions import require

HELD_AFTER = timedelta(days=60)
"""How long after the end credits stay set aside at most: scans may come in late."""
ACTIVE = ("booked", "waiting", "came")


async def of_member(session: AsyncSession, bank_id: UUID, session_id: UUID, member_id: UUID) -> Place | None:
    """The place or turn that somebody has at a session now."""
    found: Place | None = await session.scalar(
        select(Place)
        .where(
            col(Place.bank_id) == bank_id,
            col(Place.session_id) == session_id,
            col(Place.member_id) == member_id,
            col(Place.state).in_(ACTIVE),
        )
        .execution_options(populate_existing=True)
    )
    return found


async def book(
    session: AsyncSession,
    viewer: Viewer,
    session_id: UUID,
    *,
    place_id: UUID,
    member_id: UUID | None = None,
    companions: int = 0,
    wants_lift: bool = False,
    at: datetime,
) -> Place:
    """A place when there is room, else a turn on the waiting list; credits are set aside with the place.

    Asking again returns the place one has.

    Raises:
        NotEnoughForPlace, TooManyCompanions, MemberNotActive, ActivityInWrongState, SameIdOtherContents,
        NotAllowed, NotFound
    """
    who = member_id or viewer.member_id
    person = await parties.get(session, viewer.bank_id, who)
    require(viewer.roles, "place.book", viewer.relations_to(who))
    found = await standing.meeting(session, viewer, session_id, is_locked=True)
    known = await session.get(Place, (viewer.bank_id, place_id))
    if known is not None and (known.session_id, known.member_id) != (session_id, who):
        raise SameIdOtherContents
    known = known or await of_member(session, viewer.bank_id, session_id, who)
    if known is not None:
        return known
    if person.kind != "member" or not await parties.is_present(session, person):
        raise MemberNotActive
    await _check(session, found, who, companions, at)
    place = Place(
        bank_id=viewer.bank_id,
        place_id=place_id,
        session_id=session_id,
        member_id=who,
        state="waiting",
        turn=found.session.turns + 1,
        companions=companions,
        wants_lift=wants_lift,
        booked_by=viewer.member_id,
        booked_at=at,
    )
    found.session.turns += 1
    session.add(place)
    await session.flush()
    await _seat(session, found, place, at)
    await session.flush()
    return place


async def _check(session: AsyncSession, found: Meeting, who: UUID, companions: int, at: datetime) -> None:
    is_open = found.session.state == "planned" and found.activity.state == "approved"
    if not is_open or found.session.ends_at <= at:
        raise ActivityInWrongState
    if not 0 <= companions <= found.activity.companions_max:
        raise TooManyCompanions
    for other in (found.activity.host_id, *found.leader_ids):
        if other != who and await parties.are_blocked(session, found.activity.bank_id, who, other):
            raise NotFound


async def _free_seats(session: AsyncSession, found: Meeting, wanted: int) -> list[int] | None:
    """Numbers of free chairs for so many people; None when there are not enough."""
    rows = await session.scalars(
        select(col(Seat.seat)).where(
            col(Seat.bank_id) == found.session.bank_id, col(Seat.session_id) == found.session.session_id
        )
    )
    taken = set(rows.all())
    if found.activity.places is None:
        first = max(taken, default=0) + 1
        return list(range(first, first + wanted))
    if len(taken) + wanted > found.activity.places:
        return None
    return [seat for seat in range(1, found.activity.places + 1) if seat not in taken][:wanted]


async def _seat(session: AsyncSession, found: Meeting, place: Place, at: datetime) -> bool:
    """Give a waiting place its chairs, and set its credits aside; False when there is no room."""
    seats = await _free_seats(session, found, 1 + place.companions)
    if seats is None:
        return False
    if found.activity.costs_minutes and place.member_id not in found.leader_ids:
        await holding.set_aside(
            session,
            place.bank_id,
            place.place_id,
            party_id=place.member_id,
            minutes=found.activity.costs_minutes,
            expires_at=found.session.ends_at + HELD_AFTER,
            reference=place.session_id,
            at=at,
        )
        place.is_held = True
    place.state = "booked"
    session.add_all(
        Seat(bank_id=place.bank_id, session_id=place.session_id, seat=seat, place_id=place.place_id)
        for seat in seats
    )
    await session.flush()
    return True


async def leave(
    session: AsyncSession,
    viewer: Viewer,
    session_id: UUID,
    *,
    member_id: UUID | None = None,
    at: datetime,
) -> Place:
    """Give a place up before the session begins; late, it costs what the organisation decided.

    Whoever waits longest moves up. A repeat changes nothing.

    Raises:
        PlaceInWrongState, NotAllowed, NotFound
    """
    who = member_id or viewer.member_id
    await parties.get(session, viewer.bank_id, who)
    require(viewer.roles, "place.book", viewer.relations_to(who))
    found = await standing.meeting(session, viewer, session_id, is_locked=True)
    place = await of_member(session, viewer.bank_id, session_id, who)
    if place is None:
        return await _last_left(session, viewer.bank_id, session_id, who)
    if found.session.starts_at <= at:
        raise PlaceInWrongState
    await _give_up(session, found, place, at)
    return place


async def _last_left(session: AsyncSession, bank_id: UUID, session_id: UUID, who: UUID) -> Place:
    last = await session.scalar(
        select(Place)
        .where(
            col(Place.bank_id) == bank_id,
            col(Place.session_id) == session_id,
            col(Place.member_id) == who,
        )
        .order_by(col(Place.turn).desc())
        .limit(1)
    )
    if last is None:
        raise NotFound
    if last.state != "left":
        raise PlaceInWrongState
    return last


def is_late(found: Meeting, at: datetime) -> bool:
    """Whether leaving now costs the place."""
    begins = found.session.starts_at
    return found.activity.late_keeps and at > begins - timedelta(hours=found.activity.late_hours)


async def _give_up(session: AsyncSession, found: Meeting, place: Place, at: datetime) -> None:
    place.state, place.ended_at = states.check(states.PLACES, place.state, "leave"), at
    if is_late(found, at):
        bank = await banks.get(session, place.bank_id)
        today = banks.today(bank, at)
        place.kept_minutes = await holding.keep(session, found.activity, place, today, at=at)
    else:
        await holding.give_back(session, place, place.place_id, at=at)
    await session.execute(
        delete(Seat).where(col(Seat.bank_id) == place.bank_id, col(Seat.place_id) == place.place_id)
    )
    await session.flush()
    await move_up(session, found, at)


async def move_up(session: AsyncSession, found: Meeting, at: datetime) -> None:
    """Give free chairs to those who wait, in their order; who cannot pay for it keeps waiting."""
    rows = await session.scalars(
        select(Place)
        .where(
            col(Place.bank_id) == found.session.bank_id,
            col(Place.session_id) == found.session.session_id,
            col(Place.state) == "waiting",
        )
        .order_by(col(Place.turn))
    )
    for place in rows.all():
        try:
            has_place = await _seat(session, found, place, at)
        except (NotEnoughForPlace, MemberNotActive):
            continue
        if has_place:
            _tell_of_place(session, found.session, place, at)
    await session.flush()


def _tell_of_place(session: AsyncSession, meeting: ActivitySession, place: Place, at: datetime) -> None:
    told = {
        "session_id": str(meeting.session_id),
        "activity_id": str(meeting.activity_id),
        "member_id": str(place.member_id),
        "starts_at": meeting.starts_at.isoformat(),
    }
    outbox.record(session, place.bank_id, "place.moved_up", told, at=at)


async def give_all_up(session: AsyncSession, bank_id: UUID, member_id: UUID, *, at: datetime) -> None:
    """Somebody goes for good: their places are for those who wait, and what was set aside is theirs."""
    rows = await session.scalars(
        select(Place)
        .where(
            col(Place.bank_id) == bank_id,
            col(Place.member_id) == member_id,
            col(Place.state).in_(("booked", "waiting")),
        )
        .order_by(col(Place.session_id))
    )
    for place in rows.all():
        found = await standing.of_session(session, bank_id, place.session_id, is_locked=True)
        await session.refresh(place)
        if place.state not in ("booked", "waiting"):
            continue
        place.state, place.ended_at = "left", at
        await holding.give_back(session, place, place.place_id, at=at)
        await session.execute(
            delete(Seat).where(col(Seat.bank_id) == bank_id, col(Seat.place_id) == place.place_id)
        )
        await session.flush()
        if found.session.state == "planned" and found.session.ends_at > at:
            await move_up(session, found, at)
