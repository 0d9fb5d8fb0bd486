"""Hours passed on without help in return: between members, to the pot, and from it in an emergency."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from exchange import outbox
from exchange.derived import check_callers_id
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours.booking import book
from exchange.hours.errors import NotEnoughHours, OverCeiling, PotEmpty
from exchange.hours.log import check_minutes
from exchange.hours.tables import Gift, Hours
from exchange.membership import banks, organisations, parties
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.tables import Bank, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.words import clean


async def give(
    session: AsyncSession,
    viewer: Viewer,
    gift_id: UUID,
    *,
    from_id: UUID,
    to_id: UUID,
    minutes: int,
    note: str | None = None,
    at: datetime,
) -> Gift:
    """Move minutes at once, from what one has: a gift never takes anybody below zero.

    An organisation may promise the pot more than it has, as it does to those who help it.

    The giver's own row is held meanwhile, so two gifts at once are given one after the other.

    Raises:
        NotEnoughHours, PotEmpty, OverCeiling, MinutesOutOfRange, WithOneself, MemberNotActive,
        SameIdOtherContents, NotFound, NotAllowed
    """
    check_callers_id(gift_id)
    bank = await banks.get(session, viewer.bank_id)
    await parties.get(session, viewer.bank_id, from_id)
    verb = "gift.from_pot" if from_id == bank.pot_id else "gift.give"
    require(viewer.roles, verb, viewer.relations_to(from_id))
    await session.get(Party, (viewer.bank_id, from_id), with_for_update=True)
    known = await session.get(Gift, (viewer.bank_id, gift_id), populate_existing=True)
    if known is not None:
        told = (from_id, to_id, minutes, clean(note, field="note"))
        if (known.from_id, known.to_id, known.minutes, known.note) != told:
            raise SameIdOtherContents
        return known
    if await session.get(Hours, (viewer.bank_id, gift_id)) is not None:
        raise SameIdOtherContents
    check_minutes(minutes)
    if from_id == bank.pot_id and to_id in viewer.party_ids:
        raise NotAllowed("Somebody else gives to you from the pot.")
    if to_id in await organisations.representatives(session, viewer.bank_id, from_id):
        raise NotAllowed("An organisation's hours do not go to those who speak for it.")
    giver, receiver = await _parties(session, bank, from_id, to_id)
    await _check_room(session, bank, giver, receiver, minutes)
    gift = Gift(
        bank_id=viewer.bank_id,
        gift_id=gift_id,
        from_id=from_id,
        to_id=to_id,
        minutes=minutes,
        note=clean(note, field="note"),
        given_by=viewer.member_id,
        given_on=banks.today(bank, at),
        given_at=at,
    )
    session.add(gift)
    await _post(session, gift, giver, receiver, at)
    return gift


async def _parties(session: AsyncSession, bank: Bank, from_id: UUID, to_id: UUID) -> tuple[Party, Party]:
    if from_id == to_id:
        raise WithOneself
    giver = await parties.get(session, bank.bank_id, from_id)
    receiver = await parties.get(session, bank.bank_id, to_id)
    if receiver.kind in ("issuance", "purse") or await parties.are_blocked(
        session, bank.bank_id, from_id, to_id
    ):
        raise NotFound(field="with")
    for party in (giver, receiver):
        if not await parties.is_present(session, party):
            raise MemberNotActive
    return giver, receiver


async def _check_room(session: AsyncSession, bank: Bank, giver: Party, receiver: Party, minutes: int) -> None:
    known = await ledger.balances(session, bank.bank_id, [giver.account_id, receiver.account_id])
    is_donation = giver.kind == "organisation" and receiver.kind == "pot"
    if known[giver.account_id].available < minutes and not is_donation:
        raise PotEmpty(field="minutes") if giver.kind == "pot" else NotEnoughHours
    if receiver.kind == "member" and known[receiver.account_id].posted + minutes > bank.ceiling_minutes:
        raise OverCeiling


async def _post(session: AsyncSession, gift: Gift, giver: Party, receiver: Party, at: datetime) -> None:
    transfer = ledger.Transfer(
        transfer_id=gift.gift_id,
        payer_id=giver.account_id,
        payee_id=receiver.account_id,
        amount_minor=gift.minutes,
        happened_on=gift.given_on,
    )
    try:
        await book(session, gift.bank_id, [transfer], at=at)
    except ledger.FloorCrossed as crossed:
        raise NotEnoughHours from crossed
    outbox.record(session, gift.bank_id, "gift.given", gift.told(), at=at)
    await session.flush()
