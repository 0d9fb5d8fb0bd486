"""What the clock does to referrals: a step that takes too long stands out, and one that nobody takes ends.

Whoever referred hears of that end too. Details are forgotten on their day, drafts on theirs.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership import banks
from exchange.prescribing import asking, drafts, erasing, states, steps
from exchange.prescribing.tables import Referral

DUE_MAX = 100


async def banks_with_referrals_due(session: AsyncSession, *, at: datetime) -> list[UUID]:
    """Banks in which a referral's clock, a draft's or an erasure is due: a look across banks."""
    rows = await session.scalars(text("select * from banks_with_referrals_due(:at)"), {"at": at})
    return list(rows.all())


async def chase(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = DUE_MAX) -> int:
    """Do what is due in one bank; other workers skip what is being done. Returns how many things."""
    rows = await session.scalars(
        select(Referral)
        .where(col(Referral.bank_id) == bank_id, col(Referral.chase_at) <= at)
        .order_by(col(Referral.chase_at), col(Referral.referral_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for referral in due:
        await _chase(session, referral, at)
    forgotten = await drafts.forget(session, bank_id, at=at)
    bank = await banks.get(session, bank_id)
    erased = await erasing.erase_due(session, bank_id, today=banks.today(bank, at), at=at)
    return len(due) + forgotten + erased + await asking.close_missed(session, bank_id, at=at)


async def _chase(session: AsyncSession, referral: Referral, at: datetime) -> None:
    clock = states.CLOCKS[referral.state]
    if referral.next_chase == "overdue":
        referral.is_overdue, referral.next_chase = True, "lapse"
        referral.chase_at = max(at, referral.state_at + clock.lapse)
        await session.flush()
        return
    await steps.end(session, None, referral, "lapse", clock.reason, at=at)
