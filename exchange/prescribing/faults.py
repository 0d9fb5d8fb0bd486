"""Everything that is wrong on a screen at once, so that nobody with ten minutes is sent back four times.

The checks themselves stay those of `checking`: each finds one thing; what it found is put right here for
the next look only. What must never happen: anything made up here that is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.errors import ExchangeError
from exchange.membership.tables import Bank
from exchange.membership.viewer import Viewer
from exchange.prescribing import checking
from exchange.prescribing.checking import Consent, NewReferral, Who
from exchange.prescribing.tables import BACKS, BASES

Part = TypeVar("Part", Who, Consent)
REACHED: Final[Mapping[str, Any]] = {"telephone": "020 7946 0000"}
WHO: Final[Mapping[str, Mapping[str, Any]]] = {
    "name": {"name": "?"},
    "born_on": {"born_on": date(1970, 1, 1)},
    "address": {"address": "?"},
    "nhs_number": {"nhs_number": ""},
    "chi_number": {"chi_number": ""},
    "telephone": REACHED,
    "contact": REACHED,
    "email": {"email": ""},
    "not_to_say": {"not_to_say": ""},
}
CONSENT: Final[Mapping[str, Mapping[str, Any]]] = {
    "consents": {"consents": True},
    "heard": {"heard": checking.HEARD[0]},
    "basis": {"basis": BASES[0]},
    "back": {"back": BACKS[0]},
}
"""The field that a rule names → an answer that keeps it."""


def in_who(bank: Bank, route: str, referral_id: UUID, who: Who, *, at: datetime) -> list[ExchangeError]:
    """Every rule that the first screen's answers break, in their order."""
    return _every(lambda one: checking.check_who(bank, route, referral_id, one, at=at), who, WHO)


async def at_the_end(
    session: AsyncSession, viewer: Viewer, new: NewReferral, *, at: datetime
) -> list[ExchangeError]:
    """Every rule that the last screen's answers break."""
    found = []
    try:
        await checking.check_what(session, viewer, new, at=at)
    except ExchangeError as broken:
        found.append(broken)
    found += _every(checking.check_consent, new.consent, CONSENT)
    try:
        await checking.check_carried(session, viewer, new)
    except ExchangeError as broken:
        found.append(broken)
    return found


def _every(
    check: Callable[[Part], object], given: Part, right: Mapping[str, Mapping[str, Any]]
) -> list[ExchangeError]:
    found: list[ExchangeError] = []
    while (broken := _first(check, given)) is not None:
        field = broken.field or ""
        is_again = any(one.field == field for one in found)
        found.append(broken)
        if is_again or field not in right:
            break
        given = replace(given, **right[field])
    return found


def _first(check: Callable[[Part], object], given: Part) -> ExchangeError | None:
    try:
        check(given)
    except ExchangeError as broken:
        return broken
    return None
