"""Reading a text somebody sent: what they want, as far as words can tell.

A table of words and a few patterns; what a short question could settle is never guessed, and a text that
says yes and no at once says neither. Carrier keywords are recognised and never used as ours.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from notifications import named_days
from notifications.commands import (
    ALARMS,
    CARRIER_START,
    CARRIER_STOP,
    FILLERS,
    HEDGES,
    HOUR_UNITS,
    LANGUAGE_NAMES,
    MINUTE_UNITS,
    SPOKEN_MINUTES,
    Verb,
)
from notifications.known_words import verb_of
from notifications.named_days import BENGALI_DIGITS, NamedDay

TYPED_OTHERWISE: Final = {0x2018: "'", 0x2019: "'", 0x2212: "-", 0xFE0F: None}
"""Curly apostrophes, a true minus, and the mark that only colours an emoji."""
CHARACTERS_MAX: Final = 1600
"""The longest text the provider passes on."""
MINUTES_MAX: Final = 24 * 60
PHRASE_WORDS_MAX: Final = 5
LEFTOVER_WORDS_MAX: Final = 3
ANSWER_WORDS_MAX: Final = 2
"""A yes or a no with more words than this beside it may be the answer to something else."""
URGENT: Final[tuple[Verb, ...]] = ("stop", "call_me", "need")
"""What is meant even in a long sentence; a person reads the whole of it in any case."""
SURE_WHEN_ALARMED: Final = frozenset({"yes", "no", "different", "stop", "call_me", "gave", "received"})
"""Nothing else is acted on in a text that alarms: nobody's cry for help becomes an offer or a menu."""
DATED: Final = frozenset({"gave", "received", "duration"})
"""In these a day that is named is the day of what they tell."""
NOT_WORDS: Final = frozenset({"not", "nid", "ddim", "না", "noy", "নয়", "na"})
HOURS: Final = "|".join(sorted(map(re.escape, HOUR_UNITS), key=len, reverse=True))
MINUTES: Final = "|".join(sorted(map(re.escape, MINUTE_UNITS), key=len, reverse=True))
TIME: Final = re.compile(
    rf"(?<![\w.#])(?<!\d-)((?:\d{{1,3}}(?:\.\d{{1,2}})?)?-)?(\d{{1,3}}(?:\.\d{{1,2}})?)\s?({HOURS}|{MINUTES})"
    rf"(?:\s?(\d{{1,2}})(?!\d|\s?(?:{HOURS})(?!\w))(?:\s?(?:{MINUTES}))?)?(?!\w)"
)
"""An amount and its unit, then perhaps minutes: "2h", "90 min", "1h30", "1 h 30 min"."""
CLOCK_TIME: Final = re.compile(r"(?<![\w:.])(\d{1,2}):([0-5]\d)(?![\w:])")
GLUED: Final = re.compile(r"(?<!\w)(yes|no|y|n|ie|na|book|leave)(\d{1,6})(?!\w)")
"""A thumb that missed the space: "YES412"."""
NUMBER: Final = re.compile(r"#?(\d{1,6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What one text asks for.

    `minutes` is a length of time it names; `not_minutes` is what it says it was not ("1h not 2"). `rest`
    keeps the words that are no command: a name, a need. `says_no` is true of a `different` that began with
    a no: if its time is the one that was logged, it is a no after all. `is_alarming` means that a person
    must see it, whatever the verb.
    """

    verb: Verb
    reference: str | None = None
    minutes: int | None = None
    not_minutes: int | None = None
    language: str | None = None
    rest: str = ""
    says_no: bool = False
    day: NamedDay | None = None
    is_alarming: bool = False


@dataclass(slots=True)
class _Reading:
    """A text on the way to being understood."""

    text: str
    verbs: list[Verb] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    minutes: int | None = None
    not_minutes: int | None = None
    is_odd: bool = False
    """It names a length that is no whole number of minutes, and nothing is rounded."""
    language: str | None = None
    after: str = ""
    """What follows the first command, as it was typed but for case."""


def parse(body: str, *, language: str | None = None) -> Intent:
    """Read one text. `language` is the sender's, where known: it settles words that two languages share."""
    text = normalise(body[:CHARACTERS_MAX])
    is_alarming = any(re.search(rf"(?<!\w){re.escape(alarm)}", text) for alarm in ALARMS)
    if text in CARRIER_STOP:
        return Intent(verb="stop", is_alarming=is_alarming)
    if text in CARRIER_START:
        return Intent(verb="start", is_alarming=is_alarming)
    reading = _read(text, language)
    verb = _decide(reading)
    if is_alarming and verb not in SURE_WHEN_ALARMED:
        verb = "unknown"
    day = None
    if verb in DATED:
        day, rest = named_days.take(body[:CHARACTERS_MAX])
        reading = _read(normalise(rest), language) if day else reading
    return Intent(
        verb=verb,
        day=day,
        reference=reading.numbers[0] if verb != "need" and len(set(reading.numbers)) == 1 else None,
        minutes=reading.minutes,
        not_minutes=reading.not_minutes,
        language=reading.language,
        rest=reading.after if verb == "need" else " ".join(reading.leftovers),
        says_no=verb == "different" and "no" in reading.verbs,
        is_alarming=is_alarming,
    )


def normalise(body: str) -> str:
    """Lower case, single spaces, Latin digits, and no punctuation but what a word or a number needs."""
    folded = unicodedata.normalize("NFC", body).translate(BENGALI_DIGITS).casefold()
    folded = folded.translate(TYPED_OTHERWISE)
    for half, decimal in (("½", ".5"), ("¼", ".25"), ("¾", ".75")):
        folded = re.sub(rf"(\d)\s?{half}", rf"\g<1>{decimal}", folded).replace(half, f"0{decimal}")
    folded = re.sub(r"(\d),(\d)", r"\1.\2", folded)
    kept = "".join(c if _counts(c) else " " for c in folded)
    words = (_bare(word) for word in kept.replace("#", " #").split())
    return " ".join(word for word in words if word)


def _bare(word: str) -> str:
    """A word without the signs around it; a minus before a number is no ornament."""
    return ("-" if re.match(r"-\.?\d", word) else "") + word.strip(".:'-#")


def _counts(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "So" or character in ".:'-#\u200c\u200d"


def _read(text: str, language: str | None) -> _Reading:
    reading = _Reading(text)
    words = GLUED.sub(r"\1 \2", _take_times(reading, text)).split()
    position = 0
    while position < len(words):
        position += _take_words(reading, words[position:], language)
    return reading


def _take_words(reading: _Reading, words: list[str], language: str | None) -> int:
    """Read the longest phrase at the front; returns how many words it took."""
    for length in range(min(PHRASE_WORDS_MAX, len(words)), 0, -1):
        verb = verb_of(" ".join(words[:length]), language)
        if verb is not None:
            if not reading.verbs:
                reading.after = reading.text.partition(" ".join(words[:length]))[2].strip()
                reading.after = reading.after or " ".join(reading.leftovers)
            reading.verbs.append(verb)
            return length
    word = words[0]
    if word in LANGUAGE_NAMES:
        reading.language = LANGUAGE_NAMES[word]
    elif found := NUMBER.fullmatch(word):
        reading.numbers.append(found.group(1))
    elif word not in FILLERS:
        reading.leftovers.append(word)
    return 1


def _take_times(reading: _Reading, text: str) -> str:
    """Note the lengths of time a text names, and give back the text without them."""
    named: list[tuple[int, int | None, bool]] = []
    rest = text
    for spoken in sorted(SPOKEN_MINUTES, key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(spoken)}(?!\w)", f"{SPOKEN_MINUTES[spoken]}min", rest)
    rest = CLOCK_TIME.sub(lambda found: f"{int(found[1]) * 60 + int(found[2])}min", rest)

    def note(found: re.Match[str]) -> str:
        is_not = bool(set(rest[: found.start()].split()[-1:]) & NOT_WORDS)
        named.append((found.start(), _minutes(found), is_not))
        return " "

    rest = _bare_alternative(reading, TIME.sub(note, rest), named)
    meant = {n for _, n, is_not in named if not is_not and (n is None or 0 < n <= MINUTES_MAX)}
    denied = {minutes for _, minutes, is_not in named if is_not}
    reading.is_odd = None in meant
    reading.minutes = meant.pop() if len(meant) == 1 else None
    reading.not_minutes = reading.not_minutes or (denied.pop() if len(denied) == 1 else None)
    return rest


def _bare_alternative(reading: _Reading, rest: str, named: list[tuple[int, int | None, bool]]) -> str:
    """In "1h not 2", a bare number after "not" has the unit of the time before it."""
    found = re.search(r"(?<!\w)(?:not|nid|ddim)\s+(\d{1,2}(?:\.\d+)?)(?!\w)", rest)
    if not found or not named:
        return re.sub(r"(?<!\w)(?:not|nid)\s*$", " ", rest) if any(is_not for *_, is_not in named) else rest
    reading.not_minutes = round(float(found.group(1)) * 60)
    return rest[: found.start()] + " " + rest[found.end() :]


def _minutes(found: re.Match[str]) -> int | None:
    """The length; None where it has a sign, is a stretch ("1-2h") or comes to no whole minute."""
    sign, amount, unit, more = found.groups()
    exact = Fraction(amount) * (60 if unit in HOUR_UNITS else 1)
    return None if sign or exact.denominator != 1 else int(exact) + int(more or 0)


def _decide(reading: _Reading) -> Verb:
    verbs = set(reading.verbs)
    if len(verbs) > 1:
        verbs -= {"menu"}  # "gave Ann some help"
    for urgent in URGENT:
        if urgent in verbs:
            return urgent
    if reading.is_odd:
        return _about_odd_time(verbs)
    if not verbs and reading.minutes is None:
        return _without_command(reading)
    if {"yes", "no"} <= verbs:
        return "unknown"
    if reading.minutes is not None:
        return _about_time(verbs, reading)
    return _one_command(verbs, reading)


def _one_command(verbs: set[Verb], reading: _Reading) -> Verb:
    if len(verbs) > 1:
        return "unknown"
    verb = next(iter(verbs))
    return verb if verb in {"gave", "received"} else _unless_long(verb, reading)


def _about_odd_time(verbs: set[Verb]) -> Verb:
    """A length that nobody can book: who told of an hour is asked for it again, and nothing else is done."""
    if not verbs:
        return "duration"
    return next(iter(verbs)) if len(verbs) == 1 and verbs <= {"gave", "received"} else "unknown"


def _about_time(verbs: set[Verb], reading: _Reading) -> Verb:
    """A length of time beside a yes or a no is what it really was: whoever acts compares it."""
    if reading.not_minutes is not None or verbs & {"yes", "no"}:
        return "different"
    if len(verbs) == 1 and verbs <= {"gave", "received"}:
        return verbs.pop()
    if verbs:
        return "unknown"
    return _unless_hedged("duration", reading)


def _without_command(reading: _Reading) -> Verb:
    if reading.language is not None:
        return _unless_long("language", reading)
    if reading.numbers and not reading.leftovers:
        return "number"
    return "unknown"


def _unless_hedged(verb: Verb, reading: _Reading) -> Verb:
    return "unknown" if HEDGES & set(reading.leftovers) else verb


def _unless_long(verb: Verb, reading: _Reading) -> Verb:
    """A command in a long or hedging sentence is not surely meant: a person should read that one."""
    if len(reading.leftovers) > (ANSWER_WORDS_MAX if verb in {"yes", "no"} else LEFTOVER_WORDS_MAX):
        return "unknown"
    return _unless_hedged(verb, reading)
