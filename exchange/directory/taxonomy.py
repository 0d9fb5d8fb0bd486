"""The skills of a time bank as a coordinator would sort them: read once from `skills.toml`, never changed.

Each skill is open, needs a coordinator's look first, or is left to professionals. What must never happen: a
skill of the last kind in an offer or ask that others can find.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from exchange.directory.errors import SkillNotAllowed, UnknownSkill

SAFETIES = ("open", "ask", "never")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """Something that people do for each other."""

    code: str
    name: str
    group: str
    safety: str
    """`open`, `ask` (a coordinator looks first) or `never` (left to professionals)."""
    words: tuple[str, ...]
    """Everything people call it, misspellings and other languages included."""
    names: Mapping[str, str]
    """Its name by language."""
    groups_by_scheme: Mapping[str, tuple[str, ...]]
    """Its groups in another system's scheme, likeliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Another system's groups: the order when words say nothing, and words that point to a group."""

    groups: tuple[str, ...]
    hints: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    """All of `skills.toml`."""

    skills: Mapping[str, Skill]
    groups: Mapping[str, str]
    """Our own groups: code → name."""
    schemes: Mapping[str, Scheme]
    common: tuple[str, ...]
    silent: tuple[str, ...]


@cache
def load() -> Taxonomy:
    """The taxonomy that comes with the service."""
    data = tomllib.loads(files(__package__).joinpath("skills.toml").read_text("utf-8"))
    schemes = {
        name: Scheme(
            groups=tuple(scheme["groups"]),
            hints=tuple((hint["group"], tuple(hint["words"])) for hint in scheme.get("hint", [])),
        )
        for name, scheme in data["scheme"].items()
    }
    return Taxonomy(
        skills={code: _skill(code, row, schemes) for code, row in data["skill"].items()},
        groups={code: row["name"] for code, row in data["group"].items()},
        schemes=schemes,
        common=tuple(data["common"]["words"]),
        silent=tuple(data["common"]["silent"]),
    )


def _skill(code: str, row: dict[str, Any], schemes: Mapping[str, Scheme]) -> Skill:
    assert row["safety"] in SAFETIES, code
    terms = [row["name"], *row["words"], *row["misspelt"], *row["cy"], *row["bn"], *row["bn-latin"]]
    return Skill(
        code=code,
        name=row["name"],
        group=row["group"],
        safety=row["safety"],
        words=tuple(dict.fromkeys(term.lower() for term in terms)),
        names={"en": row["name"], "cy": row["cy"][0], "bn": row["bn"][0]},
        groups_by_scheme={name: tuple(row.get(name, ())) for name in schemes},
    )


def get(code: str) -> Skill:
    """One skill.

    Raises:
        UnknownSkill
    """
    try:
        return load().skills[code]
    except KeyError:
        raise UnknownSkill(f"We have no skill called {code!r}.") from None


def check(codes: list[str]) -> None:
    """Every one of these is a skill that a time bank may offer or ask for.

    Raises:
        UnknownSkill, SkillNotAllowed
    """
    if not are_allowed(codes):
        raise SkillNotAllowed


def are_allowed(codes: list[str]) -> bool:
    """Whether none of these skills is left to professionals.

    Raises:
        UnknownSkill
    """
    return all(get(code).safety != "never" for code in codes)


def needs_coordinator(codes: list[str]) -> bool:
    """Whether a coordinator must look before others see an offer or ask with these skills."""
    return any(get(code).safety != "open" for code in codes)
