"""Who stands how to a group: whoever holds or leads it helps there; everybody else is a guest.

What must never happen: somebody who nods to their own check-in, or decides on their own proposal.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import Activity, ActivityLeader, ActivitySession
from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One session with the activity it belongs to and the members who lead it."""

    session: ActivitySession
    activity: Activity
    leader_ids: frozenset[UUID]

    def relations(self, viewer: Viewer) -> frozenset[Relation]:
        return relations(viewer, self.activity, self.leader_ids)

    def is_helped_by(self, viewer: Viewer) -> bool:
        """Whether the viewer may check others in here."""
        return may(viewer.roles, "session.help", self.relations(viewer))


def relations(viewer: Viewer, activity: Activity, leader_ids: frozenset[UUID]) -> frozenset[Relation]:
    """How an activity looks to the viewer."""
    is_own = activity.host_id in viewer.party_ids or viewer.member_id in leader_ids
    return frozenset({Relation.OWN if is_own else Relation.UNINVOLVED})


async def leaders(session: AsyncSession, bank_id: UUID, activity_id: UUID) -> frozenset[UUID]:
    """The members who lead an activity."""
    rows = await session.scalars(
        select(col(ActivityLeader.member_id)).where(
            col(ActivityLeader.bank_id) == bank_id, col(ActivityLeader.activity_id) == activity_id
        )
    )
    return frozenset(rows.all())


async def activity_of(
    session: AsyncSession, viewer: Viewer, activity_id: UUID, *, is_locked: bool = False
) -> Activity:
    """An activity that the viewer may know of: an approved one, one's own, or any to staff.

    Raises:
        NotFound: no such activity in this bank, or not the viewer's to know of yet.
    """
    require(viewer.roles, "activity.read", [Relation.BANK])
    found = await session.get(
        Activity, (viewer.bank_id, activity_id), with_for_update=is_locked or None, populate_existing=True
    )
    if found is None:
        raise NotFound(field="activity_id")
    held = relations(viewer, found, await leaders(session, viewer.bank_id, activity_id))
    is_open = found.state == "approved" or (found.decided_by is not None and found.state == "ended")
    is_mine = found.proposed_by == viewer.member_id or Relation.OWN in held
    if not (is_open or is_mine or viewer.is_staff):
        raise NotFound(field="activity_id")
    return found


async def meeting(
    session: AsyncSession, viewer: Viewer, session_id: UUID, *, is_locked: bool = False
) -> Meeting:
    """A session with all that belongs to it; `is_locked` holds its row for this transaction.

    Raises:
        NotFound: no such session in this bank.
    """
    return await of_session(session, viewer.bank_id, session_id, is_locked=is_locked)


async def of_session(
    session: AsyncSession, bank_id: UUID, session_id: UUID, *, is_locked: bool = False
) -> Meeting:
    """As `meeting`, where nobody in particular looks.

    Raises:
        NotFound: no such session in this bank.
    """
    found = await session.get(
        ActivitySession, (bank_id, session_id), with_for_update=is_locked or None, populate_existing=True
    )
    if found is None:
        raise NotFound
    activity = await session.get_one(Activity, (bank_id, found.activity_id))
    leader_ids = await leaders(session, bank_id, activity.activity_id)
    return Meeting(session=found, activity=activity, leader_ids=leader_ids)


async def helping(
    session: AsyncSession, viewer: Viewer, session_id: UUID, *, is_locked: bool = False
) -> Meeting:
    """As `meeting`, for somebody who may check others in there.

    Raises:
        NotAllowed, NotFound
    """
    found = await meeting(session, viewer, session_id, is_locked=is_locked)
    require(viewer.roles, "session.help", found.relations(viewer))
    return found


async def activities_of(session: AsyncSession, bank_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """The activities that any of these people hold or lead."""
    led = await session.scalars(
        select(col(ActivityLeader.activity_id)).where(
            col(ActivityLeader.bank_id) == bank_id, col(ActivityLeader.member_id).in_(people)
        )
    )
    held = await session.scalars(
        select(col(Activity.activity_id)).where(
            col(Activity.bank_id) == bank_id, col(Activity.host_id).in_(people)
        )
    )
    return {*led.all(), *held.all()}
