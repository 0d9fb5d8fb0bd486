"""Asking how somebody is: at the start, after six weeks, three and six months; by page, paper, or together.

Nobody has to answer, and nothing follows from a no. A bleak answer is on a person's desk at once. What must
never happen: an answer used for what its owner did not allow.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import NotFound
from exchange.membership import banks
from exchange.membership.tables import Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import scales
from exchange.prescribing.errors import BadAnswers, NotAskedNow, NoUseAllowed, UnknownReason
from exchange.prescribing.measure_tables import (
    WAYS,
    AnswerSheet,
    Licence,
    MeasureConsent,
)
from exchange.prescribing.scales import Question
from exchange.words import required

AFTER = {
    "start": timedelta(0),
    "6_weeks": timedelta(weeks=6),
    "3_months": timedelta(days=91),
    "6_months": timedelta(days=182),
}
OPEN_FOR = timedelta(days=21)
PURPOSES = ("my_own_use", "referrer", "totals")


async def schedule(session: AsyncSession, bank_id: UUID, member_id: UUID, *, day: date) -> None:
    """Plan the four rounds of the bank's measures for a member; a repeat changes nothing."""
    licence = await session.get(Licence, (bank_id, "swemwbs"))
    measures = [*scales.SHIPPED, *(["swemwbs"] if licence else [])]
    for measure in measures:
        for name, after in AFTER.items():
            if await session.get(AnswerSheet, (bank_id, member_id, measure, name)) is None:
                due = day + after
                session.add(
                    AnswerSheet(
                        bank_id=bank_id,
                        member_id=member_id,
                        measure=measure,
                        round=name,
                        due_on=due,
                        chase_on=due + OPEN_FOR,
                    )
                )
    await session.flush()


async def begin(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> None:
    """Begin to ask a member: at their wish, or when a coordinator offers it.

    Raises:
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    bank = await banks.get(session, viewer.bank_id)
    await schedule(session, viewer.bank_id, member_id, day=banks.today(bank, at))


async def allow_for(session: AsyncSession, viewer: Viewer, member_id: UUID, verb: str) -> None:
    """Pass when the viewer may do `verb` for this member.

    Raises:
        NotFound, NotAllowed
    """
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound
    require(viewer.roles, verb, viewer.relations_to(member_id))


async def questions(session: AsyncSession, bank_id: UUID, measure: str) -> Sequence[Question]:
    """A measure's questions.

    Raises:
        NotFound: no such measure, or one that needs a licence the bank does not have.
    """
    if measure in scales.SHIPPED:
        return scales.SHIPPED[measure]
    licence = await session.get(Licence, (bank_id, measure))
    if licence is None:
        raise NotFound
    return scales.licensed(licence.items)


async def due(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> list[AnswerSheet]:
    """What is asked of a member now."""
    await allow_for(session, viewer, member_id, "measure.answer")
    bank = await banks.get(session, viewer.bank_id)
    rows = await session.scalars(
        select(AnswerSheet)
        .where(
            col(AnswerSheet.bank_id) == viewer.bank_id,
            col(AnswerSheet.member_id) == member_id,
            col(AnswerSheet.state) == "due",
            col(AnswerSheet.due_on) <= banks.today(bank, at),
        )
        .order_by(col(AnswerSheet.due_on), col(AnswerSheet.measure))
    )
    return list(rows.all())


async def answer(
    session: AsyncSession,
    viewer: Viewer,
    member_id: UUID,
    measure: str,
    round_: str,
    answers: Sequence[int],
    *,
    way: str,
    at: datetime,
) -> AnswerSheet:
    """Keep what a member answered; a repeat with the same answers changes nothing.

    Raises:
        BadAnswers: a number is missing or beyond its ends.
        NoUseAllowed: they were not asked what the answers may be used for, or said no to each use.
        NotAskedNow: it is not due, or was refused or answered otherwise.
        UnknownReason: no such way to answer.
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    if way not in WAYS:
        raise UnknownReason(field="way")
    if not await allows_any(session, viewer.bank_id, member_id):
        raise NoUseAllowed
    given = scales.check(await questions(session, viewer.bank_id, measure), answers)
    sheet = await _sheet(session, viewer, member_id, measure, round_)
    if sheet.state == "answered" and sheet.answers == given:
        return sheet
    await _must_be_due(session, sheet, at)
    sheet.state, sheet.answers, sheet.way, sheet.answered_at = "answered", given, way, at
    sheet.is_bleak, sheet.chase_on = scales.is_bleak(measure, given), None
    await session.flush()
    return sheet


async def _sheet(
    session: AsyncSession, viewer: Viewer, member_id: UUID, measure: str, round_: str
) -> AnswerSheet:
    key = (viewer.bank_id, member_id, measure, round_)
    sheet = await session.get(AnswerSheet, key, with_for_update=True)
    if sheet is None:
        raise NotAskedNow
    return sheet


async def _must_be_due(session: AsyncSession, sheet: AnswerSheet, at: datetime) -> None:
    bank = await banks.get(session, sheet.bank_id)
    if sheet.state != "due" or sheet.due_on > banks.today(bank, at):
        raise NotAskedNow


async def refuse(
    session: AsyncSession, viewer: Viewer, member_id: UUID, measure: str, round_: str, *, at: datetime
) -> AnswerSheet:
    """'I would rather not': nothing follows from it, and it is not asked again in this round.

    Raises:
        NotAskedNow, NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.answer")
    sheet = await _sheet(session, viewer, member_id, measure, round_)
    if sheet.state != "refused":
        await _must_be_due(session, sheet, at)
        sheet.state, sheet.chase_on = "refused", None
        await session.flush()
    return sheet


async def close_missed(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Rounds that nobody answered in time are over; nobody is chased for them. Returns how many."""
    bank = await banks.get(session, bank_id)
    missed = await session.scalars(
        update(AnswerSheet)
        .where(col(AnswerSheet.bank_id) == bank_id, col(AnswerSheet.chase_on) <= banks.today(bank, at))
        .values(state="missed", chase_on=None)
        .returning(col(AnswerSheet.member_id))
    )
    return len(missed.all())


async def to_ring_today(session: AsyncSession, viewer: Viewer) -> list[tuple[AnswerSheet, str]]:
    """Members who gave a bleak answer that nobody has seen to yet, with the name they use."""
    require(viewer.roles, "measure.see_to", [Relation.BANK])
    rows = await session.execute(
        select(AnswerSheet, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(AnswerSheet.bank_id))
            & (col(Party.party_id) == col(AnswerSheet.member_id)),
        )
        .where(
            col(AnswerSheet.bank_id) == viewer.bank_id,
            col(AnswerSheet.is_bleak),
            col(AnswerSheet.seen_at).is_(None),
            col(AnswerSheet.member_id) != viewer.member_id,
        )
        .order_by(col(AnswerSheet.answered_at))
    )
    return [(row.AnswerSheet, row.name) for row in rows]


async def see_to(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> None:
    """A person has rung somebody whose answer was bleak; a repeat changes nothing."""
    require(viewer.roles, "measure.see_to", [Relation.BANK])
    await session.execute(
        update(AnswerSheet)
        .where(
            col(AnswerSheet.bank_id) == viewer.bank_id,
            col(AnswerSheet.member_id) == member_id,
            col(AnswerSheet.is_bleak),
            col(AnswerSheet.seen_at).is_(None),
        )
        .values(seen_at=at, seen_by=viewer.member_id)
    )


async def allow(
    session: AsyncSession, viewer: Viewer, member_id: UUID, purpose: str, *, is_given: bool, at: datetime
) -> None:
    """A member allows one use of their answers, or no longer.

    Raises:
        UnknownReason: no such purpose.
        NotFound, NotAllowed
    """
    await allow_for(session, viewer, member_id, "measure.allow")
    if purpose not in PURPOSES:
        raise UnknownReason(field="purpose")
    key = (viewer.bank_id, member_id, purpose)
    found = await session.get(MeasureConsent, key)
    if found is None:
        found = MeasureConsent(
            bank_id=viewer.bank_id, member_id=member_id, purpose=purpose, is_given=is_given, said_at=at
        )
        session.add(found)
    found.is_given, found.said_at = is_given, at
    await session.flush()


async def allows(session: AsyncSession, bank_id: UUID, member_id: UUID, purpose: str) -> bool:
    """Whether a member has said yes to this use; silence is a no."""
    found = await session.get(MeasureConsent, (bank_id, member_id, purpose))
    return found is not None and found.is_given


async def allows_any(session: AsyncSession, bank_id: UUID, member_id: UUID) -> bool:
    """Whether a member said yes to some use of their answers: before that nothing is asked of them."""
    found = await session.scalar(
        select(col(MeasureConsent.purpose))
        .where(
            col(MeasureConsent.bank_id) == bank_id,
            col(MeasureConsent.member_id) == member_id,
            col(MeasureConsent.is_given),
        )
        .limit(1)
    )
    return found is not None


async def license_items(
    session: AsyncSession, viewer: Viewer, measure: str, *, number: str, items: Sequence[str]
) -> Licence:
    """Enter the licence that the operator holds for a measure, and its items.

    Raises:
        BadAnswers: it is not the measure's number of items.
        TextMissing, NotAllowed
    """
    require(viewer.roles, "policy.change", [Relation.BANK])
    if measure != "swemwbs":
        raise BadAnswers
    scales.licensed(items)
    licence = Licence(
        bank_id=viewer.bank_id,
        measure=measure,
        number=required(number, field="number"),
        items=[item.strip() for item in items],
    )
    return await session.merge(licence)
