"""From bytes to a resource in memory: what could hurt is refused before anything is built from it.

XML is not read at all, so none of its bombs goes off; JSON is counted for depth before it is parsed, and a
key that stands twice is refused, since two programs would read two different things.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from api.fhir.outcome import Issue

DEPTH_MAX = 40
STRING_CHARACTERS_MAX = 20_000
SPEAKS = ("application/fhir+json", "application/json")
SKIPPED = re.compile(rb'"(?:[^"\\]|\\.)*"?')
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Unreadable(Exception):
    """Not something that this door reads: why, and with which status it is answered."""

    def __init__(self, status: int, issue: Issue) -> None:
        super().__init__(issue.words)
        self.status, self.issue = status, issue


def is_json(content_type: str) -> bool:
    """Whether the body says that it is JSON."""
    return content_type.partition(";")[0].strip().lower() in SPEAKS


def read(body: bytes, content_type: str) -> dict[str, Any]:
    """The resource in a request's body.

    Raises:
        Unreadable: XML or another kind, no JSON, too deep, a key twice, or no object.
    """
    if not is_json(content_type):
        raise _no(415, "not-supported", "This door speaks JSON: send application/fhir+json.")
    if depth(body) > DEPTH_MAX:
        raise _no(400, "too-costly", f"More than {DEPTH_MAX} levels deep.")
    try:
        found = json.loads(body, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as error:
        words = str(error) if isinstance(error, _Refused) else "This is not JSON."
        raise _no(400, "structure", words) from None
    if not isinstance(found, dict):
        raise _no(400, "structure", "A resource is a JSON object.")
    for path, words in unfit(found, str(found.get("resourceType", "Bundle"))[:40]):
        raise Unreadable(400, Issue("value", path, words))
    return found


class _Refused(ValueError):
    """JSON that says two things at once, or a number that is none."""


def _no(status: int, kind: str, words: str) -> Unreadable:
    return Unreadable(status, Issue(kind, "Bundle", words))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused("A key stands twice in one object.")
    return found


def _never(name: str) -> Any:
    raise _Refused(f"{name} is not a number that JSON knows.")


def depth(body: bytes) -> int:
    """How deep the brackets stand, outside of strings; counted without building anything."""
    deepest = level = 0
    for byte in SKIPPED.sub(b"", body):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level -= 1
    return deepest


def unfit(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Strings that FHIR does not allow anywhere: control characters, halves of characters, endless ones."""
    if isinstance(value, str):
        if CONTROL.search(value):
            yield path, "Control characters or broken characters."
        if len(value) > STRING_CHARACTERS_MAX:
            yield path, "This text is too long."
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from unfit(name, path)
            yield from unfit(part, f"{path}.{name}")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from unfit(part, f"{path}[{number}]")
