"""Wellbeing questions to answer with a pen: what is asked of one member now, in their language.

What must never happen: a sheet that says why somebody is asked, or that lacks the way out.
"""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.paper.printing import typeset
from api.paper.sheets import MARK
from exchange.membership import banks, parties
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.prescribing import asking, rounds
from exchange.prescribing.rounds import Asked
from mobile_web import wellbeing_words
from mobile_web.languages import Language, language


async def questions(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> bytes:
    """What is asked of a member now, as a PDF to fill in.

    Raises:
        NotFound, NotAllowed
    """
    asked = await rounds.of_member(session, viewer, member_id, at=at)
    bank = await banks.get(session, viewer.bank_id)
    member = await session.get_one(Member, (viewer.bank_id, member_id))
    speaks = language(member.language)
    data = {
        "bank": bank.name,
        "language": speaks.code,
        "mark": MARK,
        "name": (await parties.get(session, viewer.bank_id, member_id)).name,
        "words": wellbeing_words.on_paper(speaks),
        "title": speaks.say(wellbeing_words.PAPER["title"]),
        "uses": await _uses(session, viewer, member_id, speaks),
        "parts": [_part(speaks, one) for one in asked],
    }
    return await asyncio.to_thread(typeset, "questions.typ", data)


async def _uses(session: AsyncSession, viewer: Viewer, member_id: UUID, speaks: Language) -> list[list[str]]:
    """What the answers may be used for, to be said first; nothing where it was said before."""
    if await asking.allows_any(session, viewer.bank_id, member_id):
        return []
    return [[speaks.say(words), speaks.say(more)] for words, more in wellbeing_words.PURPOSES.values()]


def _part(speaks: Language, asked: Asked) -> dict[str, Any]:
    return {
        "title": speaks.say(wellbeing_words.TITLES[asked.sheet.measure]),
        "questions": [
            {
                "words": wellbeing_words.question(speaks, one),
                "ends": wellbeing_words.ends(speaks, one),
                "is_ladder": wellbeing_words.is_ladder(one),
                "choices": [words for _, words, _ in wellbeing_words.choices(speaks, one)],
            }
            for one in asked.questions
        ],
    }
