"""From promises to books: the only place of this room where an hour reaches the ledger.

The transfer has the hours' own id, so a repeat cannot pay twice. What must never happen: a posting that
carries anything but keys, minutes and a day.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from exchange.derived import derived
from exchange.errors import SameIdOtherContents
from exchange.hours import policy
from exchange.hours.errors import BelowFloor, DayInFuture, PotEmpty
from exchange.hours.tables import Hours
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Party
from exchange.prescribing import attendance, drawing

FloorAnswer = Literal["pot", "raise"]
"""What a coordinator does for a payer at the floor: cover from the pot, or raise the limit."""


def cover_id(hours_id: UUID) -> UUID:
    """The transfer by which the pot helped the receiver with these hours."""
    return derived(hours_id, "cover")


def refund_cover_id(hours_id: UUID) -> UUID:
    """The transfer by which the pot helped the giver, who had spent these hours, to give them back."""
    return derived(hours_id, "refund cover")


async def post(
    session: AsyncSession, hours: Hours, *, floor: FloorAnswer | None = None, at: datetime
) -> None:
    """Move the minutes from the receiver's account to the giver's, with the pot's help if asked.

    Raises:
        BelowFloor: the receiver would go below the limit, and nobody said what to do.
        PotEmpty: the pot has not enough.
    """
    giver = await parties.get(session, hours.bank_id, hours.giver_id)
    receiver = await parties.get(session, hours.bank_id, hours.receiver_id)
    lacking = await policy.shortfall(session, hours) if floor else 0
    transfers = await _help(session, hours, receiver, lacking, floor, cover_id(hours.hours_id), hours.done_on)
    hours.covered_minutes = sum(each.amount_minor for each in transfers)
    transfers += await drawing.draw(session, hours, receiver)
    transfers.append(
        ledger.Transfer(
            transfer_id=hours.hours_id,
            payer_id=receiver.account_id,
            payee_id=giver.account_id,
            amount_minor=hours.minutes,
            happened_on=hours.done_on,
            may_be_late=True,
        )
    )
    await _post(session, hours, receiver, transfers, at)
    hours.posted_at = at
    await attendance.came(session, hours.bank_id, (hours.giver_id, hours.receiver_id), at=at)


async def _post(
    session: AsyncSession, hours: Hours, payer: Party, transfers: list[ledger.Transfer], at: datetime
) -> None:
    if not transfers:
        return
    try:
        await book(session, hours.bank_id, transfers, at=at)
    except ledger.FloorCrossed as crossed:
        raise (BelowFloor if crossed.account_id == payer.account_id else PotEmpty) from crossed


async def book(
    session: AsyncSession, bank_id: UUID, transfers: Sequence[ledger.Transfer], *, at: datetime
) -> None:
    """Post what must be posted whole; a rule of the books that a person can meet is said in their words.

    Raises:
        MemberNotActive: an account is frozen or closed.
        DayInFuture: the day has not come yet where the books are kept.
        ledger.FloorCrossed: the caller knows what to say about whose limit it is.
    """
    with said_in_our_words():
        async with session.begin_nested():
            await ledger.post(session, bank_id, transfers, at=at)


@contextmanager
def said_in_our_words() -> Iterator[None]:
    """Turn the ledger's rules that a person can meet into ours."""
    try:
        yield
    except (ledger.AccountFrozen, ledger.AccountClosed) as broken:
        raise MemberNotActive from broken
    except (ledger.DifferentTransferSameId, ledger.DifferentHoldSameId) as broken:
        raise SameIdOtherContents from broken
    except ledger.DayInFuture as broken:
        raise DayInFuture from broken


async def _help(
    session: AsyncSession,
    hours: Hours,
    payer: Party,
    lacking: int,
    floor: FloorAnswer | None,
    transfer_id: UUID,
    happened_on: date,
) -> list[ledger.Transfer]:
    """Do what the coordinator chose for a payer who lacks minutes: the pot's transfer, or a raised limit."""
    if not lacking:
        return []
    if floor == "raise":
        known = await ledger.balance(session, hours.bank_id, payer.account_id)
        limit = None if known.floor is None else known.floor - lacking
        await ledger.set_limits(session, hours.bank_id, payer.account_id, floor=limit, ceiling=known.ceiling)
        return []
    pot = await banks.pot(session, await banks.get(session, hours.bank_id))
    return [
        ledger.Transfer(
            transfer_id=transfer_id,
            payer_id=pot.account_id,
            payee_id=payer.account_id,
            amount_minor=lacking,
            happened_on=happened_on,
            may_be_late=True,
            reference=hours.hours_id,
        )
    ]


async def reverse(
    session: AsyncSession, hours: Hours, *, floor: FloorAnswer | None = None, at: datetime
) -> None:
    """Undo the transfer of these hours, and the pot's help with them; once.

    For a giver who has spent them since, `floor` says whether the pot helps or the limit is raised.

    Raises:
        BelowFloor: the giver would go below the limit, and nobody said what to do.
        PotEmpty: the pot has not enough.
    """
    today = banks.today(await banks.get(session, hours.bank_id), at)
    giver = await parties.get(session, hours.bank_id, hours.giver_id)
    if floor:
        lacking = await policy.lacks(session, giver, hours.minutes)
        refund_id = refund_cover_id(hours.hours_id)
        helped = await _help(session, hours, giver, lacking, floor, refund_id, today)
        await _post(session, hours, giver, helped, at)
    undone = [hours.hours_id] + ([cover_id(hours.hours_id)] if hours.covered_minutes else [])
    undone += await drawing.drawn(session, hours)
    try:
        with said_in_our_words():
            async with session.begin_nested():
                for transfer_id in undone:
                    await _undo(session, hours.bank_id, transfer_id, today, at)
                if back := await drawing.returned(session, hours, today):
                    await ledger.post(session, hours.bank_id, back, at=at)
    except ledger.FloorCrossed as crossed:
        raise BelowFloor from crossed


async def _undo(session: AsyncSession, bank_id: UUID, transfer_id: UUID, today: date, at: datetime) -> None:
    await ledger.reverse(
        session,
        bank_id,
        transfer_id,
        reversal_id=derived(transfer_id, "reverse"),
        happened_on=today,
        at=at,
    )
