"""Hours that a practice or funder gives somebody to spend: apart, with a purpose and a day on which they end.

To everybody else they are hours like any others. What must never happen: hours of a fund that become
anybody's debt, or what is left kept by anybody but the fund.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.derived import derived
from exchange.errors import NotFound, SameIdOtherContents
from exchange.hours.booking import book
from exchange.hours.log import check_minutes
from exchange.hours.tables import Hours
from exchange.membership import banks, parties
from exchange.membership.tables import Member, Organisation, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.credit_tables import Fund, Purse
from exchange.prescribing.errors import ExpiryInPast, FundEmpty
from exchange.prescribing.tables import Referral

FUND_NAME = "Hours to spend"
PURSE_NAME = "Hours set aside for you"
"""Neither says where it comes from: both stand on a statement that others may see."""
FUND_MINUTES_MAX = 60 * 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PurseView:
    """What somebody has set aside, what is left of it, and how far their own wish to give has come."""

    purse_id: UUID
    minutes: int
    left_minutes: int
    expires_on: date
    pledge_minutes: int
    given_minutes: int
    is_open: bool


async def fill(
    session: AsyncSession, viewer: Viewer, funder_id: UUID, minutes: int, *, fill_id: UUID, at: datetime
) -> Fund:
    """An organisation puts hours into its fund, which is opened by the first; a repeat fills once.

    Raises:
        NotFound: no such organisation.
        SameIdOtherContents, MinutesOutOfRange, NotAllowed
    """
    require(viewer.roles, "fund.manage", [Relation.BANK])
    if await session.get(Organisation, (viewer.bank_id, funder_id)) is None:
        raise NotFound(field="funder_id")
    if not 0 < minutes <= FUND_MINUTES_MAX:
        check_minutes(0)
    fund = await _fund(session, viewer, funder_id, at)
    funder = await parties.get(session, viewer.bank_id, funder_id)
    to = await parties.get(session, viewer.bank_id, fund.fund_id)
    await _move(session, viewer, fill_id, funder, to, minutes, at)
    return fund


async def _fund(session: AsyncSession, viewer: Viewer, funder_id: UUID, at: datetime) -> Fund:
    fund_id = uuid5(funder_id, "fund")
    known = await session.get(Fund, (viewer.bank_id, fund_id))
    if known is not None:
        return known
    await parties.create(session, viewer.bank_id, fund_id, kind="fund", name=FUND_NAME, floor=0, at=at)
    fund = Fund(bank_id=viewer.bank_id, fund_id=fund_id, funder_id=funder_id)
    session.add(fund)
    await session.flush()
    return fund


async def _move(
    session: AsyncSession,
    viewer: Viewer,
    transfer_id: UUID,
    payer: Party,
    payee: Party,
    minutes: int,
    at: datetime,
) -> None:
    bank = await banks.get(session, viewer.bank_id)
    transfer = ledger.Transfer(
        transfer_id=transfer_id,
        payer_id=payer.account_id,
        payee_id=payee.account_id,
        amount_minor=minutes,
        happened_on=banks.today(bank, at),
    )
    try:
        await book(session, viewer.bank_id, [transfer], at=at)
    except ledger.FloorCrossed as crossed:
        raise FundEmpty from crossed


async def grant(
    session: AsyncSession,
    viewer: Viewer,
    purse_id: UUID,
    *,
    funder_id: UUID,
    member_id: UUID,
    minutes: int,
    expires_on: date,
    pledge_minutes: int = 0,
    referral_id: UUID | None = None,
    at: datetime,
) -> Purse:
    """Set hours of a fund aside for one member; a repeat with the same id returns the first.

    Raises:
        FundEmpty, ExpiryInPast, MinutesOutOfRange, SameIdOtherContents, NotFound, NotAllowed
    """
    if await session.get(Member, (viewer.bank_id, member_id)) is None:
        raise NotFound(field="member_id")
    require(viewer.roles, "credit.give", viewer.relations_to(member_id))
    return await set_aside(
        session,
        viewer,
        purse_id,
        funder_id=funder_id,
        member_id=member_id,
        minutes=minutes,
        expires_on=expires_on,
        pledge_minutes=pledge_minutes,
        referral_id=referral_id,
        at=at,
    )


async def set_aside(
    session: AsyncSession,
    viewer: Viewer,
    purse_id: UUID,
    *,
    funder_id: UUID,
    member_id: UUID,
    minutes: int,
    expires_on: date,
    pledge_minutes: int,
    referral_id: UUID | None,
    at: datetime,
) -> Purse:
    """What `grant` does once the caller may, and what a prescription carries by itself.

    Raises:
        FundEmpty, ExpiryInPast, MinutesOutOfRange, SameIdOtherContents, NotFound
    """
    fund = await session.get(Fund, (viewer.bank_id, uuid5(funder_id, "fund")))
    if fund is None:
        raise NotFound(field="funder_id")
    known = await session.get(Purse, (viewer.bank_id, purse_id))
    if known is not None:
        if (known.member_id, known.minutes, known.fund_id) != (member_id, minutes, fund.fund_id):
            raise SameIdOtherContents
        return known
    check_minutes(minutes)
    bank = await banks.get(session, viewer.bank_id)
    if expires_on < banks.today(bank, at):
        raise ExpiryInPast
    if referral_id and await session.get(Referral, (viewer.bank_id, referral_id)) is None:
        raise NotFound(field="referral_id")
    to = await parties.create(
        session, viewer.bank_id, purse_id, kind="purse", name=PURSE_NAME, floor=0, at=at
    )
    payer = await parties.get(session, viewer.bank_id, fund.fund_id)
    await _move(session, viewer, purse_id, payer, to, minutes, at)
    purse = Purse(
        bank_id=viewer.bank_id,
        purse_id=purse_id,
        fund_id=fund.fund_id,
        member_id=member_id,
        referral_id=referral_id,
        minutes=minutes,
        expires_on=expires_on,
        pledge_minutes=max(0, pledge_minutes),
        granted_by=viewer.member_id,
        granted_at=at,
    )
    session.add(purse)
    await session.flush()
    return purse


async def of_member(session: AsyncSession, viewer: Viewer, member_id: UUID) -> list[PurseView]:
    """What is set aside for somebody: for themselves and for coordinators.

    Raises:
        NotFound: none of the viewer's business.
    """
    await parties.get(session, viewer.bank_id, member_id)
    require(viewer.roles, "credit.read", viewer.relations_to(member_id))
    rows = await session.scalars(
        select(Purse)
        .where(col(Purse.bank_id) == viewer.bank_id, col(Purse.member_id) == member_id)
        .order_by(col(Purse.granted_at).desc())
    )
    return [await _view(session, purse) for purse in rows]


async def _view(session: AsyncSession, purse: Purse) -> PurseView:
    party = await parties.get(session, purse.bank_id, purse.purse_id)
    balance = await ledger.balance(session, purse.bank_id, party.account_id)
    given = await session.scalar(
        select(func.coalesce(func.sum(col(Hours.minutes)), 0)).where(
            col(Hours.bank_id) == purse.bank_id,
            col(Hours.giver_id) == purse.member_id,
            col(Hours.state) == "posted",
            col(Hours.done_on) >= purse.granted_at.date(),
        )
    )
    return PurseView(
        purse_id=purse.purse_id,
        minutes=purse.minutes,
        left_minutes=balance.posted,
        expires_on=purse.expires_on,
        pledge_minutes=purse.pledge_minutes,
        given_minutes=int(given or 0),
        is_open=purse.state == "open",
    )


async def expire(session: AsyncSession, bank_id: UUID, *, at: datetime) -> int:
    """Let purses end whose day is over: what is left goes back to their fund. Returns how many."""
    bank = await banks.get(session, bank_id)
    today = banks.today(bank, at)
    rows = await session.scalars(
        select(Purse)
        .where(col(Purse.bank_id) == bank_id, col(Purse.state) == "open", col(Purse.expires_on) < today)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for purse in due:
        await _end(session, purse, today, at)
    return len(due)


async def _end(session: AsyncSession, purse: Purse, today: date, at: datetime) -> None:
    party = await parties.get(session, purse.bank_id, purse.purse_id)
    fund = await parties.get(session, purse.bank_id, purse.fund_id)
    left = (await ledger.balance(session, purse.bank_id, party.account_id)).available
    if left > 0:
        transfer = ledger.Transfer(
            transfer_id=derived(purse.purse_id, "back"),
            payer_id=party.account_id,
            payee_id=fund.account_id,
            amount_minor=left,
            happened_on=today,
        )
        await book(session, purse.bank_id, [transfer], at=at)
    purse.state, purse.ended_at = "ended", at
    await session.flush()
