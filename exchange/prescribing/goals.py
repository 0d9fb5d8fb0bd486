"""Goals in a member's own words, scored by themselves, and steps taken: nobody is ranked by either."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities.tables import ActivitySession, CheckIn
from exchange.errors import NotFound
from exchange.hours.tables import Hours
from exchange.membership.tables import Organisation
from exchange.membership.viewer import Viewer
from exchange.prescribing.asking import allow_for
from exchange.prescribing.errors import BadAnswers
from exchange.prescribing.measure_tables import Goal
from exchange.words import LINE_CHARACTERS_MAX, required

SCORE_MAX = 10


async def set_goal(
    session: AsyncSession,
    viewer: Viewer,
    member_id: UUID,
    words: str,
    score: int,
    *,
    goal_id: UUID | None = None,
    at: datetime,
) -> Goal:
    """'I want to …': a member's own goal, and how far they feel they are; the same id scores it anew.

    Raises:
        BadAnswers: not a number from 0 to 10.
        TextMissing, TextTooLong, NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    if type(score) is not int or not 0 <= score <= SCORE_MAX:
        raise BadAnswers(field="score")
    goal_id = goal_id or uuid7()
    known = await session.get(Goal, (viewer.bank_id, goal_id))
    if known is not None:
        if known.member_id != member_id:
            raise NotFound
        known.score, known.scored_at = score, at
        await session.flush()
        return known
    goal = Goal(
        bank_id=viewer.bank_id,
        goal_id=goal_id,
        member_id=member_id,
        words=required(words, field="words", characters_max=LINE_CHARACTERS_MAX),
        score=score,
        first_score=score,
        set_at=at,
        scored_at=at,
    )
    session.add(goal)
    await session.flush()
    return goal


async def let_go(
    session: AsyncSession, viewer: Viewer, member_id: UUID, goal_id: UUID, *, at: datetime
) -> Goal:
    """A goal that is reached, or no longer wished for; it is kept and not asked about.

    Raises:
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    goal = await session.get(Goal, (viewer.bank_id, goal_id))
    if goal is None or goal.member_id != member_id:
        raise NotFound
    goal.is_open, goal.scored_at = False, at
    await session.flush()
    return goal


async def of_member(session: AsyncSession, viewer: Viewer, member_id: UUID) -> list[Goal]:
    """A member's open goals, the oldest first.

    Raises:
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    rows = await session.scalars(
        select(Goal)
        .where(col(Goal.bank_id) == viewer.bank_id, col(Goal.member_id) == member_id, col(Goal.is_open))
        .order_by(col(Goal.set_at))
    )
    return list(rows.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """The day of a member's first times; None for what has not been yet."""

    first_group_on: date | None
    first_hour_given_on: date | None
    first_hour_had_on: date | None
    first_group_led_on: date | None


async def steps_taken(session: AsyncSession, viewer: Viewer, member_id: UUID) -> Steps:
    """First group, first hour given, first hour had, first group led: from hours and check-ins themselves.

    Raises:
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    bank_id = viewer.bank_id
    mine = (col(Hours.bank_id) == bank_id, col(Hours.state) == "posted")
    first = select(func.min(Hours.done_on)).where(*mine)
    with_group = await session.scalar(
        first.where(
            ((col(Hours.giver_id) == member_id) & col(Hours.receiver_id).in_(_groups(bank_id)))
            | ((col(Hours.receiver_id) == member_id) & col(Hours.giver_id).in_(_groups(bank_id)))
        )
    )
    came = [day for day in (with_group, await _first_there(session, bank_id, member_id)) if day]
    return Steps(
        first_group_on=min(came, default=None),
        first_hour_given_on=await session.scalar(first.where(col(Hours.giver_id) == member_id)),
        first_hour_had_on=await session.scalar(first.where(col(Hours.receiver_id) == member_id)),
        first_group_led_on=await _first_there(session, bank_id, member_id, is_leader=True),
    )


def _groups(bank_id: UUID) -> Select[UUID]:
    return select(col(Organisation.organisation_id)).where(col(Organisation.bank_id) == bank_id)


async def _first_there(
    session: AsyncSession, bank_id: UUID, member_id: UUID, *, is_leader: bool = False
) -> date | None:
    found: date | None = await session.scalar(
        select(func.min(ActivitySession.on_day))
        .join(
            CheckIn,
            (col(CheckIn.bank_id) == col(ActivitySession.bank_id))
            & (col(CheckIn.session_id) == col(ActivitySession.session_id)),
        )
        .where(
            col(CheckIn.bank_id) == bank_id,
            col(CheckIn.member_id) == member_id,
            col(CheckIn.state) == "counted",
            col(CheckIn.is_leader).is_(True) if is_leader else true(),
        )
    )
    return found
