"""Cutting a name without breaking a letter: marks stay with what they mark, joined letters stay joined."""

import unicodedata

JOINERS = frozenset({"\u200d", "\u09cd", "\u094d"})
"""Zero-width joiner, and the Bengali and Devanagari virama: the next letter belongs to this one."""


def clusters(body: str) -> list[str]:
    """The letters of a text as a reader sees them."""
    found: list[str] = []
    for character in body:
        if found and (_marks(character) or found[-1][-1] in JOINERS or _ends_a_flag(found[-1], character)):
            found[-1] += character
        else:
            found.append(character)
    return found


def cut(name: str, *, clusters_min: int) -> str:
    """The name without its last letter, or as it is when it has only `clusters_min` left."""
    letters = clusters(name)
    if len(letters) <= clusters_min:
        return name
    return "".join(letters[:-1]).rstrip()


def _marks(character: str) -> bool:
    """Marks, joiners, variation selectors, skin tones and a flag's tags belong to the letter before them."""
    return (
        unicodedata.category(character).startswith("M")
        or character in JOINERS
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
        or character == "\u200c"
    )


def _ends_a_flag(before: str, character: str) -> bool:
    """A flag is written as two letters: half of one is another letter."""
    return len(before) == 1 and all("\U0001f1e6" <= half <= "\U0001f1ff" for half in (before, character))
