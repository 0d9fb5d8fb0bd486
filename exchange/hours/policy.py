"""Whether a coordinator must look before an hour counts. The rules are data; this reads them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import ledger
from exchange.hours.tables import Hours
from exchange.membership import banks, parties
from exchange.membership.tables import ApprovalRule, Party
from exchange.prescribing import drawing, homes

COUNTED = ("posted", "awaiting_approval")
"""States in which both sides have said yes."""


async def reasons(session: AsyncSession, hours: Hours) -> list[str]:
    """Why a coordinator must look: kinds of `ApprovalRule`, `floor`, `unaccompanied`; empty when none.

    No bank can switch the last one off by a rule of approval: it follows from the rules of visits.
    """
    rules = await banks.approval_rules(session, hours.bank_id)
    found = ["unaccompanied"] if await homes.is_unaccompanied(session, hours) else []
    found += [kind for kind, rule in sorted(rules.items()) if await APPLIES[kind](session, hours, rule)]
    return [*found, "floor"] if await crosses_floor(session, hours) else found


async def crosses_floor(session: AsyncSession, hours: Hours) -> bool:
    """Whether posting would take the receiver below their limit."""
    return await shortfall(session, hours) > 0


async def shortfall(session: AsyncSession, hours: Hours) -> int:
    """The minutes that the receiver lacks for these hours; zero when none."""
    receiver = await parties.get(session, hours.bank_id, hours.receiver_id)
    lacking = await lacks(session, receiver, hours.minutes)
    return max(0, lacking - await drawing.available(session, hours)) if lacking else 0


async def lacks(session: AsyncSession, payer: Party, minutes: int) -> int:
    """The minutes that a party lacks to pay so many, down to its limit; zero when none."""
    balance = await ledger.balance(session, payer.bank_id, payer.account_id)
    if balance.floor is None:
        return 0
    return max(0, minutes - (balance.available - balance.floor))


async def _first_exchange(session: AsyncSession, hours: Hours, rule: ApprovalRule) -> bool:
    for party_id in (hours.giver_id, hours.receiver_id):
        party = await parties.get(session, hours.bank_id, party_id)
        if party.kind == "member" and not await _has_exchanged(session, hours, party_id):
            return True
    return False


async def _has_exchanged(session: AsyncSession, hours: Hours, party_id: object) -> bool:
    earlier = await session.scalar(
        select(col(Hours.hours_id))
        .where(
            col(Hours.bank_id) == hours.bank_id,
            col(Hours.state) == "posted",
            or_(col(Hours.giver_id) == party_id, col(Hours.receiver_id) == party_id),
        )
        .limit(1)
    )
    return earlier is not None


async def _over_minutes(session: AsyncSession, hours: Hours, rule: ApprovalRule) -> bool:
    return hours.minutes > rule.threshold


async def _at_home(session: AsyncSession, hours: Hours, rule: ApprovalRule) -> bool:
    return hours.is_at_home


async def _same_pair(session: AsyncSession, hours: Hours, rule: ApprovalRule) -> bool:
    pair = (hours.giver_id, hours.receiver_id)
    times = await session.scalar(
        select(func.count()).where(
            col(Hours.bank_id) == hours.bank_id,
            col(Hours.state).in_(COUNTED),
            col(Hours.giver_id).in_(pair),
            col(Hours.receiver_id).in_(pair),
            col(Hours.done_on) > hours.done_on - timedelta(days=rule.period_days),
            col(Hours.hours_id) != hours.hours_id,
        )
    )
    return (times or 0) >= rule.threshold


APPLIES: Mapping[str, Callable[[AsyncSession, Hours, ApprovalRule], Awaitable[bool]]] = {
    "first_exchange": _first_exchange,
    "over_minutes": _over_minutes,
    "at_home": _at_home,
    "same_pair": _same_pair,
}
