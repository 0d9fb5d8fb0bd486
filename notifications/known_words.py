"""Which command a word or phrase is, a slip of the thumb forgiven where it can mean only one thing."""

from functools import cache
from typing import Final

from notifications.commands import ANY, BY_LANGUAGE, FILLERS, HEDGES, Verb

FUZZY_LETTERS_MIN: Final = 5


@cache
def _phrases(language: str | None) -> dict[str, Verb]:
    tables = [ANY] + ([BY_LANGUAGE[language]] if language in BY_LANGUAGE else [])
    return {
        phrase.replace("'", ""): verb
        for table in tables
        for verb, phrases in table.items()
        for phrase in phrases.split("|")
    }


@cache
def _long_words(language: str | None) -> dict[str, list[str]]:
    """Single words long enough to be misspelt and still known, by their first letter."""
    words: dict[str, list[str]] = {}
    for phrase in _phrases(language):
        if len(phrase) >= FUZZY_LETTERS_MIN and " " not in phrase:
            words.setdefault(phrase[0], []).append(phrase)
    return words


def verb_of(phrase: str, language: str | None, *, forgiving: bool = True) -> Verb | None:
    """The command that a phrase is in this language, if it is one; `forgiving` allows a slip of the thumb."""
    known = _phrases(language)
    plain = phrase.replace("'", "")
    if plain in known:
        return known[plain]
    if not forgiving or len(plain) < FUZZY_LETTERS_MIN or " " in plain or plain in FILLERS | HEDGES:
        return None
    near = {known[other] for other in _long_words(language).get(plain[0], ()) if _one_slip(plain, other)}
    return near.pop() if len(near) == 1 else None


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one letter was added, left out, changed, or swapped with its neighbour."""
    if abs(len(typed) - len(meant)) > 1 or typed[0] != meant[0]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), None)
    if start is None:
        return True
    left, right = typed[start:], meant[start:]
    return (
        left[1:] == right[1:]
        or left[1:] == right
        or left == right[1:]
        or (left[:2] == right[1::-1] and left[2:] == right[2:])
    )
