"""What people do to agreed help: agree, decline, move, cancel, say whether it happened.

Every verb locks the appointment, answers a repeat with what already is, asks the state table and the
permission table, and tells of it in the caller's transaction. A coordinator may speak for somebody on the
telephone: `evidence` tells who heard it.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.appointments import records, states
from exchange.appointments.ask import check_people
from exchange.appointments.errors import (
    AppointmentInWrongState,
    NotAsked,
    NotYet,
    PeopleChanged,
    SomebodyElseSaidYes,
    StartsInPast,
)
from exchange.appointments.tables import Appointment, Ask
from exchange.derived import derived
from exchange.directory import taxonomy
from exchange.errors import NotFound
from exchange.hours import log
from exchange.hours.errors import EvidenceMissing
from exchange.hours.log import Telling
from exchange.membership import banks
from exchange.membership.errors import MemberNotActive
from exchange.membership.viewer import Viewer
from exchange.words import NOTE_CHARACTERS_MAX, clean


async def agree(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    party_id: UUID | None = None,
    evidence: str | None = None,
    at: datetime,
) -> Appointment:
    """Somebody who was asked says yes, or the other side says yes to another time; the first yes wins.

    Raises:
        SomebodyElseSaidYes, NotAsked, PeopleChanged, StartsInPast, EvidenceMissing, AppointmentInWrongState,
        NotAllowed, NotFound
    """
    appointment = await records.lock(session, viewer, appointment_id)
    asks = {ask.party_id: ask for ask in await records.asks_of(session, appointment)}
    if appointment.state in ("agreed", "moved") and _side(viewer, appointment, party_id):
        return await _agree_to_time(session, viewer, appointment, party_id, evidence, at)
    ask = _asked(viewer, asks, party_id)
    records.allow(viewer, "appointment.answer", [ask.party_id])
    if ask.answer == "yes":
        return appointment
    is_helper = ask.party_id != appointment.receiver_id
    if ask.answer == "thanked" or (is_helper and appointment.giver_id is not None):
        raise SomebodyElseSaidYes
    states.check(appointment.state, "agree")
    if records.is_missed(appointment, at):
        raise StartsInPast
    helper_id = ask.party_id if is_helper else appointment.giver_id
    if helper_id is not None:
        await _check_still(session, appointment, helper_id)
    _answer(viewer, ask, "yes", evidence, at)
    if is_helper:
        appointment.giver_id = ask.party_id
    await _settle(session, viewer, appointment, list(asks.values()), at)
    return appointment


def _asked(viewer: Viewer, asks: dict[UUID, Ask], party_id: UUID | None) -> Ask:
    """The asking that the viewer answers: for themselves, or for the one they name."""
    mine = [party_id] if party_id else sorted(viewer.party_ids & set(asks))
    if not mine or mine[0] not in asks:
        raise NotAsked if viewer.is_staff else NotFound
    return asks[mine[0]]


def _answer(viewer: Viewer, ask: Ask, answer: str, evidence: str | None, at: datetime) -> None:
    heard = clean(evidence, field="evidence")
    if ask.party_id not in viewer.party_ids and not heard:
        raise EvidenceMissing
    ask.answer, ask.answered_at, ask.evidence = answer, at, heard


async def _check_still(session: AsyncSession, appointment: Appointment, party_id: UUID) -> None:
    """People may have put up a wall, left or been held back since they were asked."""
    receiver_id = appointment.receiver_id
    try:
        await check_people(session, appointment.bank_id, receiver_id, [party_id])
        await check_people(session, appointment.bank_id, party_id, [receiver_id])
    except (NotFound, MemberNotActive) as changed:
        raise PeopleChanged from changed


async def _settle(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, asks: list[Ask], at: datetime
) -> None:
    """When everybody needed said yes it is agreed, and the others who were asked are thanked."""
    waits = any(a.party_id == appointment.receiver_id and a.answer == "waiting" for a in asks)
    if appointment.giver_id is None or waits:
        await session.flush()
        return
    appointment.state, appointment.agreed_at = "agreed", at
    records.plan(appointment, at)
    sides = (appointment.receiver_id, appointment.giver_id)
    records.tell(session, appointment, "appointment.agreed", by=viewer, to=sides, at=at)
    _thank(session, viewer, appointment, asks, at)
    await session.flush()


def _thank(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, asks: list[Ask], at: datetime
) -> None:
    waiting = [ask for ask in asks if ask.answer == "waiting"]
    for ask in waiting:
        ask.answer, ask.answered_at = "thanked", at
    if waiting:
        to = [ask.party_id for ask in waiting]
        records.tell(session, appointment, "appointment.thanked", by=viewer, to=to, at=at)


async def _agree_to_time(
    session: AsyncSession,
    viewer: Viewer,
    appointment: Appointment,
    party_id: UUID | None,
    evidence: str | None,
    at: datetime,
) -> Appointment:
    side = _side(viewer, appointment, party_id)
    sides = [appointment.receiver_id, appointment.giver_id or appointment.receiver_id]
    records.allow(viewer, "appointment.answer", sides)
    if appointment.state == "agreed" or side == appointment.moved_by:
        return appointment
    states.check(appointment.state, "agree")
    if side not in viewer.party_ids and not clean(evidence, field="evidence"):
        raise EvidenceMissing
    if records.is_missed(appointment, at):
        raise StartsInPast
    await _check_still(session, appointment, appointment.giver_id or appointment.receiver_id)
    appointment.state, appointment.moved_by = "agreed", None
    records.plan(appointment, at)
    records.tell(session, appointment, "appointment.agreed", by=viewer, to=sides, at=at)
    await session.flush()
    return appointment


def _side(viewer: Viewer, appointment: Appointment, party_id: UUID | None) -> UUID | None:
    """The side that the viewer speaks for: their own, or the one they name; None when neither."""
    sides = {appointment.receiver_id, appointment.giver_id}
    if party_id is not None:
        return party_id if party_id in sides else None
    mine = viewer.party_ids & sides
    return min(mine) if mine else None


async def decline(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    party_id: UUID | None = None,
    reason: str | None = None,
    evidence: str | None = None,
    at: datetime,
) -> Appointment:
    """Somebody who was asked says no; the reason goes to the coordinator only. A repeat changes nothing.

    Raises:
        NotAsked, AppointmentInWrongState, EvidenceMissing, NotAllowed, NotFound
    """
    appointment = await records.lock(session, viewer, appointment_id)
    asks = {ask.party_id: ask for ask in await records.asks_of(session, appointment)}
    ask = _asked(viewer, asks, party_id)
    records.allow(viewer, "appointment.answer", [ask.party_id])
    if ask.answer in ("no", "thanked"):
        return appointment
    states.check(appointment.state, "decline")
    _answer(viewer, ask, "no", evidence, at)
    ask.reason = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    if ask.party_id == appointment.giver_id:
        appointment.giver_id = None
    if ask.party_id == appointment.receiver_id:
        return await _call_off(session, viewer, appointment, list(asks.values()), at)
    helpers = [a for a in asks.values() if a.party_id != appointment.receiver_id]
    if not any(a.answer in ("waiting", "yes") for a in helpers):
        appointment.is_with_coordinator = True
        to = [appointment.receiver_id]
        records.tell(session, appointment, "appointment.refused", by=viewer, to=to, at=at)
    await session.flush()
    return appointment


async def _call_off(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, asks: list[Ask], at: datetime
) -> Appointment:
    """The one to be helped does not want it: whoever said yes hears that it is off."""
    appointment.state = "cancelled"
    records.plan(appointment, at)
    helpers = [ask.party_id for ask in asks if ask.answer == "yes"]
    if helpers:
        records.tell(session, appointment, "appointment.cancelled", by=viewer, to=helpers, at=at)
    _thank(session, viewer, appointment, asks, at)
    await session.flush()
    return appointment


async def _held_by_side(
    session: AsyncSession, viewer: Viewer, appointment_id: UUID
) -> tuple[Appointment, list[Ask]]:
    """The appointment, locked, when the viewer is one of its two sides or a coordinator."""
    appointment = await records.lock(session, viewer, appointment_id)
    asks = await records.asks_of(session, appointment)
    records.allow(viewer, "appointment.read", records.parties_of(appointment, asks))
    sides = [appointment.receiver_id, appointment.giver_id or appointment.receiver_id]
    records.allow(viewer, "appointment.change", sides)
    return appointment, asks


async def move(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    minutes: int | None = None,
    party_id: UUID | None = None,
    at: datetime,
) -> Appointment:
    """One side wishes another time; the other one is asked to say yes to it. A repeat changes nothing.

    Raises:
        StartsInPast, StartsTooFar, MinutesOutOfRange, AppointmentInWrongState, NotAllowed, NotFound
    """
    appointment, _ = await _held_by_side(session, viewer, appointment_id)
    wanted = appointment.minutes if minutes is None else minutes
    log.check_minutes(wanted)
    records.check_time(starts_at, at=at)
    if (appointment.starts_at, appointment.minutes) == (starts_at, wanted):
        return appointment
    states.check(appointment.state, "move")
    side = _side(viewer, appointment, party_id) or appointment.receiver_id
    appointment.state, appointment.moved_by = "moved", side
    appointment.starts_at, appointment.minutes = starts_at, wanted
    appointment.moves += 1
    records.plan(appointment, at)
    other = appointment.receiver_id if side == appointment.giver_id else appointment.giver_id
    records.tell(session, appointment, "appointment.move_asked", by=viewer, to=[other], at=at)
    await session.flush()
    return appointment


async def cancel(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    reason: str | None = None,
    at: datetime,
) -> Appointment:
    """It will not be; everybody concerned is told, and only the coordinator why. A repeat changes nothing.

    Raises:
        AppointmentInWrongState, NotAllowed, NotFound
    """
    appointment, asks = await _held_by_side(session, viewer, appointment_id)
    if appointment.state == "cancelled":
        return appointment
    states.check(appointment.state, "cancel")
    _thank(session, viewer, appointment, asks, at)
    return await _end(session, viewer, appointment, "cancelled", reason, at)


async def _end(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, to: str, reason: str | None, at: datetime
) -> Appointment:
    """It is over without help; the other side is told, and only the coordinator why."""
    appointment.state = to
    appointment.reason = clean(reason, field="reason", characters_max=NOTE_CHARACTERS_MAX)
    records.plan(appointment, at)
    others = {appointment.receiver_id, appointment.giver_id} - viewer.party_ids
    records.tell(session, appointment, f"appointment.{to}", by=viewer, to=others, at=at)
    await session.flush()
    return appointment


async def did_not_happen(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    reason: str | None = None,
    at: datetime,
) -> Appointment:
    """Its time is over and nobody came; a coordinator will ask why. A repeat changes nothing.

    Raises:
        NotYet, AppointmentInWrongState, NotAllowed, NotFound
    """
    appointment, _ = await _held_by_side(session, viewer, appointment_id)
    if appointment.state == "did_not_happen":
        return appointment
    states.check(appointment.state, "did_not_happen")
    _check_time(appointment, at)
    appointment.is_with_coordinator = True
    return await _end(session, viewer, appointment, "did_not_happen", reason, at)


def _check_time(appointment: Appointment, at: datetime) -> None:
    if appointment.starts_at is not None and appointment.starts_at > at:
        raise NotYet


async def happened(
    session: AsyncSession,
    viewer: Viewer,
    appointment_id: UUID,
    *,
    minutes: int | None = None,
    reason: str | None = None,
    evidence: str | None = None,
    at: datetime,
) -> Appointment:
    """It happened: the hour is filled in, and the other side is asked to say yes to it.

    A coordinator who says it for somebody gives `reason` and `evidence`. A repeat changes nothing.

    Raises:
        NotYet, AppointmentInWrongState, ReasonMissing, EvidenceMissing, NotAllowed, NotFound, and what
        `hours.log.log` raises
    """
    appointment, _ = await _held_by_side(session, viewer, appointment_id)
    if appointment.state == "happened":
        return appointment
    states.check(appointment.state, "happened")
    _check_time(appointment, at)
    told = await _telling(session, viewer, appointment, minutes, at)
    told_by = told if told.on_behalf_of is None else _with_reason(told, reason, evidence)
    await log.log(session, viewer, told_by, at=at)  # which closes the appointment
    return appointment


async def _telling(
    session: AsyncSession, viewer: Viewer, appointment: Appointment, minutes: int | None, at: datetime
) -> Telling:
    if appointment.giver_id is None:
        raise AppointmentInWrongState
    bank = await banks.get(session, appointment.bank_id)
    side = _side(viewer, appointment, None) or appointment.giver_id
    gave = side == appointment.giver_id
    return Telling(
        hours_id=derived(appointment.appointment_id, "hours"),
        direction="gave" if gave else "received",
        with_id=appointment.receiver_id if gave else appointment.giver_id,
        minutes=appointment.minutes if minutes is None else minutes,
        done_on=banks.today(bank, appointment.starts_at or at),
        skill=taxonomy.get(appointment.skill).name if appointment.skill else None,
        is_at_home=appointment.is_at_home,
        listing_id=appointment.listing_id,
        appointment_id=appointment.appointment_id,
        on_behalf_of=None if side == viewer.member_id else side,
    )


def _with_reason(told: Telling, reason: str | None, evidence: str | None) -> Telling:
    return replace(told, reason=reason, evidence=evidence)
