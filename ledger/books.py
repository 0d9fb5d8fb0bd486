"""What holds for a bank's books as a whole: its time zone, and the days that are closed.

What must never happen: a day opened again once it was closed.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.calls import call
from ledger.tables import Book


async def open_books(session: AsyncSession, bank_id: UUID, *, time_zone: str) -> None:
    """Say in which time zone a bank's days begin and end; Europe/London unless said.

    Raises:
        UnknownTimeZone: the database knows no zone of that name.
    """
    await call(
        session,
        "select ledger_open_books(:bank_id, :time_zone)",
        bank_id=bank_id,
        time_zone=time_zone,
    )


async def close_period(session: AsyncSession, bank_id: UUID, *, open_from: date, at: datetime) -> None:
    """Close every day before `open_from`: nothing is booked on them from now on.

    What happened on a closed day and is told later is booked on the first open day, if its transfer
    `may_be_late`, and the row says for which day. Waits for the bank's transactions that are writing.

    Raises:
        LedgerError: `DayInFuture`, or `PeriodGoesBack` when later days are closed already.
    """
    await call(
        session,
        "select ledger_close_period(:bank_id, :open_from, :at)",
        bank_id=bank_id,
        open_from=open_from,
        at=at,
    )


async def first_open_day(session: AsyncSession, bank_id: UUID) -> date | None:
    """The first day that may be booked on; None while no period was ever closed."""
    found: date | None = await session.scalar(select(col(Book.open_from)).where(col(Book.bank_id) == bank_id))
    return found
