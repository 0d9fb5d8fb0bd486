"""Which telephone numbers may be texted, decided before any money is spent.

Landlines never receive texts; premium, personal (070) and pager ranges are refused; Crown Dependencies
look British and cost more, so they are flagged. Ofcom's drama numbers count as what they imitate.
"""

from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

Line = Literal["mobile", "crown_dependency", "landline", "refused", "foreign", "not_a_number"]
CROWN_DEPENDENCIES = frozenset({"JE", "GG", "IM"})
REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOIP,
    }
)
UNITED_KINGDOM = 44


def line_of(number: str, *, countries: frozenset[int] = frozenset({UNITED_KINGDOM})) -> Line:
    """What kind of line an E.164 number is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "not_a_number"
    if not phonenumbers.is_possible_number(parsed):
        return "not_a_number"
    if parsed.country_code not in countries:
        return "foreign"
    return _line_within(parsed)


def _line_within(parsed: phonenumbers.PhoneNumber) -> Line:
    kind = phonenumbers.number_type(parsed)
    if kind in REFUSED_TYPES:
        return "refused"
    if phonenumbers.region_code_for_number(parsed) in CROWN_DEPENDENCIES:
        return "crown_dependency" if kind == PhoneNumberType.MOBILE else "landline"
    if kind in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}:
        return "mobile"
    if kind == PhoneNumberType.FIXED_LINE:
        return "landline"
    return _line_by_prefix(parsed)


def _line_by_prefix(parsed: phonenumbers.PhoneNumber) -> Line:
    """For numbers the library does not know, such as those kept for drama (07700 900xxx, 01632 960xxx)."""
    national = str(parsed.national_number)
    if parsed.country_code != UNITED_KINGDOM:
        return "mobile"
    if national.startswith("7") and not national.startswith(("70", "76")):
        return "mobile"
    return "landline" if national.startswith(("1", "2")) else "refused"


def as_dialled(number: str) -> str:
    """A number as people here read and dial it (020 7946 0123); what is no E.164 number stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != UNITED_KINGDOM:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
