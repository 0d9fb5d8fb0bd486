"""Who in a bank could help whom, as numbers: the acceptable helps from which circles are made.

Pure: rows in, arrays out, the same for the same seed. What must never happen: a help between two whom a wall,
or a word of either, keeps apart.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from exchange.directory.barriers import Forbidden
from exchange.directory.flow import UNIT_MINUTES, Ints, Problem

Key = TypeVar("Key", UUID, str)
SETTING_BITS = {"one_to_one": 1, "group": 2, "either": 3}
CELLS_MAX = 250_000
"""How many (ask, offer) are weighed at once: a few megabytes."""


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


@dataclass(frozen=True, slots=True)
class Town:
    """Asks, offers, and for each acceptable help the place of its ask and of its offer in them."""

    asks: Sequence[Side]
    offers: Sequence[Side]
    ask_of: Ints
    offer_of: Ints
    members: Sequence[UUID]

    def problem(
        self,
        *,
        quota_minutes: int,
        quiet: set[UUID],
        busy_minutes: dict[UUID, int],
        quiet_extra_minutes: int = 0,
    ) -> Problem:
        """The same as a flow's problem: one want for each ask, whatever skills it names.

        `quiet_extra_minutes` is by how much the quota of a quiet member is wider than `quota_minutes`.
        """
        number = {member: n for n, member in enumerate(self.members)}
        wants: dict[UUID, int] = {}
        for ask in self.asks:
            wants.setdefault(ask.listing_id, len(wants))
        owner = {
            ask.listing_id: (number[ask.party_id], max(1, ask.minutes // UNIT_MINUTES)) for ask in self.asks
        }
        givers = np.array([number[offer.party_id] for offer in self.offers], dtype=np.int64)
        want_of = np.array([wants[ask.listing_id] for ask in self.asks], dtype=np.int64)
        quotas = [
            max(0, quota_minutes + (m in quiet) * quiet_extra_minutes - busy_minutes.get(m, 0))
            // UNIT_MINUTES
            for m in self.members
        ]
        asked = np.array([owner[listing_id] for listing_id in wants], dtype=np.int64).reshape(-1, 2)
        return Problem(
            quotas=np.array(quotas, dtype=np.int64),
            is_quiet=np.array([member in quiet for member in self.members], dtype=bool),
            want_receivers=asked[:, 0],
            want_units=asked[:, 1],
            givers=givers[self.offer_of],
            wants=want_of[self.ask_of],
        )

    def leg(self, number: int) -> dict[str, Any]:
        """One help with the keys of its people and listings."""
        ask, offer = self.asks[int(self.ask_of[number])], self.offers[int(self.offer_of[number])]
        return {
            "giver_id": offer.party_id,
            "receiver_id": ask.party_id,
            "offer_id": offer.listing_id,
            "request_id": ask.listing_id,
            "skill": ask.skill,
        }


@dataclass(frozen=True, slots=True)
class _Columns:
    """The asks, or the offers, as columns of numbers."""

    listings: Ints
    parties: Ints
    skills: Ints
    times: Ints
    settings: Ints
    areas: Ints
    stays: NDArray[np.bool_]
    """No further than the own area."""
    homes: NDArray[np.bool_]

    @classmethod
    def of(cls, sides: Sequence[Side], codes: "_Codes") -> "_Columns":
        def column(values: Iterable[int]) -> Ints:
            return np.fromiter(values, dtype=np.int64, count=len(sides))

        return cls(
            column(codes.listings[s.listing_id] for s in sides),
            column(codes.parties[s.party_id] for s in sides),
            column(codes.skills[s.skill] for s in sides),
            column(s.times for s in sides),
            column(SETTING_BITS[s.setting] for s in sides),
            column(codes.areas[s.small_area or ""] for s in sides),
            column(s.radius_metres == 0 for s in sides).astype(bool),
            column(s.is_at_home for s in sides).astype(bool),
        )


@dataclass(frozen=True, slots=True)
class _Codes:
    """A number for each party, listing, skill and area."""

    parties: dict[UUID, int]
    listings: dict[UUID, int]
    skills: dict[str, int]
    areas: dict[str, int]

    @classmethod
    def of(cls, sides: Sequence[Side]) -> "_Codes":
        return cls(
            _numbered({s.party_id for s in sides}),
            _numbered({s.listing_id for s in sides}),
            _numbered({s.skill for s in sides}),
            _numbered({s.small_area or "" for s in sides}),
        )


def _numbered(keys: set[Key]) -> dict[Key, int]:
    return {key: n for n, key in enumerate(sorted(keys))}


def town(
    asks: Sequence[Side], offers: Sequence[Side], forbidden: Forbidden, *, seed: int, helpers_max: int
) -> Town:
    """Up to `helpers_max` acceptable offers for each ask: the same area first, then by lot."""
    codes = _Codes.of([*asks, *offers])
    wanted, given = _Columns.of(asks, codes), _Columns.of(offers, codes)
    random = np.random.default_rng(seed)
    ask_of, offer_of = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for rows, shelf in _shelves(wanted.skills, given.skills):
        places, chosen = _acceptable(wanted, given, rows, shelf, helpers_max, random)
        ask_of.append(places)
        offer_of.append(chosen)
    helps = np.stack([np.concatenate(ask_of), np.concatenate(offer_of)])
    helps = helps[:, ~_forbidden(wanted, given, helps, forbidden, codes)]
    helps = helps[:, np.argsort(helps[0], kind="stable")]
    return Town(asks, offers, helps[0], helps[1], list(codes.parties))


def _shelves(wanted: Ints, given: Ints) -> Iterator[tuple[Ints, Ints]]:
    """For each skill asked for and offered: places of asks (a block at most), places of all its offers."""
    for skill in np.intersect1d(wanted, given).tolist():
        rows, shelf = np.flatnonzero(wanted == skill), np.flatnonzero(given == skill)
        block = max(1, CELLS_MAX // len(shelf))
        for first in range(0, len(rows), block):
            yield rows[first : first + block], shelf


def _acceptable(
    wanted: _Columns,
    given: _Columns,
    rows: Ints,
    shelf: Ints,
    helpers_max: int,
    random: np.random.Generator,
) -> tuple[Ints, Ints]:
    """The places of asks, and beside them of the offers that fit each one's times, setting and reach."""
    near = wanted.areas[rows, None] == given.areas[shelf]
    asked, offered = wanted.times[rows, None], given.times[shelf]
    fits = (asked == 0) | (offered == 0) | ((asked & offered) > 0)
    fits &= (wanted.settings[rows, None] & given.settings[shelf]) > 0
    fits &= near | ~wanted.stays[rows, None]
    fits &= wanted.parties[rows, None] != given.parties[shelf]
    if len(shelf) > helpers_max:
        lot = random.random(fits.shape, dtype=np.float32) + ~near
        lot[~fits] = np.inf
        last = np.partition(lot, helpers_max - 1, axis=1)[:, helpers_max - 1]
        fits &= lot <= last[:, None]
    row, column = np.nonzero(fits)
    return rows[row], shelf[column]


def _forbidden(
    wanted: _Columns, given: _Columns, helps: Ints, forbidden: Forbidden, codes: _Codes
) -> NDArray[np.bool_]:
    """Which of these helps a wall, a word of either side, or a rule keeps apart."""
    ask, offer = helps
    askers, helpers = wanted.parties[ask], given.parties[offer]
    walls = [(one, other) for pair in forbidden.pairs for one in pair for other in pair]
    apart: NDArray[np.bool_] = (
        _is_among(askers, helpers, walls, codes.parties, codes.parties)
        | _is_among(helpers, wanted.listings[ask], forbidden.listings, codes.parties, codes.listings)
        | _is_among(askers, given.listings[offer], forbidden.listings, codes.parties, codes.listings)
        | _is_among(helpers, wanted.skills[ask], forbidden.skills, codes.parties, codes.skills)
        | _is_among(askers, wanted.skills[ask], forbidden.skills, codes.parties, codes.skills)
        | _is_among(helpers, wanted.skills[ask], forbidden.helpers, codes.parties, codes.skills)
        | (
            (wanted.homes[ask] | given.homes[offer])
            & _is_one_of(askers, forbidden.at_home.receivers, codes.parties)
            & _is_one_of(helpers, forbidden.at_home.givers, codes.parties)
        )
    )
    return apart


def _is_one_of(parties: Ints, named: Iterable[UUID], codes: dict[UUID, int]) -> NDArray[np.bool_]:
    numbers = np.array([codes[party] for party in named if party in codes], dtype=np.int64)
    return np.isin(parties, numbers)


def _is_among(
    parties: Ints,
    things: Ints,
    said: Iterable[tuple[UUID, Key]],
    party_codes: dict[UUID, int],
    thing_codes: dict[Key, int],
) -> NDArray[np.bool_]:
    """Whether each (party, thing) is one of those said; what nobody here asks or offers is left aside."""
    keys = [
        party_codes[party] * len(thing_codes) + thing_codes[thing]
        for party, thing in said
        if party in party_codes and thing in thing_codes
    ]
    return np.isin(parties * len(thing_codes) + things, keys)
