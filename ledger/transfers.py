"""Booking: lists of transfers posted whole, or each for itself, and transfers reversed.

What must never happen: an amount that reaches the database as anything but a whole number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.calls import call, named
from ledger.errors import BadAmount, LedgerError, RepeatedId, TooManyItems

ITEMS_MAX = 10_000
AMOUNT_MINOR_MAX = 2**53
"""The largest whole number that every system reading our JSON holds exactly."""

POST = (
    "select * from ledger_post(:bank_id, :at, :each, :ids, :payers, :payees, :amounts, :days, "
    ":may_be_late, :currencies, :refs)"
)
POST_ONE = (
    "select * from ledger_post_one(:bank_id, :at, :transfer_id, :payer_id, :payee_id, :amount_minor, "
    ":happened_on, :may_be_late, :currency, :reference)"
)
REVERSE = "select * from ledger_reverse(:bank_id, :at, :transfer_id, :reversal_id, :happened_on)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What somebody asks to be booked: `amount_minor` of `currency` from payer to payee.

    The caller makes `transfer_id`, and it is the idempotency key: the same id with the same contents is
    booked once, however often it is posted. `happened_on` is a day in the bank's time zone. With
    `may_be_late`, a day whose period is closed is booked on the first open day, and the row says so.
    """

    transfer_id: UUID
    payer_id: UUID
    payee_id: UUID
    amount_minor: int
    happened_on: date
    currency: str = "HOUR"
    reference: UUID | None = None
    may_be_late: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A booked transfer, with both balances and versions after it.

    `late_for` is the day it really happened on when that day's period was closed; `happened_on` is then
    the first day that was open. `reverses` and `captures` name the transfer or hold that it ends.
    """

    transfer_id: UUID
    payer_id: UUID
    payee_id: UUID
    amount_minor: int
    happened_on: date
    currency: str
    reference: UUID | None
    payer_balance: int
    payer_version: int
    payee_balance: int
    payee_version: int
    booked_at: datetime
    late_for: date | None = None
    reverses: UUID | None = None
    captures: UUID | None = None


async def post(
    session: AsyncSession, bank_id: UUID, transfers: Sequence[Transfer], *, at: datetime
) -> list[Posted]:
    """Book a list of at most 10,000 transfers whole or not at all, in one round trip.

    Each item is judged in order, by what the items before it leave. Items already booked with the same
    contents are returned as they were booked.

    Raises:
        LedgerError: the rule that the first failing item broke; `item` is its index.
    """
    if not transfers:
        return []
    _look_over(transfers)
    for index, item in _bad_amounts(transfers):
        raise BadAmount(amount_minor=item.amount_minor, item=index)
    if len(transfers) == 1:
        return [stored(await call(session, POST_ONE, bank_id=bank_id, at=at, **_facts(transfers[0])))]
    booked = await call(session, POST, **_arrays(bank_id, transfers, at), each=False)
    return [_posted(item, booked, index) for index, item in enumerate(transfers)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one item of a list: booked, or the rule it broke."""

    transfer_id: UUID
    posted: Posted | None = None
    error: LedgerError | None = None


async def post_each(
    session: AsyncSession, bank_id: UUID, transfers: Sequence[Transfer], *, at: datetime
) -> list[Outcome]:
    """Book each item of a list for itself, in order, and say what became of it: for bulk work.

    An item that breaks a rule is left out, and those after it are judged without it.

    Raises:
        LedgerError: `TooManyItems`, `RepeatedId` or `AnotherBank`: nothing of the list was looked at.
    """
    _look_over(transfers)
    wrong = {i: BadAmount(amount_minor=t.amount_minor, item=i) for i, t in _bad_amounts(transfers)}
    sound = [item for index, item in enumerate(transfers) if index not in wrong]
    booked = await call(session, POST, **_arrays(bank_id, sound, at), each=True) if sound else None
    outcomes, taken = [], 0
    for index, item in enumerate(transfers):
        if index in wrong:
            outcomes.append(Outcome(transfer_id=item.transfer_id, error=wrong[index]))
            continue
        assert booked is not None
        outcomes.append(_outcome(item, booked, taken, index))
        taken += 1
    return outcomes


async def reverse(
    session: AsyncSession,
    bank_id: UUID,
    transfer_id: UUID,
    *,
    reversal_id: UUID,
    happened_on: date,
    at: datetime,
) -> Posted:
    """Book a transfer's opposite, on a day of its own; a transfer is reversed once.

    To give back a part, post a new transfer whose `reference` names the old one.

    Raises:
        LedgerError: `UnknownTransfer`, `AlreadyReversed`, `ReversalStands`, or a rule of any transfer's.
    """
    row = await call(
        session,
        REVERSE,
        bank_id=bank_id,
        at=at,
        transfer_id=transfer_id,
        reversal_id=reversal_id,
        happened_on=happened_on,
    )
    return stored(row)


def stored(row: Row[Any]) -> Posted:
    """A row of `ledger_transfer` as the room's users see it."""
    return Posted(**{name: getattr(row, name) for name in Posted.__dataclass_fields__})


def check_amount(amount_minor: int) -> None:
    """Refuse what is no whole number, or would not fit the database's integers.

    Raises:
        BadAmount: the rule that says so.
    """
    if not _is_amount(amount_minor):
        raise BadAmount(amount_minor=amount_minor)


def _is_amount(amount_minor: int) -> bool:
    return type(amount_minor) is int and 0 < amount_minor <= AMOUNT_MINOR_MAX


def _bad_amounts(transfers: Sequence[Transfer]) -> list[tuple[int, Transfer]]:
    return [(index, item) for index, item in enumerate(transfers) if not _is_amount(item.amount_minor)]


def _look_over(transfers: Sequence[Transfer]) -> None:
    if len(transfers) > ITEMS_MAX:
        raise TooManyItems(items=len(transfers))
    seen = set()
    for index, item in enumerate(transfers):
        if item.transfer_id in seen:
            raise RepeatedId(transfer_id=item.transfer_id, item=index)
        seen.add(item.transfer_id)


def _outcome(item: Transfer, booked: Row[Any], taken: int, index: int) -> Outcome:
    failure = booked.failures[taken]
    if failure is None:
        return Outcome(transfer_id=item.transfer_id, posted=_posted(item, booked, taken))
    facts = json.loads(failure) | {"item": index}
    return Outcome(transfer_id=item.transfer_id, error=named(facts.pop("rule"), facts))


def _facts(item: Transfer) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Transfer.__slots__}


def _arrays(bank_id: UUID, transfers: Sequence[Transfer], at: datetime) -> dict[str, Any]:
    return {
        "bank_id": bank_id,
        "at": at,
        "ids": [item.transfer_id for item in transfers],
        "payers": [item.payer_id for item in transfers],
        "payees": [item.payee_id for item in transfers],
        "amounts": [item.amount_minor for item in transfers],
        "days": [item.happened_on for item in transfers],
        "may_be_late": [item.may_be_late for item in transfers],
        "currencies": [item.currency for item in transfers],
        "refs": [item.reference for item in transfers],
    }


def _posted(item: Transfer, booked: Row[Any], index: int) -> Posted:
    return Posted(
        transfer_id=item.transfer_id,
        payer_id=item.payer_id,
        payee_id=item.payee_id,
        amount_minor=item.amount_minor,
        happened_on=booked.days[index],
        currency=item.currency,
        reference=item.reference,
        payer_balance=booked.payer_balances[index],
        payer_version=booked.payer_versions[index],
        payee_balance=booked.payee_balances[index],
        payee_version=booked.payee_versions[index],
        booked_at=booked.moments[index],
        late_for=booked.late_days[index],
    )
