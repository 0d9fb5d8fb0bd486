"""Lists of referrals: a practice's own, a person's own, the desk's; each line shown is a look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import read, records, states
from exchange.prescribing.access import Part
from exchange.prescribing.tables import Referral, ReferralLetter, ReferralPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list of referrals."""

    referral_id: UUID
    name: str | None
    """None once erased, or where the viewer may not know."""
    state: str
    made_at: datetime
    state_at: datetime
    is_overdue: bool
    has_letter: bool
    is_letter_read: bool
    wishes_call: bool
    tier: str | None
    reason: str | None


async def referred(session: AsyncSession, viewer: Viewer, *, at: datetime, limit: int = 50) -> list[Line]:
    """What the viewer's practice or organisation referred, newest first; each look is written down."""
    mine = viewer.practice_ids | viewer.organisation_ids
    require(viewer.roles, "referral.read", [Relation.REFERRED])
    rows = await session.scalars(
        select(Referral)
        .where(col(Referral.bank_id) == viewer.bank_id, col(Referral.referrer_id).in_(mine))
        .order_by(col(Referral.made_at).desc(), col(Referral.referral_id))
        .limit(limit)
    )
    return await _lines(session, viewer, list(rows.all()), at)


async def own(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[Line]:
    """Referrals about the viewer."""
    rows = await session.scalars(
        select(Referral)
        .where(col(Referral.bank_id) == viewer.bank_id, col(Referral.member_id) == viewer.member_id)
        .order_by(col(Referral.made_at).desc())
    )
    return await _lines(session, viewer, list(rows.all()), at)


async def desk(session: AsyncSession, viewer: Viewer, *, at: datetime, limit: int = 100) -> list[Line]:
    """What is open on the coordinator's desk: overdue first, then who wishes a call, then the oldest."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    require(viewer.roles, "referral.read", [Relation.UNINVOLVED])
    rows = await session.scalars(
        select(Referral)
        .where(
            col(Referral.bank_id) == viewer.bank_id,
            col(Referral.state).not_in(tuple(states.ENDS)),
            or_(col(Referral.member_id).is_(None), col(Referral.member_id) != viewer.member_id),
        )
        .order_by(
            col(Referral.is_overdue).desc(),
            col(Referral.wishes_call_at).asc().nulls_last(),
            col(Referral.state_at),
        )
        .limit(limit)
    )
    return await _lines(session, viewer, list(rows.all()), at)


async def pressing(session: AsyncSession, viewer: Viewer) -> int:
    """How many referrals take too long, or are of somebody who wishes to be rung: a number and no name."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    found = await session.scalar(
        select(func.count()).where(
            col(Referral.bank_id) == viewer.bank_id,
            or_(
                col(Referral.is_overdue),
                and_(col(Referral.wishes_call_at).is_not(None), col(Referral.attempts) == 0),
            ),
            col(Referral.state).not_in(tuple(states.ENDS)),
        )
    )
    return int(found or 0)


async def _lines(session: AsyncSession, viewer: Viewer, rows: list[Referral], at: datetime) -> list[Line]:
    keys = [row.referral_id for row in rows]
    people = await _by_key(session, ReferralPerson, viewer.bank_id, keys)
    letters = await _by_key(session, ReferralLetter, viewer.bank_id, keys)
    found = []
    for row in rows:
        standing = await records.standing(session, viewer, row)
        parts = await read.parts_of(session, row, standing)
        read.keep_look(session, viewer, row, standing, parts & {Part.WHO, Part.COURSE}, at)
        found.append(_line(row, parts, people.get(row.referral_id), letters.get(row.referral_id)))
    await session.flush()
    return found


async def _by_key(session: AsyncSession, table: Any, bank_id: UUID, keys: list[UUID]) -> dict[UUID, Any]:
    columns = table.__table__.c
    rows = await session.scalars(
        select(table).where(columns.bank_id == bank_id, columns.referral_id.in_(keys))
    )
    return {row.referral_id: row for row in rows}


def _line(
    row: Referral, parts: frozenset[Part], who: ReferralPerson | None, letter: ReferralLetter | None
) -> Line:
    is_told = Part.COURSE in parts
    return Line(
        referral_id=row.referral_id,
        name=who.name if who and Part.WHO in parts else None,
        state=row.state if is_told else read.untold(row),
        made_at=row.made_at,
        state_at=row.state_at if is_told else row.made_at,
        is_overdue=row.is_overdue and is_told,
        has_letter=letter is not None,
        is_letter_read=bool(letter and letter.read_at),
        wishes_call=row.wishes_call_at is not None and Part.NOTES in parts,
        tier=row.tier if Part.NOTES in parts else None,
        reason=row.reason if is_told else None,
    )
