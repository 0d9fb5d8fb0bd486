"""A text from a number that nobody has: one polite answer a day, in the languages of the house.

The number itself is not kept. What must never happen: an answer that costs more than a text at home, or a
flood of texts from made-up numbers that each buys one.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api import formats
from exchange.tenancy import OpenDoor, open_doors

ANSWERS_DAY_MAX: Final = 50
"""Answers to strangers in one day, from the whole house."""
ANSWERED_LINES: Final = ("mobile", "crown_dependency")
BILINGUAL: Final = ("cy", "en")
"""A house that writes Welsh and English answers in both, the Welsh first."""


async def answer(session: AsyncSession, sender: str, *, at: datetime) -> str | None:
    """What a stranger hears on the spot; None for the second text of a day, and where no text may go."""
    if notifications.line_of(sender) not in ANSWERED_LINES:
        return None
    day = f"{at:%Y-%m-%d}"
    number = hashlib.sha256(sender.encode()).hexdigest()
    if not await notifications.claim_inbound(session, "stranger", f"{number}:{day}", at=at):
        return None
    if not await notifications.claim_one_of(session, "strangers", day, ANSWERS_DAY_MAX, at=at):
        return None
    return words(await open_doors(session))


def words(doors: Sequence[OpenDoor]) -> str:
    """The answer in the house's languages; it names whom to call where the house is one bank."""
    telephone = doors[0].telephone if len(doors) == 1 else None
    known = {"contact": formats.telephone(telephone)} if telephone else {}
    template = "reply_unknown_number" if telephone else "reply_stranger"
    return "\n".join(notifications.said(template, speaks, known) for speaks in languages(doors))


def languages(doors: Sequence[OpenDoor]) -> Sequence[str]:
    """Welsh and English where any bank of the house writes both, else the first bank's first language."""
    if any(set(BILINGUAL) <= set(door.languages) for door in doors):
        return BILINGUAL
    return doors[0].languages[:1] if doors else ("en",)
