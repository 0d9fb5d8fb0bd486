"""Booking: lists of transfers posted whole, or each for itself, and transfers reversed.

What must never happen: an amount that reaches the database as anything but a whole number.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import repeat
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.calls import call, named
from ledger.errors import BadAmount, LedgerError, RepeatedId, TooManyItems

ITEMS_MAX = 10_000
AMOUNT_MINOR_MAX = 2**53
"""The largest whole number that every system reading our JSON holds exactly."""

POST = (
    "select * from ledger_post(:bank_id, :at, :each, :accounts, :ids, :payers, :payees, :amounts, :days, "
    ":may_be_late, :currencies, :refs)"
)
POST_ONE = (
    "select ledger_post_one(:bank_id, :at, :transfer_id, :payer_id, :payee_id, :amount_minor, "
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


class Posted(NamedTuple):
    """A booked transfer, with both balances and versions after it.

    `late_for` is the day it really happened on when that day's period was closed; `happened_on` is then
    the first day that was open. `reverses` and `captures` name the transfer or hold that it ends.
    """

    transfer_id: UUID
    payer_id: UUID
    payee_id: UUID
    amount_minor: int
    currency: str
    reference: UUID | None
    payer_balance: int
    payer_version: int
    payee_balance: int
    payee_version: int
    happened_on: date
    late_for: date | None
    booked_at: datetime
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
    check_list(transfers)
    if len(transfers) == 1:
        (item,) = transfers
        row = await call(session, POST_ONE, bank_id=bank_id, at=at, **_facts(item))
        return [Posted(*asked(item), *row[0])]
    facts = arrays(transfers)
    booked = await call(session, POST, bank_id=bank_id, at=at, each=False, **facts)
    return all_posted(transfers, facts, booked)


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
    posted: list[Posted] = []
    failures: Sequence[str | None] = []
    if sound:
        facts = arrays(sound)
        booked = await call(session, POST, bank_id=bank_id, at=at, each=True, **facts)
        posted, failures = all_posted(sound, facts, booked), booked.failures or [None] * len(sound)
    results = zip(posted, failures, strict=True)
    return [
        Outcome(transfer_id=item.transfer_id, error=wrong[index])
        if index in wrong
        else _outcome(item, *next(results), index)
        for index, item in enumerate(transfers)
    ]


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
    return Posted(*(getattr(row, name) for name in Posted._fields))


def check_amount(amount_minor: int) -> None:
    """Refuse what is no whole number, or would not fit the database's integers.

    Raises:
        BadAmount: the rule that says so.
    """
    if not _is_amount(amount_minor):
        raise BadAmount(amount_minor=amount_minor)


def _is_amount(amount_minor: int) -> bool:
    return type(amount_minor) is int and 0 < amount_minor <= AMOUNT_MINOR_MAX


def check_list(transfers: Sequence[Transfer]) -> None:
    """Refuse what need not reach the database: too many items, an id twice, an amount that is none.

    Raises:
        LedgerError: `TooManyItems`, `RepeatedId` or `BadAmount`, with the index of the first such item.
    """
    _look_over(transfers)
    for index, item in _bad_amounts(transfers):
        raise BadAmount(amount_minor=item.amount_minor, item=index)


def _bad_amounts(transfers: Sequence[Transfer]) -> list[tuple[int, Transfer]]:
    return [(index, item) for index, item in enumerate(transfers) if not _is_amount(item.amount_minor)]


def _look_over(transfers: Sequence[Transfer]) -> None:
    if len(transfers) > ITEMS_MAX:
        raise TooManyItems(items=len(transfers))
    seen = set()
    for index, item in enumerate(transfers):
        number = item.transfer_id.int
        if number in seen:
            raise RepeatedId(transfer_id=item.transfer_id, item=index)
        seen.add(number)


def _outcome(item: Transfer, posted: Posted, failure: str | None, index: int) -> Outcome:
    if failure is None:
        return Outcome(transfer_id=item.transfer_id, posted=posted)
    facts = json.loads(failure) | {"item": index}
    return Outcome(transfer_id=item.transfer_id, error=named(facts.pop("rule"), facts))


def _facts(item: Transfer) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Transfer.__slots__}


def asked(item: Transfer) -> tuple[UUID, UUID, UUID, int, str, UUID | None]:
    """The facts of a booked transfer that are its asker's: `Posted` begins with them."""
    return (
        item.transfer_id,
        item.payer_id,
        item.payee_id,
        item.amount_minor,
        item.currency,
        item.reference,
    )


Facts = dict[str, Any]
"""What `ledger_post` is asked, one array per fact."""


def arrays(transfers: Sequence[Transfer]) -> Facts:
    """One array per fact; what is the same for all is said once, since every element costs time.

    `accounts` are all that are touched, in the order in which they are locked; `payers` and `payees` are
    places in it, from 1. Ids are told apart as the numbers they are, which hash in a third of the time.
    """
    keys = {key.int: key for item in transfers for key in (item.payer_id, item.payee_id)}
    order = sorted(keys)
    places = {number: place for place, number in enumerate(order, start=1)}
    lates = [item.may_be_late for item in transfers]
    currencies = [item.currency for item in transfers]
    days = [item.happened_on for item in transfers]
    references = [item.reference for item in transfers]
    return {
        "accounts": [keys[number] for number in order],
        "ids": [item.transfer_id for item in transfers],
        "payers": [places[item.payer_id.int] for item in transfers],
        "payees": [places[item.payee_id.int] for item in transfers],
        "amounts": [item.amount_minor for item in transfers],
        "days": days if len(set(days)) > 1 else days[:1],
        "may_be_late": lates if True in lates else None,
        "currencies": currencies if len(set(currencies)) > 1 else currencies[:1],
        "refs": references if any(references) else None,
    }


def all_posted(transfers: Sequence[Transfer], facts: Facts, booked: Iterable[Any]) -> list[Posted]:
    """What was booked of a list in which nothing failed; `booked` is the database's `ledger_booked`."""
    *running, days, lates, moments, _failures, balances, versions = booked
    left = zip(*running, strict=True) if balances is None else _left(facts, balances, versions)
    days = days or (facts["days"] if len(facts["days"]) > 1 else facts["days"] * len(transfers))
    lates = lates or repeat(None)
    moments = moments if len(moments) == len(transfers) else repeat(moments[0])
    when = zip(days, lates, moments, strict=False)
    return [
        Posted._make((*asked(item), *item_left, *item_when, None, None))
        for item, item_left, item_when in zip(transfers, left, when, strict=True)
    ]


def _left(facts: Facts, balances: list[int], versions: list[int]) -> list[tuple[int, int, int, int]]:
    """The payer's balance and version after each item, and the payee's.

    Worked out backwards from where the whole list left its accounts, which are counted from 1.
    """
    balances, versions = [0, *balances], [0, *versions]
    left = []
    backwards = zip(
        reversed(facts["payers"]), reversed(facts["payees"]), reversed(facts["amounts"]), strict=True
    )
    for payer, payee, amount in backwards:
        left.append((balances[payer], versions[payer], balances[payee], versions[payee]))
        balances[payer] += amount
        versions[payer] -= 1
        balances[payee] -= amount
        versions[payee] -= 1
    left.reverse()
    return left
