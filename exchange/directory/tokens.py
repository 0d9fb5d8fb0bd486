"""From what somebody typed to the words that can be compared: folded, split, and cut to their stems.

Scripts other than Latin keep their signs: a Bengali vowel is not an accent. Only the beginning of a very long
text is read. The same folding serves the lexicon and full text search, so both see the same words.
"""

import re
import unicodedata
from functools import lru_cache

TEXT_CHARACTERS_MAX = 600
TOKENS_MAX = 80

APOSTROPHES = re.compile("['\u2019`\u02bc]")
WORD = re.compile(r"[^\W_]+", re.ASCII)
LATIN_MARKS = range(0x0300, 0x0370)
STEM_CHARACTERS_MIN = 3
ATION_CHARACTERS_MIN = 4
VOWELS = "aeiou"


def fold(text: str) -> str:
    """Lower case without the accents of Latin letters; ŵ is w, ই stays ই."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in parts if ord(c) not in LATIN_MARKS))


def words(text: str) -> list[str]:
    """The words of a text in their order, folded; numbers and signs are left out."""
    text = APOSTROPHES.sub("", fold(text[:TEXT_CHARACTERS_MAX]))
    found = WORD.findall(text) if text.isascii() else _split(text)
    return [word for word in found if not word.isdigit()][:TOKENS_MAX]


def _split(text: str) -> list[str]:
    """Split where a character is neither letter, number nor a mark on one."""
    return "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in text).split()


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What an English word has in common with its other forms; other words mostly stay as they are."""
    if len(word) <= STEM_CHARACTERS_MIN or not word.isascii():
        return word
    word = _without_plural(word).replace("iz", "is").replace("our", "or")
    for ending, least in (
        ("ation", ATION_CHARACTERS_MIN),
        ("ating", 4),
        ("ate", 4),
        ("ing", 3),
        ("ed", 3),
        ("er", 4),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = _without_double(word[: -len(ending)])
            break
    if word.endswith("e") and len(word) > STEM_CHARACTERS_MIN:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > STEM_CHARACTERS_MIN else word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004  # pies, ties
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_double(word: str) -> str:
    is_double = len(word) > STEM_CHARACTERS_MIN and word[-1] == word[-2] and word[-1] not in "aeioulsz"
    return word[:-1] if is_double else word


def stems(text: str) -> list[str]:
    """The stems of a text's words, in their order."""
    return [stem(word) for word in words(text)]
