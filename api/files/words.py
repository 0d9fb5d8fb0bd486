"""What people write into cells, and what it means: yes and no, days, times, lengths, languages, channels."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation, Overflow
from typing import ClassVar

from exchange.errors import ExchangeError

YES = frozenset(["yes", "y", "true", "1", "x", "✓", "ok"])
NO = frozenset(["no", "n", "false", "0", "-"])
LANGUAGES = {
    "en": "en, eng, english, saesneg",
    "cy": "cy, cym, welsh, cymraeg",
    "bn": "bn, ben, bengali, bangla, sylheti, বাংলা",
}
CHANNELS = {
    "sms": "sms, text, texts, text message, mobile",
    "call": "call, phone, telephone, landline, voice, ring",
    "email": "email, e-mail, mail",
    "letter": "letter, post, paper, by post",
}
KINDS = {
    "offer": "offer, offers, offered, offering, have, can offer, service offered",
    "request": "request, requests, requested, ask, want, wanted, need, needed, service requested",
}
STATUSES = {
    "active": "active, current, member, live",
    "paused": "paused, on hold, dormant, inactive, suspended",
    "left": "left, ended, former, resigned",
    "deceased": "deceased, died",
}
DAY_FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    *("%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%d-%B-%Y"),
)
TIME_BESIDE = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
"""What spreadsheets and databases write behind a day that they keep as a moment."""
TIME_FORMATS = ("%H:%M", "%H.%M", "%H:%M:%S", "%I%p", "%I:%M%p")
LENGTH = re.compile(
    r"(?:(?P<hours>\d+)\s*(?:h|hr|hrs|hour|hours|:))?\s*"
    r"(?:(?P<minutes>\d+)\s*(?:m|min|mins|minute|minutes|:00)?)?"
)
WHOLE = re.compile(r"([0-9]{1,9})(?:\.0+)?")
MINUTES_PER_HOUR = 60
YEAR_MIN = 1900
"""Nobody who is here was born before, and no bank is as old."""
MINUTES_MAX = 10**9
"""More than any length; what is longer than a day is refused by its own rule."""


class NotYesOrNo(ExchangeError):
    """Write yes or no."""

    code = "not_yes_or_no"


class NotADay(ExchangeError):
    """Write the day as 2024-05-31 or 31/05/2024."""

    code = "not_a_day"


class NotATime(ExchangeError):
    """Write the time as 09:30."""

    code = "not_a_time"


class NotALength(ExchangeError):
    """Write whole minutes, or hours as 1.5 or 1:30; nothing is rounded."""

    code = "not_a_length"


class NotAChoice(ExchangeError):
    """That is not one of the words this column may have."""

    code = "not_a_choice"


class ColumnMissing(ExchangeError):
    """The file has no column that says this."""

    code: ClassVar[str] = "column_missing"


def yes_or_no(typed: str, *, field: str, default: bool) -> bool:
    """Raises NotYesOrNo for anything else than either."""
    word = typed.strip().casefold()
    if not word:
        return default
    if word not in YES | NO:
        raise NotYesOrNo(field=field)
    return word in YES


def day(typed: str, *, field: str) -> date:
    """A day in one of the forms people in the UK write; Raises NotADay."""
    written = TIME_BESIDE.sub("", typed.strip())
    for form in DAY_FORMATS:
        try:
            found = datetime.strptime(written, form).date()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
        if found.year < YEAR_MIN:
            break
        return found
    raise NotADay(field=field)


def clock(typed: str, *, field: str) -> time | None:
    """A time of day, or None when nothing was written; Raises NotATime."""
    word = typed.strip().upper().replace(" ", "")
    if not word:
        return None
    for form in TIME_FORMATS:
        try:
            return datetime.strptime(word, form).time()  # noqa: DTZ007  # a time of day has no time zone
        except ValueError:
            continue
    raise NotATime(field=field)


def choice(typed: str, table: dict[str, str], *, field: str) -> str | None:
    """The key of `table` whose words include what was typed; None for nothing; Raises NotAChoice."""
    word = " ".join(typed.casefold().split())
    if not word:
        return None
    for key, words in table.items():
        if word in words.split(", "):
            return key
    raise NotAChoice(field=field)


def whole_minutes(minutes: str, hours: str) -> int:
    """Minutes from a column of minutes, or from one of hours (`1.5`, `1:30`, `1h 30`, `90 min`).

    Raises:
        NotALength: neither was written, or it comes to no whole number of minutes.
    """
    if minutes:
        if whole := WHOLE.fullmatch(minutes):
            return int(whole[1])
        raise NotALength(field="minutes")
    try:
        exact = Decimal(hours.replace(",", ".")) * MINUTES_PER_HOUR
    except InvalidOperation:
        return _spelled_out(hours)
    except Overflow:
        raise NotALength(field="hours") from None
    if not exact.is_finite() or abs(exact) > MINUTES_MAX or exact != int(exact):
        raise NotALength(field="hours")
    return int(exact)


def _spelled_out(typed: str) -> int:
    match = LENGTH.fullmatch(typed.casefold().strip())
    if match is None or not typed.strip():
        raise NotALength(field="hours" if typed else "minutes")
    hours, minutes = int(match["hours"] or 0), int(match["minutes"] or 0)
    if match["hours"] and minutes >= MINUTES_PER_HOUR:
        raise NotALength(field="hours")
    return hours * MINUTES_PER_HOUR + minutes
