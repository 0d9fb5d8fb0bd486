"""Credits set aside for places, rooms and things: held when booked, used when one comes, else given back.

The hold has the booking's own id, so nothing is set aside twice; every transfer names what it was for.
What must never happen: a place paid twice, or an amount left set aside for nothing.
"""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from exchange.activities.errors import NotEnoughForPlace
from exchange.activities.tables import Activity, Place
from exchange.derived import derived
from exchange.hours.booking import said_in_our_words
from exchange.membership import banks, parties


class Held(Protocol):
    """Whatever may have credits set aside under its own id."""

    bank_id: UUID
    is_held: bool


async def set_aside(
    session: AsyncSession,
    bank_id: UUID,
    hold_id: UUID,
    *,
    party_id: UUID,
    minutes: int,
    expires_at: datetime,
    reference: UUID,
    at: datetime,
) -> None:
    """Hold minutes on a party's account.

    Raises:
        NotEnoughForPlace: they would go below their limit.
        MemberNotActive: their account is frozen or closed.
    """
    party = await parties.get(session, bank_id, party_id)
    try:
        with said_in_our_words():
            async with session.begin_nested():
                await ledger.hold(
                    session,
                    bank_id,
                    hold_id,
                    account_id=party.account_id,
                    amount_minor=minutes,
                    expires_at=expires_at,
                    reference=reference,
                    at=at,
                )
    except ledger.FloorCrossed as crossed:
        raise NotEnoughForPlace from crossed


def used_id(hold_id: UUID) -> UUID:
    """The transfer by which what was set aside is paid."""
    return derived(hold_id, "used")


async def is_standing(session: AsyncSession, held: Held, hold_id: UUID, *, at: datetime) -> bool:
    """Whether credits are set aside still: after their time they went back by themselves."""
    if held.is_held:
        known = await ledger.find_hold(session, held.bank_id, hold_id)
        held.is_held = known.state == "held" and known.expires_at > at
    return held.is_held


async def give_back(session: AsyncSession, held: Held, hold_id: UUID, *, at: datetime) -> None:
    """Release what is set aside, if anything is."""
    if await is_standing(session, held, hold_id, at=at):
        held.is_held = False
        await ledger.release(session, held.bank_id, hold_id, at=at)


async def use(
    session: AsyncSession, held: Held, hold_id: UUID, *, payee_id: UUID, on_day: date, at: datetime
) -> UUID:
    """Pay what is set aside to a party; returns the transfer's id."""
    payee = await parties.get(session, held.bank_id, payee_id)
    transfer_id = used_id(hold_id)
    held.is_held = False
    with said_in_our_words():
        await ledger.capture(
            session,
            held.bank_id,
            hold_id,
            transfer_id=transfer_id,
            payee_id=payee.account_id,
            happened_on=on_day,
            may_be_late=True,
            at=at,
        )
    return transfer_id


async def payee_of(session: AsyncSession, activity: Activity) -> UUID:
    """Who is paid for coming: the organisation that holds it, or the pot."""
    if activity.costs_to == "host":
        return activity.host_id
    return (await banks.get(session, activity.bank_id)).pot_id


async def keep(session: AsyncSession, activity: Activity, place: Place, on_day: date, *, at: datetime) -> int:
    """A place given up too late is paid for all the same, as the organisation decided. Returns minutes."""
    if not await is_standing(session, place, place.place_id, at=at):
        return 0
    payee_id = await payee_of(session, activity)
    await use(session, place, place.place_id, payee_id=payee_id, on_day=on_day, at=at)
    return activity.costs_minutes
