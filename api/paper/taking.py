"""What a member takes away: a record of what they gave, and the letter that explains time credits.

Both are read by others, so they are in English or Welsh. What must never happen: a promise about benefits,
or a word about why somebody came.
"""

import asyncio
import tomllib
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncSession

from api import formats
from api.paper.printing import typeset
from api.paper.sheets import MARK
from api.paper.taking_words import BENEFITS, RECORD
from exchange.membership import banks
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.prescribing import contribution
from exchange.prescribing.contribution import Contribution


@cache
def benefit_rules() -> dict[str, Any]:
    """What may be said, dated: `seen_on` and `rule`, a list."""
    return tomllib.loads(files(__package__).joinpath("benefit_rules.toml").read_text("utf-8"))


def _read(found: Contribution) -> str:
    return found.language if found.language in RECORD else "en"


def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale="en_GB" if language == "en" else language)


def _frame(bank: Bank, title: str, language: str, at: datetime) -> dict[str, Any]:
    return {
        "bank": bank.name,
        "title": title,
        "language": language,
        "mark": MARK,
        "date": _day(banks.today(bank, at), language),
        "contact": formats.telephone(bank.telephone) if bank.telephone else "",
    }


async def record(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> bytes:
    """A member's record of contribution and skills as a PDF.

    Raises:
        NotFound, NotAllowed
    """
    found = await contribution.of_member(session, viewer, member_id)
    bank = await banks.get(session, viewer.bank_id)
    language = _read(found)
    words = RECORD[language]
    data = {
        **_frame(bank, words["title"], language, at),
        "words": words,
        "name": found.full_name,
        "since": words["since"].format(bank.name, _day(found.since, language)),
        "given": formats.duration(found.given_minutes, language),
        "times": _times(found, language),
        "skills": [[skill, formats.duration(minutes, language)] for skill, minutes in found.skills],
        "groups": [
            [words[key], str(number)]
            for key, number in (("came", found.sessions), ("led", found.sessions_led))
            if number
        ],
        "training": [[name, _day(day, language)] for name, day in found.training],
    }
    return await asyncio.to_thread(typeset, "record.typ", data)


def _times(found: Contribution, language: str) -> str:
    if found.first_on is None or found.last_on is None:
        return RECORD[language]["nothing"]
    first, last = _day(found.first_on, language), _day(found.last_on, language)
    return RECORD[language]["times"].format(found.given_times, first, last)


async def benefits_letter(session: AsyncSession, viewer: Viewer, member_id: UUID, *, at: datetime) -> bytes:
    """The letter that explains time credits to a benefits office as a PDF; it says "check".

    Raises:
        NotFound, NotAllowed
    """
    found = await contribution.of_member(session, viewer, member_id)
    bank = await banks.get(session, viewer.bank_id)
    language = _read(found)
    words = BENEFITS[language]
    rules = benefit_rules()
    data = {
        **_frame(bank, words["title"], language, at),
        "words": words,
        "about": words["about"].format(found.full_name, bank.name, _day(found.since, language)),
        "check": words["check_words"].format(_day(rules["seen_on"], language)),
        "rules": [[one["since"], one[language], one["source"]] for one in rules["rule"]],
    }
    return await asyncio.to_thread(typeset, "benefits.typ", data)
