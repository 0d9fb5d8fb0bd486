"""Which day and hour a text means: "tues 10am", "yfory 2pm", "mongolbar 3tay".

Words in English, Welsh and Bengali, in Latin letters too; a table and three patterns. What must never happen:
a day guessed where none was named.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from typing import Final, Literal

from notifications.commands import phrases
from notifications.parsing import normalise

Part = Literal["morning", "afternoon", "evening"]
WEEK: Final = 7
WEEK_DAYS: Final[tuple[str, ...]] = (
    "mon|monday|mondays|llun|dydd llun|nos lun|সোমবার|সোমবারে|shombar|sombar",
    "tue|tues|tuesday|tuesdays|mawrth|dydd mawrth|nos fawrth|মঙ্গলবার|মঙ্গলবারে|mongolbar|mongalbar",
    "wed|weds|wednesday|wednesdays|mercher|dydd mercher|nos fercher|বুধবার|বুধবারে|budhbar|budbar",
    "thu|thur|thurs|thursday|thursdays|iau|dydd iau|nos iau|বৃহস্পতিবার|বৃহস্পতিবারে|brihospotibar|bishudbar",
    "fri|friday|fridays|gwener|dydd gwener|nos wener|শুক্রবার|শুক্রবারে|shukrobar|sukrobar",
    "saturday|saturdays|sadwrn|dydd sadwrn|nos sadwrn|শনিবার|শনিবারে|shonibar|sonibar",
    "sunday|sundays|sul|dydd sul|nos sul|রবিবার|রোববার|রবিবারে|robibar|robbar",
)
"""From Monday on. "Sat" and "sun" are other words too, so those two days are written out."""
AHEAD: Final[tuple[str, ...]] = (
    "today|tonight|this morning|this afternoon|this evening|heddiw|heno|আজ|আজকে|aj|ajke",
    "tomorrow|tomorow|tommorow|tmrw|tomoz|yfory|আগামীকাল|agamikal|kalke",
)
"""How many days from now."""
EVERY: Final = "every|each|bob|pob|প্রতি|proti|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays"
PARTS: Final[dict[Part, str]] = {
    "morning": "morning|mornings|bore|boreau|সকাল|সকালে|shokal|shokale|sokale",
    "afternoon": "afternoon|afternoons|prynhawn|p'nawn|pnawn|দুপুর|দুপুরে|বিকাল|বিকালে|বিকেলে|bikal|bikale|dupure",
    "evening": "evening|evenings|night|tonight|noswaith|nos|heno|সন্ধ্যা|সন্ধ্যায়|রাতে|shondha|shondhay|raate",
}
CLOCK: Final = re.compile(
    r"(?<![\w.:])(\d{1,2})(?:[.:](\d\d))?\s?(am|pm|o'clock|oclock|o'r gloch|টায়|টা|tay)(?!\w)"
    r"|(?<![\w.:])(?:at|am|@)\s(\d{1,2})(?:[.:](\d\d))?(?![\w.:])"
    r"|(?<![\w.:])(\d{1,2})[.:](\d\d)(?![\w.:])"
)
"""`10am`, `2.30pm`, `10 o'clock`, `3tay`; `at 10`, Welsh `am 10`; `10:30`."""
NOON, HOURS, MINUTES = 12, 24, 60
EARLIEST_BARE_HOUR: Final = 8
"""An hour without am or pm is the first from eight in the morning on: 3 is three in the afternoon."""
AFTERNOON_FROM, EVENING_FROM = time(12), time(17)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a text says of day and hour; None where it does not."""

    day: date | None = None
    weekday: int | None = None
    """Monday is 0."""
    at: time | None = None
    part: Part | None = None
    is_every_week: bool = False


def when_said(words: str, *, today: date) -> When:
    """The day, from tomorrow on for the name of a day, and the hour or part of the day."""
    text = normalise(words)
    at, part = _clock(text), _part(text)
    is_every = _any_of(text, EVERY)
    ahead = next((n for n, said in enumerate(AHEAD) if _any_of(text, said)), None)
    weekday = next((n for n, said in enumerate(WEEK_DAYS) if _any_of(text, said)), None)
    day = None
    if ahead is not None:
        day = today + timedelta(days=ahead)
    elif weekday is not None and not is_every:
        day = today + timedelta(days=(weekday - today.weekday() - 1) % WEEK + 1)
    return When(
        day=day,
        weekday=weekday if day is None else day.weekday(),
        at=at,
        part=part if at is None else part_of(at),
        is_every_week=is_every and weekday is not None and day is None,
    )


def part_of(at: time) -> Part:
    """The part of the day that an hour is in."""
    return "morning" if at < AFTERNOON_FROM else "afternoon" if at < EVENING_FROM else "evening"


@cache
def _pattern(said: str) -> re.Pattern[str]:
    words = sorted(phrases(said), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def _any_of(text: str, said: str) -> bool:
    return _pattern(said).search(text) is not None


def _part(text: str) -> Part | None:
    return next((part for part, said in PARTS.items() if _any_of(text, said)), None)


def _clock(text: str) -> time | None:
    found = CLOCK.search(text)
    if found is None:
        return None
    hour = int(found[1] or found[4] or found[6])
    minute = int(found[2] or found[5] or found[7] or 0)
    if hour >= HOURS or minute >= MINUTES:
        return None
    return time(_hour(hour, found[3]), minute)


def _hour(hour: int, half: str | None) -> int:
    if half == "am":
        return 0 if hour == NOON else hour
    is_afternoon = half == "pm" or (half != "am" and 0 < hour < EARLIEST_BARE_HOUR)
    return hour + NOON if is_afternoon and hour < NOON else hour
