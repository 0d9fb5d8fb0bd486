"""What the bank does with a referral: accept, decline, contact, start, close, and say which tier.

Each verb locks the referral, answers a repeat with what is already so, and asks the state table and the
permission table. Whatever ends a referral writes the message back in the same transaction.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.membership import banks
from exchange.membership.viewer import Viewer
from exchange.prescribing import letters, records, states
from exchange.prescribing.errors import ReferralInWrongState, UnknownTier
from exchange.prescribing.tables import TIERS, Referral
from exchange.words import NOTE_CHARACTERS_MAX, clean

ENDED_BY = {"decline": "declined", "close": "closed"}
"""A repeat of either verb finds its own end and is answered with it."""


async def accept(
    session: AsyncSession, viewer: Viewer, referral_id: UUID, *, tier: str | None = None, at: datetime
) -> Referral:
    """Take a referral up, perhaps with its tier; a repeat changes nothing.

    Raises:
        UnknownTier, ReferralInWrongState, NotFound, NotAllowed
    """
    referral = await records.lock(session, viewer, referral_id, "referral.decide")
    if referral.state == "accepted":
        return referral
    to = states.target(referral.state, "accept")
    referral.tier = _tier(tier) or referral.tier
    return await _go(session, viewer, referral, "accept", to, at=at)


def _tier(given: str | None) -> str | None:
    if given is not None and given not in TIERS:
        raise UnknownTier
    return given


async def triage(session: AsyncSession, viewer: Viewer, referral_id: UUID, tier: str) -> Referral:
    """Say which of the three ways this one goes; it may change while the referral is open.

    Raises:
        UnknownTier, ReferralInWrongState, NotFound, NotAllowed
    """
    referral = await records.lock(session, viewer, referral_id, "referral.decide")
    if referral.state in states.ENDS:
        raise ReferralInWrongState
    referral.tier = _tier(tier)
    await session.flush()
    return referral


async def decline(
    session: AsyncSession,
    viewer: Viewer,
    referral_id: UUID,
    *,
    reason: str,
    words: str | None = None,
    at: datetime,
) -> Referral:
    """The bank cannot take it up, for a reason that goes back; `words` go back where consent allows.

    Raises:
        UnknownReason, ReferralInWrongState, TextTooLong, NotFound, NotAllowed
    """
    return await _finish(session, viewer, referral_id, "decline", reason, words=words, at=at)


async def contact(
    session: AsyncSession,
    viewer: Viewer,
    referral_id: UUID,
    *,
    has_answered: bool,
    note: str | None = None,
    at: datetime,
) -> Referral:
    """Somebody tried to reach the person, and spoke with them or not; each try is written down.

    Raises:
        ReferralInWrongState, TextTooLong, NotFound, NotAllowed
    """
    referral = await records.lock(session, viewer, referral_id, "referral.care")
    to = states.target(referral.state, "contact", states.SPOKE if has_answered else states.TRIED)
    referral.attempts += 1
    reason = "spoke" if has_answered else "no_answer"
    said = clean(note, field="note", characters_max=NOTE_CHARACTERS_MAX)
    return await _go(session, viewer, referral, "contact", to, reason=reason, note=said, at=at)


async def start(
    session: AsyncSession, viewer: Viewer, referral_id: UUID, *, note: str | None = None, at: datetime
) -> Referral:
    """Something began: a group, a visit, a first hour; a repeat changes nothing.

    Raises:
        ReferralInWrongState, TextTooLong, NotFound, NotAllowed
    """
    referral = await records.lock(session, viewer, referral_id, "referral.care")
    if referral.state == "started":
        return referral
    to = states.target(referral.state, "start")
    said = clean(note, field="note", characters_max=NOTE_CHARACTERS_MAX)
    return await _go(session, viewer, referral, "start", to, note=said, at=at)


async def close(
    session: AsyncSession,
    viewer: Viewer,
    referral_id: UUID,
    *,
    reason: str,
    words: str | None = None,
    at: datetime,
) -> Referral:
    """It is over, for a reason that goes back; `words` go back where consent allows. A repeat is answered.

    Raises:
        UnknownReason, ReferralInWrongState, TextTooLong, NotFound, NotAllowed
    """
    return await _finish(session, viewer, referral_id, "close", reason, words=words, at=at)


async def _finish(
    session: AsyncSession,
    viewer: Viewer,
    referral_id: UUID,
    verb: str,
    reason: str,
    *,
    words: str | None,
    at: datetime,
) -> Referral:
    referral = await records.lock(session, viewer, referral_id, "referral.decide")
    if referral.state == ENDED_BY[verb]:
        return referral
    states.target(referral.state, verb)
    return await end(session, viewer, referral, verb, reason, words=words, at=at)


async def end(
    session: AsyncSession,
    viewer: Viewer | None,
    referral: Referral,
    verb: str,
    reason: str,
    *,
    words: str | None = None,
    at: datetime,
) -> Referral:
    """End a locked referral: its reason, the message back, and the day its person is forgotten.

    `viewer` None is the clock.
    """
    found = states.reason(verb, reason)
    said = clean(words, field="words", characters_max=NOTE_CHARACTERS_MAX)
    from_state = referral.state
    referral.state, referral.reason = states.target(from_state, verb), reason
    records.wind(referral, at)
    if found.forgets:
        bank = await banks.get(session, referral.bank_id)
        days = (await records.policy(session, referral.bank_id)).erase_after_days
        referral.erase_on = banks.today(bank, at) + timedelta(days=days)
    by_id = viewer.member_id if viewer else None
    records.step(session, referral, verb, by_id=by_id, from_state=from_state, reason=reason, at=at)
    await session.flush()
    await letters.write(session, referral, words=said, at=at)
    return referral


async def _go(
    session: AsyncSession,
    viewer: Viewer,
    referral: Referral,
    verb: str,
    to: str,
    *,
    reason: str | None = None,
    note: str | None = None,
    at: datetime,
) -> Referral:
    from_state, referral.state = referral.state, to
    records.wind(referral, at)
    records.step(
        session,
        referral,
        verb,
        by_id=viewer.member_id,
        from_state=from_state,
        reason=reason,
        note=note,
        at=at,
    )
    await session.flush()
    return referral
