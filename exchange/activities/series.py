"""The days of a series, and the moments they begin at: always the hour that people expect on their clocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

WEEK_DAYS = 7
STEPS = {"weekly": WEEK_DAYS, "fortnightly": 2 * WEEK_DAYS}
"""How often → days between one and the next; monthly is the same weekday of each month, by its count."""


def days(first_on: date, repeats: str, *, until: date) -> Iterator[date]:
    """Every day of the series up to `until`, in order.

    Monthly means as people say it: the second Tuesday stays the second Tuesday, and a fifth one is the last.
    """
    for number in count():
        if number and repeats == "once":
            return
        day = _nth(first_on, repeats, number)
        if day > until:
            return
        yield day


def _nth(first_on: date, repeats: str, number: int) -> date:
    if repeats in STEPS:
        return first_on + timedelta(days=STEPS[repeats] * number)
    if number == 0:
        return first_on
    months = first_on.month - 1 + number
    return weekday_of_month(
        first_on.year + months // 12, months % 12 + 1, first_on.weekday(), (first_on.day - 1) // WEEK_DAYS
    )


def weekday_of_month(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth (from 0) such weekday of a month; the last one when there are not so many."""
    first = date(year, month, 1)
    day = first + timedelta(days=(weekday - first.weekday()) % WEEK_DAYS + WEEK_DAYS * nth)
    return day if day.month == month else day - timedelta(days=WEEK_DAYS)


def starts_at(day: date, starts: time, time_zone: str) -> datetime:
    """The moment at which the clocks of the place show this time on this day, in UTC.

    A time that the clocks skip is met when they have gone forward; of one that comes twice, the first.
    """
    return datetime.combine(day, starts, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)
