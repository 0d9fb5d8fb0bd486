"""One short question at a time to each number, remembered for a day, so that "2" can mean the second name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.tables import Question

REMEMBERED_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What was asked, and what the asker needs to go on with the answer."""

    topic: str
    context: Mapping[str, Any]
    asked_at: datetime


async def ask(
    session: AsyncSession, bank_id: UUID, number: str, topic: str, context: Mapping[str, Any], *, at: datetime
) -> None:
    """Remember the question just asked; it takes the place of the one before."""
    fresh = {"topic": topic, "context": dict(context), "asked_at": at, "expires_at": at + REMEMBERED_FOR}
    await session.execute(
        insert(Question)
        .values(bank_id=bank_id, address=number, **fresh)
        .on_conflict_do_update(constraint="question_pkey", set_=fresh)
    )


async def open_question(
    session: AsyncSession, bank_id: UUID, number: str, *, at: datetime
) -> OpenQuestion | None:
    """The question that a text from this number may be answering."""
    row = await session.get(Question, (bank_id, number), populate_existing=True)
    if row is None or row.expires_at <= at:
        return None
    return OpenQuestion(row.topic, row.context, row.asked_at)


async def forget_question(session: AsyncSession, bank_id: UUID, number: str) -> None:
    """It was answered, or something else was said."""
    await session.execute(
        delete(Question).where(col(Question.bank_id) == bank_id, col(Question.address) == number)
    )
