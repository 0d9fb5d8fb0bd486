"""What is asked of whom now, what was answered before, and what each use was said yes to: for every door.

A page, a sheet of paper and the desk ask here. What must never happen: answers read by anybody but their
owner and the staff who look after them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership import banks
from exchange.membership.tables import Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import asking, scales
from exchange.prescribing.measure_tables import AnswerSheet, Licence, MeasureConsent
from exchange.prescribing.scales import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """One sheet with its questions."""

    sheet: AnswerSheet
    questions: Sequence[Question]


async def of_member(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> list[Asked]:
    """What is asked of a member now, the longest due first.

    Raises:
        NotFound, NotAllowed
    """
    sheets = await asking.due(session, viewer, member_id, at=at)
    return [Asked(sheet, await asking.questions(session, viewer.bank_id, sheet.measure)) for sheet in sheets]


@dataclass(frozen=True, slots=True)
class Answered:
    """A sheet that was answered, and its one figure where the measure has one."""

    sheet: AnswerSheet
    score: float | None


async def answered(session: AsyncSession, viewer: Viewer, member_id: UUID) -> list[Answered]:
    """What a member answered, the first first.

    Raises:
        NotFound, NotAllowed
    """
    await asking.allow_for(session, viewer, member_id, "measure.answer")
    rows = await session.scalars(
        select(AnswerSheet)
        .where(
            col(AnswerSheet.bank_id) == viewer.bank_id,
            col(AnswerSheet.member_id) == member_id,
            col(AnswerSheet.state) == "answered",
        )
        .order_by(col(AnswerSheet.measure), col(AnswerSheet.answered_at))
    )
    return [Answered(sheet, scales.score(sheet.measure, sheet.answers or [])) for sheet in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Somebody whom something is asked of now."""

    member_id: UUID
    name: str
    sheets: int
    due_on: date


async def of_bank(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[Waits]:
    """Everybody whom something is asked of now, by name: to ask together, or to print for."""
    require(viewer.roles, "measure.see_to", [Relation.BANK])
    bank = await banks.get(session, viewer.bank_id)
    rows = await session.execute(
        select(
            col(Party.party_id),
            col(Party.name),
            func.count().label("sheets"),
            func.min(AnswerSheet.due_on).label("due_on"),
        )
        .join(Party, (col(Party.bank_id) == AnswerSheet.bank_id) & (Party.party_id == AnswerSheet.member_id))
        .join(Member, (col(Member.bank_id) == Party.bank_id) & (Member.member_id == Party.party_id))
        .where(
            col(AnswerSheet.bank_id) == viewer.bank_id,
            col(AnswerSheet.state) == "due",
            col(AnswerSheet.due_on) <= banks.today(bank, at),
            col(AnswerSheet.member_id) != viewer.member_id,
            col(Member.status) == "active",
        )
        .group_by(col(Party.party_id), col(Party.name))
    )
    found = [
        Waits(member_id=row.party_id, name=row.name, sheets=row.sheets, due_on=row.due_on) for row in rows
    ]
    return sorted(found, key=lambda one: one.name.casefold())


async def consents(session: AsyncSession, viewer: Viewer, member_id: UUID) -> dict[str, bool]:
    """Each use of a member's answers, and whether they said yes to it; silence is a no.

    Raises:
        NotFound, NotAllowed
    """
    await asking.allow_for(session, viewer, member_id, "measure.allow")
    rows = await session.scalars(
        select(MeasureConsent).where(
            col(MeasureConsent.bank_id) == viewer.bank_id, col(MeasureConsent.member_id) == member_id
        )
    )
    return dict.fromkeys(asking.PURPOSES, False) | {row.purpose: row.is_given for row in rows}


async def licence(session: AsyncSession, viewer: Viewer, measure: str) -> Licence | None:
    """The licence that the operator entered for a measure, if there is one."""
    require(viewer.roles, "policy.read", [Relation.BANK])
    return await session.get(Licence, (viewer.bank_id, measure))
