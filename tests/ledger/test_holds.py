import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from tests.ledger.conftest import TODAY, Accounts, Pay, open_accounts


class Holding:
    """Verbs on one account's holds, each tried in a savepoint."""

    def __init__(self, session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime) -> None:
        self.session, self.bank_id, self.accounts, self.at = session, bank_id, accounts, at

    async def hold(self, minutes: int, hold_id: UUID | None = None, days: int = 7) -> ledger.Hold:
        async with self.session.begin_nested():
            return await ledger.hold(
                self.session,
                self.bank_id,
                hold_id or uuid7(),
                account_id=self.accounts.ada,
                amount_minor=minutes,
                expires_at=self.at + timedelta(days=days),
                at=self.at,
            )

    async def capture(self, held: ledger.Hold, **other: object) -> ledger.Posted:
        facts = {
            "transfer_id": uuid7(),
            "payee_id": self.accounts.bea,
            "happened_on": TODAY,
            "at": self.at,
        } | other
        async with self.session.begin_nested():
            return await ledger.capture(self.session, self.bank_id, held.hold_id, **facts)

    async def release(self, held: ledger.Hold) -> ledger.Hold:
        async with self.session.begin_nested():
            return await ledger.release(self.session, self.bank_id, held.hold_id, at=self.at)

    async def standing(self) -> tuple[int, int, int]:
        now = await ledger.balance(self.session, self.bank_id, self.accounts.ada)
        return (now.posted, now.held, now.available)


@pytest.fixture
def ada(session: AsyncSession, bank_id: UUID, accounts: Accounts, at: datetime) -> Holding:
    return Holding(session, bank_id, accounts, at)


async def test_what_is_held_is_not_available_and_not_gone(ada: Holding) -> None:
    await ada.hold(120)
    assert await ada.standing() == (0, 120, -120)


async def test_the_floor_honours_holds(ada: Holding, pay: Pay, accounts: Accounts) -> None:
    await ada.hold(200)
    with pytest.raises(ledger.FloorCrossed) as refused:
        await pay(accounts.ada, accounts.bea, 101)
    assert refused.value.shortfall_minor == 1
    with pytest.raises(ledger.FloorCrossed):
        await ada.hold(101)
    await pay(accounts.ada, accounts.bea, 100)


async def test_a_hold_is_captured_whole(ada: Holding) -> None:
    posted = await ada.capture(held := await ada.hold(300))
    assert (posted.amount_minor, posted.captures) == (300, held.hold_id)
    assert await ada.standing() == (-300, 0, -300)


async def test_a_part_is_captured_and_the_rest_given_back(ada: Holding) -> None:
    held = await ada.hold(300)
    await ada.capture(held, amount_minor=100)
    assert await ada.standing() == (-100, 0, -100)
    found = await ledger.find_hold(ada.session, ada.bank_id, held.hold_id)
    assert (found.state, found.ended_at) == ("captured", ada.at)


async def test_no_more_is_captured_than_was_held(ada: Holding) -> None:
    with pytest.raises(ledger.CaptureExceedsHold) as refused:
        await ada.capture(await ada.hold(60), amount_minor=61)
    assert refused.value.held_minor == 60


async def test_a_capture_repeated_is_paid_once(ada: Holding) -> None:
    held, transfer_id = await ada.hold(60), uuid7()
    first = await ada.capture(held, transfer_id=transfer_id)
    assert await ada.capture(held, transfer_id=transfer_id) == first
    with pytest.raises(ledger.DifferentTransferSameId):
        await ada.capture(held, transfer_id=transfer_id, amount_minor=30)


async def test_a_hold_ends_once(ada: Holding) -> None:
    captured, released = await ada.hold(60), await ada.hold(60)
    await ada.capture(captured)
    await ada.release(released)
    assert (await ada.release(released)).state == "released"
    for ended, state in ((captured, "captured"), (released, "released")):
        with pytest.raises(ledger.HoldEnded) as refused:
            await ada.capture(ended)
        assert refused.value.state == state
    with pytest.raises(ledger.HoldEnded):
        await ada.release(captured)
    assert await ada.standing() == (-60, 0, -60)


async def test_a_refused_hold_never_was(ada: Holding) -> None:
    hold_id = uuid7()
    with pytest.raises(ledger.FloorCrossed):
        await ada.hold(301, hold_id)
    with pytest.raises(ledger.UnknownHold):
        await ledger.find_hold(ada.session, ada.bank_id, hold_id)
    assert (await ada.hold(300, hold_id)).state == "held"


async def test_a_hold_repeated_is_held_once_and_other_contents_are_refused(ada: Holding) -> None:
    hold_id = uuid7()
    assert await ada.hold(60, hold_id) == await ada.hold(60, hold_id)
    with pytest.raises(ledger.DifferentHoldSameId):
        await ada.hold(61, hold_id)
    assert await ada.standing() == (0, 60, -60)


async def test_a_hold_whose_time_ran_out_is_not_captured_even_before_it_is_swept(ada: Holding) -> None:
    held = await ada.hold(60, days=1)
    with pytest.raises(ledger.HoldEnded) as refused:
        await ada.capture(held, at=ada.at + timedelta(days=1))
    assert refused.value.state == "expired"


async def test_expiry_gives_back_what_is_due_and_nothing_else(ada: Holding) -> None:
    due, later = await ada.hold(60, days=1), await ada.hold(30, days=9)
    ended = await ledger.expire_holds(ada.session, ada.bank_id, at=ada.at + timedelta(days=1))
    assert ended == [due.hold_id]
    assert await ada.standing() == (0, 30, -30)
    assert (await ledger.find_hold(ada.session, ada.bank_id, later.hold_id)).state == "held"
    with pytest.raises(ledger.HoldEnded):
        await ada.capture(due)


async def test_a_hold_kept_above_the_floor_is_paid_even_when_the_floor_was_raised_since(ada: Holding) -> None:
    held = await ada.hold(300)
    await ledger.set_limits(ada.session, ada.bank_id, ada.accounts.ada, floor=0, ceiling=None)
    assert (await ada.capture(held)).payer_balance == -300


@pytest.mark.parametrize("amount", [0, -1, 2**53 + 1, 1.0])
async def test_an_amount_held_is_a_positive_whole_number(ada: Holding, amount: int) -> None:
    with pytest.raises(ledger.BadAmount):
        await ada.hold(amount)


async def test_a_frozen_account_pays_no_hold_but_may_have_it_back(ada: Holding) -> None:
    held = await ada.hold(60)
    await ledger.freeze(ada.session, ada.bank_id, ada.accounts.ada)
    with pytest.raises(ledger.AccountFrozen):
        await ada.capture(held)
    with pytest.raises(ledger.AccountFrozen):
        await ada.hold(60)
    await ada.release(held)


async def test_of_two_captures_at_once_one_wins(database: Database, bank_id: UUID, at: datetime) -> None:
    async with database.transaction(bank_id) as session:
        accounts = await open_accounts(session, bank_id, at)
        held = await Holding(session, bank_id, accounts, at).hold(300)

    async def take(payee: UUID) -> bool:
        try:
            async with database.transaction(bank_id) as session:
                await ledger.capture(
                    session,
                    bank_id,
                    held.hold_id,
                    transfer_id=uuid7(),
                    payee_id=payee,
                    happened_on=TODAY,
                    at=at,
                )
        except ledger.HoldEnded:
            return False
        return True

    won = await asyncio.gather(take(accounts.bea), take(accounts.cai))
    assert sorted(won) == [False, True]
    async with database.transaction(bank_id) as session:
        assert (await ledger.balance(session, bank_id, accounts.ada)).posted == -300
