"""Words as people typed them: nothing lost that they meant, nothing kept that a screen cannot show."""

import pytest

from exchange.words import clean

BENGALI = "\u09b0\u200d\u09cd\u09af\u09be\u09ac"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (BENGALI, BENGALI),
        ("10 Park\tRoad", "10 Park Road"),
        ("10\u00a0Park  Road\u3000", "10 Park Road"),
        ("one\r\ntwo", "one\ntwo"),
        ("a\x00\u202eb", "ab"),
        (" \u200d ", None),
    ],
)
def test_white_space_is_one_space_and_joiners_stay(typed: str, kept: str | None) -> None:
    assert clean(typed, field="name") == kept
