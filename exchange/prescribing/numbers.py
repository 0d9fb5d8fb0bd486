"""Numbers by which health services know a person, each with a check digit by modulus 11.

The NHS number (England, Wales, Isle of Man) and Scotland's CHI number have ten digits; the CHI number begins
with the day of birth. What must never happen: a number of somebody's in a log, an event or a posting.
"""

from datetime import date, timedelta

from exchange.prescribing.errors import BadChiNumber, BadNhsNumber

DIGITS = 10
CENTURIES = (1900, 2000)
BIRTHDAY_DIGITS = 6


def _digits(typed: str) -> str:
    return "".join(c for c in typed if not c.isspace() and c not in "-\N{NON-BREAKING HYPHEN}\N{EN DASH}")


def has_check_digit(digits: str) -> bool:
    """Whether ten digits end in the one that modulus 11 asks for: where it asks for 10, nobody's."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


def nhs_number(typed: str) -> str:
    """An NHS number as ten digits.

    Raises:
        BadNhsNumber: not ten digits, or the last does not fit the others.
    """
    digits = _digits(typed)
    if not has_check_digit(digits) or len(set(digits)) == 1:
        raise BadNhsNumber
    return digits


def chi_number(typed: str) -> str:
    """A CHI number as ten digits, of which the first six are a day of birth.

    Raises:
        BadChiNumber: not ten digits, no such day, or the last does not fit the others.
    """
    digits = _digits(typed)
    if not has_check_digit(digits) or not _is_a_day(digits[:BIRTHDAY_DIGITS]):
        raise BadChiNumber
    return digits


def _is_a_day(digits: str) -> bool:
    day, month, year = (int(digits[n : n + 2]) for n in (0, 2, 4))
    return any(_exists(century + year, month, day) for century in CENTURIES)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


ADULT_YEARS = 18
OLDEST_YEARS = 120
DAYS_OF_A_YEAR = 365.25


def years_since(born_on: date, today: date) -> int:
    """Whole years lived by `today`."""
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return today.year - born_on.year - (0 if had_birthday else 1)


def is_likely(born_on: date, today: date) -> bool:
    """Whether somebody living may have been born on that day."""
    return today - timedelta(days=OLDEST_YEARS * DAYS_OF_A_YEAR) <= born_on <= today
