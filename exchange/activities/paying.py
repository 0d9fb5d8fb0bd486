"""From coming to the books: everybody of a session in one posting, whole or not at all.

A check-in's transfer has its own id, so however it was told, it pays once. What must never happen: a
person refused what they earned because somebody else beside them cannot pay.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.activities import holding
from exchange.activities.standing import Meeting
from exchange.activities.tables import CheckIn, Place
from exchange.derived import derived
from exchange.hours.booking import book, said_in_our_words
from exchange.hours.errors import BelowFloor
from exchange.membership import banks
from exchange.membership.tables import Party

MINUTE_SECONDS = 60


def attended_minutes(found: Meeting, row: CheckIn) -> int:
    """Minutes from coming to going, within the session; a minute that was begun counts."""
    came = max(row.came_at, found.session.starts_at)
    left = min(row.left_at or found.session.ends_at, found.session.ends_at)
    return max(0, math.ceil((left - came).total_seconds() / MINUTE_SECONDS))


def earned_minutes(found: Meeting, row: CheckIn) -> int:
    """What this check-in earns: a leader's share, or the activity's, by the minute where going counts."""
    if row.is_leader:
        return found.activity.leaders_earn_minutes
    if found.activity.has_check_out:
        return min(found.activity.earns_minutes, attended_minutes(found, row))
    return found.activity.earns_minutes


def is_due(found: Meeting, row: CheckIn) -> bool:
    """Whether this check-in is to be paid now: counted, and gone again where that matters."""
    waits = found.activity.has_check_out and not row.is_leader and row.left_at is None
    return row.state == "counted" and not row.is_paid and not waits


def earned_id(check_in_id: UUID) -> UUID:
    """The transfer by which coming is paid; callers choose a check-in's id, and nobody chooses this one."""
    return derived(check_in_id, "earned")


def cost_id(check_in_id: UUID) -> UUID:
    """The transfer by which somebody without a booking pays for coming."""
    return derived(check_in_id, "cost")


async def pay(session: AsyncSession, found: Meeting, rows: Sequence[CheckIn], *, at: datetime) -> None:
    """Book what these check-ins earn and cost, in one posting.

    Who has nothing set aside and would go below the limit is flagged for the coordinator, and waits.
    """
    due = [row for row in rows if is_due(found, row)]
    if not due:
        return
    accounts = await _accounts(session, found, due)
    day = await _day(session, found, at)
    transfers = _earnings(found, due, accounts, day)
    costs = await _costs(session, found, due, accounts, day, at)
    await _post_all(session, found, {row.check_in_id: row for row in due}, [*transfers, *costs], at)
    for row in due:
        if row.state == "counted":
            row.is_paid = True
            row.minutes = _minutes(found, row)
    await session.flush()


def _minutes(found: Meeting, row: CheckIn) -> int:
    costs = 0 if row.is_leader else found.activity.costs_minutes
    return earned_minutes(found, row) or costs


async def _accounts(session: AsyncSession, found: Meeting, rows: Sequence[CheckIn]) -> dict[UUID, UUID]:
    bank = await banks.get(session, found.activity.bank_id)
    wanted = {row.member_id for row in rows} | {found.activity.host_id, bank.pot_id, bank.issuance_id}
    known = await session.execute(
        select(col(Party.party_id), col(Party.account_id)).where(
            col(Party.bank_id) == bank.bank_id, col(Party.party_id).in_(wanted)
        )
    )
    accounts = {row.party_id: row.account_id for row in known}
    payer = found.activity.host_id if found.activity.earns_from == "host" else bank.issuance_id
    return accounts | {found.activity.activity_id: accounts[payer]}


async def _day(session: AsyncSession, found: Meeting, at: datetime) -> date:
    """The session's day, or today for whoever comes before midnight to what begins after it."""
    return min(found.session.on_day, banks.today(await banks.get(session, found.session.bank_id), at))


def _earnings(
    found: Meeting, rows: Sequence[CheckIn], accounts: dict[UUID, UUID], day: date
) -> list[ledger.Transfer]:
    return [
        ledger.Transfer(
            transfer_id=earned_id(row.check_in_id),
            payer_id=accounts[found.activity.activity_id],
            payee_id=accounts[row.member_id],
            amount_minor=minutes,
            happened_on=day,
            may_be_late=True,
            reference=row.session_id,
        )
        for row in rows
        if (minutes := earned_minutes(found, row))
    ]


async def _costs(
    session: AsyncSession,
    found: Meeting,
    rows: Sequence[CheckIn],
    accounts: dict[UUID, UUID],
    day: date,
    at: datetime,
) -> list[ledger.Transfer]:
    """Use what was set aside; what was not is a transfer like any other."""
    payers = [row for row in rows if found.activity.costs_minutes and not row.is_leader]
    if not payers:
        return []
    payee_id = await holding.payee_of(session, found.activity)
    held = await _places(session, found, {row.member_id for row in payers if not row.is_leader})
    open_ones = []
    for row in payers:
        place = held.get(row.member_id)
        if place is not None and await holding.is_standing(session, place, place.place_id, at=at):
            await holding.use(session, place, place.place_id, payee_id=payee_id, on_day=day, at=at)
        elif place is None or not place.kept_minutes:
            open_ones.append(row)
    return [
        ledger.Transfer(
            transfer_id=cost_id(row.check_in_id),
            payer_id=accounts[row.member_id],
            payee_id=accounts[payee_id],
            amount_minor=found.activity.costs_minutes,
            happened_on=day,
            may_be_late=True,
            reference=row.session_id,
        )
        for row in open_ones
    ]


async def _places(session: AsyncSession, found: Meeting, people: set[UUID]) -> dict[UUID, Place]:
    """The place of each of these people: the one they have, else the last that they had or paid for."""
    rows = await session.scalars(
        select(Place)
        .where(
            col(Place.bank_id) == found.session.bank_id,
            col(Place.session_id) == found.session.session_id,
            col(Place.member_id).in_(people),
            col(Place.state).in_(("booked", "came", "missed"))
            | ((col(Place.state) == "left") & (col(Place.kept_minutes) > 0)),
        )
        .order_by(col(Place.turn))
    )
    return {row.member_id: row for row in rows}


async def _post_all(
    session: AsyncSession,
    found: Meeting,
    rows: dict[UUID, CheckIn],
    transfers: list[ledger.Transfer],
    at: datetime,
) -> None:
    """Post the list whole; who cannot pay waits, and the rest goes through in one more trip."""
    if not transfers:
        return
    try:
        await book(session, found.session.bank_id, transfers, at=at)
    except ledger.FloorCrossed:
        await _post_each(session, found, rows, transfers, at)


async def _post_each(
    session: AsyncSession,
    found: Meeting,
    rows: dict[UUID, CheckIn],
    transfers: list[ledger.Transfer],
    at: datetime,
) -> None:
    with said_in_our_words():
        for outcome in await ledger.post_each(session, found.session.bank_id, transfers, at=at):
            if isinstance(outcome.error, ledger.FloorCrossed):
                _let_wait(rows, outcome.transfer_id)
            elif outcome.error is not None:
                raise outcome.error


def _let_wait(rows: dict[UUID, CheckIn], failed_id: UUID) -> None:
    for key, row in rows.items():
        if failed_id in (earned_id(key), cost_id(key)):
            row.state = "waiting"
            row.flags = sorted({*row.flags, "floor"})


async def take_back(session: AsyncSession, found: Meeting, row: CheckIn, *, at: datetime) -> None:
    """Undo the transfers of a check-in by their opposites.

    Raises:
        BelowFloor: the member has spent it since.
    """
    place = (await _places(session, found, {row.member_id})).get(row.member_id)
    candidates = [earned_id(row.check_in_id), cost_id(row.check_in_id)]
    if place is not None:
        await holding.give_back(session, place, place.place_id, at=at)
        # What staying away or leaving late cost was not for coming, and stays.
        candidates += [] if place.kept_minutes else [holding.used_id(place.place_id)]
    bank = await banks.get(session, row.bank_id)
    try:
        with said_in_our_words():
            for transfer_id in candidates:
                await _reverse_if_booked(session, row.bank_id, transfer_id, banks.today(bank, at), at)
    except ledger.FloorCrossed as crossed:
        raise BelowFloor from crossed


async def _reverse_if_booked(
    session: AsyncSession, bank_id: UUID, transfer_id: UUID, day: date, at: datetime
) -> None:
    try:
        async with session.begin_nested():
            await ledger.reverse(
                session,
                bank_id,
                transfer_id,
                reversal_id=derived(transfer_id, "reverse"),
                happened_on=day,
                at=at,
            )
    except (ledger.UnknownTransfer, ledger.AlreadyReversed):
        return
