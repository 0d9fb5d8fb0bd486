"""What people do to an hour after it was told: confirm, decline, withdraw, approve, object, decide.

Every verb locks the hours, answers a repeat with what already is, asks the state table and the permission
table, and writes a step and its event in the caller's transaction. What must never happen: minutes that
count without the other side's yes.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.errors import NotAllowed, NotFound
from exchange.hours import booking, leaving, policy, relations, states, steps
from exchange.hours.booking import FloorAnswer
from exchange.hours.errors import (
    BelowFloor,
    EvidenceMissing,
    MinutesChanged,
    ObjectionTooLate,
    ReasonMissing,
    WrongState,
)
from exchange.hours.log import check_minutes, first_chase, free_reference
from exchange.hours.tables import Hours
from exchange.membership import banks, parties
from exchange.membership.viewer import Viewer
from exchange.words import NOTE_CHARACTERS_MAX, clean


async def lock(session: AsyncSession, viewer: Viewer, hours_id: UUID) -> Hours:
    """The hours, held for this transaction.

    Raises:
        NotFound: no such hours in this bank.
    """
    hours = await session.get(Hours, (viewer.bank_id, hours_id), with_for_update=True, populate_existing=True)
    if hours is None:
        raise NotFound
    return hours


async def _step(
    session: AsyncSession,
    hours: Hours,
    verb: str,
    viewer: Viewer,
    *,
    to: str,
    for_id: UUID | None,
    at: datetime,
    reason: str | None = None,
    evidence: str | None = None,
) -> Hours:
    from_state, hours.state = hours.state, to
    if to != "awaiting_confirmation":
        hours.chase_at = None
    steps.add(
        session,
        hours,
        verb,
        by=viewer,
        for_id=for_id,
        from_state=from_state,
        reason=clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX),
        evidence=clean(evidence, field="evidence", characters_max=NOTE_CHARACTERS_MAX),
        at=at,
    )
    await session.flush()
    return hours


def _side(viewer: Viewer, hours: Hours, default: UUID) -> UUID:
    """The party that the viewer does this for: their own side, or the one a coordinator speaks for."""
    own = viewer.party_ids & {hours.giver_id, hours.receiver_id}
    return default if not own or default in own else next(iter(own))


async def confirm(
    session: AsyncSession,
    viewer: Viewer,
    hours_id: UUID,
    *,
    minutes: int | None = None,
    seen_minutes: int | None = None,
    evidence: str | None = None,
    on_behalf_of: UUID | None = None,
    at: datetime,
) -> Hours:
    """The awaited side says yes, or names other minutes, which the other side then confirms.

    `seen_minutes` is what they read on the page that they say yes on: it may have been open for long.

    A coordinator may say it for somebody who said it by voice: `evidence` tells who heard it and when, and
    `on_behalf_of` whose yes it is. Without that, the same call again is taken for a repeat, never for the
    yes of the other side.

    Raises:
        WrongState, MinutesChanged, MinutesOutOfRange, EvidenceMissing, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.read", hours)
    side = on_behalf_of or _side(viewer, hours, hours.awaited_id)
    wanted = hours.minutes if minutes is None else minutes
    check_minutes(wanted)
    if await _said_before(session, viewer, hours, side, wanted, is_named=on_behalf_of is not None):
        return hours
    states.require_verb(hours, "confirm")
    if on_behalf_of not in (None, hours.awaited_id):
        raise WrongState
    await relations.allow(session, viewer, "hours.confirm", hours)
    if minutes is None and seen_minutes not in (None, hours.minutes):
        raise MinutesChanged
    if side not in viewer.party_ids and not (evidence or "").strip():
        raise EvidenceMissing
    if wanted != hours.minutes:
        return await _amend(session, viewer, hours, wanted, evidence, at)
    return await _agree(session, viewer, hours, evidence, at)


async def _said_before(
    session: AsyncSession, viewer: Viewer, hours: Hours, side: UUID, minutes: int, *, is_named: bool
) -> bool:
    """Whether this yes is a repeat: of the same side, or of a coordinator who does not name one."""
    is_party = bool(viewer.party_ids & {hours.giver_id, hours.receiver_id})
    if not is_party and not is_named and await steps.was_last(session, hours, "confirm", viewer, minutes):
        return True
    is_awaited = hours.state == "awaiting_confirmation" and side == hours.awaited_id
    return not is_awaited and await steps.was_done(session, hours, "confirm", for_id=side, minutes=minutes)


async def _amend(
    session: AsyncSession, viewer: Viewer, hours: Hours, minutes: int, evidence: str | None, at: datetime
) -> Hours:
    bank = await banks.get(session, hours.bank_id)
    side = hours.awaited_id
    other = hours.receiver_id if side == hours.giver_id else hours.giver_id
    hours.minutes, hours.awaited_id, hours.logger_id = minutes, other, side
    hours.reference = await free_reference(session, hours.bank_id, other)
    is_here = await parties.is_present(session, await parties.get(session, hours.bank_id, other))
    hours.reminders, hours.is_with_coordinator = 0, not is_here
    hours.chase_at = first_chase(bank, at) if is_here else None
    states.check(hours, "confirm", "awaiting_confirmation")
    return await _step(
        session, hours, "confirm", viewer, to="awaiting_confirmation", for_id=side, evidence=evidence, at=at
    )


async def _agree(
    session: AsyncSession, viewer: Viewer, hours: Hours, evidence: str | None, at: datetime
) -> Hours:
    hours.approval_reasons = await policy.reasons(session, hours)
    if not hours.approval_reasons:
        try:
            await booking.post(session, hours, at=at)
            await leaving.settle(session, viewer, hours, at=at)
        except BelowFloor:  # somebody spent in between
            hours.approval_reasons = ["floor"]
    to = "awaiting_approval" if hours.approval_reasons else "posted"
    states.check(hours, "confirm", to)
    hours.is_with_coordinator = False
    return await _step(
        session, hours, "confirm", viewer, to=to, for_id=hours.awaited_id, evidence=evidence, at=at
    )


async def decline(
    session: AsyncSession, viewer: Viewer, hours_id: UUID, *, reason: str | None = None, at: datetime
) -> Hours:
    """The awaited side remembers it differently, or an approver says no; the reason is for coordinators.

    Raises:
        WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    side = _side(viewer, hours, hours.awaited_id)
    await relations.allow(session, viewer, "hours.read", hours)
    if hours.state == "declined" and await _was_declined_by(session, viewer, hours, side):
        return hours
    states.check(hours, "decline", "declined")
    await relations.allow(session, viewer, states.permission_for(hours.state, "decline"), hours)
    is_refusal = hours.state == "awaiting_approval"
    hours.is_with_coordinator = not is_refusal
    verb = "refuse" if is_refusal else "decline"
    return await _step(
        session, hours, verb, viewer, to="declined", for_id=None if is_refusal else side, reason=reason, at=at
    )


async def _was_declined_by(session: AsyncSession, viewer: Viewer, hours: Hours, side: UUID) -> bool:
    by_side = await steps.was_done(session, hours, "decline", for_id=side, minutes=None)
    return by_side or (
        viewer.is_staff and await steps.was_done(session, hours, "refuse", for_id=None, minutes=None)
    )


async def withdraw(
    session: AsyncSession, viewer: Viewer, hours_id: UUID, *, reason: str | None = None, at: datetime
) -> Hours:
    """The side that told us takes it back before it was confirmed.

    Raises:
        WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    side = _side(viewer, hours, hours.logger_id)
    await relations.allow(session, viewer, "hours.read", hours)
    await relations.allow(session, viewer, "hours.withdraw", hours)
    if hours.state == "withdrawn":
        return hours
    states.check(hours, "withdraw", "withdrawn")
    return await _step(session, hours, "withdraw", viewer, to="withdrawn", for_id=side, reason=reason, at=at)


async def approve(
    session: AsyncSession,
    viewer: Viewer,
    hours_id: UUID,
    *,
    floor: FloorAnswer | None = None,
    reason: str | None = None,
    at: datetime,
) -> Hours:
    """A coordinator who took no part says that it counts.

    For a receiver at the floor, `floor` says whether the pot covers it or the limit is raised.

    Raises:
        BelowFloor, PotEmpty, WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.approve", hours)
    if hours.state == "posted" and await steps.was_done(session, hours, "approve", for_id=None, minutes=None):
        return hours
    states.check(hours, "approve", "posted")
    if hours.state == "objected" and hours.objected_from != "declined":
        raise WrongState
    if floor == "raise":
        await relations.allow(session, viewer, "limits.raise", hours)
    await booking.post(session, hours, floor=floor, at=at)
    await leaving.settle(session, viewer, hours, at=at)
    hours.is_with_coordinator = False
    return await _step(session, hours, "approve", viewer, to="posted", for_id=None, reason=reason, at=at)


async def object_to(
    session: AsyncSession,
    viewer: Viewer,
    hours_id: UUID,
    *,
    reason: str | None = None,
    on_behalf_of: UUID | None = None,
    at: datetime,
) -> Hours:
    """Either side asks a coordinator to look again, within the bank's window; the reason is for them.

    A coordinator may do it for somebody who rang: `on_behalf_of` names the side, and `reason` says why.

    Raises:
        ObjectionTooLate, ReasonMissing, WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.read", hours)
    await relations.allow(session, viewer, "hours.object", hours)
    side = on_behalf_of or _side(viewer, hours, hours.receiver_id)
    if side not in (hours.giver_id, hours.receiver_id):
        raise NotFound(field="on_behalf_of")
    if hours.state == "objected":
        return hours
    _check_spoken_for(viewer, hours, side, on_behalf_of, reason)
    states.check(hours, "object", "objected")
    bank = await banks.get(session, hours.bank_id)
    if hours.posted_at and at > hours.posted_at + timedelta(days=bank.objection_days):
        raise ObjectionTooLate
    hours.objected_from = hours.state
    return await _step(session, hours, "object", viewer, to="objected", for_id=side, reason=reason, at=at)


def _check_spoken_for(
    viewer: Viewer, hours: Hours, side: UUID, on_behalf_of: UUID | None, reason: str | None
) -> None:
    """A party speaks for its own side; a coordinator names the side, and says why."""
    if side in viewer.party_ids:
        return
    if viewer.party_ids & {hours.giver_id, hours.receiver_id}:
        raise NotAllowed
    if on_behalf_of is None:
        raise ReasonMissing(field="on_behalf_of")
    if not (reason or "").strip():
        raise ReasonMissing


async def dismiss(
    session: AsyncSession, viewer: Viewer, hours_id: UUID, *, reason: str | None = None, at: datetime
) -> Hours:
    """A coordinator looked into it and it stays as it was before the objection.

    Raises:
        WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.dismiss", hours)
    if hours.state in ("posted", "declined") and await steps.was_done(
        session, hours, "dismiss", for_id=None, minutes=None
    ):
        return hours
    to = hours.objected_from or "posted"
    states.check(hours, "dismiss", to)
    hours.objected_from = None
    hours.is_with_coordinator = False
    return await _step(session, hours, "dismiss", viewer, to=to, for_id=None, reason=reason, at=at)


async def reverse(
    session: AsyncSession,
    viewer: Viewer,
    hours_id: UUID,
    *,
    floor: FloorAnswer | None = None,
    reason: str | None = None,
    at: datetime,
) -> Hours:
    """A coordinator undoes posted hours by a transfer back; nothing is ever deleted.

    For a giver who has spent them since, `floor` says whether the pot helps or the limit is raised.

    Raises:
        BelowFloor, PotEmpty, WrongState, NotAllowed, NotFound
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.reverse", hours)
    if hours.state == "reversed":
        return hours
    states.check(hours, "reverse", "reversed")
    if hours.posted_at is None:
        raise WrongState
    if floor == "raise":
        await relations.allow(session, viewer, "limits.raise", hours)
    await booking.reverse(session, hours, floor=floor, at=at)
    await leaving.settle(session, viewer, hours, at=at)
    return await _step(session, hours, "reverse", viewer, to="reversed", for_id=None, reason=reason, at=at)


async def settle(session: AsyncSession, viewer: Viewer, hours_id: UUID) -> Hours:
    """A coordinator has talked with both about hours that were declined: off the desk.

    Raises:
        WrongState: they are not declined, so they still need an answer.
    """
    hours = await lock(session, viewer, hours_id)
    await relations.allow(session, viewer, "hours.dismiss", hours)
    if hours.state != "declined":
        raise WrongState
    hours.is_with_coordinator = False
    await session.flush()
    return hours
