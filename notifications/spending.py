"""What texts have cost a bank this month, and will have by its end."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.budgets import WHOLE_BANK
from notifications.policy import Policy
from notifications.tables import MessageSpend

WINDOW_DAYS: Final = 28
"""The forecast goes by the last four weeks, so that each weekday counts four times."""


@dataclass(frozen=True, slots=True)
class Spending:
    """A month's texts so far and as forecast. Segments are what the provider bills."""

    month: date
    segments: int
    segments_forecast: int
    pence: float
    pence_forecast: float
    segments_by_day: Mapping[date, int]


async def month_spending(session: AsyncSession, bank_id: UUID, *, policy: Policy, at: datetime) -> Spending:
    """This local month's spending, and where it is heading."""
    today = at.astimezone(policy.zone).date()
    first = today.replace(day=1)
    since = min(first, today - timedelta(days=WINDOW_DAYS))
    rows = await session.execute(
        select(col(MessageSpend.day), col(MessageSpend.segments)).where(
            col(MessageSpend.bank_id) == bank_id,
            col(MessageSpend.scope) == WHOLE_BANK,
            col(MessageSpend.day) >= since,
            col(MessageSpend.day) <= today,
        )
    )
    by_day = {row.day: row.segments for row in rows}
    so_far = sum(segments for day, segments in by_day.items() if day >= first)
    recent = [segments for day, segments in by_day.items() if day > today - timedelta(days=WINDOW_DAYS)]
    days_seen = min(WINDOW_DAYS, (today - min(by_day, default=today)).days + 1)
    days_left = calendar.monthrange(today.year, today.month)[1] - today.day
    forecast = so_far + round(sum(recent) / days_seen * days_left)
    return Spending(
        first,
        so_far,
        forecast,
        round(so_far * policy.pence_per_segment, 1),
        round(forecast * policy.pence_per_segment, 1),
        {day: segments for day, segments in sorted(by_day.items()) if day >= first},
    )
