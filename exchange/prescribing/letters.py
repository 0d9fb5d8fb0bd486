"""The message back: whoever referred hears how it ended, always, and never more than was consented to.

At `nothing` it says that the referral is closed and no more; at `codes` it carries coded entries; at `notes`
counts and words too. Answers about wellbeing stand in it where their owner allows that use, and no longer.
What must never happen: an end without its message, or a letter to a mailbox that nobody recorded as secure.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.hours.tables import Hours
from exchange.prescribing import access, attendance, outcomes, states
from exchange.prescribing.practice_tables import Practice
from exchange.prescribing.tables import Referral, ReferralChoice, ReferralLetter, ReferralStep

COUNTED = ("posted", "objected")


async def write(session: AsyncSession, referral: Referral, *, words: str | None, at: datetime) -> None:
    """Write the message back of a referral that has just ended, and send it where a secure mailbox waits."""
    practice = None
    if referral.referrer_id:
        practice = await session.get(Practice, (referral.bank_id, referral.referrer_id))
    level = access.level(referral.back, practice.hears if practice else None)
    letter = ReferralLetter(
        bank_id=referral.bank_id,
        referral_id=referral.referral_id,
        level=level,
        facts=await _facts(session, referral, level, words),
        made_at=at,
    )
    session.add(letter)
    if practice and practice.is_mailbox_secure and practice.mailbox:
        letter.sent_to = practice.mailbox
        told = {"referral_id": str(referral.referral_id), "practice_id": str(practice.practice_id)}
        outbox.record(session, referral.bank_id, "referral.came_back", told, at=at)
    await session.flush()


async def _facts(session: AsyncSession, referral: Referral, level: str, words: str | None) -> dict[str, Any]:
    if level == "nothing":
        return {}
    assert referral.reason is not None
    reason = states.REASONS[referral.reason]
    coded: dict[str, Any] = {
        "codes": [
            {"system": states.SNOMED, "code": "871731000000106", "words": REFERRED},
            {"system": reason.system, "code": reason.code, "words": reason.words},
        ],
    }
    if told := await outcomes.entries(session, referral, level):
        coded["measures"] = told
    if level == "codes":
        return coded
    return {**coded, **await _counts(session, referral), "words": words}


REFERRED = "Referral to social prescribing service"


async def as_allowed(session: AsyncSession, referral: Referral, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a letter says, without answers about wellbeing where their owner has taken their yes back."""
    if "measures" not in facts or await outcomes.are_allowed(session, referral):
        return dict(facts)
    return {name: value for name, value in facts.items() if name != "measures"}


async def _counts(session: AsyncSession, referral: Referral) -> dict[str, Any]:
    """What the letter counts: tries, what was chosen, and hours once they were a member."""
    here = (
        col(ReferralStep.bank_id) == referral.bank_id,
        col(ReferralStep.referral_id) == referral.referral_id,
    )
    started = await session.scalar(
        select(func.min(ReferralStep.done_at)).where(*here, col(ReferralStep.verb).in_(("start", "begin")))
    )
    chosen = await session.scalars(
        select(col(ReferralChoice.words))
        .where(
            col(ReferralChoice.bank_id) == referral.bank_id,
            col(ReferralChoice.referral_id) == referral.referral_id,
        )
        .order_by(col(ReferralChoice.number))
    )
    gave, received = await hours_since(session, referral)
    return {
        "attempts": referral.attempts,
        "started_on": started.date().isoformat() if started else None,
        "what": list(chosen.all()),
        "is_member": referral.member_id is not None,
        "sessions": await attendance.sessions_since(session, referral),
        "gave_minutes": gave,
        "received_minutes": received,
    }


async def hours_since(session: AsyncSession, referral: Referral) -> tuple[int, int]:
    """Minutes given and received since the referral was made, once the person is a member."""
    if referral.member_id is None:
        return 0, 0
    me = referral.member_id
    rows = await session.execute(
        select(col(Hours.giver_id), func.sum(col(Hours.minutes)))
        .where(
            col(Hours.bank_id) == referral.bank_id,
            col(Hours.state).in_(COUNTED),
            col(Hours.done_on) >= referral.made_at.date(),
            or_(col(Hours.giver_id) == me, col(Hours.receiver_id) == me),
        )
        .group_by(col(Hours.giver_id))
    )
    totals: dict[UUID, int] = {giver: int(minutes) for giver, minutes in rows}
    gave = totals.pop(me, 0)
    return gave, sum(totals.values())
