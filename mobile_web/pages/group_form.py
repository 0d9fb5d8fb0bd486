"""The answers about a group, read part by part: the same for suggesting one and for changing it.

What must never happen: an answer that is not one taken for another.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from typing import Any
from uuid import UUID

from exchange.activities.tables import Activity
from exchange.membership import find, parties
from mobile_web import answers
from mobile_web.answers import Unread, whole
from mobile_web.visit import Visit
from mobile_web.words import N_

REPEATS = {
    "once": N_("Once"),
    "weekly": N_("Every week"),
    "fortnightly": N_("Every two weeks"),
    "monthly": N_("Every month, on the same weekday"),
}
EARNS_FROM = {"issuance": N_("The time bank"), "host": N_("Whoever holds it, from their own hours")}
COSTS_TO = {"pot": N_("The community pot"), "host": N_("Whoever holds it")}
ACCESS_LINES_MAX = 12
NAMES_MAX = 20

Form = Mapping[str, str]


def _text(name: str) -> Callable[[Form], str]:
    return lambda form: form.get(name, "")


def _words(name: str) -> Callable[[Form], str | None]:
    return lambda form: form.get(name) or None


def _yes(name: str) -> Callable[[Form], bool]:
    return lambda form: form.get(name) == "yes"


def _one_of(name: str, choices: Mapping[str, str], usual: str) -> Callable[[Form], str]:
    return lambda form: form[name] if form.get(name) in choices else usual


def _number(name: str, nothing: int | None) -> Callable[[Form], int | None]:
    def read(form: Form) -> int | None:
        if not form.get(name):
            return nothing
        number = whole(form[name])
        if number is None:
            raise Unread(name, "bad_activity")
        return number

    return read


def _day(name: str, *, is_needed: bool) -> Callable[[Form], date | None]:
    def read(form: Form) -> date | None:
        typed = form.get(name, "")
        if not typed and not is_needed:
            return None
        try:
            return date.fromisoformat(typed)
        except ValueError:
            raise Unread(name, "choose_day") from None

    return read


def _starts(form: Form) -> time:
    found = answers.clock(form.get("starts"))
    if found is None:
        raise Unread("starts", "text_missing")
    return found


def _access(form: Form) -> list[str]:
    return [line for line in form.get("access", "").splitlines() if line.strip()][:ACCESS_LINES_MAX]


PARTS: Mapping[str, Callable[[Form], Any]] = {
    "title": _text("title"),
    "location": _text("location"),
    "first_on": _day("first_on", is_needed=True),
    "starts": _starts,
    "minutes": answers.minutes,
    "repeats": _one_of("repeats", REPEATS, "once"),
    "ends_on": _day("ends_on", is_needed=False),
    "places": _number("places", None),
    "about": _words("about"),
    "access": _access,
    "lifts": _words("lifts"),
    "companions_max": _number("companions_max", 0),
    "is_public": lambda form: form.get("members_only") != "yes",
    "late_keeps": _yes("late_keeps"),
    "late_hours": _number("late_hours", 0),
    "earns_minutes": _number("earns_minutes", 0),
    "earns_from": _one_of("earns_from", EARNS_FROM, "issuance"),
    "costs_minutes": _number("costs_minutes", 0),
    "costs_to": _one_of("costs_to", COSTS_TO, "pot"),
    "leaders_earn_minutes": _number("leaders_earn_minutes", 0),
    "has_check_out": _yes("has_check_out"),
}
"""A part of a group → how its answer is read."""
FIELDS = (*PARTS, "leaders")
"""The fields that a sentence may stand beside."""


def read(form: Form, parts: Collection[str]) -> dict[str, Any]:
    """The answers to these parts.

    Raises:
        Unread: one of them is none.
    """
    return {name: PARTS[name](form) for name in PARTS if name in parts}


async def leaders(seen: Visit, form: Form, known: Mapping[UUID, str]) -> list[UUID]:
    """The members named as leaders, one on each line; who leads it already need not be listed.

    Raises:
        Unread: nobody is listed by one of the names, or several people are.
    """
    typed = [line.strip() for line in form.get("leaders", "").splitlines() if line.strip()]
    return [await _member(seen, name, known) for name in dict.fromkeys(typed[: NAMES_MAX + 1])]


async def _member(seen: Visit, name: str, known: Mapping[UUID, str]) -> UUID:
    everyone = await find.find(seen.session, seen.viewer, name)
    found = {one.party_id for one in everyone if one.kind == "member" and _is_same(one.name, name)}
    found |= {
        key
        for key, said in {**known, seen.viewer.member_id: seen.viewer.name}.items()
        if _is_same(said, name)
    }
    if len(found) != 1:
        raise Unread("leaders", "leader_not_found")
    return found.pop()


def _is_same(one: str, other: str) -> bool:
    return one.casefold().strip() == other.casefold().strip()


async def names(seen: Visit, member_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who leads it, by name."""
    return await parties.names(seen.session, seen.viewer.bank_id, member_ids)


def shown(activity: Activity, led_by: Mapping[UUID, str]) -> dict[str, str]:
    """The answers as they stand, for the form to begin with."""
    said = {name: getattr(activity, name) for name in PARTS}
    plain = {name: "" if value is None else str(value) for name, value in said.items()}
    flags = ("late_keeps", "has_check_out")
    return plain | {
        **{name: "yes" if said[name] else "" for name in flags},
        "members_only": "" if activity.is_public else "yes",
        "starts": activity.starts.strftime("%H:%M"),
        "access": "\n".join(activity.access),
        "leaders": "\n".join(sorted(led_by.values(), key=str.casefold)),
    }


def choices(seen: Visit, table: Mapping[str, str]) -> list[tuple[str, str]]:
    """A table's codes with their words in the reader's language."""
    return [(code, seen.speaks.say(words)) for code, words in table.items()]
