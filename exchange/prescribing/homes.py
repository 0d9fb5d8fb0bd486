"""Rules of meeting at somebody's home: who may be matched for it, and what an hour at home must show.

With somebody whom an agency referred, a helper has the references and the code of conduct that this bank asks
for, and one of the staff goes along; the first time two people meet at home, somebody goes along. What must
never happen: an hour that broke one of these, in the books without a coordinator's look.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.hours.tables import Hours
from exchange.membership import banks, organisations
from exchange.membership import viewer as viewers
from exchange.membership.tables import Member
from exchange.prescribing import clearances, records
from exchange.prescribing.care_tables import Visit
from exchange.prescribing.tables import Referral

STAFF = ("coordinator", "assistant", "administrator")


@dataclass(frozen=True, slots=True)
class Help:
    """Who would help whom, with what, and whether at home."""

    giver_id: UUID
    receiver_id: UUID
    skill: str
    is_at_home: bool


async def unfit(
    session: AsyncSession, bank_id: UUID, helps: Collection[Help], *, day: date
) -> set[tuple[UUID, UUID]]:
    """The (giver, receiver) pairs among these that a rule keeps from being matched."""
    homes = [one for one in helps if one.is_at_home]
    found = await _unfit_for_homes(session, bank_id, homes, day)
    lifts = [one for one in helps if one.skill in clearances.DRIVING_SKILLS]
    if lifts:
        grounded = await clearances.may_not_drive(session, bank_id, day=day)
        found |= {(one.giver_id, one.receiver_id) for one in lifts if one.giver_id in grounded}
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """Who is kept from being helped at home, and by whom: any of the second by any of the first."""

    receivers: frozenset[UUID] = frozenset()
    givers: frozenset[UUID] = frozenset()


async def kept_apart_at_home(
    session: AsyncSession, bank_id: UUID, givers: Collection[UUID], receivers: Collection[UUID], *, day: date
) -> Kept:
    """The rule of homes for a whole bank at once: givers who lack what it asks, receivers it is about."""
    referred = await referred_among(session, bank_id, receivers)
    if not referred or not (await records.policy(session, bank_id)).is_staff_with_referred:
        return Kept()
    members = set(givers) - await _staff(session, bank_id)
    lacking = await clearances.not_cleared_for_homes(session, bank_id, members, day=day)
    return Kept(frozenset(referred), frozenset(lacking))


async def _unfit_for_homes(
    session: AsyncSession, bank_id: UUID, helps: Collection[Help], day: date
) -> set[tuple[UUID, UUID]]:
    givers, receivers = {one.giver_id for one in helps}, {one.receiver_id for one in helps}
    kept = await kept_apart_at_home(session, bank_id, givers, receivers, day=day)
    return {
        (one.giver_id, one.receiver_id)
        for one in helps
        if one.receiver_id in kept.receivers and one.giver_id in kept.givers
    }


async def _staff(session: AsyncSession, bank_id: UUID) -> set[UUID]:
    found = [set(await organisations.holders_of(session, bank_id, role)) for role in STAFF]
    return set().union(*found)


async def referred_among(session: AsyncSession, bank_id: UUID, people: Collection[UUID]) -> set[UUID]:
    """Those of these whom somebody other than themselves referred."""
    if not people:
        return set()
    rows = await session.scalars(
        select(col(Referral.member_id)).where(
            col(Referral.bank_id) == bank_id,
            col(Referral.member_id).in_(people),
            col(Referral.route) != "self",
        )
    )
    return {row for row in rows if row is not None}


async def is_staff(session: AsyncSession, bank_id: UUID, member_id: UUID | None) -> bool:
    """Whether somebody is one of the bank's staff now."""
    found = await viewers.load(session, bank_id, member_id) if member_id else None
    return found is not None and found.is_staff


async def have_visited(session: AsyncSession, bank_id: UUID, one: UUID, other: UUID) -> bool:
    """Whether a visit of one of these two at the other's ever went to its end."""
    pair = (one, other)
    found = await session.scalar(
        select(col(Visit.visit_id))
        .where(
            col(Visit.bank_id) == bank_id,
            col(Visit.state) == "over",
            col(Visit.visitor_id).in_(pair),
            col(Visit.host_id).in_(pair),
        )
        .limit(1)
    )
    return found is not None


async def is_unaccompanied(session: AsyncSession, hours: Hours) -> bool:
    """Whether an hour at home lacked the company that the rules ask for, as far as visits show."""
    bank_id, giver, receiver = hours.bank_id, hours.giver_id, hours.receiver_id
    if not hours.is_at_home or not await _are_members(session, bank_id, giver, receiver):
        return False
    policy = await records.policy(session, bank_id)
    if policy.is_staff_with_referred and receiver in await referred_among(session, bank_id, {receiver}):
        company = await _company_that_day(session, hours)
        return not any([await is_staff(session, bank_id, one) for one in (giver, *company)])
    if not policy.is_first_visit_accompanied or await have_visited(session, bank_id, giver, receiver):
        return False
    return not await _met_at_home_before(session, hours)


async def _are_members(session: AsyncSession, bank_id: UUID, *people: UUID) -> bool:
    return all([await session.get(Member, (bank_id, one)) is not None for one in people])


async def _company_that_day(session: AsyncSession, hours: Hours) -> list[UUID]:
    """Who went along on visits of these two that began on the day of the hour."""
    bank = await banks.get(session, hours.bank_id)
    first = datetime.combine(hours.done_on, datetime.min.time(), ZoneInfo(bank.time_zone))
    rows = await session.scalars(
        select(col(Visit.company_id)).where(
            col(Visit.bank_id) == hours.bank_id,
            col(Visit.visitor_id) == hours.giver_id,
            col(Visit.host_id) == hours.receiver_id,
            col(Visit.checked_in_at) >= first,
            col(Visit.checked_in_at) < first + timedelta(days=1),
        )
    )
    return [row for row in rows if row is not None]


async def _met_at_home_before(session: AsyncSession, hours: Hours) -> bool:
    pair = (hours.giver_id, hours.receiver_id)
    found = await session.scalar(
        select(col(Hours.hours_id))
        .where(
            col(Hours.bank_id) == hours.bank_id,
            col(Hours.state) == "posted",
            col(Hours.is_at_home),
            col(Hours.giver_id).in_(pair),
            col(Hours.receiver_id).in_(pair),
        )
        .limit(1)
    )
    return found is not None
