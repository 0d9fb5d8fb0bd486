"""Check-ins of people who left or died before anybody nodded: a helper asks, a coordinator decides.

What such a check-in brings goes where the rest of theirs went. What must never happen: hours on the account
of somebody who is gone, or a helper told why a card does not work.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.activities.errors import AskCoordinator
from exchange.activities.tables import CheckIn
from exchange.hours import leaving
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer


async def check(session: AsyncSession, viewer: Viewer, row: CheckIn) -> None:
    """Whether this viewer may go on with somebody's check-in.

    Raises:
        AskCoordinator: they are no active member now, and the viewer is not staff.
    """
    member = await session.get_one(Member, (row.bank_id, row.member_id))
    if member.status != "active" and not viewer.is_staff:
        raise AskCoordinator


async def pass_on(session: AsyncSession, viewer: Viewer, row: CheckIn, *, at: datetime) -> None:
    """After it was booked: what that left on the account of somebody who is gone goes on."""
    if row.is_paid:
        await leaving.pass_on(session, viewer, row.member_id, cause=row.check_in_id, at=at)
