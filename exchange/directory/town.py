"""Who in a bank could help whom, as numbers: the acceptable helps from which circles are made.

Pure: rows in, arrays out, the same for the same seed. What must never happen: a help between two whom a wall,
or a word of either, keeps apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from exchange.directory.barriers import Forbidden
from exchange.directory.flow import UNIT_MINUTES, Ints, Problem

SETTING_BITS = {"one_to_one": 1, "group": 2, "either": 3}


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


@dataclass(frozen=True, slots=True)
class Town:
    """Asks, offers, and for each acceptable help the place of its ask and of its offer in them."""

    asks: Sequence[Side]
    offers: Sequence[Side]
    ask_of: Ints
    offer_of: Ints
    members: Sequence[UUID]

    def problem(self, *, quota_minutes: int, quiet: set[UUID], busy_minutes: dict[UUID, int]) -> Problem:
        """The same as a flow's problem: one want for each ask, whatever skills it names."""
        number = {member: n for n, member in enumerate(self.members)}
        wants: dict[UUID, int] = {}
        for ask in self.asks:
            wants.setdefault(ask.listing_id, len(wants))
        owner = {
            ask.listing_id: (number[ask.party_id], max(1, ask.minutes // UNIT_MINUTES)) for ask in self.asks
        }
        givers = np.array([number[offer.party_id] for offer in self.offers], dtype=np.int64)
        want_of = np.array([wants[ask.listing_id] for ask in self.asks], dtype=np.int64)
        quotas = [max(0, quota_minutes - busy_minutes.get(m, 0)) // UNIT_MINUTES for m in self.members]
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
class _Shelf:
    """The offers of one skill, as columns."""

    places: Ints
    times: Ints
    settings: Ints
    areas: Ints
    parties: NDArray[np.object_]


def town(
    asks: Sequence[Side], offers: Sequence[Side], forbidden: Forbidden, *, seed: int, helpers_max: int
) -> Town:
    """Up to `helpers_max` acceptable offers for each ask: the same area first, then by lot."""
    areas = {area: n for n, area in enumerate(sorted({s.small_area or "" for s in (*asks, *offers)}))}
    shelves = _shelves(offers, areas)
    random = np.random.default_rng(seed)
    ask_of, offer_of = [], []
    for place, ask in enumerate(asks):
        shelf = shelves.get(ask.skill)
        if shelf is None or (ask.party_id, ask.skill) in forbidden.skills:
            continue
        fitting = _acceptable(ask, shelf, areas[ask.small_area or ""], helpers_max, random)
        chosen = [n for n in fitting.tolist() if not _is_forbidden(ask, offers[n], forbidden)]
        ask_of.append(np.full(len(chosen), place, dtype=np.int64))
        offer_of.append(np.array(chosen, dtype=np.int64))
    nothing = [np.zeros(0, dtype=np.int64)]
    return Town(
        asks,
        offers,
        np.concatenate(ask_of or nothing),
        np.concatenate(offer_of or nothing),
        sorted({side.party_id for side in (*asks, *offers)}),
    )


def _shelves(offers: Sequence[Side], areas: dict[str, int]) -> dict[str, _Shelf]:
    by_skill: dict[str, list[int]] = defaultdict(list)
    for place, offer in enumerate(offers):
        by_skill[offer.skill].append(place)
    return {
        skill: _Shelf(
            np.array(places, dtype=np.int64),
            np.array([offers[n].times for n in places], dtype=np.int64),
            np.array([SETTING_BITS[offers[n].setting] for n in places], dtype=np.int64),
            np.array([areas[offers[n].small_area or ""] for n in places], dtype=np.int64),
            np.array([offers[n].party_id for n in places], dtype=object),
        )
        for skill, places in by_skill.items()
    }


def _acceptable(ask: Side, shelf: _Shelf, area: int, helpers_max: int, random: np.random.Generator) -> Ints:
    """The places of the offers that fit this ask's times, setting and reach."""
    fits = (shelf.settings & SETTING_BITS[ask.setting]) > 0
    if ask.times:
        fits &= (shelf.times == 0) | ((shelf.times & ask.times) > 0)
    if ask.radius_metres == 0:
        fits &= shelf.areas == area
    found = np.flatnonzero(fits)
    if len(found) > helpers_max:
        lot = random.random(len(found)) + (shelf.areas[found] != area)
        found = found[np.argpartition(lot, helpers_max)[:helpers_max]]
    is_other = np.array([party != ask.party_id for party in shelf.parties[found]], dtype=bool)
    places: Ints = shelf.places[found[is_other]]
    return places


def _is_forbidden(ask: Side, offer: Side, forbidden: Forbidden) -> bool:
    return bool(
        (forbidden.pairs and frozenset((ask.party_id, offer.party_id)) in forbidden.pairs)
        or (offer.party_id, ask.listing_id) in forbidden.listings
        or (ask.party_id, offer.listing_id) in forbidden.listings
        or (offer.party_id, ask.skill) in forbidden.skills
    )
