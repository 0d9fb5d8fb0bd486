"""The colours keep their contrast, worked out from the stylesheet itself (WCAG 2.2: 1.4.3, 1.4.6, 1.4.11)."""

import re

import pytest

from mobile_web import assets

CSS = assets.assets()["evenhour.css"].body.decode()
LIGHT = CSS[CSS.index(":root {") : CSS.index("@media (prefers-color-scheme")]
DARK = CSS[CSS.index(":root[data-theme=dark]") : CSS.index("*, ::before")]
BODY, TEXT, EDGE = 7.0, 4.5, 3.0

PAIRS = [
    *((BODY, ink, paper) for ink in ("ink", "soft") for paper in ("page", "card")),
    *((BODY, "ink", wash) for wash in ("plum-wash", "tide-wash", "leaf-wash", "marigold-wash")),
    *((TEXT, "soft", wash) for wash in ("plum-wash", "tide-wash", "leaf-wash", "marigold-wash")),
    *((TEXT, "plum", paper) for paper in ("page", "card", "plum-wash", "leaf-wash")),
    (TEXT, "on-plum", "plum"),
    (TEXT, "on-plum", "plum-deep"),
    (BODY, "on-band", "band"),
    (TEXT, "brick", "card"),
    (TEXT, "brick", "page"),
    (TEXT, "brick", "brick-wash"),
    (TEXT, "leaf", "leaf-wash"),
    (TEXT, "tide", "tide-wash"),
    (TEXT, "marigold-ink", "marigold-wash"),
    *((EDGE, "edge", paper) for paper in ("page", "card")),
    *((EDGE, "focus", paper) for paper in ("page", "card")),
]


def tokens(part: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", part))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_pair_has_its_contrast(scheme: str) -> None:
    known = tokens(LIGHT) | (tokens(DARK) if scheme == "dark" else {})
    weak = {
        f"{ink} on {paper}": round(contrast(known[ink], known[paper]), 2)
        for least, ink, paper in PAIRS
        if contrast(known[ink], known[paper]) < least
    }
    assert weak == {}


def test_the_two_ways_to_the_dark_scheme_are_the_same() -> None:
    asked = CSS[CSS.index("@media (prefers-color-scheme: dark)") : CSS.index(":root[data-theme=dark]")]
    assert tokens(asked) == tokens(DARK)


def test_the_arithmetic_knows_black_from_grey() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#888888") < TEXT
