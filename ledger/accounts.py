"""Currencies and accounts: opened, limited, frozen, and read.

What must never happen: a balance read without what is set aside from it; they come from one row.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.calls import call
from ledger.errors import UnknownAccount
from ledger.statements import statement
from ledger.tables import Account
from ledger.transfers import Posted, stored

FIRST_48_BITS = (2**48 - 1) << 80

AS_OF = text("""
    with account as (
        select folded_version from ledger_account where bank_id = :bank_id and account_id = :account_id
    )
    select coalesce(sum(change), 0)::bigint from (
        select change_minor as change from ledger_day
        where bank_id = :bank_id and account_id = :account_id and happened_on <= :day
        union all
        select -amount_minor from ledger_transfer
        where bank_id = :bank_id and payer_id = :account_id and happened_on <= :day
          and payer_version > (select folded_version from account)
        union all
        select amount_minor from ledger_transfer
        where bank_id = :bank_id and payee_id = :account_id and happened_on <= :day
          and payee_version > (select folded_version from account)
    ) changes
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What stands on one account, in minor units, read in one snapshot.

    `posted` is what was booked, `held` what of it is set aside, `available` what may still be paid before
    the balance reaches zero: `posted - held`. `version` counts the account's entries.
    """

    account_id: UUID
    currency: str
    posted: int
    held: int
    floor: int | None
    ceiling: int | None
    version: int
    is_frozen: bool
    is_closed: bool

    @property
    def available(self) -> int:
        return self.posted - self.held


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Where the rest of a closed account goes, by which transfer, on which day."""

    account_id: UUID
    transfer_id: UUID
    happened_on: date


async def open_currency(
    session: AsyncSession, bank_id: UUID, code: str, *, minor_per_major: int, label: str
) -> None:
    """Give a bank a currency: hours with 60 minor units, or a community currency with 100.

    Raises:
        LedgerError: `BadCurrency`, or `DifferentCurrencySameCode` when the code was opened otherwise.
    """
    await call(
        session,
        "select ledger_open_currency(:bank_id, :code, :minor_per_major, :label)",
        bank_id=bank_id,
        code=code,
        minor_per_major=minor_per_major,
        label=label,
    )


def busy_account_id() -> UUID:
    """A new id for an account that many transfers touch, as a community pot's.

    It is a random one (RFC 9562, version 4) whose first 48 bits are ones, so it sorts behind the ids that
    begin with a time. Lists lock their accounts in order: this one last, and so for the shortest time.
    """
    return UUID(int=uuid4().int | FIRST_48_BITS)


async def open_account(
    session: AsyncSession,
    bank_id: UUID,
    account_id: UUID,
    *,
    currency: str = "HOUR",
    floor: int | None,
    ceiling: int | None,
    at: datetime,
) -> None:
    """Open an account under the caller's key; None means no limit on that side.

    Raises:
        LedgerError: `UnknownCurrency`, `FloorAboveCeiling`, or `DifferentAccountSameId` when the account
            stands with another currency or other limits.
    """
    await call(
        session,
        "select ledger_open_account(:bank_id, :account_id, :currency, :floor, :ceiling, :at)",
        bank_id=bank_id,
        account_id=account_id,
        currency=currency,
        floor=floor,
        ceiling=ceiling,
        at=at,
    )


async def set_limits(
    session: AsyncSession, bank_id: UUID, account_id: UUID, *, floor: int | None, ceiling: int | None
) -> None:
    """Move an account's limits. One that then stands outside them may come back, and go no further.

    Raises:
        LedgerError: `UnknownAccount` or `FloorAboveCeiling`.
    """
    await call(
        session,
        "select ledger_set_limits(:bank_id, :account_id, :floor, :ceiling)",
        bank_id=bank_id,
        account_id=account_id,
        floor=floor,
        ceiling=ceiling,
    )


MOVE_FLOORS = """
    select count(ledger_set_limits(bank_id, account_id, :floor, ceiling)) from (
        select bank_id, account_id, ceiling from ledger_account
        where bank_id = :bank_id and account_id = any(:account_ids) and floor = :was and closed_at is null
        order by account_id
    ) standing
"""


async def move_floors(
    session: AsyncSession, bank_id: UUID, account_ids: Collection[UUID], *, was: int, floor: int
) -> None:
    """Move the floor of those of these accounts that stand at `was`; one that was given another keeps it.

    Who is then below it may come back, and go no further.

    Raises:
        LedgerError: `FloorAboveCeiling`.
    """
    await call(session, MOVE_FLOORS, bank_id=bank_id, account_ids=list(account_ids), was=was, floor=floor)


async def freeze(session: AsyncSession, bank_id: UUID, account_id: UUID) -> None:
    """Stop all movement on an account, in and out.

    Raises:
        UnknownAccount: no such account in this bank.
    """
    await _set_frozen(session, bank_id, account_id, is_frozen=True)


async def unfreeze(session: AsyncSession, bank_id: UUID, account_id: UUID) -> None:
    """Let a frozen account move again.

    Raises:
        UnknownAccount: no such account in this bank.
    """
    await _set_frozen(session, bank_id, account_id, is_frozen=False)


async def close_account(
    session: AsyncSession,
    bank_id: UUID,
    account_id: UUID,
    *,
    at: datetime,
    rest: Rest | None = None,
) -> Posted | None:
    """Close an account for good, at zero or with a word on where its rest goes; returns that transfer.

    A rest below zero comes from there. Closing again changes nothing.

    Raises:
        LedgerError: `BalanceNotZero` without a word on the rest, `HoldsRemain`, or a rule that the transfer
            of the rest broke.
    """
    row = await call(
        session,
        "select * from ledger_close(:bank_id, :at, :account_id, :rest_to, :transfer_id, :happened_on)",
        bank_id=bank_id,
        at=at,
        account_id=account_id,
        rest_to=rest.account_id if rest else None,
        transfer_id=rest.transfer_id if rest else None,
        happened_on=rest.happened_on if rest else None,
    )
    return stored(row) if row.transfer_id else None


async def balances(
    session: AsyncSession, bank_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, Balance]:
    """What stands on each of these accounts now; accounts that do not exist are left out."""
    rows = await session.scalars(
        select(Account)
        .where(col(Account.bank_id) == bank_id, col(Account.account_id).in_(account_ids))
        .execution_options(populate_existing=True)
    )
    return {row.account_id: _balance(row) for row in rows}


async def balance(
    session: AsyncSession,
    bank_id: UUID,
    account_id: UUID,
    *,
    as_of: date | None = None,
    booked_by: datetime | None = None,
) -> Balance:
    """What stands on one account now; or stood by all that had happened by a day, or was booked by a moment.

    As of a day, `posted` sums what is booked today with an earlier or equal `happened_on`, so an hour
    told late counts on the day it happened. As of a moment it is what the books said then. The other facts
    are today's.

    Raises:
        UnknownAccount: no such account in this bank.
    """
    found = (await balances(session, bank_id, [account_id])).get(account_id)
    if found is None:
        raise UnknownAccount(account_id=account_id)
    if as_of is not None:
        values = {"bank_id": bank_id, "account_id": account_id, "day": as_of}
        return replace(found, posted=await session.scalar(AS_OF, values))
    if booked_by is not None:
        page = await statement(session, bank_id, account_id, limit=1, booked_by=booked_by)
        return replace(found, posted=page.entries[0].balance_after if page.entries else 0)
    return found


def _balance(row: Account) -> Balance:
    return Balance(
        account_id=row.account_id,
        currency=row.currency,
        posted=row.balance,
        held=row.held,
        floor=row.floor,
        ceiling=row.ceiling,
        version=row.version,
        is_frozen=row.is_frozen,
        is_closed=row.closed_at is not None,
    )


async def _set_frozen(session: AsyncSession, bank_id: UUID, account_id: UUID, *, is_frozen: bool) -> None:
    await call(
        session,
        "select ledger_freeze(:bank_id, :account_id, :is_frozen)",
        bank_id=bank_id,
        account_id=account_id,
        is_frozen=is_frozen,
    )
