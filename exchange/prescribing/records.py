"""What every step of a referral does: who the viewer is to it, lock it, write the step, wind the clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, Role, require
from exchange.prescribing import practices, states
from exchange.prescribing.access import Standing
from exchange.prescribing.practice_tables import CarePolicy
from exchange.prescribing.tables import Referral, ReferralNote, ReferralStep


def relation(viewer: Viewer, referral: Referral) -> Relation:
    """How a referral looks to the viewer; whoever it is about is never anything else to it."""
    if referral.member_id == viewer.member_id:
        return Relation.OWN
    is_theirs = referral.referrer_id in viewer.practice_ids | viewer.organisation_ids
    return Relation.REFERRED if is_theirs else Relation.UNINVOLVED


STAFF_STANDINGS = (
    (Role.COORDINATOR, Standing.COORDINATOR),
    (Role.ADMINISTRATOR, Standing.ADMINISTRATOR),
    (Role.ASSISTANT, Standing.ASSISTANT),
)


async def standing(session: AsyncSession, viewer: Viewer, referral: Referral) -> Standing:
    """What the viewer is to this referral: one thing, never several added together."""
    found = relation(viewer, referral)
    if found is Relation.OWN:
        return Standing.PERSON
    if found is Relation.REFERRED:
        assert referral.referrer_id is not None
        if viewer.is_system:
            return Standing.SYSTEM
        job = await practices.job_of(session, viewer, referral.referrer_id)
        if job is None:
            return Standing.REFERRER
        return Standing.RECEPTION if job == "receptionist" else Standing.CLINICIAN
    return next((s for role, s in STAFF_STANDINGS if role in viewer.roles), Standing.NOBODY)


async def get(session: AsyncSession, viewer: Viewer, referral_id: UUID) -> Referral:
    """A referral that the viewer may know of.

    Raises:
        NotFound: there is none, or it is none of theirs.
    """
    found = await session.get(Referral, (viewer.bank_id, referral_id))
    if found is None:
        raise NotFound
    require(viewer.roles, "referral.read", [relation(viewer, found)])
    return found


async def lock(session: AsyncSession, viewer: Viewer, referral_id: UUID, verb: str) -> Referral:
    """The referral, held for this transaction, when the viewer may do `verb` to it.

    Raises:
        NotFound, NotAllowed
    """
    found = await session.get(
        Referral, (viewer.bank_id, referral_id), with_for_update=True, populate_existing=True
    )
    if found is None:
        raise NotFound
    require(viewer.roles, verb, [relation(viewer, found)])
    return found


def step(
    session: AsyncSession,
    referral: Referral,
    verb: str,
    *,
    by_id: UUID | None,
    from_state: str | None,
    reason: str | None = None,
    note: str | None = None,
    at: datetime,
) -> None:
    """Write down what was done to a referral, under its lock."""
    referral.steps += 1
    here: dict[str, Any] = {
        "bank_id": referral.bank_id,
        "referral_id": referral.referral_id,
        "step": referral.steps,
    }
    session.add(
        ReferralStep(
            **here,
            verb=verb,
            by_id=by_id,
            from_state=from_state,
            to_state=referral.state,
            reason=reason,
            done_at=at,
        )
    )
    if note:
        session.add(ReferralNote(**here, words=note))


def wind(referral: Referral, at: datetime) -> None:
    """Set the clock of the state that begins now; an end has none."""
    clock = states.CLOCKS.get(referral.state)
    referral.state_at, referral.is_overdue = at, False
    referral.next_chase = "overdue" if clock else None
    referral.chase_at = at + clock.overdue if clock else None


async def policy(session: AsyncSession, bank_id: UUID) -> CarePolicy:
    """What the bank chose about referrals and visits, or what holds until it chooses."""
    return await session.get(CarePolicy, (bank_id,)) or CarePolicy(bank_id=bank_id)
