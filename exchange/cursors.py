"""Places in a list, as text that may stand in an address as it is."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from exchange.errors import BadCursor


def pack(*parts: str) -> str:
    """A place in a list, told by the parts of its last line's order."""
    return urlsafe_b64encode("\n".join(parts).encode()).decode().rstrip("=")


def unpack(cursor: str, parts: int) -> list[str]:
    """What `pack` was given.

    Raises:
        BadCursor: it never was a cursor of ours.
    """
    try:
        text = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise BadCursor from None
    found = text.split("\n")
    if len(found) != parts or "\x00" in text:
        raise BadCursor
    return found
