"""How much may be spent on texts: segments for each number, each bank, each local day.

Decided in the transaction that queues the message, under a lock on the bank's day, so fifty senders at
once cannot pass it by one segment. What cannot be counted is not sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.policy import Policy

WHOLE_BANK = "bank"
OPEN: Final = text(
    "insert into message_spend as s (bank_id, day, scope, segments) select :bank_id, t.day, t.scope, 0 "
    "from unnest(cast(:days as date[]), cast(:scopes as text[])) with ordinality as t(day, scope, place) "
    "order by t.place on conflict (bank_id, day, scope) do update set segments = s.segments "
    "returning s.day, s.scope, s.segments"
)
"""Locks each row in the order given, and makes those that are missing."""
WRITE: Final = text(
    "update message_spend s set segments = t.segments from "
    "unnest(cast(:days as date[]), cast(:scopes as text[]), cast(:segments as int[])) "
    "as t(day, scope, segments) where s.bank_id = :bank_id and s.day = t.day and s.scope = t.scope"
)
AWAITED_SHARE: Final = 1.5
"""What is awaited may use half as much again, so that notices cannot silence answers and sign-in."""
Refusal = Literal["budget_number", "budget_bank"]


@dataclass(frozen=True, slots=True)
class Spend:
    """Segments that one text would cost, to one number, on one local day."""

    day: date
    number: str
    segments: int
    is_free: bool = False
    """Safety messages are counted but never refused."""
    is_awaited: bool = False
    """An answer or a sign-in code: somebody waits for it, so a part of the budget is kept for such."""


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
            more = AWAITED_SHARE if spend.is_awaited else 1
            if self._spent[number] + spend.segments > self._policy.sms_budget_number_day * more:
                return "budget_number"
            if self._spent[bank] + spend.segments > self._policy.sms_budget_bank_day * more:
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
        if self._changed:
            spent = {key: self._spent[key] for key in sorted(self._changed)}
            await session.execute(
                WRITE,
                {
                    "bank_id": bank_id,
                    "days": [day for day, _ in spent],
                    "scopes": [scope for _, scope in spent],
                    "segments": list(spent.values()),
                },
            )


async def open_purse(session: AsyncSession, bank_id: UUID, spends: Iterable[Spend], policy: Policy) -> Purse:
    """Lock the days and numbers about to be spent on; the bank's own row first, so nobody deadlocks."""
    wanted = list(spends)
    keys = sorted({(s.day, WHOLE_BANK) for s in wanted}) + sorted({(s.day, s.number) for s in wanted})
    if not keys:
        return Purse({}, policy)
    rows = await session.execute(
        OPEN,
        {"bank_id": bank_id, "days": [day for day, _ in keys], "scopes": [scope for _, scope in keys]},
    )
    return Purse({(row.day, row.scope): row.segments for row in rows}, policy)
