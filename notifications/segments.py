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
GSM7 = GSM7_LETTERS | GSM7_ESCAPED
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
    letters = set(body)
    encoding: Literal["gsm7", "ucs2"] = "gsm7" if letters <= GSM7 else "ucs2"
    wide = letters & GSM7_ESCAPED if encoding == "gsm7" else {c for c in letters if ord(c) > BEYOND_BMP}
    units = len(body) + sum(map(body.count, wide))
    if units <= SINGLE[encoding]:
        return Length(encoding, units, 1)
    return Length(encoding, units, _pack([2 if c in wide else 1 for c in body], SHARED[encoding]))


def _pack(widths: list[int], room: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments
