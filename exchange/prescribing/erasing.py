"""Forgetting who somebody was: their name, number, reasons and all that staff wrote; the course stays.

What remains says that a referral came, from where, and how it ended, for the bank's totals. What must never
happen: an erasure that leaves a word of the person's behind.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import codes as typed_codes
from exchange.prescribing.door_tables import ReferralIdentifier
from exchange.prescribing.tables import (
    Referral,
    ReferralChoice,
    ReferralLetter,
    ReferralNote,
    ReferralPerson,
    ReferralWhy,
)

Erasable = (
    type[ReferralPerson]
    | type[ReferralWhy]
    | type[ReferralChoice]
    | type[ReferralNote]
    | type[ReferralIdentifier]
)
ERASED: tuple[Erasable, ...] = (
    ReferralPerson,
    ReferralWhy,
    ReferralChoice,
    ReferralNote,
    ReferralIdentifier,
)


async def erase_due(session: AsyncSession, bank_id: UUID, *, today: date, at: datetime) -> int:
    """Forget everybody whose day has come; returns how many."""
    rows = await session.scalars(
        select(Referral)
        .where(
            col(Referral.bank_id) == bank_id,
            col(Referral.erase_on) <= today,
            col(Referral.erased_on).is_(None),
        )
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for referral in due:
        await erase(session, referral, today=today, at=at)
    return len(due)


async def erase(session: AsyncSession, referral: Referral, *, today: date, at: datetime) -> None:
    """Forget one person now; a repeat changes nothing."""
    for table in ERASED:
        await session.execute(
            delete(table).where(
                col(table.bank_id) == referral.bank_id, col(table.referral_id) == referral.referral_id
            )
        )
    letter = await session.get(ReferralLetter, (referral.bank_id, referral.referral_id))
    if letter is not None:
        letter.facts = {key: value for key, value in letter.facts.items() if key == "codes"}
    await typed_codes.kill(session, referral.bank_id, "referral", [referral.referral_id], at=at)
    referral.erased_on, referral.erase_on = today, None
    await session.flush()
