"""Reading how long: "2h", "90 min", "1 1/2 hrs", "an hour and a half", "1h not 2", in three languages.

A length that can be read in two ways is none, and nothing is rounded. What must never happen: a length that
was denied taken for one that was meant.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from notifications.commands import COUNTED, HOUR_UNITS, MINUTE_UNITS, SPOKEN_MINUTES

MINUTES_MAX: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """What a text says of time: how long it was, how long it was not, and whether that is no whole minute."""

    minutes: int | None = None
    not_minutes: int | None = None
    is_odd: bool = False


def _any(words: Mapping[str, object] | frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


HOURS: Final = _any(HOUR_UNITS)
MINUTES: Final = _any(MINUTE_UNITS)
NOT_BEFORE: Final = "not|nid|ddim|dim"
NOT_AFTER: Final = "না|নয়|নাই|noy|nai|na"
"""Bengali says no after what it denies: "২ ঘণ্টা না, ১ ঘণ্টা" is one hour, and not two."""
FRACTION: Final = re.compile(
    rf"(?<![\d/])(?:(\d{{1,2}})\s+)?([13])/([24])(?![\d/])(?=\s*(?:(?:of )?an? )?(?:{HOURS})(?!\w))",
    re.IGNORECASE,
)
TIME: Final = re.compile(
    rf"(?:(?<!\w)(?P<not>{NOT_BEFORE})\s)?"
    r"(?<![\w.#])(?<!\d-)(?P<sign>(?:\d{1,3}(?:\.\d{1,2})?)?-)?(?P<n>\d{1,3}(?:\.\d{1,2})?)"
    rf"\s?(?P<unit>{HOURS}|{MINUTES})"
    rf"(?:\s?(?P<more>\d{{1,2}})\s?(?:{MINUTES})|\s?(?P<bare>[0-5]\d)(?!\d|\s?(?:{HOURS}|{NOT_AFTER})(?!\w)))?"
    rf"(?!\w)(?P<denied>\s(?:{NOT_AFTER})(?!\w))?"
)
"""An amount and its unit, then perhaps minutes: "2h", "90 min", "1h30", "1 h 30 min"."""
CLOCK_TIME: Final = re.compile(r"(?<![\w:.])(\d{1,2}):([0-5]\d)(?![\w:])")
BARE_DENIAL: Final = re.compile(
    rf"(?<!\w)(?:(?:{NOT_BEFORE})\s(\d{{1,2}}(?:\.\d+)?)|(\d{{1,2}}(?:\.\d+)?)\s(?:{NOT_AFTER}))(?!\w)"
)
"""In "1h not 2", a bare number that is denied has the unit of the time before it."""
IN_FIGURES: Final = (
    (re.compile(rf"^(?:it was )?(\d{{1,2}}(?:\.\d)?) ({NOT_BEFORE}) (\d{{1,2}}(?:\.\d)?)$"), r"\1h \2 \3"),
    (re.compile(rf"(?:সাড়ে|sare|share) (\d{{1,2}}) (?=(?:{HOURS})(?!\w))"), r"\1.5 "),
    (re.compile(rf"(?<![\d.])(\d{{1,2}}) (?:and )?(?:a )?half (?=(?:{HOURS})(?!\w))"), r"\1.5 "),
    (re.compile(rf"(?<![\d.])(\d{{1,2}}) ?({HOURS}) (?:and (?:a )?half|a hanner)(?!\w)"), r"\1.5 \2"),
)
COUNTED_UNIT: Final = re.compile(
    rf"(?<!\w)({_any(COUNTED)})(?= (?:and )?(?:a )?(?:half )?(?:{HOURS}|{MINUTES})(?!\w))"
)
JOINED: Final = re.compile(
    rf"(?<![\d.])(\d{{1,2}} ?(?:{HOURS})) (?:and|a|ac|আর|ar) (?=\d{{1,2}} ?(?:{MINUTES})(?!\w))"
)
LONE_HOUR: Final = re.compile(r"(?<!\w)(?<!\d )(?<!sawl )(?<!o )awr(?!\w)")
"""Welsh has no word for "an": "rhoi awr i Tom" is one hour."""


def in_decimals(body: str) -> str:
    """The text with `1 1/2 h` as `1.5 h`, so that nobody reads the second of January in it."""
    return FRACTION.sub(lambda found: f"{float(found[1] or 0) + int(found[2]) / int(found[3]):g}", body)


def take(text: str) -> tuple[Lengths, str]:
    """The lengths of time that a text names, as `parsing.normalise` writes it, and the text without them."""
    rest = _in_figures(text)
    named: list[tuple[re.Match[str], int | None, bool]] = []

    def note(found: re.Match[str]) -> str:
        named.append((found, _minutes(found), bool(found["not"] or found["denied"])))
        return " "

    rest = TIME.sub(note, rest)
    denied = {minutes for _, minutes, is_not in named if is_not and minutes is not None}
    if named and (bare := BARE_DENIAL.search(rest)):
        denied.add(_in_unit(Fraction(bare[1] or bare[2]), named[0][0]["unit"]))
        rest = f"{rest[: bare.start()]} {rest[bare.end() :]}"
    meant = {n for _, n, is_not in named if not is_not and (n is None or 0 < n <= MINUTES_MAX)}
    is_odd = None in meant
    return Lengths(
        minutes=meant.pop() if len(meant) == 1 else None,
        not_minutes=denied.pop() if len(denied) == 1 else None,
        is_odd=is_odd,
    ), rest


def _in_figures(text: str) -> str:
    """Numbers said in words before a unit, halves, and times of the clock's shape, as figures."""
    text = COUNTED_UNIT.sub(lambda found: str(COUNTED[found[1]]), text)
    for pattern, figures in IN_FIGURES:
        text = pattern.sub(figures, text)
    for spoken in sorted(SPOKEN_MINUTES, key=len, reverse=True):
        minutes = SPOKEN_MINUTES[spoken]
        figures = f"{minutes}min" if minutes % 60 else f"{minutes // 60}h"
        text = re.sub(rf"(?<!\w){re.escape(spoken)}(?!\w)", figures, text)
    text = CLOCK_TIME.sub(lambda found: f"{int(found[1]) * 60 + int(found[2])}min", text)
    return LONE_HOUR.sub("1awr", JOINED.sub(r"\1 ", text))


def _minutes(found: re.Match[str]) -> int | None:
    """The length; None where it has a sign, is a stretch ("1-2h") or comes to no whole minute."""
    exact = Fraction(found["n"]) * (60 if found["unit"] in HOUR_UNITS else 1)
    if found["sign"] or exact.denominator != 1:
        return None
    return int(exact) + int(found["more"] or found["bare"] or 0)


def _in_unit(amount: Fraction, unit: str) -> int:
    return round(amount * (60 if unit in HOUR_UNITS else 1))
