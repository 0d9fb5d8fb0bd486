"""Reading one account's history, newest first, a page at a time.

Pages follow the account's versions, so a page costs the same on the first day and after a million
entries, and what is booked meanwhile never shifts one. What must never happen: a page read by offset.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.errors import BadCursor

PAGE_ENTRIES_MAX = 1_000

ENTRIES = text("""
    select * from (
        (select payer_version as version, transfer_id, payee_id as counterpart_id,
                -amount_minor as amount_minor, payer_balance as balance_after,
                happened_on, late_for, booked_at, reverses, captures, reference
         from ledger_transfer
         where bank_id = :bank_id and payer_id = :account_id and payer_version < :before
         order by payer_version desc limit :entries)
        union all
        (select payee_version, transfer_id, payer_id, amount_minor, payee_balance,
                happened_on, late_for, booked_at, reverses, captures, reference
         from ledger_transfer
         where bank_id = :bank_id and payee_id = :account_id and payee_version < :before
         order by payee_version desc limit :entries)
    ) sides
    order by version desc limit :entries
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transfer as one of its accounts sees it: `amount_minor` is negative when the account paid."""

    transfer_id: UUID
    counterpart_id: UUID
    amount_minor: int
    balance_after: int
    version: int
    happened_on: date
    booked_at: datetime
    reverses: UUID | None
    reference: UUID | None
    late_for: date | None = None
    captures: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first, and the cursor of the next page, or None on the last."""

    entries: list[Entry]
    next_cursor: str | None


async def statement(
    session: AsyncSession,
    bank_id: UUID,
    account_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
    booked_by: datetime | None = None,
) -> Page:
    """A page of at most `limit` (1 to 1,000) entries in the order they were booked, newest first.

    With `booked_by`, the first page begins with what was the newest entry at that moment.

    Raises:
        BadCursor: the cursor did not come from a page of this statement.
    """
    before = _version(cursor)
    if booked_by is not None and cursor is None:
        before = await version_at(session, bank_id, account_id, booked_by) + 1
    wanted = min(max(limit, 1), PAGE_ENTRIES_MAX)
    rows = await session.execute(
        ENTRIES,
        {
            "bank_id": bank_id,
            "account_id": account_id,
            "before": before,
            "entries": wanted + 1,
        },
    )
    entries = [Entry(**row) for row in rows.mappings()]
    more = len(entries) > wanted
    return Page(entries[:wanted], str(entries[wanted - 1].version) if more else None)


async def version_at(session: AsyncSession, bank_id: UUID, account_id: UUID, moment: datetime) -> int:
    """How many entries an account had at a moment."""
    found = await session.scalar(
        text("select ledger_version_at(:bank_id, :account_id, :moment)"),
        {"bank_id": bank_id, "account_id": account_id, "moment": moment},
    )
    return int(found or 0)


def _version(cursor: str | None) -> int:
    if cursor is None:
        return 2**63 - 1
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < len(str(2**63))):
        raise BadCursor(cursor=cursor)
    return int(cursor)
