"""Times and days as people say them, in the reader's language, for words that leave by text or letter."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date

HOME_COUNTRY = 44

UNITS = {"en": ("h", "min"), "cy": ("awr", "mun"), "bn": ("ঘণ্টা", "মিনিট")}
MORE_RECEIVED = {
    "en": "{} more help had than given. That's fine.",
    "cy": "{} yn fwy o help wedi'i gael na'i roi. Mae hynny'n iawn.",
    "bn": "{} বেশি সাহায্য পেয়েছেন। কোনো সমস্যা নেই।",
}
"""A balance below zero is normal and healthy, and is said so."""


def duration(minutes: int, language: str) -> str:
    """`90` → `1 h 30 min`; the sign is left to the caller."""
    hour, minute = UNITS.get(language, UNITS["en"])
    hours, rest = divmod(abs(minutes), 60)
    parts = [f"{hours} {hour}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} {minute}")
    return " ".join(parts)


def signed(minutes: int, language: str) -> str:
    """A change of a balance, with its sign: a minus that reads as one."""
    sign = "+" if minutes > 0 else "\N{MINUS SIGN}" if minutes < 0 else ""
    return f"{sign}{duration(minutes, language)}"


def balance(minutes: int, language: str) -> str:
    """A balance in words that worry nobody."""
    if minutes >= 0:
        return duration(minutes, language)
    return MORE_RECEIVED.get(language, MORE_RECEIVED["en"]).format(duration(minutes, language))


def telephone(e164: str) -> str:
    """`+442079460010` → `020 7946 0010`, as people at home write it; others keep their country."""
    number = phonenumbers.parse(e164)
    is_home = number.country_code == HOME_COUNTRY
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return phonenumbers.format_number(number, form)


def day(when: date, language: str) -> str:
    """`Mon 11 May`, in the reader's language."""
    return format_date(when, "EEE d MMM", locale=language)


NO_TIME = {"en": "on a day you both choose", "cy": "ar ddiwrnod i'r ddau ohonoch", "bn": "দুজনের সুবিধামতো দিনে"}
OFFICE = {"en": "ask your coordinator", "cy": "gofynnwch i'ch cydlynydd", "bn": "সমন্বয়কারীকে বলুন"}


def moment(at: datetime | None, zone: str, language: str) -> str:
    """`Tue 24 Nov, 10:00` as the bank's clock shows it; without a time, that the two find one."""
    if at is None:
        return NO_TIME.get(language, NO_TIME["en"])
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), language)}, {local:%H:%M}"


def office(number: str | None, language: str) -> str:
    """How to reach somebody whose own number is not shared: through the bank."""
    return telephone(number) if number else OFFICE.get(language, OFFICE["en"])
