"""How somebody was, as far as the message back may say it: figures with a code, and a goal's own words.

Figures stand by their day and are never put together across measures. What must never happen: any of it
where its owner did not say that whoever referred them may be told, or before the referral has ended.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.prescribing import asking, scales
from exchange.prescribing.measure_tables import AnswerSheet, Goal
from exchange.prescribing.tables import Referral

SYSTEM = "urn:evenhour:measure"
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "ons4": (
        "Satisfied with life, 0 to 10",
        "Life is worthwhile, 0 to 10",
        "Happy yesterday, 0 to 10",
        "Anxious yesterday, 0 to 10",
    ),
    "ucla3": ("UCLA three-item loneliness, 3 to 9",),
    "lonely": ("Direct loneliness question, 1 to 5",),
    "swemwbs": ("SWEMWBS metric score, 7 to 35",),
}
"""Measure → its coded entries. ONS4 has one for each item; codes are ours, since none is free to ship."""
OWN_GOAL = ("own-goal", "A goal of their own, scored by themselves, 0 to 10")

Entry = dict[str, Any]
"""`system`, `code`, `words`, `values` (pairs of an ISO day and a number, the first first), `goal` or none."""


async def sheets_since(session: AsyncSession, referral: Referral) -> list[AnswerSheet]:
    """What the person answered since they were referred, the first first."""
    rows = await session.scalars(
        select(AnswerSheet)
        .where(
            col(AnswerSheet.bank_id) == referral.bank_id,
            col(AnswerSheet.member_id) == referral.member_id,
            col(AnswerSheet.state) == "answered",
            col(AnswerSheet.answered_at) >= referral.made_at,
        )
        .order_by(col(AnswerSheet.answered_at), col(AnswerSheet.measure))
    )
    return list(rows.all())


async def are_allowed(session: AsyncSession, referral: Referral) -> bool:
    """Whether the person, once a member, says that whoever referred them may have their answers."""
    member_id = referral.member_id
    return member_id is not None and await asking.allows(session, referral.bank_id, member_id, "referrer")


async def entries(session: AsyncSession, referral: Referral, level: str) -> list[Entry]:
    """Answers and goals since the referral, for a message back at this level; none without a yes."""
    if level == "nothing" or not await are_allowed(session, referral):
        return []
    found: dict[str, Entry] = {}
    for sheet in await sheets_since(session, referral):
        for code, words, value in _figures(sheet):
            entry = found.setdefault(code, {"system": SYSTEM, "code": code, "words": words, "values": []})
            assert sheet.answered_at is not None
            entry["values"].append([sheet.answered_at.date().isoformat(), value])
    return [*found.values(), *await _goals(session, referral, level)]


def _figures(sheet: AnswerSheet) -> Iterator[tuple[str, str, float]]:
    answers, words = sheet.answers or [], ENTRIES[sheet.measure]
    total = scales.score(sheet.measure, answers)
    if total is not None:
        yield sheet.measure, words[0], total
        return
    for number, (label, given) in enumerate(zip(words, answers, strict=True), 1):
        yield f"{sheet.measure}-{number}", label, float(given)


async def _goals(session: AsyncSession, referral: Referral, level: str) -> list[Entry]:
    rows = await session.scalars(
        select(Goal)
        .where(
            col(Goal.bank_id) == referral.bank_id,
            col(Goal.member_id) == referral.member_id,
            col(Goal.set_at) >= referral.made_at,
        )
        .order_by(col(Goal.set_at), col(Goal.goal_id))
    )
    code, words = OWN_GOAL
    return [
        {
            "system": SYSTEM,
            "code": code,
            "words": words,
            "values": [
                [goal.set_at.date().isoformat(), float(goal.first_score)],
                [goal.scored_at.date().isoformat(), float(goal.score)],
            ],
            **({"goal": goal.words} if level == "notes" else {}),
        }
        for goal in rows
    ]
