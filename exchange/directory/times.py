"""When in the week: seven days of three parts each, as words outside and as bits inside.

A part of the week overlaps another when a bit is shared; no bit at all means any time.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from exchange.directory.errors import UnknownTime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening")
WEEK = tuple(f"{day}_{part}" for day in DAYS for part in PARTS)
"""`mon_morning` … `sun_evening`; the place in this list is the bit."""

GROUPS = {
    "weekdays": WEEK[:15],
    "weekend": WEEK[15:],
    "mornings": WEEK[0::3],
    "afternoons": WEEK[1::3],
    "evenings": WEEK[2::3],
    "any": (),
} | {day: WEEK[3 * n : 3 * n + 3] for n, day in enumerate(DAYS)}
"""Words that name several parts at once."""

AFTERNOON_HOUR, EVENING_HOUR = 12, 17


def bits(times: Iterable[str]) -> int:
    """The parts of the week that `times` name, one bit each; 0 when any time will do.

    Raises:
        UnknownTime: a word that is no part of the week.
    """
    found = 0
    for word in times:
        for part in GROUPS.get(word, (word,)):
            if part not in WEEK:
                raise UnknownTime
            found |= 1 << WEEK.index(part)
    return found


def words(found: int) -> list[str]:
    """The parts of the week that the bits stand for, in the order of the week."""
    return [part for n, part in enumerate(WEEK) if found >> n & 1]


def part_of(moment: datetime, time_zone: str) -> int:
    """The one bit of the part of the week in which a moment falls, where the bank is."""
    there = moment.astimezone(ZoneInfo(time_zone))
    part = 0 if there.hour < AFTERNOON_HOUR else 1 if there.hour < EVENING_HOUR else 2
    return 1 << (3 * there.weekday() + part)


def overlap(one: int, other: int) -> bool:
    """Whether two of them meet; an empty one meets all."""
    return not one or not other or bool(one & other)
