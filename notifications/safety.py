"""Safety messages: somebody must know now, and one person after the other is told until one has it.

They ignore quiet hours and budgets. After ten minutes without an answer the next person is told, and after
the last the first again. What must never happen: an alert that falls silent because everybody was told once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.errors import NobodyToTell, UnknownAlert
from notifications.notice import Address, Notice
from notifications.policy import Policy
from notifications.queueing import queue
from notifications.tables import SafetyAlert

NEXT_PERSON_AFTER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPerson:
    """Somebody who may be told, and how; the first in a list is on duty."""

    recipient_id: UUID
    address: Address
    language: str


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that nobody has yet: how often somebody was told, and when the next will be."""

    id: UUID
    template: str
    parameters: Mapping[str, str]
    raised_at: datetime
    told: int
    next_at: datetime


async def raise_alert(
    session: AsyncSession,
    bank_id: UUID,
    *,
    alert_id: UUID,
    template: str,
    parameters: Mapping[str, str],
    people: Sequence[DutyPerson],
    policy: Policy,
    at: datetime,
) -> None:
    """Tell the first person now and the next ones in turn. A repeat with the same id changes nothing.

    Raises:
        NobodyToTell: the list of people is empty.
    """
    if not people:
        raise NobodyToTell
    made = await session.scalar(
        insert(SafetyAlert)
        .values(
            bank_id=bank_id,
            id=alert_id,
            template=template,
            parameters=dict(parameters),
            people=[_kept(person) for person in people],
            step=0,
            raised_at=at,
            next_at=at,
        )
        .on_conflict_do_nothing()
        .returning(col(SafetyAlert.id))
    )
    if made is not None:
        alert = await session.get_one(SafetyAlert, (bank_id, alert_id), with_for_update=True)
        await _tell_next(session, alert, policy, at)


async def escalate_due(session: AsyncSession, bank_id: UUID, *, policy: Policy, at: datetime) -> int:
    """Tell the next person of every alert that nobody has taken in time. Returns how many alerts."""
    rows = await session.scalars(
        select(SafetyAlert)
        .where(
            col(SafetyAlert.bank_id) == bank_id,
            col(SafetyAlert.taken_at).is_(None),
            col(SafetyAlert.next_at) <= at,
        )
        .order_by(col(SafetyAlert.next_at))
        .with_for_update(skip_locked=True)
    )
    due = rows.all()
    for alert in due:
        await _tell_next(session, alert, policy, at)
    return len(due)


async def take_alert(session: AsyncSession, bank_id: UUID, alert_id: UUID, by_id: UUID, at: datetime) -> bool:
    """Somebody says they have it. True for the first to say so; nobody else is told from then on.

    Raises:
        UnknownAlert: there is no such alert in this bank.
    """
    alert = await session.get(SafetyAlert, (bank_id, alert_id), with_for_update=True)
    if alert is None:
        raise UnknownAlert
    if alert.taken_at is not None:
        return False
    alert.taken_at, alert.taken_by = at, by_id
    await session.flush()
    return True


async def take_alerts_of(
    session: AsyncSession, bank_id: UUID, recipient_id: UUID, at: datetime
) -> list[UUID]:
    """Somebody texts GOT IT: they take every open alert that they were told of."""
    taken = []
    for alert in await _untaken(session, bank_id):
        told = {person["recipient_id"] for person in alert.people[: alert.step]}
        if str(recipient_id) in told and await take_alert(session, bank_id, alert.id, recipient_id, at):
            taken.append(alert.id)
    return taken


async def open_alerts(session: AsyncSession, bank_id: UUID) -> list[OpenAlert]:
    """Alerts that nobody has taken, the oldest first."""
    return [
        OpenAlert(row.id, row.template, row.parameters, row.raised_at, row.step, row.next_at)
        for row in await _untaken(session, bank_id)
    ]


async def _untaken(session: AsyncSession, bank_id: UUID) -> Sequence[SafetyAlert]:
    rows = await session.scalars(
        select(SafetyAlert)
        .where(col(SafetyAlert.bank_id) == bank_id, col(SafetyAlert.taken_at).is_(None))
        .order_by(col(SafetyAlert.raised_at), col(SafetyAlert.id))
    )
    return rows.all()


async def _tell_next(session: AsyncSession, alert: SafetyAlert, policy: Policy, at: datetime) -> None:
    """Tell the next person who can be told at all; who cannot be is passed over at once."""
    for _ in alert.people:
        person = alert.people[alert.step % len(alert.people)]
        found = await queue(session, alert.bank_id, _notice(alert, person), policy=policy, at=at)
        alert.step += 1
        if found is not None:
            break
    alert.next_at = at + NEXT_PERSON_AFTER
    await session.flush()


def _notice(alert: SafetyAlert, person: Mapping[str, Any]) -> Notice:
    address = Address(channel=person["channel"], to=person["to"], discreet=person["discreet"])
    return Notice(
        event_id=uuid5(alert.id, str(alert.step)),
        recipient_id=UUID(person["recipient_id"]),
        template=alert.template,
        parameters=alert.parameters,
        language=person["language"],
        address=address,
        kind="safety",
    )


def _kept(person: DutyPerson) -> dict[str, Any]:
    return {
        "recipient_id": str(person.recipient_id),
        "channel": person.address.channel,
        "to": person.address.to,
        "discreet": person.address.discreet,
        "language": person.language,
    }
