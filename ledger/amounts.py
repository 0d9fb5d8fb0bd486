"""Amounts in minor units, written for a person and for other systems' journals.

What must never happen: an amount rounded. A currency whose minor unit is no power of ten (an hour's 60
minutes) has no exact decimals, so journals carry its minor unit instead.
"""

HOUR_MINUTES = 60


def decimals(minor_per_major: int) -> int | None:
    """How many decimals show a currency exactly; None when no number does."""
    digits = len(str(minor_per_major)) - 1
    return digits if minor_per_major == 10**digits else None


def as_words(amount_minor: int, minor_per_major: int, label: str) -> str:
    """An amount as a person reads it: `1 h 30 min`, or `12.50 leaves`."""
    sign, (major, minor) = "-" * (amount_minor < 0), divmod(abs(amount_minor), minor_per_major)
    places = decimals(minor_per_major)
    if minor_per_major == HOUR_MINUTES:
        parts = [f"{major} h"] * bool(major) + [f"{minor} min"] * bool(minor or not major)
        return sign + " ".join(parts)
    if places is None:
        return f"{sign}{major} {minor}/{minor_per_major} {label}"
    return f"{as_decimal(amount_minor, places)} {label}"


def as_decimal(amount_minor: int, places: int) -> str:
    """An amount with a decimal point and no rounding."""
    sign, digits = "-" * (amount_minor < 0), str(abs(amount_minor)).zfill(places + 1)
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
