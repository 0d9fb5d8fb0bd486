"""What every step of agreed help does: look who may, lock it, tell of it, plan what comes next."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.appointments.errors import StartsInPast, StartsTooFar
from exchange.appointments.tables import Appointment, Ask
from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require

REMIND_BEFORE = timedelta(days=1)
ASK_AFTER = timedelta(hours=2)
HAND_OVER_AFTER = timedelta(days=7)
PATIENCE = timedelta(days=3)
"""How long those who were asked may take to answer before a coordinator looks …"""
PATIENCE_MIN = timedelta(hours=2)
"""… and the least, when its time is near."""
AHEAD_MAX = timedelta(days=2 * 366)
REFERENCES_FROM = 1000


def parties_of(appointment: Appointment, asks: Iterable[Ask]) -> set[UUID]:
    """Everybody who has to do with it now: both sides, and while it is open those who were asked."""
    sides = {appointment.receiver_id, appointment.giver_id or appointment.receiver_id}
    if appointment.state == "asked":
        sides |= {ask.party_id for ask in asks if ask.answer in ("waiting", "yes")}
    return sides


def relations(viewer: Viewer, party_ids: Iterable[UUID]) -> frozenset[Relation]:
    """How an appointment among these parties looks to the viewer."""
    is_own = bool(viewer.party_ids & set(party_ids))
    return frozenset({Relation.OWN if is_own else Relation.UNINVOLVED})


async def asks_of(session: AsyncSession, appointment: Appointment) -> list[Ask]:
    """Everybody who was asked, in the order of asking."""
    rows = await session.scalars(
        select(Ask)
        .where(col(Ask.bank_id) == appointment.bank_id, col(Ask.appointment_id) == appointment.appointment_id)
        .order_by(col(Ask.asked_at), col(Ask.party_id))
        .execution_options(populate_existing=True)
    )
    return list(rows.all())


async def lock(session: AsyncSession, viewer: Viewer, appointment_id: UUID) -> Appointment:
    """The appointment, held for this transaction.

    Raises:
        NotFound: no such appointment in this bank.
    """
    found = await session.get(
        Appointment, (viewer.bank_id, appointment_id), with_for_update=True, populate_existing=True
    )
    if found is None:
        raise NotFound
    return found


def allow(viewer: Viewer, verb: str, party_ids: Iterable[UUID]) -> None:
    """Pass when the table allows `verb`; what the viewer may not even see is not found.

    Raises:
        NotFound, NotAllowed
    """
    found = relations(viewer, party_ids)
    if not may(viewer.roles, "appointment.read", found):
        raise NotFound
    require(viewer.roles, verb, found)


def tell(
    session: AsyncSession,
    appointment: Appointment,
    kind: str,
    *,
    by: Viewer | None,
    to: Iterable[UUID | None],
    helper_id: UUID | None = None,
    at: datetime,
) -> None:
    """Record that something happened; `to` are the parties whom it concerns.

    `helper_id` is who would help, while nobody has said yes.
    """
    starts_at, giver_id = appointment.starts_at, appointment.giver_id or helper_id
    told: dict[str, Any] = {
        "appointment_id": str(appointment.appointment_id),
        "to": [str(party_id) for party_id in to if party_id],
        "by_id": str(by.member_id) if by else None,
        "receiver_id": str(appointment.receiver_id),
        "giver_id": str(giver_id) if giver_id else None,
        "skill": appointment.skill,
        "starts_at": starts_at.isoformat() if starts_at else None,
        "minutes": appointment.minutes,
    }
    outbox.record(session, appointment.bank_id, kind, told, at=at)


def check_time(starts_at: datetime | None, *, at: datetime) -> None:
    """A time that is still to come, and not so far off that nobody can know.

    Raises:
        StartsInPast, StartsTooFar
    """
    if starts_at is None:
        return
    if starts_at < at:
        raise StartsInPast
    if starts_at > at + AHEAD_MAX:
        raise StartsTooFar


def is_missed(appointment: Appointment, at: datetime) -> bool:
    """Whether its time went by, so that a yes to it would be a yes to the past."""
    starts_at = appointment.starts_at
    return starts_at is not None and starts_at + timedelta(minutes=appointment.minutes) < at


def reference(appointment_id: UUID) -> str:
    """Four digits by which a text names an appointment; hours have three."""
    return str(REFERENCES_FROM + appointment_id.int % (10 * REFERENCES_FROM - REFERENCES_FROM))


def plan(appointment: Appointment, at: datetime) -> None:
    """What is asked or said about it next, and when: a reminder, 'did it happen?', then a coordinator."""
    if appointment.state == "asked":
        _plan_answers(appointment, at)
        return
    if appointment.state not in ("agreed", "moved"):
        appointment.chase_at = appointment.next_chase = None
        return
    starts_at = appointment.starts_at
    if starts_at is None:
        appointment.next_chase, appointment.chase_at = "hand_over", at + HAND_OVER_AFTER
    elif starts_at - REMIND_BEFORE > at:
        appointment.next_chase, appointment.chase_at = "remind", starts_at - REMIND_BEFORE
    else:
        ends_at = starts_at + timedelta(minutes=appointment.minutes)
        appointment.next_chase, appointment.chase_at = "ask", max(at, ends_at + ASK_AFTER)


def _plan_answers(appointment: Appointment, at: datetime) -> None:
    """Silence is no answer: a coordinator looks while there is still time to ask somebody else."""
    due = at + PATIENCE
    if appointment.starts_at is not None:
        due = min(due, max(at + PATIENCE_MIN, appointment.starts_at - REMIND_BEFORE))
    appointment.next_chase, appointment.chase_at = "hand_over", due
