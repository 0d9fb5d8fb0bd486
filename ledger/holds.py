"""Amounts set aside: for a place booked, a note printed, an hour promised.

A hold lowers what is available and moves nothing. It ends once: captured, released, or expired. What must
never happen: a hold that has ended, or was refused, paid out after all.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.calls import call
from ledger.errors import UnknownHold
from ledger.tables import HoldRow
from ledger.transfers import Posted, check_amount, stored

HoldState = Literal["held", "captured", "released", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """An amount set aside on an account, and how that stands."""

    hold_id: UUID
    account_id: UUID
    amount_minor: int
    state: HoldState
    reference: UUID | None
    held_at: datetime
    expires_at: datetime
    ended_at: datetime | None


async def hold(
    session: AsyncSession,
    bank_id: UUID,
    hold_id: UUID,
    *,
    account_id: UUID,
    amount_minor: int,
    expires_at: datetime,
    at: datetime,
    reference: UUID | None = None,
) -> Hold:
    """Set an amount aside until `expires_at`. The same id with the same contents is held once.

    Raises:
        LedgerError: `FloorCrossed` when what is available does not reach, `DifferentHoldSameId`, `HoldEnded`
            when it would have expired already, or a rule about the account or the amount.
    """
    check_amount(amount_minor)
    row = await call(
        session,
        "select * from ledger_hold(:bank_id, :at, :hold_id, :account_id, :amount, :expires_at, :reference)",
        bank_id=bank_id,
        at=at,
        hold_id=hold_id,
        account_id=account_id,
        amount=amount_minor,
        expires_at=expires_at,
        reference=reference,
    )
    return _hold(row)


async def capture(
    session: AsyncSession,
    bank_id: UUID,
    hold_id: UUID,
    *,
    transfer_id: UUID,
    payee_id: UUID,
    happened_on: date,
    at: datetime,
    amount_minor: int | None = None,
    may_be_late: bool = False,
) -> Posted:
    """Pay all of a hold, or `amount_minor` of it, to an account; the rest is given back.

    The same `transfer_id` with the same contents returns the first outcome.

    Raises:
        LedgerError: `UnknownHold`, `HoldEnded`, `CaptureExceedsHold`, or a rule of any transfer's but the
            floor, which was kept when the amount was set aside.
    """
    if amount_minor is not None:
        check_amount(amount_minor)
    row = await call(
        session,
        "select * from ledger_capture(:bank_id, :at, :hold_id, :transfer_id, :payee_id, :amount, "
        ":happened_on, :may_be_late)",
        bank_id=bank_id,
        at=at,
        hold_id=hold_id,
        transfer_id=transfer_id,
        payee_id=payee_id,
        amount=amount_minor,
        happened_on=happened_on,
        may_be_late=may_be_late,
    )
    return stored(row)


async def release(session: AsyncSession, bank_id: UUID, hold_id: UUID, *, at: datetime) -> Hold:
    """Give back what a hold set aside; releasing again changes nothing.

    Raises:
        LedgerError: `UnknownHold`, or `HoldEnded` when it was captured or has expired.
    """
    row = await call(
        session,
        "select * from ledger_release(:bank_id, :at, :hold_id)",
        bank_id=bank_id,
        at=at,
        hold_id=hold_id,
    )
    return _hold(row)


async def expire_holds(session: AsyncSession, bank_id: UUID, *, at: datetime) -> list[UUID]:
    """Give back every hold whose time has run out by `at`; returns their ids."""
    row = await call(session, "select ledger_expire_holds(:bank_id, :at) as ids", bank_id=bank_id, at=at)
    return list(row.ids)


async def banks_with_due_holds(session: AsyncSession, *, at: datetime) -> list[UUID]:
    """The banks in which a hold's time has run out by `at`; a look across banks, for the worker."""
    rows = await session.scalars(text("select * from banks_with_due_holds(:at)"), {"at": at})
    return list(rows)


async def find_hold(session: AsyncSession, bank_id: UUID, hold_id: UUID) -> Hold:
    """One hold as it stands.

    Raises:
        UnknownHold: no such hold in this bank; one that was refused never was.
    """
    row = await session.scalar(
        select(HoldRow)
        .where(col(HoldRow.bank_id) == bank_id, col(HoldRow.hold_id) == hold_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise UnknownHold(hold_id=hold_id)
    return _hold(row)


def _hold(row: HoldRow | Row[Any]) -> Hold:
    return Hold(**{name: getattr(row, name) for name in Hold.__slots__})
