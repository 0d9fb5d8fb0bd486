"""A code in a text: HERE and a poster's code, or a time note's; the twelve signs say which it is.

What must never happen: guessing that costs nothing. Wrong codes are counted against the number.
"""

import re
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api import formats
from api.texts.caller import Answer, Caller
from exchange.activities import codes, coming, notes, opening
from exchange.activities.codes import Code
from exchange.activities.errors import BadCode
from exchange.activities.opening import Tries
from exchange.activities.troubles import Trouble

FIRST_WORDS = re.compile(
    r"^\s*(?:here|i am here|i'm here|use|code|yma|defnyddio|এসেছি|কোড)\b[\s:,.]*", re.IGNORECASE
)
BODY_CHARACTERS_MAX = 60
REPLIES = {"counted": "reply_here", "waiting": "reply_here_waits"}
"""What a check-in's state is told as; one that was refused or undone is a person's to explain."""


def code_in(body: str) -> Code | None:
    """The poster's or note's code that a text is, after a word or without one; else None."""
    if len(body) > BODY_CHARACTERS_MAX:
        return None
    try:
        code = codes.read(FIRST_WORDS.sub("", body))
    except BadCode:
        return None
    return code if code.kind in ("poster", "note") else None


def is_meant(body: str) -> bool:
    """Whether a text begins like one with a code and goes on with figures: a slip of the thumb."""
    found = FIRST_WORDS.match(body)
    rest = body[found.end() :] if found else ""
    return bool(found) and len(rest.strip()) >= codes.GROUP and any(sign.isdigit() for sign in rest)


async def banks_of(session: AsyncSession, code: Code, known: list[UUID], *, secret: bytes) -> list[UUID]:
    """Of the banks that know a number, the one whose code it is; all of them when it is none of theirs."""
    own = await codes.bank_of(session, code, secret=secret)
    return [own] if own in known else known


async def act(who: Caller, body: str, *, secret: bytes) -> Answer:
    """Check in, or use the note; for a number that several share, a person asks who it is."""
    if who.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    tries = Tries.of(secret, number=who.number, member=who.first.member_id)
    text = FIRST_WORDS.sub("", body)
    code = code_in(body)
    if code is not None and code.kind == "note":
        done = await notes.use(who.session, who.first, text, tries, at=who.at)
        if done.note is None:
            return Answer("reply_code_failed")
        return Answer("reply_note_used", {"duration": formats.duration(done.minutes, who.first.language)})
    found = await coming.by_code(
        who.session,
        who.first,
        text,
        tries,
        check_in_id=uuid7(),
        moment=opening.now(who.at),
        way="text",
        at=who.at,
    )
    if isinstance(found, Trouble):
        return Answer("reply_code_failed")
    said = REPLIES.get(found.check_ins[0].state)
    return Answer(said) if said else Answer("reply_code_failed", needs_person=True)
