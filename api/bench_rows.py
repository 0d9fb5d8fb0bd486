"""The way nobody should write books: rows loaded, changed and added one by one through the ORM.

It stands here for comparison only, run as the owner, since the application's role may not do it. What must
never happen: this used for anything but the bench.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from ledger.tables import Account, TransferRow


async def post_row_by_row(
    session: AsyncSession, bank_id: UUID, payer_id: UUID, payee_id: UUID, *, at: datetime
) -> None:
    """One transfer of 60 minor units: lock both accounts, change them, add the row."""
    found = await session.scalars(
        select(Account)
        .where(col(Account.bank_id) == bank_id, col(Account.account_id).in_([payer_id, payee_id]))
        .order_by(col(Account.account_id))
        .with_for_update()
    )
    accounts = {row.account_id: row for row in found}
    payer, payee = accounts[payer_id], accounts[payee_id]
    payer.balance, payer.version, payer.booked_at = payer.balance - 60, payer.version + 1, at
    payee.balance, payee.version, payee.booked_at = payee.balance + 60, payee.version + 1, at
    transfer = TransferRow(
        bank_id=bank_id,
        transfer_id=uuid7(),
        payer_id=payer_id,
        payee_id=payee_id,
        amount_minor=60,
        payer_balance=payer.balance,
        payer_version=payer.version,
        payee_balance=payee.balance,
        payee_version=payee.version,
        clock=0,
        booked_at=at,
        happened_on=at.date(),
        late_for=None,
        currency="HOUR",
        reference=None,
        reverses=None,
        captures=None,
    )
    session.add(transfer)
    await session.flush()
