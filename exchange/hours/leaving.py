"""Going: by one's own wish, or by death. One step; what is left goes to the pot or to a named member.

What must never happen: a family asked about hours, or a balance that nobody holds.
"""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
from exchange.activities import bookings, places
from exchange.errors import NotFound
from exchange.hours.booking import book
from exchange.hours.tables import Gift
from exchange.membership import banks, members, parties
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.membership.tables import Bank, Member, Party
from exchange.membership.viewer import Viewer


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
    is asked for it. A repeat changes nothing. The caller stops what is queued for them.

    Raises:
        WithOneself, MemberNotActive, NotFound: the heir cannot receive.
        AlreadyDecided, NotAllowed
    """
    member = await members.set_status(session, viewer, member_id, status)
    await places.give_all_up(session, viewer.bank_id, member_id, at=at)
    await bookings.give_all_up(session, viewer.bank_id, member_id, at=at)
    bank = await banks.get(session, viewer.bank_id)
    leaver = await parties.get(session, viewer.bank_id, member_id)
    balance = await ledger.balance(session, viewer.bank_id, leaver.account_id)
    heir = await _heir(session, bank, member_id, heir_id)
    if balance.available > 0:
        await _move(session, viewer, bank, leaver, heir, balance.available, at)
    elif balance.posted < 0:
        pot = await banks.pot(session, bank)
        known = await ledger.balance(session, viewer.bank_id, pot.account_id)
        met = min(-balance.posted, max(0, known.available))
        if met:
            await _move(session, viewer, bank, pot, leaver, met, at)
    return member


async def _heir(session: AsyncSession, bank: Bank, member_id: UUID, heir_id: UUID | None) -> Party:
    if heir_id == member_id:
        raise WithOneself
    heir = await parties.get(session, bank.bank_id, heir_id or bank.pot_id)
    if heir.kind == "issuance":
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
) -> None:
    gift = Gift(
        bank_id=bank.bank_id,
        gift_id=uuid5(giver.party_id, f"leaving:{receiver.party_id}:{at.isoformat()}"),
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
