"""What helpers and coordinators decide about a check-in: yes, no, taken back, looked at.

What must never happen: a nod to oneself.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import checking_in, gone, holding, moments, paying, standing, states
from exchange.activities.errors import CameByReason, NotToday
from exchange.activities.standing import Meeting
from exchange.activities.tables import CheckIn, Place
from exchange.errors import NotAllowed, NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import NOTE_CHARACTERS_MAX, clean


async def _locked(session: AsyncSession, viewer: Viewer, check_in_id: UUID) -> tuple[CheckIn, Meeting]:
    row = await session.get(CheckIn, (viewer.bank_id, check_in_id), populate_existing=True)
    if row is None:
        raise NotFound
    found = await standing.meeting(session, viewer, row.session_id, is_locked=True)
    await session.refresh(row)
    return row, found


async def nod(session: AsyncSession, viewer: Viewer, check_in_id: UUID, *, at: datetime) -> CheckIn:
    """A helper says: yes, they are here. A repeat changes nothing.

    Raises:
        NotToday: a kept scan of a session that is still to come.
        AskCoordinator: they are no member any more, and it is not for a helper to say.
        CheckInInWrongState, NotAllowed, NotFound
    """
    row, found = await _locked(session, viewer, check_in_id)
    require(viewer.roles, "session.help", found.relations(viewer))
    if row.member_id == viewer.member_id:
        raise NotAllowed("Another helper checks you in.")
    if row.state == "counted":
        return row
    await gone.check(session, viewer, row)
    if not moments.has_opened(found.session, at):
        raise NotToday
    if row.state == "refused":
        require(viewer.roles, "session.correct", found.relations(viewer))
    row.state = states.check(states.CHECK_INS, row.state, "nod")
    row.by_id = viewer.member_id
    await checking_in.count(session, found, [row], at)
    await gone.pass_on(session, viewer, row, at=at)
    await session.flush()
    return row


async def refuse(session: AsyncSession, viewer: Viewer, check_in_id: UUID, *, at: datetime) -> CheckIn:
    """A helper says: they are not here. What was set aside follows the rule for staying away.

    Raises:
        CheckInInWrongState, NotAllowed, NotFound
    """
    row, found = await _locked(session, viewer, check_in_id)
    require(viewer.roles, "session.help", found.relations(viewer))
    if row.state == "refused":
        return row
    row.state, row.by_id = states.check(states.CHECK_INS, row.state, "refuse"), viewer.member_id
    row.settled_at = at
    if found.session.state == "closed":
        await _give_back(session, row, at)
    await session.flush()
    return row


async def _give_back(session: AsyncSession, row: CheckIn, at: datetime) -> None:
    place = await session.scalar(
        select(Place).where(
            col(Place.bank_id) == row.bank_id,
            col(Place.session_id) == row.session_id,
            col(Place.member_id) == row.member_id,
            col(Place.state) == "booked",
        )
    )
    if place is not None:
        place.state, place.ended_at = "missed", at
        await holding.give_back(session, place, place.place_id, at=at)


async def undo(
    session: AsyncSession, viewer: Viewer, check_in_id: UUID, *, reason: str | None, at: datetime
) -> CheckIn:
    """A coordinator takes a check-in back, by opposite transfers. A repeat changes nothing.

    Raises:
        BelowFloor: they have spent it since, and would go below their limit.
        CameByReason, CheckInInWrongState, NotAllowed, NotFound
    """
    row, found = await _locked(session, viewer, check_in_id)
    require(viewer.roles, "session.correct", found.relations(viewer))
    if row.member_id == viewer.member_id:
        raise NotAllowed
    if row.state == "undone":
        return row
    why = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    if why is None:
        raise CameByReason
    row.state, row.reason, row.settled_at = states.check(states.CHECK_INS, row.state, "undo"), why, at
    await paying.take_back(session, found, row, at=at)
    await gone.pass_on(session, viewer, row, at=at)
    await session.flush()
    return row


async def settle(session: AsyncSession, viewer: Viewer, check_in_id: UUID, *, at: datetime) -> CheckIn:
    """A coordinator has looked at what was odd, and leaves it as it stands.

    Raises:
        NotAllowed, NotFound
    """
    row, found = await _locked(session, viewer, check_in_id)
    require(viewer.roles, "session.correct", found.relations(viewer))
    row.settled_at = row.settled_at or at
    await session.flush()
    return row
