"""Whether a resource has the shape that the standard gives it: names, kinds, how often, required codes.

Every complaint carries the path of its element. What must never happen: an element passed over because we
do not know it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from api.fhir.outcome import Issue
from api.fhir.shapes import MANY, NUMBERS, PRIMITIVES, RESOURCES, TEXTS, Element, Shape, shape

RESOURCE_TYPE = re.compile(r"[A-Z][A-Za-z]{2,40}")


def check_bundle(bundle: dict[str, Any]) -> list[Issue]:
    """What is wrong with the shape of a Bundle and of every resource in it."""
    if bundle.get("resourceType") != "Bundle":
        return [Issue("structure", "Bundle.resourceType", "This is not a Bundle.")]
    return list(_check(bundle, "Bundle", "Bundle"))


def _check(value: Any, kind: str, path: str) -> Iterator[Issue]:
    if kind == "any":
        yield from _is_there(value, path)
    elif kind in PRIMITIVES:
        yield from _primitive(value, kind, path)
    elif not isinstance(value, dict):
        yield Issue("structure", path, "An object belongs here.")
    elif kind == "resource":
        yield from _resource(value, path)
    else:
        found = shape(kind)
        assert found is not None, kind
        yield from _object(value, found, path)
        yield from _rules(value, kind, path)


def _is_there(value: Any, path: str) -> Iterator[Issue]:
    if value is None or value in ("", [], {}):
        yield Issue("structure", path, "Nothing stands here: leave the element out.")


def _resource(value: dict[str, Any], path: str) -> Iterator[Issue]:
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not RESOURCE_TYPE.fullmatch(kind) or kind == "Bundle":
        yield Issue("structure", f"{path}.resourceType", "Say which type of resource this is.")
    elif kind in RESOURCES:
        yield from _check(value, kind, path)


def _object(value: dict[str, Any], known: Shape, path: str) -> Iterator[Issue]:
    if not value:
        yield Issue("structure", path, "An empty object: leave the element out.")
    for name, part in value.items():
        if name.startswith("_") and name[1:] in known.written:
            yield from _beside(part, f"{path}.{name}")
        elif name not in known.written:
            yield Issue("structure", f"{path}.{name}"[:200], "There is no such element.")
        else:
            yield from _named(part, *known.written[name], f"{path}.{name}")
    for each in known.elements:
        yield from _often(value, each, path)


def _beside(value: Any, path: str) -> Iterator[Issue]:
    """What stands beside a primitive, under its name with a line before it: an id and extensions."""
    for part in value if isinstance(value, list) else [value]:
        if part is not None and (not isinstance(part, dict) or not part or part.keys() - {"id", "extension"}):
            yield Issue("structure", path, "Only an id and extensions belong here.")


def _named(value: Any, each: Element, kind: str, path: str) -> Iterator[Issue]:
    if each.high == 0:
        yield Issue("not-supported", path, "This changes the meaning of the rest and is not understood here.")
    elif each.is_list != isinstance(value, list):
        words = "A list belongs here." if each.is_list else "One value belongs here, not a list."
        yield Issue("structure", path, words)
    elif each.is_list:
        yield from _is_there(value, path)
        for number, part in enumerate(value[:MANY]):
            yield from _value(part, each, kind, f"{path}[{number}]")
        if len(value) > MANY:
            yield Issue("too-costly", path, f"More than {MANY} of them.")
    else:
        yield from _value(value, each, kind, path)


def _value(value: Any, each: Element, kind: str, path: str) -> Iterator[Issue]:
    before = list(_check(value, kind, path))
    yield from before
    if not before and each.codes and value not in each.codes:
        yield Issue("code-invalid", path, f"Not one of the required codes: {', '.join(sorted(each.codes))}.")


def _often(value: dict[str, Any], each: Element, path: str) -> Iterator[Issue]:
    name = f"{each.name}[x]" if each.is_choice else each.name
    there = [spelt for spelt in each.spelt() if spelt in value]
    if each.low and not there:
        yield Issue("required", f"{path}.{name}", "This must be there.")
    if len(there) > 1:
        yield Issue("structure", f"{path}.{name}", "One kind only may be given.")


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile(TEXTS[kind])


def _primitive(value: Any, kind: str, path: str) -> Iterator[Issue]:
    if kind == "boolean":
        is_right = isinstance(value, bool)
    elif kind in NUMBERS:
        low, high = NUMBERS[kind]
        kinds = (int, float) if kind == "decimal" else (int,)
        is_right = isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high
    else:
        is_right = isinstance(value, str) and bool(_pattern(kind).fullmatch(value)) and value.strip() != ""
        is_right = is_right and (kind not in DAYS or _is_in_calendar(value))
    if not is_right:
        yield Issue("value", path, f"This is no {kind}.")


DAYS = ("date", "dateTime", "instant")
DAY_CHARACTERS = 10


def _is_in_calendar(text: str) -> bool:
    """Whether a day that is written whole is one that was or will be."""
    try:
        date.fromisoformat(text[:DAY_CHARACTERS])
    except ValueError:
        return len(text) < DAY_CHARACTERS
    return True


Rule = tuple[str, Callable[[dict[str, Any]], object], str]

RULES: Mapping[str, Rule] = {
    "Consent": (
        "policyRule",
        lambda it: it.get("policy") or it.get("policyRule"),
        "Either a policy or a policyRule.",
    ),
    "ServiceRequest": (
        "orderDetail",
        lambda it: it.get("code") or not it.get("orderDetail"),
        "Details need a code that they detail.",
    ),
    "Task": (
        "lastModified",
        lambda it: str(it.get("authoredOn", "")) <= str(it.get("lastModified", "9999")),
        "It was changed before it was written.",
    ),
    "Observation": (
        "dataAbsentReason",
        lambda it: not (it.get("dataAbsentReason") and _has_value(it)),
        "A value is there, so none is absent.",
    ),
    "Extension": (
        "",
        lambda it: ("extension" in it) != _has_value(it),
        "A value or extensions, one of them.",
    ),
    "Period": (
        "",
        lambda it: str(it.get("start", "")) <= str(it.get("end", "9999")),
        "It ends before it starts.",
    ),
    "ContactPoint": (
        "system",
        lambda it: it.get("system") or not it.get("value"),
        "Say of which system the value is.",
    ),
}
"""Kind → the element that is named, the standard's rule between two of its elements, and what is said."""


def _has_value(thing: dict[str, Any]) -> bool:
    return any(name.startswith("value") for name in thing)


def _rules(value: dict[str, Any], kind: str, path: str) -> Iterator[Issue]:
    if kind in RULES:
        element, holds, words = RULES[kind]
        if not holds(value):
            yield Issue("invariant", f"{path}.{element}".rstrip("."), words)
