"""What a purse does when its member receives an hour: it passes minutes on to them, and they pay as anybody.

The giver is paid by the member and sees nothing else. What must never happen: a transfer from a purse to
anybody but its own member or its own fund.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.derived import derived
from exchange.hours.tables import Hours
from exchange.membership import parties
from exchange.membership.tables import Party
from exchange.prescribing.credit_tables import Purse, PurseDraw


async def open_purses(session: AsyncSession, hours: Hours) -> list[tuple[Purse, Party, int]]:
    """The receiver's purses that could help, the soonest to expire first, each with its minutes."""
    rows = await session.scalars(
        select(Purse)
        .where(
            col(Purse.bank_id) == hours.bank_id,
            col(Purse.member_id) == hours.receiver_id,
            col(Purse.state) == "open",
            col(Purse.expires_on) >= hours.done_on,
        )
        .order_by(col(Purse.expires_on), col(Purse.purse_id))
    )
    found = []
    for purse in rows:
        party = await parties.get(session, purse.bank_id, purse.purse_id)
        balance = await ledger.balance(session, purse.bank_id, party.account_id)
        if balance.available > 0:
            found.append((purse, party, balance.available))
    return found


async def available(session: AsyncSession, hours: Hours) -> int:
    """The minutes that purses would bring to these hours."""
    return min(hours.minutes, sum(minutes for _, _, minutes in await open_purses(session, hours)))


async def draw(session: AsyncSession, hours: Hours, receiver: Party) -> list[ledger.Transfer]:
    """The transfers from purses to their member for these hours; written down, to be undone with them."""
    missing, transfers = hours.minutes, []
    for purse, party, minutes in await open_purses(session, hours):
        part = min(missing, minutes)
        if part <= 0:
            break
        missing -= part
        transfer_id = derived(hours.hours_id, f"purse:{purse.purse_id}")
        session.add(
            PurseDraw(
                bank_id=hours.bank_id,
                hours_id=hours.hours_id,
                purse_id=purse.purse_id,
                transfer_id=transfer_id,
                minutes=part,
            )
        )
        transfers.append(
            ledger.Transfer(
                transfer_id=transfer_id,
                payer_id=party.account_id,
                payee_id=receiver.account_id,
                amount_minor=part,
                happened_on=hours.done_on,
                may_be_late=True,
            )
        )
    return transfers


async def drawn(session: AsyncSession, hours: Hours) -> list[UUID]:
    """The transfers by which purses, open or ended, helped with these hours."""
    return [draw.transfer_id for draw, _ in await _draws(session, hours)]


async def returned(session: AsyncSession, hours: Hours, day: date) -> list[ledger.Transfer]:
    """What an undone hour brought back into purses that have ended, on its way to their fund."""
    transfers = []
    for draw, purse in await _draws(session, hours):
        if purse.state == "open":
            continue
        payer = await parties.get(session, purse.bank_id, purse.purse_id)
        fund = await parties.get(session, purse.bank_id, purse.fund_id)
        transfers.append(
            ledger.Transfer(
                transfer_id=derived(draw.transfer_id, "to fund"),
                payer_id=payer.account_id,
                payee_id=fund.account_id,
                amount_minor=draw.minutes,
                happened_on=day,
            )
        )
    return transfers


async def _draws(session: AsyncSession, hours: Hours) -> list[tuple[PurseDraw, Purse]]:
    rows = await session.execute(
        select(PurseDraw, Purse)
        .join(
            Purse,
            (col(Purse.bank_id) == col(PurseDraw.bank_id)) & (col(Purse.purse_id) == col(PurseDraw.purse_id)),
        )
        .where(col(PurseDraw.bank_id) == hours.bank_id, col(PurseDraw.hours_id) == hours.hours_id)
        .with_for_update(of=Purse)
    )
    return [(row.PurseDraw, row.Purse) for row in rows]
