"""What flows into a referral by itself: they came to a group, or an hour of theirs counts: it has begun.

Nobody has to remember to press a button for it. What must never happen: a referral that starts because of
somebody else's hour, or before the bank took it up.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities.tables import CheckIn
from exchange.prescribing import records, states
from exchange.prescribing.tables import Referral

TAKEN_UP = ("accepted", "contacted")


async def came(session: AsyncSession, bank_id: UUID, people: Collection[UUID], *, at: datetime) -> None:
    """These people came, gave or had something: referrals of theirs that were taken up have begun."""
    rows = await session.scalars(
        select(Referral)
        .where(
            col(Referral.bank_id) == bank_id,
            col(Referral.member_id).in_(people),
            col(Referral.state).in_(TAKEN_UP),
        )
        .with_for_update()
    )
    for referral in rows.all():
        before = referral.state
        referral.state = states.target(before, "begin")
        records.wind(referral, at)
        records.step(session, referral, "begin", by_id=None, from_state=before, at=at)
    await session.flush()


async def sessions_since(session: AsyncSession, referral: Referral) -> int:
    """How many times the person came to a group since they were referred, once they are a member."""
    if referral.member_id is None:
        return 0
    found = await session.scalar(
        select(func.count()).where(
            col(CheckIn.bank_id) == referral.bank_id,
            col(CheckIn.member_id) == referral.member_id,
            col(CheckIn.state) == "counted",
            col(CheckIn.came_at) >= referral.made_at,
        )
    )
    return int(found or 0)
