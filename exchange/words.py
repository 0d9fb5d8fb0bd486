"""Words that people typed: trimmed, bounded, and free of what a screen cannot show."""

import re

from exchange.errors import TextMissing, TextTooLong

NAME_CHARACTERS_MAX = 80
LINE_CHARACTERS_MAX = 200
NOTE_CHARACTERS_MAX = 2000
KEPT = "\n\u200c\u200d"
"""Lines, and the joiners of Indic and Arabic scripts: unseen, and part of what was written."""
WHITE = re.compile(r"[^\S\n]+")


def clean(typed: str | None, *, field: str, characters_max: int = LINE_CHARACTERS_MAX) -> str | None:
    """`typed` without control characters and outer space, each stretch of white as one space.

    None when nothing is left. Joiners stay within words, since Bengali is written with them.

    Raises:
        TextTooLong: more than `characters_max` characters.
    """
    if typed is None:
        return None
    spaced = WHITE.sub(" ", typed.replace("\r\n", "\n"))
    text = "".join(c for c in spaced if c.isprintable() or c in KEPT).strip(" " + KEPT)
    if len(text) > characters_max:
        raise TextTooLong(field=field)
    return text or None


def required(typed: str | None, *, field: str, characters_max: int = LINE_CHARACTERS_MAX) -> str:
    """As `clean`, and not empty.

    Raises:
        TextMissing: nothing was typed.
    """
    text = clean(typed, field=field, characters_max=characters_max)
    if text is None:
        raise TextMissing(field=field)
    return text
