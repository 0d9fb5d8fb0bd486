"""The names that a text message or a calendar's title may say.

A person's own name says little; an organisation's may say where somebody goes, whether they are short of
food, or who houses them. So texts call it what it chose for that, and a local group until then.
What must never happen: the full name of an organisation in a text.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.membership import parties

UNNAMED = {"en": "a local group", "cy": "lle lleol", "bn": "স্থানীয় একটি দল"}


async def of(
    session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID], speaks: str
) -> dict[UUID, str]:
    """Each party as a text in this language may name it."""
    known = await parties.text_names(session, bank_id, party_ids)
    return {key: name or UNNAMED.get(speaks, UNNAMED["en"]) for key, name in known.items()}
