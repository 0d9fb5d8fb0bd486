"""Anything people may do, in any order, with any call sent again: the books stay whole.

A machine of Hypothesis's plays a small bank through the exchange's own verbs on the real database, each call
in a transaction of its own. After each: the balances sum to zero, each is what the hours and gifts say and
what its rows add up to, nobody is below a limit that was not raised, and the audit is clean.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from api.database import Addresses, Database
from exchange.errors import ExchangeError
from exchange.hours import gifts, log, verbs
from exchange.hours.tables import Gift, Hours, Step
from exchange.membership import banks, organisations, parties
from exchange.membership.tables import Party
from exchange.membership.viewer import Viewer
from tests.probes.conftest import AT
from tests.small_bank import gave, make

PEOPLE = ("Ann", "Ben", "Cyd", "Cora", "admin")
FLOOR_MINUTES = -120
SEED_MINUTES = 200
"""What the community pot begins with, from the issuance."""

Act = Callable[[AsyncSession], Awaitable[Any]]

people = st.sampled_from(PEOPLE)
sides = st.sampled_from((*PEOPLE, "centre"))
lengths = st.sampled_from((1, 20, 45, 60, 90, 150))
whom = st.one_of(st.just("awaited"), st.just("awaited"), people)
pick = st.integers(0, 10**6)

ROWS = text(
    "select account_id, sum(amount_minor)::int as total from ledger_entry where bank_id = :bank group by 1"
)
ACCOUNTS = text("select account_id, balance, held, floor from ledger_account where bank_id = :bank")


@dataclass(frozen=True, slots=True)
class Call:
    """Something that was asked, ready to be asked again."""

    act: Act
    hours_id: UUID | None = None


class Books(RuleBasedStateMachine):
    """One small bank, and everything that was asked of it so far."""

    addresses: Addresses

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = self.run(self._open())
        self.bank_id = uuid7()
        self.people: dict[str, Viewer] = {}
        self.keys: dict[str, UUID] = {}
        self.told: list[UUID] = []
        self.calls: list[Call] = []
        self.raised: set[UUID] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def _open(self) -> Database:
        return Database(self.addresses.application, pool_size=1)

    def teardown(self) -> None:
        self.run(self.database.close())
        self.runner.close()

    # The bank.

    @initialize(asks=st.booleans())
    def begin(self, asks: bool) -> None:
        self.run(self._begin({"over_minutes": (60, 30)} if asks else {}))

    async def _begin(self, rules: dict[str, tuple[int, int]]) -> None:
        async with self.database.transaction(self.bank_id) as session:
            small = await make(session, self.bank_id, AT)
            await banks.set_approval_rules(session, small["admin"], rules)
            centre, cyd = small.organisation_id, small["Cyd"].member_id
            await organisations.represent(session, small["admin"], centre, cyd)
            await small.reload("Cyd")
            bank = await banks.get(session, self.bank_id)
            self.people = small.people
            self.keys = {name: viewer.member_id for name, viewer in small.people.items()}
            self.keys |= {"centre": centre, "pot": bank.pot_id, "issuance": bank.issuance_id}
            for name in PEOPLE:
                party = await parties.get(session, self.bank_id, self.keys[name])
                await ledger.set_limits(
                    session, self.bank_id, party.account_id, floor=FLOOR_MINUTES, ceiling=None
                )
            await self._pay(session, "issuance", "pot", SEED_MINUTES)

    async def _pay(self, session: AsyncSession, payer: str, payee: str, minutes: int) -> None:
        one, other = [await parties.get(session, self.bank_id, self.keys[name]) for name in (payer, payee)]
        transfer = ledger.Transfer(
            transfer_id=uuid7(),
            payer_id=one.account_id,
            payee_id=other.account_id,
            amount_minor=minutes,
            happened_on=AT.date(),
        )
        await ledger.post(session, self.bank_id, [transfer], at=AT)

    # Asking.

    def ask(self, call: Call) -> bool:
        """Ask in a transaction of its own; whether it was done. A done call is asked once more at once."""
        if not self.run(self._ask(call)):
            return False
        self.calls.append(call)
        before = self.run(self._picture())
        self.run(self._ask(call))
        assert self.run(self._picture()) == before, "a repeat changed something"
        return True

    async def _ask(self, call: Call) -> bool:
        try:
            async with self.database.transaction(self.bank_id) as session:
                await call.act(session)
        except ExchangeError:
            return False
        return True

    async def _picture(self) -> tuple[dict[UUID, int], int, int]:
        """Every balance, and how many transfers and steps there are."""
        async with self.database.transaction(self.bank_id) as session:
            rows = await session.execute(ACCOUNTS, {"bank": self.bank_id})
            transfers = await session.scalar(text("select count(*) from ledger_transfer"))
            steps = await session.scalar(select(func.count()).select_from(Step))
            return {row.account_id: row.balance for row in rows}, transfers or 0, steps or 0

    def hours(self, number: int) -> Hours:
        return self.run(self._hours(self.told[number % len(self.told)]))

    async def _hours(self, hours_id: UUID) -> Hours:
        async with self.database.transaction(self.bank_id) as session:
            return await session.get_one(Hours, (self.bank_id, hours_id))

    def person(self, who: str, hours: Hours) -> Viewer:
        """Somebody by name; or whoever speaks for the side that is waited for."""
        speaking = [v for v in self.people.values() if hours.awaited_id in v.party_ids]
        return speaking[0] if who == "awaited" else self.people[who]

    def do(self, verb: Any, who: str, number: int, **more: Any) -> bool:
        hours = self.hours(number)
        viewer = self.person(who, hours)
        return self.ask(
            Call(lambda session: verb(session, viewer, hours.hours_id, at=AT, **more), hours.hours_id)
        )

    # What people do.

    @rule(who=people, other=sides, minutes=lengths, gives=st.booleans(), at_home=st.booleans())
    def tell(self, who: str, other: str, minutes: int, gives: bool, at_home: bool) -> None:
        telling = gave(self.keys[other], minutes, is_at_home=at_home)
        telling = replace(telling, direction="gave" if gives else "received")
        viewer = self.people[who]
        if self.ask(Call(lambda session: log.log(session, viewer, telling, at=AT))):
            self.told.append(telling.hours_id)

    @precondition(lambda self: self.told)
    @rule(who=whom, number=pick)
    def confirm(self, who: str, number: int) -> None:
        self.do(verbs.confirm, who, number, evidence="on the phone")

    @precondition(lambda self: self.told)
    @rule(who=whom, number=pick, minutes=lengths)
    def confirm_other_minutes(self, who: str, number: int, minutes: int) -> None:
        self.do(verbs.confirm, who, number, minutes=minutes, evidence="on the phone")

    @precondition(lambda self: self.told)
    @rule(who=whom, number=pick, verb=st.sampled_from((verbs.decline, verbs.object_to, verbs.withdraw)))
    def say_no(self, who: str, number: int, verb: Any) -> None:
        self.do(verb, who, number)

    @precondition(lambda self: self.told)
    @rule(who=people, number=pick, floor=st.sampled_from((None, "pot", "raise")))
    def approve(self, who: str, number: int, floor: str | None) -> None:
        if self.do(verbs.approve, who, number, floor=floor) and floor == "raise":
            self.raised.add(self.hours(number).receiver_id)

    @precondition(lambda self: self.told)
    @rule(who=people, number=pick, verb=st.sampled_from((verbs.dismiss, verbs.reverse)))
    def decide(self, who: str, number: int, verb: Any) -> None:
        self.do(verb, who, number)

    @rule(who=people, giver=st.sampled_from((*PEOPLE, "centre", "pot")), to=sides, minutes=lengths)
    def gift(self, who: str, giver: str, to: str, minutes: int) -> None:
        viewer, gift_id = self.people[who], uuid7()
        own = who if giver not in ("centre", "pot") else giver
        between = {"from_id": self.keys[own], "to_id": self.keys[to], "minutes": minutes}
        self.ask(Call(lambda session: gifts.give(session, viewer, gift_id, at=AT, **between)))

    @precondition(lambda self: self.calls)
    @rule(number=pick)
    def again(self, number: int) -> None:
        """A call of long ago arrives once more. It moves nothing, unless it answers what is asked again."""
        call = self.calls[number % len(self.calls)]
        before = self.run(self._picture())
        waits = call.hours_id and self.run(self._hours(call.hours_id)).state == "awaiting_confirmation"
        self.run(self._ask(call))
        if not waits:
            assert self.run(self._picture())[:2] == before[:2], "a replay moved something"

    # What must hold.

    @invariant()
    def the_books_are_whole(self) -> None:
        if self.keys:
            self.run(self._look())

    async def _look(self) -> None:
        async with self.database.transaction(self.bank_id) as session:
            accounts = (await session.execute(ACCOUNTS, {"bank": self.bank_id})).all()
            rows = {row.account_id: row.total for row in await session.execute(ROWS, {"bank": self.bank_id})}
            owners = {p.account_id: p.party_id for p in await session.scalars(select(Party))}
            expected = await self._expected(session)
            report = await ledger.audit(session, self.bank_id)
        assert sum(account.balance for account in accounts) == 0
        for account in accounts:
            party_id = owners[account.account_id]
            assert account.balance == rows.get(account.account_id, 0)
            assert account.balance == expected[party_id], "the books say something else than the hours"
            self._is_within_limits(account, party_id)
        assert report.is_clean, report.findings

    def _is_within_limits(self, account: Any, party_id: UUID) -> None:
        if account.floor is not None:
            assert account.balance - account.held >= account.floor
            assert account.floor >= FLOOR_MINUTES or party_id in self.raised, "a limit moved by itself"

    async def _expected(self, session: AsyncSession) -> Counter[UUID]:
        """What the hours that count and the gifts come to, without a look at the books."""
        found: Counter[UUID] = Counter({self.keys["pot"]: SEED_MINUTES, self.keys["issuance"]: -SEED_MINUTES})
        for hours in await session.scalars(select(Hours)):
            if hours.state == "posted" or (hours.state, hours.objected_from) == ("objected", "posted"):
                found[hours.giver_id] += hours.minutes
                found[hours.receiver_id] += hours.covered_minutes - hours.minutes
                found[self.keys["pot"]] -= hours.covered_minutes
        for gift in await session.scalars(select(Gift).where(col(Gift.bank_id) == self.bank_id)):
            found[gift.from_id] -= gift.minutes
            found[gift.to_id] += gift.minutes
        return found


class Forgetful(Books):
    """The control: it pays under a fresh id, so that a repeat pays again."""

    @rule()
    def pay_carelessly(self) -> None:
        self.run(self._pay_again())

    async def _pay_again(self) -> None:
        async with self.database.transaction(self.bank_id) as session:
            await self._pay(session, "issuance", "Ann", 1)


QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which would take minutes: the long form does it."""


def play(machine: type[Books], addresses: Addresses, *, examples: int, steps: int, **more: Any) -> None:
    machine.addresses = addresses
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def test_whatever_is_done_in_whatever_order_the_books_are_whole(addresses: Addresses) -> None:
    play(Books, addresses, examples=8, steps=25, phases=QUICK)


@pytest.mark.long
def test_whatever_is_done_at_length(addresses: Addresses) -> None:
    play(Books, addresses, examples=400, steps=80)


def test_a_payment_that_forgets_its_id_is_found(addresses: Addresses) -> None:
    with pytest.raises(AssertionError, match="the books say something else"):
        play(Forgetful, addresses, examples=40, steps=25, phases=QUICK, database=None)
