"""The languages people read: catalogues from `.po` files, and the words for lengths of time and days.

Catalogues are compiled in memory the first time they are needed, so a translator's file is the only
copy. What must never happen: a sentence glued together from translated pieces.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent / "locales"
NAMES = {"en": "English", "cy": "Cymraeg", "bn": "বাংলা"}
"""Each language by its own name, in the order of the switch."""
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
MINUTES_PER_HOUR = 60
NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Language:
    """One language, with what a page needs to speak it."""

    code: str
    translations: NullTranslations

    @property
    def name(self) -> str:
        return NAMES[self.code]

    @property
    def direction(self) -> str:
        return "rtl" if self.code in RIGHT_TO_LEFT else "ltr"

    @property
    def locale(self) -> str:
        return "en_GB" if self.code == "en" else self.code

    def say(self, message: str, **values: object) -> str:
        """The sentence in this language, its `%(name)s` filled in."""
        found = self.translations.gettext(message)
        return found % values if values else found

    def minutes(self, minutes: int) -> str:
        """`1 h 30 min`: how lengths of time stand in lists."""
        hours, rest = divmod(abs(minutes), MINUTES_PER_HOUR)
        if not hours:
            said = self.say("%(minutes)s min", minutes=rest)
        elif not rest:
            said = self.say("%(hours)s h", hours=hours)
        else:
            said = self.say("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
        return said.replace(" ", NO_BREAK)

    def long_minutes(self, minutes: int) -> str:
        """`1 hour 30 minutes`: how lengths of time stand in sentences."""
        hours, rest = divmod(abs(minutes), MINUTES_PER_HOUR)
        in_hours = self.count("%(num)s hour", "%(num)s hours", hours)
        in_minutes = self.count("%(num)s minute", "%(num)s minutes", rest)
        if not hours or not rest:
            return in_hours if hours else in_minutes
        return self.say("%(hours)s %(minutes)s", hours=in_hours, minutes=in_minutes)

    def count(self, one: str, many: str, number: int) -> str:
        """The sentence in the plural form that this language has for `number`."""
        return self.translations.ngettext(one, many, number) % {"num": number}

    def day(self, day: date, *, today: date | None = None) -> str:
        """`Today`, `Yesterday`, `Tuesday 5 May`, or with the year when it is another one."""
        if today is not None and 0 <= (today - day).days <= 1:
            return self.say("Today") if day == today else self.say("Yesterday")
        same_year = today is not None and day.year == today.year
        return format_date(day, "EEEE d MMMM" if same_year else "d MMMM y", locale=self.locale)

    def short_day(self, day: date) -> str:
        """`3 May 2026`: how days stand in a column."""
        return format_date(day, "d MMM y", locale=self.locale).replace(" ", NO_BREAK)

    def local(self, at: datetime, zone: str) -> datetime:
        """A moment on the clocks of a place."""
        return at.astimezone(ZoneInfo(zone))

    def place(self, day: date, at: time, zone: str) -> datetime:
        """The moment at which the clocks of a place show a time on a day."""
        return datetime.combine(day, at, tzinfo=ZoneInfo(zone))

    def clock(self, local: datetime) -> str:
        """`13:00`: the time of day."""
        return format_time(local, "HH:mm", locale=self.locale)

    def moment(self, at: datetime, zone: str) -> str:
        """A moment as the bank's own clock shows it."""
        local = at.astimezone(ZoneInfo(zone))
        day = format_date(local, "d MMMM y", locale=self.locale)
        return f"{day}, {format_time(local, 'HH:mm', locale=self.locale)}"


@cache
def language(code: str) -> Language:
    """The language of that code, or English."""
    source = LOCALES / code / "LC_MESSAGES" / "messages.po"
    if code not in NAMES or not source.exists():
        return Language("en", NullTranslations())
    with source.open("rb") as opened:
        catalogue = read_po(opened, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, GNUTranslations(compiled))


def negotiate(*wishes: str | None) -> Language:
    """The first wish that can be met: a member's setting, a cookie, then an Accept-Language header."""
    for wish in wishes:
        for code in _codes(wish or ""):
            if code in NAMES:
                return language(code)
    return language("en")


def _codes(wish: str) -> list[str]:
    """Codes in the order a browser prefers them: `cy-GB;q=0.5, bn` gives bn, cy."""
    weighted: list[tuple[float, str]] = []
    for part in wish[:200].split(","):
        code, _, rest = part.strip().partition(";")
        quality = re.search(r"q=([01](?:\.\d{1,3})?)", rest)
        weighted.append((-(float(quality[1]) if quality else 1.0), code[:2].lower()))
    return [code for _, code in sorted(weighted, key=lambda pair: pair[0])]
