"""What happened, written beside what it tells of: in the same transaction, or not at all.

The worker claims events bank by bank and turns them into words. An event carries keys and numbers, never a
name or a free text; the one secret it may carry, a sign-in code, is erased once handled.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col
from uuid_utils.compat import uuid7

from exchange.columns import Timestamp, of_bank
from exchange.events import EVENT_KINDS

RETRY_SECONDS = 30
ATTEMPTS_MAX = 20


class Event(SQLModel, table=True):
    """Something that happened and has not been told yet."""

    __tablename__ = "event"
    __table_args__ = (
        of_bank("event"),
        Index("event_due_idx", "bank_id", "due_at", postgresql_where=text("handled_at is null")),
    )

    bank_id: UUID = Field(primary_key=True)
    event_id: UUID = Field(primary_key=True)
    kind: str
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = Field(sa_type=Timestamp)
    due_at: datetime = Field(sa_type=Timestamp)
    attempts: int = 0
    handled_at: datetime | None = Field(default=None, sa_type=Timestamp)


def record(
    session: AsyncSession, bank_id: UUID, kind: str, payload: Mapping[str, Any], *, at: datetime
) -> None:
    """Add an event to the caller's transaction."""
    assert kind in EVENT_KINDS, kind
    session.add(
        Event(bank_id=bank_id, event_id=uuid7(), kind=kind, payload=dict(payload), recorded_at=at, due_at=at)
    )


async def claim(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 50) -> list[Event]:
    """Lock the bank's oldest due events for the caller's transaction; other workers skip them."""
    due = (
        select(Event)
        .where(col(Event.bank_id) == bank_id, col(Event.handled_at).is_(None), col(Event.due_at) <= at)
        .order_by(col(Event.event_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list((await session.scalars(due)).all())


def settle(event: Event, *, at: datetime) -> None:
    """The event has become messages; forget the secret it may have carried."""
    event.handled_at = at
    event.payload = {key: value for key, value in event.payload.items() if key != "secret"}


def postpone(event: Event, *, at: datetime) -> None:
    """It could not be told; try later, and leave it to a person after many tries."""
    event.attempts += 1
    event.due_at = at + timedelta(seconds=RETRY_SECONDS * event.attempts)
    if event.attempts >= ATTEMPTS_MAX:
        event.handled_at = at


async def banks_with_work(session: AsyncSession, *, at: datetime) -> list[UUID]:
    """Banks with events, messages or reminders due: the one look across banks that the worker has."""
    rows = await session.scalars(text("select * from banks_with_work(:at)"), {"at": at})
    return list(rows.all())
