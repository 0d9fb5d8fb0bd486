"""What a practice's own system calls a referral: the same name again leads to the same referral.

The referral's key follows from the practice and the name, so that two requests at once cannot double it.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.derived import derived
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.checking import NewReferral
from exchange.prescribing.door_tables import ReferralIdentifier


def key_of(practice_id: UUID, system: str, value: str) -> UUID:
    """The key of the referral that this practice calls `value` in its `system`."""
    return derived(practice_id, f"referral:{len(system)}:{system}:{value}")


async def find(session: AsyncSession, viewer: Viewer, system: str, value: str) -> list[UUID]:
    """The viewer's referrals of this name: one, or none."""
    require(viewer.roles, "referral.read", [Relation.REFERRED])
    rows = await session.scalars(
        select(col(ReferralIdentifier.referral_id)).where(
            col(ReferralIdentifier.bank_id) == viewer.bank_id,
            col(ReferralIdentifier.practice_id).in_(viewer.practice_ids),
            col(ReferralIdentifier.system) == system,
            col(ReferralIdentifier.value) == value,
        )
    )
    return list(rows.all())


async def of_referral(session: AsyncSession, bank_id: UUID, referral_id: UUID) -> ReferralIdentifier | None:
    """What the practice calls it, where it said so."""
    return await session.get(ReferralIdentifier, (bank_id, referral_id))


def key_of_new(new: NewReferral) -> UUID | None:
    """The key that a referral with a name must have."""
    if new.identifier is None or new.referrer_id is None:
        return None
    return key_of(new.referrer_id, *new.identifier)


async def keep(session: AsyncSession, bank_id: UUID, new: NewReferral) -> None:
    """Write down what a referral that was just sent is called."""
    if new.identifier is not None and new.referrer_id is not None:
        system, value = new.identifier
        session.add(
            ReferralIdentifier(
                bank_id=bank_id,
                referral_id=new.referral_id,
                practice_id=new.referrer_id,
                system=system,
                value=value,
            )
        )
        await session.flush()


async def hold(session: AsyncSession, referral_id: UUID) -> None:
    """Let one request at a time send this referral, so that its repeat finds the first."""
    number = referral_id.int & (2**63 - 1)
    await session.execute(select(func.pg_advisory_xact_lock(number)))
