"""Who in a bank could help whom, as numbers: the acceptable helps from which circles are made.

Pure: rows in, arrays out, the same for the same seed. What must never happen: a help between two whom a wall,
or a word of either, keeps apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from exchange.directory.barriers import Forbidden
from exchange.directory.flow import UNIT_MINUTES, Ints, Problem
from exchange.directory.sides import Codes, Columns, Key, Side, metres_between

CELLS_MAX = 250_000
"""How many (ask, offer) are weighed at once: a few megabytes."""


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


def town(
    asks: Sequence[Side],
    offers: Sequence[Side],
    forbidden: Forbidden,
    *,
    seed: int,
    helpers_max: int,
    places: Mapping[str, tuple[float, float]] | None = None,
) -> Town:
    """Up to `helpers_max` acceptable offers for each ask: the same area first, then by lot.

    `places` are the areas whose (latitude, longitude) is known.
    """
    codes = Codes.of([*asks, *offers])
    wanted, given = Columns.of(asks, codes), Columns.of(offers, codes)
    far = metres_between(codes.areas, places or {})
    random = np.random.default_rng(seed)
    ask_of, offer_of = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for rows, shelf in _shelves(wanted.skills, given.skills):
        rows_of, chosen = _acceptable(wanted, given, rows, shelf, far, helpers_max, random)
        ask_of.append(rows_of)
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
    wanted: Columns,
    given: Columns,
    rows: Ints,
    shelf: Ints,
    far: Ints,
    helpers_max: int,
    random: np.random.Generator,
) -> tuple[Ints, Ints]:
    """The places of asks, and beside them of offers that fit their times, setting, reach and languages."""
    metres = far[wanted.areas[rows, None], given.areas[shelf]]
    near = metres == 0
    asked, offered = wanted.times[rows, None], given.times[shelf]
    fits = (asked == 0) | (offered == 0) | ((asked & offered) > 0)
    fits &= (wanted.settings[rows, None] & given.settings[shelf]) > 0
    fits &= metres <= np.minimum(wanted.reaches[rows, None], given.reaches[shelf])
    fits &= _is_spoken(wanted.needs[rows, None], given.speaks[shelf])
    fits &= _is_spoken(given.needs[shelf], wanted.speaks[rows, None])
    fits &= wanted.parties[rows, None] != given.parties[shelf]
    if len(shelf) > helpers_max:
        lot = random.random(fits.shape, dtype=np.float32) + ~near
        lot[~fits] = np.inf
        last = np.partition(lot, helpers_max - 1, axis=1)[:, helpers_max - 1]
        fits &= lot <= last[:, None]
    row, column = np.nonzero(fits)
    return rows[row], shelf[column]


def _is_spoken(needed: Ints, spoken: Ints) -> NDArray[np.bool_]:
    return np.asarray((needed == 0) | ((needed & spoken) > 0), dtype=bool)


def _forbidden(
    wanted: Columns, given: Columns, helps: Ints, forbidden: Forbidden, codes: Codes
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
