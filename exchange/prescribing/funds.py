"""Funds as people look at them, and hours that a prescription carries: set aside when the person joins.

What must never happen: a prescription's hours in the hands of anybody but the member it was about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.derived import derived
from exchange.membership import banks, parties
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import purses
from exchange.prescribing.credit_tables import Fund, Purse
from exchange.prescribing.errors import FundEmpty
from exchange.prescribing.tables import Referral

LASTS = timedelta(days=182)
"""How long hours of a prescription may be spent, unless somebody says another day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundView:
    """A fund, whose it is, and what it holds."""

    funder_id: UUID
    name: str
    left_minutes: int
    set_aside_minutes: int


async def every(session: AsyncSession, viewer: Viewer) -> list[FundView]:
    """The bank's funds, by the name of whoever fills them."""
    require(viewer.roles, "fund.manage", [Relation.BANK])
    rows = list(await session.scalars(select(Fund).where(col(Fund.bank_id) == viewer.bank_id)))
    names = await parties.names(session, viewer.bank_id, [row.funder_id for row in rows])
    found = [await _view(session, row, names[row.funder_id]) for row in rows]
    return sorted(found, key=lambda one: one.name.casefold())


async def _view(session: AsyncSession, fund: Fund, name: str) -> FundView:
    open_ones = await session.scalars(
        select(col(Purse.purse_id)).where(
            col(Purse.bank_id) == fund.bank_id, col(Purse.fund_id) == fund.fund_id, col(Purse.state) == "open"
        )
    )
    aside = [await _minutes(session, fund.bank_id, purse_id) for purse_id in open_ones]
    return FundView(
        funder_id=fund.funder_id,
        name=name,
        left_minutes=await _minutes(session, fund.bank_id, fund.fund_id),
        set_aside_minutes=sum(aside),
    )


async def _minutes(session: AsyncSession, bank_id: UUID, party_id: UUID) -> int:
    party = await parties.get(session, bank_id, party_id)
    return (await ledger.balance(session, bank_id, party.account_id)).available


async def left_of(session: AsyncSession, viewer: Viewer, funder_id: UUID) -> int:
    """The minutes in a practice's own fund, for those who prescribe from it and for coordinators."""
    if funder_id not in viewer.practice_ids | viewer.organisation_ids:
        require(viewer.roles, "fund.manage", [Relation.BANK])
    fund = await session.get(Fund, (viewer.bank_id, uuid5(funder_id, "fund")))
    return await _minutes(session, viewer.bank_id, fund.fund_id) if fund else 0


async def carry(session: AsyncSession, viewer: Viewer, referral: Referral, *, at: datetime) -> bool:
    """Set aside what a prescription carries for its member, once; False when the fund lacks it."""
    if not referral.carries_minutes or not referral.member_id or not referral.referrer_id:
        return True
    today = banks.today(await banks.get(session, referral.bank_id), at)
    try:
        async with session.begin_nested():
            await purses.set_aside(
                session,
                viewer,
                derived(referral.referral_id, "hours"),
                funder_id=referral.referrer_id,
                member_id=referral.member_id,
                minutes=referral.carries_minutes,
                expires_on=today + LASTS,
                pledge_minutes=referral.pledge_minutes,
                referral_id=referral.referral_id,
                at=at,
            )
    except FundEmpty:
        return False
    return True
