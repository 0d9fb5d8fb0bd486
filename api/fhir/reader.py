"""A Bundle being read: where each resource stands, what was wrong, and which element said what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.fhir.outcome import Issue

Resource = dict[str, Any]


class NotTaken(Exception):
    """The Bundle is well formed and no referral: each reason names its element."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__("; ".join(issue.words for issue in issues))
        self.issues = list(issues)


@dataclass(slots=True)
class Reader:
    """The resources by type, where each stands, and what was wrong so far."""

    parts: dict[str, tuple[str, Resource]] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    """Field of the referral → the element that said it."""

    def wrong(self, kind: str, path: str, words: str) -> None:
        self.issues.append(Issue(kind, path, words))

    def path(self, kind: str, element: str) -> str:
        return f"{self.parts[kind][0]}.{element}"

    def must(self, holds: object, kind: str, path: str, words: str) -> None:
        if not holds:
            self.wrong(kind, path, words)


def codings(concepts: Sequence[Resource], path: str) -> Iterator[tuple[str, str, str]]:
    """Each coding: its path, its system and its code."""
    for number, each in enumerate(concepts):
        for place, one in enumerate(each.get("coding") or ()):
            yield f"{path}[{number}].coding[{place}].code", one.get("system", ""), one.get("code", "")


def ours(system: str, concepts: Sequence[Resource] | None) -> str:
    """The code of one of our own systems; empty where there is none, or two that differ."""
    found = {code for _, where, code in codings(concepts or (), "") if where == system}
    return found.pop() if len(found) == 1 else ""
