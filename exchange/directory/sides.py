"""Offers and asks as columns of numbers, so that a whole bank is weighed at once.

Pure: rows in, arrays out. A number stands for each party, listing, skill, area and language.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from exchange.directory.areas import EARTH_RADIUS_METRES
from exchange.directory.flow import Ints

Key = TypeVar("Key", UUID, str)
SETTING_BITS = {"one_to_one": 1, "group": 2, "either": 3}
ANYWHERE = 2**31
LANGUAGES_APART = 62


@dataclass(frozen=True, slots=True)
class Side:
    """One skill of somebody's open offer or ask."""

    listing_id: UUID
    party_id: UUID
    skill: str
    times: int
    setting: str
    small_area: str | None
    radius_metres: int | None
    minutes: int
    is_at_home: bool = False
    languages: Sequence[str] = ()
    language: str | None = None
    """Its owner's own."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The asks, or the offers, as columns of numbers."""

    listings: Ints
    parties: Ints
    skills: Ints
    times: Ints
    settings: Ints
    areas: Ints
    reaches: Ints
    """In metres."""
    needs: Ints
    """Languages of the listing, a bit each …"""
    speaks: Ints
    """… and with them its owner's own."""
    homes: NDArray[np.bool_]

    @classmethod
    def of(cls, sides: Sequence[Side], codes: "Codes") -> "Columns":
        def column(values: Iterable[int]) -> Ints:
            return np.fromiter(values, dtype=np.int64, count=len(sides))

        return cls(
            column(codes.listings[s.listing_id] for s in sides),
            column(codes.parties[s.party_id] for s in sides),
            column(codes.skills[s.skill] for s in sides),
            column(s.times for s in sides),
            column(SETTING_BITS[s.setting] for s in sides),
            column(codes.areas[s.small_area or ""] for s in sides),
            column(_reach(s) for s in sides),
            column(codes.bits(s.languages) for s in sides),
            column(codes.bits((*s.languages, s.language)) for s in sides),
            column(s.is_at_home for s in sides).astype(bool),
        )


@dataclass(frozen=True, slots=True)
class Codes:
    """A number for each party, listing, skill and area."""

    parties: dict[UUID, int]
    listings: dict[UUID, int]
    skills: dict[str, int]
    areas: dict[str, int]
    languages: dict[str, int]

    def bits(self, languages: Iterable[str | None]) -> int:
        """A bit for each language; the sixty-third shares the first one's."""
        found = 0
        for code in languages:
            if code is not None:
                found |= 1 << self.languages[code] % LANGUAGES_APART
        return found

    @classmethod
    def of(cls, sides: Sequence[Side]) -> "Codes":
        return cls(
            numbered({s.party_id for s in sides}),
            numbered({s.listing_id for s in sides}),
            numbered({s.skill for s in sides}),
            numbered({s.small_area or "" for s in sides}),
            numbered({code for s in sides for code in (*s.languages, s.language) if code}),
        )


def _reach(side: Side) -> int:
    """How far its owner would go; without an area of their own nothing is far from it."""
    is_bound = side.radius_metres is not None and side.small_area is not None
    return side.radius_metres if is_bound and side.radius_metres is not None else ANYWHERE


def metres_between(areas: dict[str, int], places: Mapping[str, tuple[float, float]]) -> Ints:
    """How far each area is from each: 0 from itself, and a step where nobody knows."""
    known = [(places[name], number) for name, number in areas.items() if name in places]
    far = np.ones((len(areas), len(areas)), dtype=np.int64)
    if known:
        here = np.radians(np.array([place for place, _ in known], dtype=np.float64))
        north = here[:, None, 0] - here[None, :, 0]
        middle = (here[:, None, 0] + here[None, :, 0]) / 2
        east = (here[:, None, 1] - here[None, :, 1]) * np.cos(middle)
        numbers = np.array([number for _, number in known])
        far[np.ix_(numbers, numbers)] = EARTH_RADIUS_METRES * np.hypot(north, east) + 1
    np.fill_diagonal(far, 0)
    if "" in areas:
        far[areas[""], areas[""]] = 1
    return far


def numbered(keys: set[Key]) -> dict[Key, int]:
    return {key: n for n, key in enumerate(sorted(keys))}
