"""Reading the day that a text names: "yesterday", "on Monday", "on 3 May", "3/5/2026", in three languages.

What is named and cannot be read, or could be read in two ways, is said to be so and never guessed: an hour
on a day that its giver did not mean is a wrong hour in somebody's books.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

BENGALI_DIGITS: Final = {ord(digit): str(value) for value, digit in enumerate("০১২৩৪৫৬৭৮৯")}
CENTURY: Final = 2000
SHORT_YEAR: Final = 100
HALF_A_YEAR: Final = timedelta(days=183)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDay:
    """A day as a text names it; which one it is depends on the day it is read."""

    kind: Literal["ago", "weekday", "date", "to_come", "unread"]
    number: int = 0
    """Days ago, or the day of the week (Monday is 0)."""
    day: int = 0
    month: int = 0
    year: int | None = None

    def on(self, today: date) -> date | None:
        """The day it is, seen from `today`; None when nobody can be sure."""
        if self.kind == "ago":
            return today - timedelta(days=self.number)
        if self.kind == "weekday":
            return today - timedelta(days=(today.weekday() - self.number) % 7 or 7)
        if self.kind == "to_come":
            return today + timedelta(days=1)
        return self._date(today) if self.kind == "date" else None

    def _date(self, today: date) -> date | None:
        year = self.year if self.year is not None else today.year
        try:
            named = date(year + CENTURY if year < SHORT_YEAR else year, self.month, self.day)
            if self.year is None and named - today > HALF_A_YEAR:
                return named.replace(year=named.year - 1)  # in January, "27 December" is over
        except ValueError:
            return None
        return named


def _table(words: str) -> dict[str, int]:
    """`a|b, c` → a and b are 0, c is 1; as `fold` writes them."""
    return {fold(word): n for n, several in enumerate(words.split(", ")) for word in several.split("|")}


def fold(body: str) -> str:
    """Lower case, single spaces, Latin digits; signs stay, since a day is written with them."""
    folded = unicodedata.normalize("NFC", body).translate(BENGALI_DIGITS).casefold()
    return " ".join(folded.replace("\u2019", "'").split())


AGO: Final = _table(
    "today|this morning|this afternoon|this evening|tonight|heddiw|bore ma|prynhawn ma|heno|"
    "আজ|আজকে|aaj|ajke, "
    "yesterday|yesterday morning|yesterday afternoon|yesterday evening|last night|ddoe|neithiwr|গতকাল|গত কাল|"
    "gotokal|goto kal, the day before yesterday|day before yesterday|echdoe|গত পরশু|goto porshu"
)
TO_COME: Final = _table(
    "tomorrow|day after tomorrow|the day after tomorrow|next week|yfory|fory|wythnos nesaf|"
    "আগামীকাল|আগামী কাল|agamikal|agami kal"
)
UNREAD: Final = _table("last week|the other day|last month|wythnos diwethaf|কাল|পরশু|গত সপ্তাহে|kalke|porshu")
WEEKDAYS: Final = _table(
    "monday|dydd llun|ddydd llun|সোমবার|shombar|sombar, "
    "tuesday|dydd mawrth|ddydd mawrth|মঙ্গলবার|mongolbar, "
    "wednesday|dydd mercher|ddydd mercher|বুধবার|budhbar, "
    "thursday|dydd iau|ddydd iau|বৃহস্পতিবার|brihoshpotibar, "
    "friday|dydd gwener|ddydd gwener|শুক্রবার|shukrobar, "
    "saturday|dydd sadwrn|ddydd sadwrn|শনিবার|shonibar, "
    "sunday|dydd sul|ddydd sul|রবিবার|robibar"
)
SHORT_WEEKDAYS: Final = _table("mon, tue|tues, wed|weds, thu|thur|thurs, fri, sat, sun")
"""Taken for a day only after "on" or "last": somebody may be called Sun."""
MONTHS: Final = _table(
    "january|jan|ionawr|জানুয়ারি|জানুয়ারী, february|feb|chwefror|ফেব্রুয়ারি|ফেব্রুয়ারী, "
    "march|mar|mawrth|fawrth|মার্চ, april|apr|ebrill|এপ্রিল, may|mai|fai|মে, june|jun|mehefin|fehefin|জুন, "
    "july|jul|gorffennaf|orffennaf|জুলাই, august|aug|awst|আগস্ট, september|sept|sep|medi|fedi|সেপ্টেম্বর, "
    "october|oct|hydref|অক্টোবর, november|nov|tachwedd|dachwedd|নভেম্বর, december|dec|rhagfyr|ragfyr|ডিসেম্বর"
)


def _any(table: Mapping[str, int]) -> str:
    return "|".join(sorted(map(re.escape, table), key=len, reverse=True))


def _weekday(found: re.Match[str]) -> NamedDay:
    return NamedDay(kind="weekday", number=(WEEKDAYS | SHORT_WEEKDAYS)[found["w"]])


def _figures(found: re.Match[str]) -> NamedDay:
    month = MONTHS[found["m"]] + 1 if found["m"] in MONTHS else int(found["m"])
    year = found.groupdict().get("y")
    return NamedDay(kind="date", day=int(found["d"]), month=month, year=int(year) if year else None)


def _days_ago(found: re.Match[str]) -> NamedDay:
    return NamedDay(kind="ago", number=int(found["n"]))


def _ago(found: re.Match[str]) -> NamedDay:
    return NamedDay(kind="ago", number=AGO[found["n"]])


def _to_come(found: re.Match[str]) -> NamedDay:
    del found
    return NamedDay(kind="to_come")


def _unread(found: re.Match[str]) -> NamedDay:
    del found
    return NamedDay(kind="unread")


START, END = r"(?<![\w/.-])", r"(?![\w/-])(?!\.\d)"
ON = r"(?:(?:on|for|ar) )?(?:the )?"
UNITS = r"(?! ?(?:h|hr|hrs|hours?|m|mins?|minutes?|awr|oriau|mun|munud)(?!\w))"
MONTH = _any(MONTHS)
SHAPES: Final[tuple[tuple[str, Callable[[re.Match[str]], NamedDay]], ...]] = (
    (r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", _figures),
    (r"(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})", _figures),
    (r"(?P<d>\d{1,2})/(?P<m>\d{1,2})(?! ?h)", _figures),
    (rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of |o )?(?P<m>{MONTH})(?:,? (?P<y>20\d\d))?", _figures),
    (rf"(?P<m>{MONTH}) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?{UNITS}(?:,? (?P<y>20\d\d))?", _figures),
    (rf"(?:next (?:{_any(WEEKDAYS)}|{_any(SHORT_WEEKDAYS)})|(?:{_any(WEEKDAYS)}) nesaf)", _to_come),
    (rf"(?:last |this )?(?P<w>{_any(WEEKDAYS)})(?: diwethaf)?", _weekday),
    (rf"(?:on|last|this) (?P<w>{_any(SHORT_WEEKDAYS)})", _weekday),
    (r"(?P<n>\d{1,2}) (?:days? ago|diwrnod yn ol|diwrnod yn ôl|দিন আগে|din age)", _days_ago),
    (rf"(?P<n>{_any(AGO)})", _ago),
    (_any(TO_COME), _to_come),
    (_any(UNREAD), _unread),
    (r"\d+/[\d/]+", _unread),
)
"""How a day may be written, the surest shape first."""
NAMED: Final = tuple((re.compile(rf"{START}{ON}(?:{shape}){END}"), read) for shape, read in SHAPES)


def take(body: str) -> tuple[NamedDay | None, str]:
    """The day that a text names, and the text without it; two different days are none that can be read."""
    rest, found = fold(body), list[NamedDay]()
    for pattern, read in NAMED:
        found += [read(match) for match in pattern.finditer(rest)]
        rest = pattern.sub(" ", rest)
    if len(set(found)) > 1:
        return NamedDay(kind="unread"), rest
    return (found[0] if found else None), rest
