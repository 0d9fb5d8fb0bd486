"""Every verb in every order, with crashes and retries, against a model that fits on a page.

The model is plain dictionaries. After each step the books must say what it says; a step that the model
refuses must be refused by the same rule; a step whose answer was lost is sent again and must change nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from tests.conftest import NOON
from tests.ledger.conftest import TODAY

ACCOUNTS = st.integers(0, 3)
MINUTES = st.integers(1, 200)
LOST = st.sampled_from(["", "", "before", "after"])
"""Whether the process dies before its commit, or after it with the answer on its way."""


class Died(Exception):
    """The process was killed inside its transaction."""


@dataclass
class Model:
    floor: list[int | None]
    posted: list[int] = field(default_factory=lambda: [0] * 4)
    held: list[int] = field(default_factory=lambda: [0] * 4)
    frozen: set[int] = field(default_factory=set)
    transfers: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    reversed: set[UUID] = field(default_factory=set)
    holds: dict[UUID, tuple[int, int]] = field(default_factory=dict)
    ended: set[UUID] = field(default_factory=set)

    def broken(self, payer: int, payee: int, minutes: int) -> type[ledger.LedgerError] | None:
        if payer == payee:
            return ledger.SameAccount
        if payer in self.frozen or payee in self.frozen:
            return ledger.AccountFrozen
        floor = self.floor[payer]
        if floor is not None and self.posted[payer] - minutes - self.held[payer] < floor:
            return ledger.FloorCrossed
        return None

    def move(self, payer: int, payee: int, minutes: int) -> None:
        self.posted[payer] -= minutes
        self.posted[payee] += minutes


class Books(RuleBasedStateMachine):
    """One bank of its own for each run."""

    database: Database
    run_in_loop: Callable[[Awaitable[object]], object]

    @initialize()
    def open_bank(self) -> None:
        self.bank_id = uuid7()
        self.keys = [uuid7() for _ in range(4)]
        self.model = Model(floor=[-300, -300, 0, None])

        async def open_all(session: AsyncSession) -> None:
            await ledger.open_currency(session, self.bank_id, "HOUR", minor_per_major=60, label="hours")
            for key, floor in zip(self.keys, self.model.floor, strict=True):
                await ledger.open_account(session, self.bank_id, key, floor=floor, ceiling=None, at=NOON)

        self.do(open_all, "", None)

    def do(
        self,
        verb: Callable[[AsyncSession], Awaitable[object]],
        lost: str,
        broken: type[ledger.LedgerError] | None,
    ) -> None:
        """Run a verb in a transaction, perhaps losing it, and again until it is through."""

        async def once(dies: str) -> object:
            async with self.database.transaction(self.bank_id) as session:
                done = await verb(session)
                if dies == "before":
                    raise Died
                return done

        async def through() -> None:
            if lost:
                with suppress(Died, ledger.LedgerError):
                    await once(lost)
            refused = None
            try:
                await once("")
            except ledger.LedgerError as error:
                refused = type(error)
            assert refused is broken

        type(self).run_in_loop(through())

    def _post(
        self, item: tuple[int, int, int], transfer_id: UUID
    ) -> Callable[[AsyncSession], Awaitable[object]]:
        payer, payee, minutes = item
        transfer = ledger.Transfer(
            transfer_id=transfer_id,
            payer_id=self.keys[payer],
            payee_id=self.keys[payee],
            amount_minor=minutes,
            happened_on=TODAY,
        )
        return lambda session: ledger.post(session, self.bank_id, [transfer], at=NOON)

    @rule(payer=ACCOUNTS, payee=ACCOUNTS, minutes=MINUTES, lost=LOST)
    def post(self, payer: int, payee: int, minutes: int, lost: str) -> None:
        transfer_id = uuid7()
        broken = self.model.broken(payer, payee, minutes)
        self.do(self._post((payer, payee, minutes), transfer_id), lost, broken)
        if broken is None:
            self.model.move(payer, payee, minutes)
            self.model.transfers[transfer_id] = (payer, payee, minutes)

    @rule(items=st.lists(st.tuples(ACCOUNTS, ACCOUNTS, MINUTES), min_size=2, max_size=6), lost=LOST)
    def post_list(self, items: list[tuple[int, int, int]], lost: str) -> None:
        before = list(self.model.posted)
        broken, posted = None, {}
        for item in items:
            broken = broken or self.model.broken(*item)
            if broken is None:
                self.model.move(*item)
            posted[uuid7()] = item
        transfers = [
            ledger.Transfer(
                transfer_id=key,
                payer_id=self.keys[payer],
                payee_id=self.keys[payee],
                amount_minor=minutes,
                happened_on=TODAY - timedelta(days=minutes % 5),
            )
            for key, (payer, payee, minutes) in posted.items()
        ]
        self.do(lambda session: ledger.post(session, self.bank_id, transfers, at=NOON), lost, broken)
        if broken is None:
            self.model.transfers |= posted
        else:
            self.model.posted = before

    @rule(data=st.data())
    def repeat_with_other_contents(self, data: st.DataObject) -> None:
        if self.model.transfers:
            key = data.draw(st.sampled_from(sorted(self.model.transfers)))
            payer, payee, minutes = self.model.transfers[key]
            if key not in self.model.reversed:
                self.do(self._post((payer, payee, minutes + 1), key), "", ledger.DifferentTransferSameId)

    @rule(data=st.data(), lost=LOST)
    def reverse(self, data: st.DataObject, lost: str) -> None:
        if not self.model.transfers:
            return
        key, reversal_id = data.draw(st.sampled_from(sorted(self.model.transfers))), uuid7()
        payer, payee, minutes = self.model.transfers[key]
        broken = self.model.broken(payee, payer, minutes)
        if key in self.model.reversed:
            broken = ledger.AlreadyReversed
        self.do(
            lambda session: ledger.reverse(
                session, self.bank_id, key, reversal_id=reversal_id, happened_on=TODAY, at=NOON
            ),
            lost,
            broken,
        )
        if broken is None:
            self.model.move(payee, payer, minutes)
            self.model.reversed.add(key)

    @rule(account=ACCOUNTS, minutes=MINUTES, lost=LOST)
    def hold(self, account: int, minutes: int, lost: str) -> None:
        hold_id, floor = uuid7(), self.model.floor[account]
        left = self.model.posted[account] - self.model.held[account] - minutes
        broken: type[ledger.LedgerError] | None = None
        if account in self.model.frozen:
            broken = ledger.AccountFrozen
        elif floor is not None and left < floor:
            broken = ledger.FloorCrossed
        self.do(
            lambda session: ledger.hold(
                session,
                self.bank_id,
                hold_id,
                account_id=self.keys[account],
                amount_minor=minutes,
                expires_at=NOON + timedelta(days=1),
                at=NOON,
            ),
            lost,
            broken,
        )
        if broken is None:
            self.model.held[account] += minutes
            self.model.holds[hold_id] = (account, minutes)

    @rule(data=st.data(), payee=ACCOUNTS, share=st.integers(1, 3), lost=LOST)
    def capture(self, data: st.DataObject, payee: int, share: int, lost: str) -> None:
        if not self.model.holds:
            return
        hold_id, transfer_id = data.draw(st.sampled_from(sorted(self.model.holds))), uuid7()
        account, held = self.model.holds[hold_id]
        minutes = max(1, held // share)
        broken: type[ledger.LedgerError] | None = None
        if hold_id in self.model.ended:
            broken = ledger.HoldEnded
        elif account == payee:
            broken = ledger.SameAccount
        elif {account, payee} & self.model.frozen:
            broken = ledger.AccountFrozen
        self.do(
            lambda session: ledger.capture(
                session,
                self.bank_id,
                hold_id,
                transfer_id=transfer_id,
                payee_id=self.keys[payee],
                amount_minor=minutes,
                happened_on=TODAY,
                at=NOON,
            ),
            lost,
            broken,
        )
        if broken is None:
            self.model.move(account, payee, minutes)
            self.model.held[account] -= held
            self.model.ended.add(hold_id)

    @rule(data=st.data(), lost=LOST)
    def release(self, data: st.DataObject, lost: str) -> None:
        open_holds = sorted(set(self.model.holds) - self.model.ended)
        if open_holds:
            hold_id = data.draw(st.sampled_from(open_holds))
            account, minutes = self.model.holds[hold_id]
            self.do(lambda session: ledger.release(session, self.bank_id, hold_id, at=NOON), lost, None)
            self.model.held[account] -= minutes
            self.model.ended.add(hold_id)

    @rule(account=ACCOUNTS)
    def freeze_or_thaw(self, account: int) -> None:
        verb = ledger.unfreeze if account in self.model.frozen else ledger.freeze
        self.do(lambda session: verb(session, self.bank_id, self.keys[account]), "", None)
        self.model.frozen ^= {account}

    @rule()
    def seal(self) -> None:
        self.do(lambda session: ledger.seal(session, self.bank_id, at=NOON), "", None)

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        async def look() -> None:
            async with self.database.transaction(self.bank_id) as session:
                found = await ledger.balances(session, self.bank_id, self.keys)
                stands = [(found[key].posted, found[key].held) for key in self.keys]
                assert stands == list(zip(self.model.posted, self.model.held, strict=True))
                assert sum(posted for posted, _ in stands) == 0

        if hasattr(self, "keys"):
            type(self).run_in_loop(look())

    def teardown(self) -> None:
        async def look() -> None:
            async with self.database.transaction(self.bank_id) as session:
                report = await ledger.audit(session, self.bank_id)
                assert report.is_clean, report.findings
                days = [await ledger.balance(session, self.bank_id, key, as_of=date.max) for key in self.keys]
                assert [day.posted for day in days] == self.model.posted

        if hasattr(self, "keys"):
            type(self).run_in_loop(look())


def run_machine(addresses: Addresses, examples: int, steps: int, *, shrinks: bool = True) -> None:
    """In a loop and a pool of its own: Hypothesis drives from ordinary functions."""
    with asyncio.Runner() as runner:
        Books.database = Database(addresses.application)
        Books.run_in_loop = staticmethod(lambda awaitable: runner.run(_await(awaitable)))
        machine = type("BooksOfThisRun", (Books,), {})
        machine.TestCase.settings = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
        )
        try:
            machine.TestCase("runTest").runTest()
        finally:
            runner.run(Books.database.close())


async def _await(awaitable: Awaitable[object]) -> object:
    return await awaitable


def test_the_books_follow_their_model_through_crashes_and_retries(addresses: Addresses) -> None:
    run_machine(addresses, examples=8, steps=25)


@pytest.mark.long
def test_the_books_follow_their_model_for_a_long_time(addresses: Addresses) -> None:
    run_machine(addresses, examples=300, steps=60)


def test_a_model_that_forgets_a_hold_is_found_out(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the machine must fail when the books and the model differ."""
    right = Model.move

    def wrong(self: Model, payer: int, payee: int, minutes: int) -> None:
        right(self, payer, payee, minutes + (minutes > 100))

    monkeypatch.setattr(Model, "move", wrong)
    with pytest.raises(AssertionError, match=r"assert \["):
        run_machine(addresses, examples=200, steps=20, shrinks=False)
