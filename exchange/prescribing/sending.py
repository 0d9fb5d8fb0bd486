"""Making a referral: who, why, what and the consent are read, refused beside their field, or written whole.

What must never happen: a referral without the person's yes, or the same person's doubled by a second press.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange import outbox
from exchange.activities import codes as typed_codes
from exchange.derived import check_callers_id
from exchange.errors import NotFound, SameIdOtherContents
from exchange.membership.tables import Organisation
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import checking, drafts, linking, practices, records, states
from exchange.prescribing.checking import NewReferral
from exchange.prescribing.errors import (
    UnknownReason,
)
from exchange.prescribing.tables import ROUTES, Referral, ReferralDraft


async def send(session: AsyncSession, viewer: Viewer, new: NewReferral, *, at: datetime) -> Referral:
    """Send a referral to the bank; the same id with the same contents returns the first.

    Raises:
        BadBirthDate, AdultsOnly, BadNhsNumber, BadChiNumber, BadTelephone, BadEmail, NoWayToReach,
        UnknownNeed, ReasonNotChosen, NothingChosen, UnknownSuggestion, ConsentMissing, BasisMissing,
        BackNotChosen, UnknownReason, UnknownLanguage, TextMissing, TextTooLong, SameIdOtherContents,
        ReservedId, NotFound, NotAllowed
    """
    found = drafts.relation(viewer, new.referrer_id)
    require(viewer.roles, "referral.make", [found])
    check_callers_id(new.referral_id, own=linking.key_of_new(new))
    known = await session.get(Referral, (viewer.bank_id, new.referral_id))
    if known is not None:
        if known.fingerprint != new.fingerprint() or not await _may_repeat(viewer, known):
            raise SameIdOtherContents
        return known
    await _check_route(session, viewer, new)
    checked = await checking.check(session, viewer, new, at=at)
    referral = _row(viewer, new, found, at)
    session.add(referral)
    await session.flush()
    session.add_all([checked.person, checked.why, *checked.choices])
    await linking.keep(session, viewer.bank_id, new)
    await typed_codes.issue(session, viewer.bank_id, "referral", new.referral_id, at=at)
    records.step(session, referral, "send", by_id=viewer.member_id, from_state=None, at=at)
    await _forget_draft(session, viewer, new.referral_id)
    if new.invites and checked.person.may_text and checked.person.telephone:
        told = {"referral_id": str(new.referral_id)}
        outbox.record(session, viewer.bank_id, "referral.invited", told, at=at)
    await session.flush()
    return referral


async def _may_repeat(viewer: Viewer, known: Referral) -> bool:
    return known.made_by == viewer.member_id or known.referrer_id in viewer.practice_ids


async def _check_route(session: AsyncSession, viewer: Viewer, new: NewReferral) -> None:
    if new.route not in ROUTES or (new.route == "self") != (new.referrer_id is None):
        raise UnknownReason(field="route")
    if new.route == "practice":
        await practices.get(session, viewer.bank_id, new.referrer_id or new.referral_id)
    elif new.referrer_id and await session.get(Organisation, (viewer.bank_id, new.referrer_id)) is None:
        raise NotFound(field="referrer_id")


def _row(viewer: Viewer, new: NewReferral, found: Relation, at: datetime) -> Referral:
    state = states.target(None, "send")
    referral = Referral(
        bank_id=viewer.bank_id,
        referral_id=new.referral_id,
        route=new.route,
        referrer_id=new.referrer_id,
        made_by=viewer.member_id,
        entered_by=viewer.member_id if found is Relation.UNINVOLVED else None,
        state=state,
        consents=new.consent.consents,
        consent_heard=new.consent.heard,
        basis=new.consent.basis,
        back=new.consent.back,
        may_measure=new.consent.may_measure,
        carries_minutes=new.carries_minutes,
        pledge_minutes=new.pledge_minutes,
        member_id=viewer.member_id if found is Relation.OWN else None,
        made_at=at,
        state_at=at,
        fingerprint=new.fingerprint(),
    )
    records.wind(referral, at)
    return referral


async def _forget_draft(session: AsyncSession, viewer: Viewer, draft_id: UUID) -> None:
    draft = await session.get(ReferralDraft, (viewer.bank_id, draft_id))
    if draft is not None:
        await session.delete(draft)
