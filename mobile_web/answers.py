"""From what people typed to minutes, days and times; what is not understood names its field and sentence."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from exchange.hours.errors import MinutesOutOfRange
from exchange.hours.log import check_minutes
from mobile_web.languages import MINUTES_PER_HOUR

DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?")
CENTURY = 2000
YEAR_SHORT = 100
KEPT_MAX = timedelta(days=60)
"""Longer than this no phone keeps a form without having been online once."""


class Unread(Exception):
    """An answer is missing, or is not one."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field, self.code = field, code


def whole(text: str | None) -> int | None:
    """Digits as a number; None for anything else."""
    typed = (text or "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None  # noqa: PLR2004  # fits the database


def minutes(given: Mapping[str, str]) -> int:
    """The length that was chosen, or written as hours and minutes.

    Raises:
        Unread: nothing was chosen, or it is not between one minute and a day.
    """
    chosen = given.get("minutes", "")
    if chosen != "other":
        length = whole(chosen)
        if length is None:
            raise Unread("minutes", "minutes_out_of_range" if chosen else "choose_minutes")
    else:
        length = _written(given)
    try:
        check_minutes(length)
    except MinutesOutOfRange as broken:
        raise Unread("minutes", broken.code) from None
    return length


LENGTH = re.compile(r"(\d{1,5})(?::(\d{1,2}))?")


def length(typed: str | None) -> int | None:
    """Hours as `10` or `7:30`, in minutes; None for anything else."""
    found = LENGTH.fullmatch((typed or "").strip())
    if found is None:
        return None
    minutes = int(found[2] or 0)
    return int(found[1]) * MINUTES_PER_HOUR + minutes if minutes < MINUTES_PER_HOUR else None


def as_length(minutes: int) -> str:
    """Minutes as `length` reads them: `10`, `7:30`."""
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    return f"{hours}:{rest:02d}" if rest else str(hours)


def _written(given: Mapping[str, str]) -> int:
    parts = [given.get("other_hours", "").strip(), given.get("other_minutes", "").strip()]
    numbers = [whole(part) if part else 0 for part in parts]
    if None in numbers or not any(parts):
        raise Unread("minutes", "minutes_out_of_range")
    return (numbers[0] or 0) * MINUTES_PER_HOUR + (numbers[1] or 0)


def pressed_at(given: Mapping[str, str], *, now: datetime) -> datetime:
    """When *send* was pressed: before now when a phone without signal kept the form meanwhile.

    Counted back from now by the phone's own clock, which need not be right to measure how long it waited;
    what cannot be is now.
    """
    pressed, sent = (_moment(given.get(name, "")) for name in ("device_at", "sent_at"))
    waited = (sent or now) - pressed if pressed else timedelta()
    return now - waited if timedelta() <= waited <= KEPT_MAX else now


def _moment(typed: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def day(given: Mapping[str, str], *, today: date) -> date:
    """Today, yesterday, or the day that was written.

    Raises:
        Unread: none of these.
    """
    match given.get("day"):
        case "today":
            return today
        case "yesterday":
            return today - timedelta(days=1)
        case "other":
            return _written_day(given.get("done_on", ""), today)
        case _:
            raise Unread("day", "choose_day")


def _written_day(typed: str, today: date) -> date:
    """As a date field sends it, or as people write it: `3/5/2026`, `3.5.`, `3-5-26`."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        found = DAY.match(typed.strip())
    if found is None:
        raise Unread("done_on", "choose_day")
    year = int(found[3]) if found[3] else today.year
    try:
        return date(year + CENTURY if year < YEAR_SHORT else year, int(found[2]), int(found[1]))
    except ValueError:
        raise Unread("done_on", "choose_day") from None


CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::00)?)? ?([ap]m)?")
NOON_HOURS = 12


def clock(typed: str | None) -> time | None:
    """A time of day as a time field sends it, or as people write it: `18:30`, `6.30pm`, `6 pm`.

    None when empty or not one; what nobody can be sure of (`6`) is not one.
    """
    found = CLOCK.fullmatch((typed or "").strip().casefold())
    if found is None or not (found[2] or found[3]):
        return None
    hours, minutes = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hours <= NOON_HOURS:
            return None
        hours = hours % NOON_HOURS + (NOON_HOURS if found[3] == "pm" else 0)
    try:
        return time(hours, minutes)
    except ValueError:
        return None
