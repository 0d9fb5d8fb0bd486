"""Words that people typed: trimmed, bounded, and free of what a screen cannot show."""

from exchange.errors import TextMissing, TextTooLong

NAME_CHARACTERS_MAX = 80
LINE_CHARACTERS_MAX = 200
NOTE_CHARACTERS_MAX = 2000


def clean(typed: str | None, *, field: str, characters_max: int = LINE_CHARACTERS_MAX) -> str | None:
    """`typed` without control characters and outer space; None when nothing is left.

    Raises:
        TextTooLong: more than `characters_max` characters.
    """
    if typed is None:
        return None
    text = "".join(c for c in typed if c.isprintable() or c == "\n").strip()
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
