"""A bank's own words for skills: added by its coordinators, understood from that moment on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory import taxonomy, tokens
from exchange.directory.tables import OwnWord
from exchange.errors import TextMissing
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.words import NAME_CHARACTERS_MAX, required


async def pairs(session: AsyncSession, bank_id: UUID) -> list[tuple[str, str]]:
    """(what people here say, skill), in the order of the alphabet."""
    rows = await session.execute(
        select(col(OwnWord.word), col(OwnWord.skill))
        .where(col(OwnWord.bank_id) == bank_id)
        .order_by(col(OwnWord.word), col(OwnWord.skill))
    )
    return [(row.word, row.skill) for row in rows]


async def every(session: AsyncSession, viewer: Viewer) -> list[tuple[str, str]]:
    """The bank's own words, for whoever may change them."""
    require(viewer.roles, "listing.teach", [Relation.BANK])
    return await pairs(session, viewer.bank_id)


async def add(session: AsyncSession, viewer: Viewer, word: str, skill: str, *, at: datetime) -> OwnWord:
    """People here say `word` for `skill`; a repeat changes nothing.

    Raises:
        UnknownSkill, TextMissing, TextTooLong
    """
    require(viewer.roles, "listing.teach", [Relation.BANK])
    taxonomy.get(skill)
    said = " ".join(tokens.words(required(word, field="word", characters_max=NAME_CHARACTERS_MAX)))
    if not said:
        raise TextMissing(field="word")
    known = await session.get(OwnWord, (viewer.bank_id, said, skill))
    if known is None:
        known = OwnWord(
            bank_id=viewer.bank_id, word=said, skill=skill, added_by=viewer.member_id, added_at=at
        )
        session.add(known)
        await session.flush()
    return known


async def remove(session: AsyncSession, viewer: Viewer, word: str, skill: str) -> None:
    """People here no longer say `word` for `skill`; a repeat changes nothing."""
    require(viewer.roles, "listing.teach", [Relation.BANK])
    known = await session.get(OwnWord, (viewer.bank_id, " ".join(tokens.words(word)), skill))
    if known is not None:
        await session.delete(known)
        await session.flush()
