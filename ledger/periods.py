"""A statement that a person understands: what stood, what happened day by day, what stands.

It follows the days on which things happened, not the order in which they were told, so its running balance
is counted here and ends where the balance as of its last day stands. What must never happen: a statement
whose lines do not add up to its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.accounts import balance
from ledger.amounts import as_words
from ledger.tables import Currency

WITHIN = text("""
    select happened_on, late_for, amount_minor, counterpart_id, reverses
    from ledger_entry
    where bank_id = :bank_id and account_id = :account_id and happened_on between :since and :until
    order by happened_on, version
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one transfer did to the account, and what stood after it."""

    happened_on: date
    late_for: date | None
    counterpart_id: UUID
    amount_minor: int
    balance_minor: int
    is_reversal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodStatement:
    """One account from one day to another, both included."""

    account_id: UUID
    since: date
    until: date
    opening_minor: int
    lines: list[Line]
    closing_minor: int
    minor_per_major: int
    label: str

    def as_text(self, names: Mapping[UUID, str]) -> str:
        """The statement in plain English, a line for each transfer, for a letter or a screen."""
        shown = [f"{self.since:%-d %B %Y} to {self.until:%-d %B %Y}"]
        shown.append(f"Before: {self._words(self.opening_minor)}")
        for line in self.lines:
            verb = "from" if line.amount_minor > 0 else "to"
            what = f"{self._words(abs(line.amount_minor))} {verb} "
            what += names.get(line.counterpart_id, str(line.counterpart_id)) + " (undone)" * line.is_reversal
            what += f" (for {line.late_for:%-d %B %Y}, told late)" if line.late_for else ""
            shown.append(f"{line.happened_on:%-d %B %Y}  {what}  → {self._words(line.balance_minor)}")
        shown.append(f"After: {self._words(self.closing_minor)}")
        return "\n".join(shown) + "\n"

    def _words(self, amount_minor: int) -> str:
        return as_words(amount_minor, self.minor_per_major, self.label)


async def period_statement(
    session: AsyncSession, bank_id: UUID, account_id: UUID, *, since: date, until: date
) -> PeriodStatement:
    """All that happened on an account from one day to another.

    Raises:
        UnknownAccount: no such account in this bank.
    """
    before = await balance(session, bank_id, account_id, as_of=since - timedelta(days=1))
    unit = (
        await session.execute(
            select(Currency).where(col(Currency.bank_id) == bank_id, col(Currency.code) == before.currency)
        )
    ).scalar_one()
    values = {"bank_id": bank_id, "account_id": account_id, "since": since, "until": until}
    stands, lines = before.posted, []
    for row in await session.execute(WITHIN, values):
        stands += row.amount_minor
        lines.append(
            Line(
                happened_on=row.happened_on,
                late_for=row.late_for,
                counterpart_id=row.counterpart_id,
                amount_minor=row.amount_minor,
                balance_minor=stands,
                is_reversal=row.reverses is not None,
            )
        )
    return PeriodStatement(
        account_id=account_id,
        since=since,
        until=until,
        opening_minor=before.posted,
        lines=lines,
        closing_minor=stands,
        minor_per_major=unit.minor_per_major,
        label=unit.label,
    )
