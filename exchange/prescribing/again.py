"""Somebody who was referred before: the same NHS or CHI number, and no other birth date, in one bank.

Each referral keeps its own course, consent and word back; they are shown beside each other, and whoever is a
member already does not become a second one. What must never happen: a practice that learns of another's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.tables import Member
from exchange.prescribing.access import Part, Standing
from exchange.prescribing.tables import Referral, ReferralPerson

SEES_ALL = (Standing.COORDINATOR, Standing.ASSISTANT)
SEES_ITS_OWN = (Standing.CLINICIAN, Standing.RECEPTION, Standing.SYSTEM, Standing.REFERRER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another referral of the same person; what became of it is read there, within its own consent."""

    referral_id: UUID
    made_at: datetime


async def beside(
    session: AsyncSession, referral: Referral, standing: Standing, parts: frozenset[Part]
) -> Sequence[Beside]:
    """Other referrals of the same person that this standing may know of, the latest first.

    Staff of the bank see them all, whoever referred its own; nobody else sees any.
    """
    if Part.WHO not in parts or standing not in (*SEES_ALL, *SEES_ITS_OWN):
        return ()
    return [
        Beside(referral_id=one.referral_id, made_at=one.made_at)
        for one in await _same_person(session, referral)
        if standing in SEES_ALL or one.referrer_id == referral.referrer_id
    ]


async def member_already(session: AsyncSession, referral: Referral) -> Member | None:
    """The member that this person became by an earlier referral, if they still are one."""
    for one in await _same_person(session, referral):
        member = await session.get(Member, (one.bank_id, one.member_id)) if one.member_id else None
        if member is not None and member.status in ("active", "paused"):
            return member
    return None


async def _same_person(session: AsyncSession, referral: Referral) -> list[Referral]:
    person = await session.get(ReferralPerson, (referral.bank_id, referral.referral_id))
    if person is None or not (person.nhs_number or person.chi_number):
        return []
    rows = await session.scalars(
        select(Referral)
        .join(
            ReferralPerson,
            (col(ReferralPerson.bank_id) == col(Referral.bank_id))
            & (col(ReferralPerson.referral_id) == col(Referral.referral_id)),
        )
        .where(
            col(Referral.bank_id) == referral.bank_id,
            col(Referral.referral_id) != referral.referral_id,
            or_(*_numbers(person)),
            *_not_of_another_age(person),
        )
        .order_by(col(Referral.made_at).desc(), col(Referral.referral_id))
    )
    return list(rows.all())


def _numbers(person: ReferralPerson) -> list[ColumnElement[bool]]:
    known = ((ReferralPerson.nhs_number, person.nhs_number), (ReferralPerson.chi_number, person.chi_number))
    return [col(column) == number for column, number in known if number]


def _not_of_another_age(person: ReferralPerson) -> list[ColumnElement[bool]]:
    """A number with another birth date is more likely a slip of the finger than the same person."""
    if person.born_on is None:
        return []
    theirs = col(ReferralPerson.born_on)
    return [or_(theirs == person.born_on, theirs.is_(None))]
