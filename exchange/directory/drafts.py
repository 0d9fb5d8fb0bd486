"""A listing as somebody writes it, checked before it becomes a row."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from exchange.directory import times
from exchange.directory.errors import DatesCrossed, DaysNeverMeet, LastDayOver, RadiusOutOfRange, ReviewTooFar
from exchange.directory.tables import MINUTES_MAX, RADIUS_METRES_MAX, SETTINGS, Listing
from exchange.errors import UnknownChoice
from exchange.hours.errors import MinutesOutOfRange
from exchange.membership import banks
from exchange.membership.tables import Bank
from exchange.words import NOTE_CHARACTERS_MAX, clean, required

ACCESS = ("wheelchair", "step_free", "hearing", "sight", "sign_language", "quiet", "no_pets", "easy_words")
LANGUAGES_MAX = 12
WEEK_DAYS = 7
REVIEW_DAYS = {"offer": 180, "request": 60}
REVIEW_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class NewListing:
    """An offer or ask. `skills` None: they are understood from the description."""

    kind: Literal["offer", "request"]
    description: str
    skills: Sequence[str] | None = None
    on_behalf_of: UUID | None = None
    """The member or organisation whose it is; None: the viewer's own."""
    is_draft: bool = False
    small_area: str | None = None
    radius_metres: int | None = None
    minutes: int | None = None
    times: Sequence[str] = ()
    """Parts of the week, such as `tue_morning`, `weekend`, `evenings`; empty: any time."""
    starts_on: date | None = None
    ends_on: date | None = None
    languages: Sequence[str] = ()
    access: Sequence[str] = ()
    setting: Literal["one_to_one", "group", "either"] = "either"
    is_at_home: bool = False
    proposes_activity: bool = False
    review_on: date | None = None

    def fingerprint(self, party_id: UUID) -> str:
        """The same for a repeat, another for another listing."""
        words = json.dumps({**asdict(self), "on_behalf_of": party_id}, default=str, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()


CHANGEABLE = frozenset(f.name for f in fields(NewListing)) - {"kind", "on_behalf_of", "is_draft"}


def draft_of(listing: Listing) -> NewListing:
    """The draft that would make this listing again."""
    same = {name: getattr(listing, name) for name in CHANGEABLE if name != "times"}
    return NewListing(kind=listing.kind, times=times.words(listing.times), **same)  # type: ignore[arg-type]  # the database holds the rule


def columns(bank: Bank, draft: NewListing, at: datetime) -> dict[str, Any]:
    """The checked values of the listing's own columns, except for its skills and its state.

    Raises:
        TextMissing, TextTooLong, UnknownChoice, UnknownTime, DatesCrossed, RadiusOutOfRange,
        MinutesOutOfRange, ReviewTooFar
    """
    _check_numbers(draft)
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise DatesCrossed
    _check_days(draft)
    return {
        "description": required(draft.description, field="description", characters_max=NOTE_CHARACTERS_MAX),
        "small_area": clean(draft.small_area, field="small_area"),
        "radius_metres": draft.radius_metres,
        "minutes": draft.minutes,
        "times": times.bits(draft.times),
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "languages": _languages(draft.languages),
        "access": _choices(draft.access, ACCESS, "access"),
        "setting": _choices([draft.setting], SETTINGS, "setting")[0],
        "is_at_home": draft.is_at_home,
        "proposes_activity": draft.proposes_activity,
        "review_on": _first_review(review_day(bank, draft.kind, draft.review_on, at), draft.ends_on),
    }


def check_last_day(ends_on: date | None, *, today: date) -> None:
    """What is fresh makes sense on some day to come; what stood beyond its last day is asked about.

    Raises:
        LastDayOver
    """
    if ends_on is not None and ends_on < today:
        raise LastDayOver


def _check_days(draft: NewListing) -> None:
    """What is for Tuesdays only, from a Wednesday to a Friday, is for never."""
    if (
        draft.starts_on is None
        or draft.ends_on is None
        or (draft.ends_on - draft.starts_on).days >= WEEK_DAYS
    ):
        return
    found = times.bits(draft.times)
    days = {
        (draft.starts_on + timedelta(days=n)).weekday()
        for n in range(min(7, (draft.ends_on - draft.starts_on).days + 1))
    }
    if found and not any(found >> (3 * day) & 0b111 for day in days):
        raise DaysNeverMeet


def _first_review(wanted: date, ends_on: date | None) -> date:
    """The day after its last day, when that comes first."""
    return wanted if ends_on is None or wanted <= ends_on else ends_on + timedelta(days=1)


def _check_numbers(draft: NewListing) -> None:
    if draft.minutes is not None and not 1 <= draft.minutes <= MINUTES_MAX:
        raise MinutesOutOfRange
    if draft.radius_metres is not None and not 0 <= draft.radius_metres <= RADIUS_METRES_MAX:
        raise RadiusOutOfRange


def _choices(chosen: Sequence[str], allowed: Sequence[str], field: str) -> list[str]:
    if not set(chosen) <= set(allowed):
        raise UnknownChoice(field=field)
    return sorted(set(chosen))


def _languages(codes: Sequence[str]) -> list[str]:
    found = sorted({code.strip().lower() for code in codes if code.strip()})
    if len(found) > LANGUAGES_MAX or any(not code.isalpha() or len(code) not in (2, 3) for code in found):
        raise UnknownChoice(field="languages")
    return found


def review_day(bank: Bank, kind: str, wanted: date | None, at: datetime) -> date:
    """The day to ask whether it still stands: as wished within a year, else what suits its kind.

    Raises:
        ReviewTooFar
    """
    today = banks.today(bank, at)
    if wanted is not None and wanted > today + timedelta(days=REVIEW_DAYS_MAX):
        raise ReviewTooFar
    return wanted or today + timedelta(days=REVIEW_DAYS[kind])
