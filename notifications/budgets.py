"""How much may be spent on texts: segments for each number, each bank, each local day.

Decided in the transaction that queues the message, under a lock on the bank's day, so fifty senders at
once cannot pass it by one segment. What cannot be counted is not sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.policy import Policy
from notifications.tables import MessageSpend

WHOLE_BANK = "bank"
Refusal = Literal["budget_number", "budget_bank"]


@dataclass(frozen=True, slots=True)
class Spend:
    """Segments that one text would cost, to one number, on one local day."""

    day: date
    number: str
    segments: int
    is_free: bool = False
    """Safety messages are counted but never refused."""


class Purse:
    """The day's spending of one bank, locked by this transaction."""

    def __init__(self, spent: dict[tuple[date, str], int], policy: Policy) -> None:
        self._spent = spent
        self._policy = policy
        self._changed: set[tuple[date, str]] = set()

    def take(self, spend: Spend) -> Refusal | None:
        """Spend, or say which budget refuses."""
        number, bank = (spend.day, spend.number), (spend.day, WHOLE_BANK)
        if not spend.is_free:
            if self._spent[number] + spend.segments > self._policy.sms_budget_number_day:
                return "budget_number"
            if self._spent[bank] + spend.segments > self._policy.sms_budget_bank_day:
                return "budget_bank"
        self._add(spend, spend.segments)
        return None

    def give_back(self, spend: Spend) -> None:
        """A message that turned out to be queued already costs nothing again."""
        self._add(spend, -spend.segments)

    def _add(self, spend: Spend, segments: int) -> None:
        for key in ((spend.day, spend.number), (spend.day, WHOLE_BANK)):
            self._spent[key] += segments
            self._changed.add(key)

    async def close(self, session: AsyncSession, bank_id: UUID) -> None:
        """Write down what was spent."""
        for day, scope in sorted(self._changed):
            await session.execute(
                update(MessageSpend)
                .where(
                    col(MessageSpend.bank_id) == bank_id,
                    col(MessageSpend.day) == day,
                    col(MessageSpend.scope) == scope,
                )
                .values(segments=self._spent[day, scope])
            )


async def open_purse(session: AsyncSession, bank_id: UUID, spends: Iterable[Spend], policy: Policy) -> Purse:
    """Lock the days and numbers about to be spent on; the bank's own row first, so nobody deadlocks."""
    wanted = list(spends)
    spent: dict[tuple[date, str], int] = {}
    for keys in (
        sorted({(s.day, WHOLE_BANK) for s in wanted}),
        sorted({(s.day, s.number) for s in wanted}),
    ):
        spent |= await _lock(session, bank_id, keys)
    return Purse(spent, policy)


async def _lock(
    session: AsyncSession, bank_id: UUID, keys: list[tuple[date, str]]
) -> dict[tuple[date, str], int]:
    if not keys:
        return {}
    await session.execute(
        insert(MessageSpend)
        .values([{"bank_id": bank_id, "day": day, "scope": scope, "segments": 0} for day, scope in keys])
        .on_conflict_do_nothing()
    )
    rows = await session.execute(
        select(col(MessageSpend.day), col(MessageSpend.scope), col(MessageSpend.segments))
        .where(
            col(MessageSpend.bank_id) == bank_id,
            col(MessageSpend.day).in_({day for day, _ in keys}),
            col(MessageSpend.scope).in_({scope for _, scope in keys}),
        )
        .order_by(col(MessageSpend.day), col(MessageSpend.scope))
        .with_for_update()
    )
    return {(day, scope): segments for day, scope, segments in rows}
