from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from tests.ledger.conftest import TODAY, Accounts, Pay


async def undo(
    session: AsyncSession, bank_id: UUID, transfer_id: UUID, at: datetime, reversal_id: UUID | None = None
) -> ledger.Posted:
    async with session.begin_nested():
        return await ledger.reverse(
            session,
            bank_id,
            transfer_id,
            reversal_id=reversal_id or uuid7(),
            happened_on=TODAY - timedelta(days=2),
            at=at,
        )


async def test_a_reversal_is_the_opposite_and_points_back(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    posted = await pay(accounts.ada, accounts.bea, 45, reference=uuid7())
    back = await undo(session, bank_id, posted.transfer_id, at)
    assert (back.payer_id, back.payee_id, back.amount_minor) == (accounts.bea, accounts.ada, 45)
    assert (back.reverses, back.reference) == (posted.transfer_id, posted.reference)
    assert back.happened_on == TODAY - timedelta(days=2)
    assert (await ledger.balance(session, bank_id, accounts.ada)).posted == 0


async def test_a_transfer_is_reversed_once_and_a_repeat_gets_the_first_answer(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    posted = await pay(accounts.ada, accounts.bea)
    first = await undo(session, bank_id, posted.transfer_id, at)
    assert await undo(session, bank_id, posted.transfer_id, at, first.transfer_id) == first
    with pytest.raises(ledger.AlreadyReversed) as refused:
        await undo(session, bank_id, posted.transfer_id, at)
    assert refused.value.reversal_id == first.transfer_id


async def test_only_what_was_booked_is_reversed(session: AsyncSession, bank_id: UUID, at: datetime) -> None:
    with pytest.raises(ledger.UnknownTransfer):
        await undo(session, bank_id, uuid7(), at)


async def test_a_reversal_stands(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    posted = await pay(accounts.ada, accounts.bea)
    back = await undo(session, bank_id, posted.transfer_id, at)
    with pytest.raises(ledger.ReversalStands):
        await undo(session, bank_id, back.transfer_id, at)


async def test_a_reversal_keeps_to_the_floor(
    session: AsyncSession, bank_id: UUID, accounts: Accounts, pay: Pay, at: datetime
) -> None:
    posted = await pay(accounts.ada, accounts.bea, 300)
    await pay(accounts.bea, accounts.cai, 600)
    with pytest.raises(ledger.FloorCrossed):
        await undo(session, bank_id, posted.transfer_id, at)
