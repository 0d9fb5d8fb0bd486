"""Forgetting: what one person was told and what they texted, and what is older than anybody needs.

Messages and texts hold names, numbers and words; the books do not depend on any of them. What must never
happen: a message that is still on its way forgotten, so that it is sent empty.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.queueing import cancel_queued
from notifications.states import FINAL
from notifications.tables import AddressPause, DigestLine, InboundClaim, InboundText, Message, Question

FORGOTTEN = "forgotten"


async def forget_person(
    session: AsyncSession, bank_id: UUID, recipient_id: UUID, addresses: Collection[str], *, at: datetime
) -> None:
    """Erase one person's words and addresses; that they were told something, and when, stays countable.

    A STOP stays on record for its number, since forgetting it would let us text somebody who said no.
    """
    await cancel_queued(session, bank_id, recipient_id, at=at)
    theirs = and_(col(Message.bank_id) == bank_id, col(Message.recipient_id) == recipient_id)
    await _erase(session, and_(theirs, col(Message.state).in_({*FINAL, "accepted"})))
    await session.execute(
        delete(InboundText).where(
            col(InboundText.bank_id) == bank_id,
            or_(col(InboundText.member_id) == recipient_id, col(InboundText.sender).in_(addresses)),
        )
    )
    await session.execute(
        delete(Question).where(col(Question.bank_id) == bank_id, col(Question.address).in_(addresses))
    )
    await session.execute(
        delete(AddressPause).where(
            col(AddressPause.bank_id) == bank_id,
            col(AddressPause.address).in_(addresses),
            col(AddressPause.reason) == "bounced",
        )
    )


async def forget_older(session: AsyncSession, bank_id: UUID, *, before: datetime) -> None:
    """Erase the words of messages settled, and texts dealt with, before a moment."""
    is_old = or_(
        col(Message.settled_at) < before,
        and_(col(Message.state) == "accepted", col(Message.queued_at) < before),
    )
    await _erase(session, and_(col(Message.bank_id) == bank_id, is_old))
    await session.execute(
        delete(InboundText).where(
            col(InboundText.bank_id) == bank_id,
            col(InboundText.received_at) < before,
            or_(~col(InboundText.needs_person), col(InboundText.settled_at).is_not(None)),
        )
    )


async def forget_digests(session: AsyncSession, bank_id: UUID, *, before: datetime) -> None:
    """Drop the empty lines of digests told long ago: their events will not come again."""
    await session.execute(
        delete(DigestLine).where(col(DigestLine.bank_id) == bank_id, col(DigestLine.told_at) < before)
    )


async def forget_claims(session: AsyncSession, *, before: datetime) -> None:
    """Drop claims of inbound texts so old that no provider would bring them again."""
    await session.execute(delete(InboundClaim).where(col(InboundClaim.claimed_at) < before))


async def _erase(session: AsyncSession, which: ColumnElement[bool]) -> None:
    await session.execute(
        update(Message)
        .where(which)
        .values(
            address=FORGOTTEN,
            subject="",
            body="",
            parameters={},
            said=None,
            attachment=None,
            attachment_name=None,
        )
        .execution_options(synchronize_session=False)
    )
