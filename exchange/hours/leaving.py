"""Going: by one's own wish, or by death. One step; what is left goes to the pot or to a named member.

What must never happen: a family asked about hours, or a balance that nobody holds.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange import outbox
from exchange.activities import bookings, places
from exchange.derived import derived
from exchange.errors import NotAllowed, NotFound
from exchange.hours.booking import book
from exchange.hours.tables import Gift, Hours
from exchange.membership import banks, members, parties, sign_in
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.tables import Bank, Member, Party
from exchange.membership.viewer import Viewer

GONE = ("left", "deceased")


async def end(
    session: AsyncSession,
    viewer: Viewer,
    member_id: UUID,
    status: str,
    *,
    heir_id: UUID | None = None,
    at: datetime,
) -> Member:
    """Mark a member as `left` or `deceased`; a balance above zero goes to `heir_id`, or to the pot.

    A balance below zero is met from the pot as far as it goes, and is otherwise left as it stands: nobody
    is asked for it. Hours that still wait for their yes go to the coordinator, and what those bring later
    goes the same way. A repeat changes nothing. The caller stops what is queued for them.

    Raises:
        WithOneself, MemberNotActive, NotFound: the heir cannot receive.
        AlreadyDecided, NotAllowed
    """
    member = await members.set_status(session, viewer, member_id, status)
    await places.give_all_up(session, viewer.bank_id, member_id, at=at)
    await bookings.give_all_up(session, viewer.bank_id, member_id, at=at)
    bank = await banks.get(session, viewer.bank_id)
    if heir_id in viewer.party_ids:
        raise NotAllowed("Somebody else writes down that hours are left to you.")
    heir = await _heir(session, bank, member_id, heir_id)
    member.heir_id = heir.party_id if heir_id else member.heir_id
    await sign_in.end_all(session, viewer, member_id, at=at)
    await _hand_over(session, viewer.bank_id, member_id)
    await _sweep(session, viewer, bank, member, heir, at, cause=member_id)
    return member


async def settle(session: AsyncSession, viewer: Viewer, hours: Hours, *, at: datetime) -> None:
    """After hours were booked or undone: what that left on the account of somebody who is gone goes on.

    It goes where the rest went: to the one they named, if still here, or to the pot; and the pot meets what
    is below zero as far as it goes.
    """
    for party_id in (hours.giver_id, hours.receiver_id):
        await pass_on(session, viewer, party_id, cause=hours.hours_id, at=at)


async def pass_on(
    session: AsyncSession, viewer: Viewer, party_id: UUID, *, cause: UUID, at: datetime
) -> None:
    """What `cause` left on the account of somebody who is gone goes on; of anybody else it stays."""
    member = await session.get(Member, (viewer.bank_id, party_id))
    if member is not None and member.status in GONE:
        bank = await banks.get(session, viewer.bank_id)
        heir = await _still_here(session, bank, member)
        await _sweep(session, viewer, bank, member, heir, at, cause=cause)


async def _still_here(session: AsyncSession, bank: Bank, member: Member) -> Party:
    heir = await parties.get(session, bank.bank_id, member.heir_id or bank.pot_id)
    return heir if await parties.is_present(session, heir) else await banks.pot(session, bank)


async def _hand_over(session: AsyncSession, bank_id: UUID, member_id: UUID) -> None:
    """Hours that wait for a yes which will not come are the coordinator's at once."""
    await session.execute(
        update(Hours)
        .where(
            col(Hours.bank_id) == bank_id,
            col(Hours.awaited_id) == member_id,
            col(Hours.state) == "awaiting_confirmation",
        )
        .values(is_with_coordinator=True, chase_at=None)
    )


async def _sweep(
    session: AsyncSession,
    viewer: Viewer,
    bank: Bank,
    member: Member,
    heir: Party,
    at: datetime,
    *,
    cause: UUID,
) -> None:
    leaver = await parties.get(session, bank.bank_id, member.member_id)
    balance = await ledger.balance(session, bank.bank_id, leaver.account_id)
    if balance.available > 0:
        await _move(session, viewer, bank, leaver, heir, balance.available, at, cause=cause)
    elif balance.posted < 0:
        pot = await banks.pot(session, bank)
        known = await ledger.balance(session, bank.bank_id, pot.account_id)
        met = min(-balance.posted, max(0, known.available))
        if met:
            await _move(session, viewer, bank, pot, leaver, met, at, cause=cause)


async def _heir(session: AsyncSession, bank: Bank, member_id: UUID, heir_id: UUID | None) -> Party:
    if heir_id == member_id:
        raise WithOneself
    heir = await parties.get(session, bank.bank_id, heir_id or bank.pot_id)
    if heir.kind in ("issuance", "purse"):
        raise NotFound(field="with")
    if not await parties.is_present(session, heir):
        raise MemberNotActive
    return heir


async def _move(
    session: AsyncSession,
    viewer: Viewer,
    bank: Bank,
    giver: Party,
    receiver: Party,
    minutes: int,
    at: datetime,
    *,
    cause: UUID,
) -> None:
    gift = Gift(
        bank_id=bank.bank_id,
        gift_id=derived(giver.party_id, f"leaving:{receiver.party_id}:{cause}:{at.isoformat()}"),
        from_id=giver.party_id,
        to_id=receiver.party_id,
        minutes=minutes,
        given_by=viewer.member_id,
        given_on=banks.today(bank, at),
        given_at=at,
    )
    session.add(gift)
    transfer = ledger.Transfer(
        transfer_id=gift.gift_id,
        payer_id=giver.account_id,
        payee_id=receiver.account_id,
        amount_minor=minutes,
        happened_on=gift.given_on,
    )
    await book(session, bank.bank_id, [transfer], at=at)
    await session.flush()
    if receiver.kind == "member" and giver.kind == "member":
        outbox.record(session, bank.bank_id, "gift.given", gift.told(), at=at)
