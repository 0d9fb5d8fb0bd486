"""Reading a text somebody sent: what they want, as far as words can tell.

A table of words and a few patterns; what a short question could settle is never guessed, and a text that
says yes and no at once says neither. Carrier keywords are recognised and never used as ours.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from notifications import lengths, named_days
from notifications.commands import (
    ALARMS,
    ALONE,
    CARRIER_START,
    CARRIER_STOP,
    FILLERS,
    HEDGES,
    LANGUAGE_NAMES,
    Verb,
    listed,
    phrases,
)
from notifications.known_words import verb_of
from notifications.named_days import BENGALI_DIGITS, NamedDay

TYPED_OTHERWISE: Final = {0x2018: "'", 0x2019: "'", 0x2212: "-", 0xFE0F: None}
"""Curly apostrophes, a true minus, and the mark that only colours an emoji."""
CHARACTERS_MAX: Final = 1600
"""The longest text the provider passes on."""
PHRASE_WORDS_MAX: Final = 6
LEFTOVER_WORDS_MAX: Final = 3
WORDS_BESIDE: Final[dict[Verb, int]] = {"yes": 2, "no": 2, "able": 0, "unable": 0, "thanks": 0}
"""With more words than this beside it, an answer may be the answer to something else."""
URGENT: Final[tuple[Verb, ...]] = ("stop", "call_me", "need")
"""What is meant even in a long sentence; a person reads the whole of it in any case."""
SURE_WHEN_ALARMED: Final = frozenset({"yes", "no", "different", "stop", "call_me", "gave", "received"})
"""Nothing else is acted on in a text that alarms: nobody's cry for help becomes an offer or a menu."""
DATED: Final = frozenset({"gave", "received", "duration"})
"""In these a day that is named is the day of what they tell."""
SAID_ALONE: Final[dict[str, Verb]] = {
    **{phrase: verb for verb, said in ALONE.items() for phrase in phrases(said)},
    **dict.fromkeys(CARRIER_STOP, "stop"),
    **dict.fromkeys(CARRIER_START, "start"),
}
TOLD: Final = frozenset({"gave", "received"})
BESIDE: Final = frozenset({"menu", "thanks"})
"""Verbs that say nothing beside another one: "gave Ann some help, thanks"."""
SAYS_WHO: Final = listed("gave gav gve helped")
"""After a name, these say that it was that person who gave."""
NOBODY: Final = listed("we we've weve have just today so then both not")
"""Before those words, these are no name."""
GLUED: Final = re.compile(r"(?<!\w)(yes|no|y|n|ie|na|book|leave)[.:-]?(\d{1,6})(?!\w)")
"""A thumb that missed the space: "YES412"; "412yes" is the other."""
GLUED_AFTER: Final = re.compile(r"(?<!\w)(\d{1,6})(yes|no|ie|na)(?!\w)")
FROM_ME: Final = re.compile(r"(?<!\w)(?:from|off) me(?!\w)")
"""Who got it from me was given it by me."""
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
    is_of_another: bool = False
    """A name stands before "gave": who gave, and whether it was to us, is not sure."""
    after: str = ""
    """What follows the first command, as it was typed but for case."""


def parse(body: str, *, language: str | None = None) -> Intent:
    """Read one text. `language` is the sender's, where known: it settles words that two languages share."""
    body = lengths.in_decimals(body[:CHARACTERS_MAX])
    text = normalise(body)
    is_alarming = any(re.search(rf"(?<!\w){re.escape(alarm)}", text) for alarm in ALARMS)
    if (alone := SAID_ALONE.get(text)) is not None:
        return Intent(verb=alone, is_alarming=is_alarming)
    reading = _read(text, language)
    verb = _decide(reading)
    if is_alarming and verb not in SURE_WHEN_ALARMED:
        verb = "unknown"
    day = None
    if verb in DATED:
        day, rest = named_days.take(body)
        reading = _read(normalise(rest), language) if day else reading
        verb = _as_told(verb, reading)
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
    found, rest = lengths.take(text)
    reading.minutes, reading.not_minutes, reading.is_odd = found.minutes, found.not_minutes, found.is_odd
    words = GLUED_AFTER.sub(r"\1 \2", GLUED.sub(r"\1 \2", rest)).split()
    position = 0
    while position < len(words):
        position += _take_words(reading, words[position:], language)
    return reading


def _take_words(reading: _Reading, words: list[str], language: str | None) -> int:
    """Read the longest phrase at the front; returns how many words it took."""
    is_told = bool(reading.verbs) and reading.verbs[0] in TOLD
    for length in range(min(PHRASE_WORDS_MAX, len(words)), 0, -1):
        phrase = " ".join(words[:length])
        verb = verb_of(phrase, language, forgiving=not is_told)
        if verb is not None and not (is_told and verb in {"yes", "no"}):  # somebody may be called Ji
            _note(reading, verb, phrase)
            return length
    word = words[0]
    if word in LANGUAGE_NAMES and not is_told:
        reading.language = LANGUAGE_NAMES[word]
    elif found := NUMBER.fullmatch(word):
        reading.numbers.append(found.group(1))
    elif word not in FILLERS:
        reading.leftovers.append(word)
    return 1


def _note(reading: _Reading, verb: Verb, phrase: str) -> None:
    if not reading.verbs:
        reading.after = reading.text.partition(phrase)[2].strip() or " ".join(reading.leftovers)
        last = reading.text.partition(phrase)[0].split()[-1:]
        is_name = bool(last) and last == reading.leftovers[-1:] and not set(last) & NOBODY
        reading.is_of_another = phrase in SAYS_WHO and is_name
    reading.verbs.append(verb)


def _as_told(verb: Verb, reading: _Reading) -> Verb:
    """Whose hour it was: "got 1h from me" was given, and "Tom gave 1h" is asked about."""
    if verb == "gave" and reading.is_of_another:
        return "duration"
    return "gave" if verb == "received" and FROM_ME.search(reading.text) else verb


def _decide(reading: _Reading) -> Verb:
    verbs = set(reading.verbs)
    if verbs - BESIDE:
        verbs -= BESIDE
    if verbs in ({"yes", "able"}, {"no", "unable"}):
        verbs -= {"able", "unable"}
    for urgent in URGENT:
        if urgent in verbs:
            return urgent
    if reading.is_odd:
        return _about_odd_time(verbs)
    if verbs <= BESIDE and reading.minutes is None and (reading.language or not verbs):
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
    return verb if verb in TOLD else _unless_long(verb, reading)


def _about_odd_time(verbs: set[Verb]) -> Verb:
    """A length that nobody can book: who told of an hour is asked for it again, and nothing else is done."""
    if not verbs:
        return "duration"
    return next(iter(verbs)) if len(verbs) == 1 and verbs <= TOLD else "unknown"


def _about_time(verbs: set[Verb], reading: _Reading) -> Verb:
    """A length of time beside a yes or a no is what it really was: whoever acts compares it."""
    if len(verbs) == 1 and verbs <= TOLD:
        return verbs.pop()
    if reading.not_minutes is not None or verbs & {"yes", "no"}:
        return "different"
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
    beside = len(reading.leftovers) + len(set(reading.verbs) & {"able", "unable"} - {verb})
    if beside > WORDS_BESIDE.get(verb, LEFTOVER_WORDS_MAX):
        return "unknown"
    return _unless_hedged(verb, reading)
