"""How many segments a text costs, counted as the provider bills it.

GSM 03.38 has 128 letters and ten more behind an escape that cost two; one letter outside both turns the
whole text into UCS-2. A pair (an escaped letter, a surrogate pair) is never split between two segments,
so the last septet of a segment may go unused. Source: 3GPP TS 23.038 and TS 23.040.
"""

from dataclasses import dataclass
from typing import Literal

GSM7_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_ESCAPED = frozenset("^{}\\[~]|€\f")
SINGLE = {"gsm7": 160, "ucs2": 70}
SHARED = {"gsm7": 153, "ucs2": 67}
BEYOND_BMP = 0xFFFF


@dataclass(frozen=True, slots=True)
class Length:
    """A text's cost: its alphabet, the units it takes (septets or 16-bit units), and its segments."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    segments: int


def measure(body: str) -> Length:
    """Count a text exactly; an empty text takes one segment, as it is billed."""
    encoding: Literal["gsm7", "ucs2"] = (
        "gsm7" if all(c in GSM7_LETTERS or c in GSM7_ESCAPED for c in body) else "ucs2"
    )
    widths = [_width(c, encoding) for c in body]
    units = sum(widths)
    if units <= SINGLE[encoding]:
        return Length(encoding, units, 1)
    return Length(encoding, units, _pack(widths, SHARED[encoding]))


def _width(character: str, encoding: str) -> int:
    if encoding == "gsm7":
        return 2 if character in GSM7_ESCAPED else 1
    return 2 if ord(character) > BEYOND_BMP else 1


def _pack(widths: list[int], room: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments
