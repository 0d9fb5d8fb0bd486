"""An ask by text: "need lift tues 10am" becomes an ask like any other, and a coordinator looks for somebody.

What was typed is kept as the ask's own words and never sent on in a text. What must never happen: a cry for
help written up as an ask.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid5

import notifications
from api import announcing_help, formats
from api.texts.caller import Answer, Caller
from exchange.directory import listings, taxonomy, times
from exchange.directory.drafts import NewListing
from exchange.directory.understanding import is_sure, understand
from exchange.membership import banks
from notifications import Intent, When

NEEDED = "needed"
"""The topic of the question that `reply_need_what` asks."""
SHORT = (
    ("lift", "lifts"),
    ("lifft", "lifts"),
    ("gari", "lifts"),
    ("গাড়ি", "lifts"),
    ("shopping", "shopping"),
    ("siopa", "shopping"),
    ("bazar", "shopping"),
    ("বাজার", "shopping"),
)
"""What one word in a text most often means; a longer description would say more."""
TELLING_SCORE = 0.7
"""From here on a guess that a coordinator should look at is not talked over by a short word."""
WORDLESS = ("unknown", "need", "duration", "number")
"""What a text that says what is needed may look like."""


async def ask(caller: Caller, intent: Intent) -> Answer:
    """Write an ask down, or ask what is needed."""
    if caller.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    if not intent.rest:
        bank_id = caller.first.bank_id
        await notifications.ask(caller.session, bank_id, caller.number, NEEDED, {}, at=caller.at)
        return Answer("reply_need_what")
    return await _write(caller, intent)


async def answer(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """What is needed, in whatever words; None when the text is a command of its own, or alarms."""
    del context
    if intent.verb not in WORDLESS or intent.is_alarming or caller.is_shared or not caller.words.strip():
        return None
    return await _write(caller, intent)


async def _write(caller: Caller, intent: Intent) -> Answer:
    first = caller.first
    bank = await banks.get(caller.session, first.bank_id)
    said = notifications.when_said(caller.words, today=banks.today(bank, caller.at))
    draft = NewListing(
        kind="request",
        description=caller.words,
        skills=skills_of(caller.words),
        minutes=intent.minutes,
        times=parts_of_week(said),
        starts_on=said.day,
        ends_on=said.day,
    )
    listing = await listings.create(
        caller.session, first, draft, listing_id=uuid5(caller.inbound_id, "ask"), at=caller.at
    )
    understood = listing.skills[0] if listing.skills and not listing.is_unsure else None
    what = announcing_help.what(understood, first.language)
    parameters = {"what": what, "when": _when(said, first.language)}
    return Answer("reply_asked", parameters, needs_person=True)


def skills_of(words: str) -> list[str] | None:
    """What a short text surely asks for; None where it is read like any other ask."""
    plain = understand(words)
    is_telling = any(taxonomy.get(g.skill).safety != "open" and g.score >= TELLING_SCORE for g in plain)
    if is_sure(plain) or is_telling:
        return None
    found = understand(words, own_words=SHORT)
    return [found[0].skill] if is_sure(found) else None


def parts_of_week(said: When) -> list[str]:
    """The parts of the week in which help would suit, as the directory writes them."""
    parts = [said.part] if said.part else times.PARTS
    if said.weekday is not None:
        return [f"{times.DAYS[said.weekday]}_{part}" for part in parts]
    return [f"{said.part}s"] if said.part else []


def _when(said: When, speaks: str) -> str:
    if said.day is not None:
        return _day_and_hour(said.day, said, speaks)
    return formats.moment(None, "UTC", speaks)


def _day_and_hour(day: date, said: When, speaks: str) -> str:
    written = formats.day(day, speaks)
    return f"{written}, {said.at:%H:%M}" if said.at else written
