"""Who is expected at a session, and whom a helper does not see there."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import CheckIn, Place
from exchange.membership import parties
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer


async def hidden_from(session: AsyncSession, viewer: Viewer) -> set[UUID]:
    """Whom this helper does not see; staff see everybody, as they do elsewhere."""
    return set() if viewer.is_staff else await parties.hidden_from(session, viewer.bank_id, viewer.member_id)


async def expected_at(
    session: AsyncSession, bank_id: UUID, session_id: UUID, leader_ids: Collection[UUID]
) -> dict[UUID, tuple[Place | None, bool]]:
    """Everybody with a place, a turn or a check-in, and leaders: their place, and whether they came."""
    places = await session.scalars(
        select(Place).where(
            col(Place.bank_id) == bank_id,
            col(Place.session_id) == session_id,
            col(Place.state).in_(("booked", "waiting", "came")),
        )
    )
    came = await session.scalars(
        select(col(CheckIn.member_id)).where(
            col(CheckIn.bank_id) == bank_id,
            col(CheckIn.session_id) == session_id,
            col(CheckIn.state).in_(("waiting", "counted")),
        )
    )
    there = set(came.all())
    leading = await _still_members(session, bank_id, leader_ids)
    found: dict[UUID, tuple[Place | None, bool]] = {
        member_id: (None, member_id in there) for member_id in leading | there
    }
    return found | {place.member_id: (place, place.member_id in there) for place in places}


async def _still_members(session: AsyncSession, bank_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Those of them who have not left or died: nobody is asked to tick a name that hurts."""
    rows = await session.scalars(
        select(col(Member.member_id)).where(
            col(Member.bank_id) == bank_id,
            col(Member.member_id).in_(people),
            col(Member.status).not_in(("left", "deceased")),
        )
    )
    return set(rows.all())
