"""Addresses that are told nothing for now: their owner said STOP, or they bounce.

Looked at when a message is queued and again just before it is sent, so a STOP is honoured before the
next send. What must never happen: an address that bounces is hammered.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.tables import AddressPause

BOUNCES_MAX = 2
"""Undelivered in a row before an address is left alone."""


@dataclass(frozen=True, slots=True)
class PausedAddress:
    """One line on the desk: an address nobody is told anything at, and since when."""

    channel: str
    address: str
    reason: str
    paused_at: datetime


async def record_stop(session: AsyncSession, bank_id: UUID, number: str, *, at: datetime) -> None:
    """Somebody texted STOP: no text goes to this number until it texts START."""
    found = insert(AddressPause).values(
        bank_id=bank_id, channel="sms", address=number, reason="stopped", bounces=0, paused_at=at
    )
    await session.execute(
        found.on_conflict_do_update(
            constraint="address_pause_pkey", set_={"paused_at": at, "lifted_at": None}
        )
    )


async def record_start(session: AsyncSession, bank_id: UUID, number: str, *, at: datetime) -> None:
    """Somebody texted START: texts may go to this number again."""
    await _lift(session, bank_id, "sms", number, "stopped", at)


async def record_bounce(
    session: AsyncSession, bank_id: UUID, channel: str, address: str, *, at: datetime
) -> None:
    """A message could not be delivered; the second in a row pauses the address."""
    first = insert(AddressPause).values(
        bank_id=bank_id, channel=channel, address=address, reason="bounced", bounces=1
    )
    bounces = await session.scalar(
        first.on_conflict_do_update(
            constraint="address_pause_pkey",
            set_={"bounces": AddressPause.__table__.c.bounces + 1},  # type: ignore[attr-defined]
        ).returning(col(AddressPause.bounces))
    )
    if (bounces or 0) >= BOUNCES_MAX:
        await session.execute(
            update(AddressPause)
            .where(_is(bank_id, channel, address, "bounced"), col(AddressPause.paused_at).is_(None))
            .values(paused_at=at, lifted_at=None)
        )


async def forget_bounces(session: AsyncSession, bank_id: UUID, channel: str, address: str) -> None:
    """Something arrived there, or a coordinator put the address right: start counting anew."""
    await session.execute(delete(AddressPause).where(_is(bank_id, channel, address, "bounced")))


async def paused_among(
    session: AsyncSession, bank_id: UUID, addresses: Collection[str]
) -> dict[tuple[str, str], str]:
    """Which of these addresses are paused, by (channel, address), and why."""
    rows = await session.execute(
        select(col(AddressPause.channel), col(AddressPause.address), col(AddressPause.reason)).where(
            col(AddressPause.bank_id) == bank_id,
            col(AddressPause.address).in_(addresses),
            col(AddressPause.paused_at).is_not(None),
            col(AddressPause.lifted_at).is_(None),
        )
    )
    return {(channel, address): reason for channel, address, reason in rows}


async def paused_addresses(session: AsyncSession, bank_id: UUID) -> list[PausedAddress]:
    """All paused addresses of a bank, newest first, for the desk."""
    rows = await session.scalars(
        select(AddressPause)
        .where(
            col(AddressPause.bank_id) == bank_id,
            col(AddressPause.paused_at).is_not(None),
            col(AddressPause.lifted_at).is_(None),
        )
        .order_by(col(AddressPause.paused_at).desc())
    )
    return [PausedAddress(r.channel, r.address, r.reason, r.paused_at) for r in rows if r.paused_at]


async def _lift(
    session: AsyncSession, bank_id: UUID, channel: str, address: str, reason: str, at: datetime
) -> None:
    await session.execute(
        update(AddressPause).where(_is(bank_id, channel, address, reason)).values(lifted_at=at)
    )


def _is(bank_id: UUID, channel: str, address: str, reason: str) -> ColumnElement[bool]:
    return and_(
        col(AddressPause.bank_id) == bank_id,
        col(AddressPause.channel) == channel,
        col(AddressPause.address) == address,
        col(AddressPause.reason) == reason,
    )
