"""Check digits of the numbers by which health services know a person."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.prescribing import numbers
from exchange.prescribing.errors import BadChiNumber, BadNhsNumber

GOOD = ("9434765919", "943 476 5919", "943-476-5919", "4010232137")


@pytest.mark.parametrize("typed", GOOD)
def test_a_number_with_its_check_digit_is_read(typed: str) -> None:
    assert numbers.nhs_number(typed) == "".join(c for c in typed if c.isdigit())


@pytest.mark.parametrize(
    "typed", ["", "943476591", "9434765918", "94347659190", "943476591X", "0000000000", "٩٤٣٤٧٦٥٩١٩"]
)
def test_anything_else_is_not(typed: str) -> None:
    with pytest.raises(BadNhsNumber):
        numbers.nhs_number(typed)


@given(st.sampled_from(GOOD[:1] + GOOD[3:]), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(good: str, place: int, by: int) -> None:
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    assert not numbers.has_check_digit(wrong)


@given(st.integers(0, 8))
def test_two_neighbours_changed_round_are_always_found(place: int) -> None:
    good = GOOD[0]
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert swapped == good or not numbers.has_check_digit(swapped)


def test_a_chi_number_begins_with_a_day() -> None:
    assert numbers.chi_number("010101 0000"[:6] + chi_tail("010101")) == "010101" + chi_tail("010101")
    with pytest.raises(BadChiNumber):
        numbers.chi_number("990101" + chi_tail("990101"))


def chi_tail(day: str) -> str:
    """The first four digits after this day with which the check digit fits."""
    return next(f"{n:04d}" for n in range(10_000) if numbers.has_check_digit(f"{day}{n:04d}"))


def test_years_are_counted_to_the_birthday() -> None:
    assert numbers.years_since(date(2008, 5, 12), date(2026, 5, 11)) == 17
    assert numbers.years_since(date(2008, 5, 12), date(2026, 5, 12)) == 18
    assert not numbers.is_likely(date(2026, 5, 13), date(2026, 5, 12))
    assert not numbers.is_likely(date(1890, 1, 1), date(2026, 5, 12))
