"""What somebody gave and learned, to take away: figures from the hours, for an employer or college.

It is theirs to show or not. What must never happen: a balance, a name of anybody they helped, a group's
title, or how they came to the bank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import CheckIn
from exchange.errors import NotFound
from exchange.hours.tables import Hours
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.prescribing.care_tables import Clearance

SKILLS_MAX = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One member's record; minutes are those given, posted and not undone."""

    full_name: str
    language: str
    since: date
    given_minutes: int
    given_times: int
    first_on: date | None
    last_on: date | None
    skills: Sequence[tuple[str, int]]
    """(what it was, minutes), the most first; hours without a word for it are only in the total."""
    sessions: int
    sessions_led: int
    training: Sequence[tuple[str, date]]


async def of_member(session: AsyncSession, viewer: Viewer, member_id: UUID) -> Contribution:
    """A member's record of contribution, for themselves and to print for them.

    Raises:
        NotFound, NotAllowed
    """
    member = await session.get(Member, (viewer.bank_id, member_id))
    if member is None:
        raise NotFound
    require(viewer.roles, "statement.read", viewer.relations_to(member_id))
    gave = (
        col(Hours.bank_id) == viewer.bank_id,
        col(Hours.giver_id) == member_id,
        col(Hours.state) == "posted",
    )
    total = (
        await session.execute(
            select(
                func.coalesce(func.sum(col(Hours.minutes)), 0),
                func.count(),
                func.min(Hours.done_on),
                func.max(Hours.done_on),
            ).where(*gave)
        )
    ).one()
    return Contribution(
        full_name=member.full_name,
        language=member.language,
        since=member.joined_on,
        given_minutes=int(total[0]),
        given_times=int(total[1]),
        first_on=total[2],
        last_on=total[3],
        skills=await _skills(session, gave),
        sessions=await _sessions(session, viewer.bank_id, member_id, is_leader=False),
        sessions_led=await _sessions(session, viewer.bank_id, member_id, is_leader=True),
        training=await _training(session, viewer.bank_id, member_id),
    )


async def _skills(session: AsyncSession, gave: Sequence[object]) -> list[tuple[str, int]]:
    minutes = func.sum(col(Hours.minutes))
    rows = await session.execute(
        select(func.min(Hours.skill), minutes)
        .where(*gave, col(Hours.skill).is_not(None))  # type: ignore[arg-type]
        .group_by(func.lower(Hours.skill))
        .order_by(minutes.desc(), func.min(Hours.skill))
        .limit(SKILLS_MAX)
    )
    return [(str(skill), int(found)) for skill, found in rows]


async def _sessions(session: AsyncSession, bank_id: UUID, member_id: UUID, *, is_leader: bool) -> int:
    found = await session.scalar(
        select(func.count()).where(
            col(CheckIn.bank_id) == bank_id,
            col(CheckIn.member_id) == member_id,
            col(CheckIn.state) == "counted",
            col(CheckIn.is_leader).is_(is_leader),
        )
    )
    return int(found or 0)


async def _training(session: AsyncSession, bank_id: UUID, member_id: UUID) -> list[tuple[str, date]]:
    rows = await session.scalars(
        select(Clearance)
        .where(
            col(Clearance.bank_id) == bank_id,
            col(Clearance.member_id) == member_id,
            col(Clearance.kind) == "training",
            col(Clearance.ended_on).is_(None),
        )
        .order_by(col(Clearance.done_on))
    )
    return [(row.words or "", row.done_on) for row in rows]
