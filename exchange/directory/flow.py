"""Circles of help as a flow: everybody gives as much as they receive, and the hours are the most possible.

A member is a point with a quota, an acceptable help is an arc, and what flows round and round is a min-cost
circulation (Andersson, Cseh, Ehlers, Erlanson: Organizing time exchanges, 2021), solved by OR-Tools in whole
units. A bonus for quiet members is weighed in; it may cost hours and gives up the paper's claim that nobody
gains by saying other than what they want. Pure: no database, no names, the same answer for the same input.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

UNIT_MINUTES = 60
"""Whole hours, so that an ask of one hour is never split between two helpers."""
UNIT_VALUE = 100
"""What a unit of help is worth to the solver; bonuses are parts of it."""
QUIET_BONUS = 2
SHORT_BONUS = 1
"""Together at most three in a hundred of the hours can be given up for quiet members and short circles."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Problem:
    """Members numbered from 0, what they ask for, and who may help with it; as columns."""

    quotas: Ints
    """Units that each member would give, and receive, at most."""
    is_quiet: NDArray[np.bool_]
    want_receivers: Ints
    """Whose each ask is."""
    want_units: Ints
    givers: Ints
    """Of each acceptable help, who would give it …"""
    wants: Ints
    """… and for which ask."""

    @property
    def receivers(self) -> Ints:
        return self.want_receivers[self.wants]

    @classmethod
    def of(
        cls,
        quotas: Sequence[int],
        wants: Sequence[tuple[int, int]],
        helps: Sequence[tuple[int, int]],
        quiet: Sequence[int] = (),
    ) -> "Problem":
        """From ordinary lists: quotas, (receiver, units) of each ask, (giver, ask) of each help."""
        is_quiet = np.zeros(len(quotas), dtype=bool)
        is_quiet[list(quiet)] = True
        asked = np.array(wants, dtype=np.int64).reshape(-1, 2)
        helped = np.array(helps, dtype=np.int64).reshape(-1, 2)
        return cls(
            np.array(quotas, dtype=np.int64), is_quiet, asked[:, 0], asked[:, 1], helped[:, 0], helped[:, 1]
        )


@dataclass(frozen=True, slots=True)
class Round:
    """One ring: each member helps the next for `units`, and the last helps the first."""

    members: tuple[int, ...]
    helps: tuple[int, ...]
    """For each member, which help of the problem it is."""
    units: int


Rest = dict[int, dict[int, list[list[int]]]]
"""Helps not yet in a ring: giver → receiver → [help, units] …"""


def solve(problem: Problem, *, quiet_bonus: int = QUIET_BONUS, short: Ints | None = None) -> Ints:
    """The units of each help: balanced, within quotas and asks, hours maximal but for the bonuses.

    `short` are units already known to go round in short rings, as `greedy` finds them; where hours are
    equal they are kept.
    """
    members, wants = len(problem.quotas), len(problem.want_units)
    if not len(problem.givers):
        return np.zeros(0, dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    every = np.arange(members, dtype=np.int64)
    asks = 2 * members + np.arange(wants, dtype=np.int64)
    bonus = quiet_bonus * problem.is_quiet[problem.givers].astype(np.int64)
    if short is not None:
        bonus += SHORT_BONUS * (short > 0)
    add = solver.add_arcs_with_capacity_and_unit_cost
    # A member is two points: what they receive comes in at one, passes the quota, and goes out at the other.
    add(every, every + members, problem.quotas, np.zeros_like(every))
    add(asks, problem.want_receivers, problem.want_units, np.zeros_like(asks))
    helps = add(
        problem.givers + members,
        2 * members + problem.wants,
        problem.want_units[problem.wants],
        -(UNIT_VALUE + bonus),
    )
    status = solver.solve()
    assert status == solver.OPTIMAL, status
    return np.asarray(solver.flows(helps), dtype=np.int64)


def greedy(problem: Problem, *, longest: int) -> Ints:
    """The units of each help that taking rings as they come would find: pairs, and with 3 also threes.

    Quiet members come first, then the order of the members.
    """
    ways, left = _Ways.of(problem), _Left.of(problem)
    order = np.argsort(~problem.is_quiet, kind="stable").tolist()
    for length in range(2, longest + 1):
        rings_from = _pairs_from if length == 2 else _threes_from  # noqa: PLR2004  # pairs, then threes
        for one in order:
            for ring in rings_from(ways, left, one):
                left.take(ways, ring)
    return left.units


def _by_pair(problem: Problem, units: Ints) -> Rest:
    helps: Rest = defaultdict(dict)
    chosen = np.flatnonzero(units)
    rows = zip(
        chosen.tolist(),
        problem.givers[chosen].tolist(),
        problem.receivers[chosen].tolist(),
        units[chosen].tolist(),
        strict=True,
    )
    for help_, giver, receiver, amount in rows:
        helps[giver].setdefault(receiver, []).append([help_, amount])
    return helps


@dataclass(frozen=True, slots=True)
class _Ways:
    """Who could help whom at all, as columns: everybody's receivers together, and the helps of each way."""

    members: int
    receivers: Sequence[Ints]
    """Of each member, in their order."""
    givers: Sequence[Ints]
    keys: Ints
    """Each way as one number, giver first; sorted."""
    first_help: Ints
    """Where the helps of each way begin in `helps`; one more at the end."""
    helps: Ints

    @classmethod
    def of(cls, problem: Problem) -> "_Ways":
        members = max(1, len(problem.quotas))
        every = problem.givers * members + problem.receivers
        helps = np.argsort(every, kind="stable")
        keys, first = np.unique(every[helps], return_index=True)
        givers, receivers = np.divmod(keys, members)
        back = np.argsort(receivers, kind="stable")
        cuts = np.arange(1, members)
        return cls(
            members,
            np.split(receivers, np.searchsorted(givers, cuts)),
            np.split(givers[back], np.searchsorted(receivers[back], cuts)),
            keys,
            np.append(first, len(helps)),
            helps,
        )

    def between(self, giver: int, receiver: int) -> Ints:
        """The helps of one way that there is."""
        place = int(np.searchsorted(self.keys, giver * self.members + receiver))
        return self.helps[self.first_help[place] : self.first_help[place + 1]]


def _pairs_from(ways: _Ways, left: "_Left", one: int) -> list[tuple[int, ...]]:
    """Every pair with `one` in which both have anything left."""
    if not left.is_open[one]:
        return []
    both = np.intersect1d(ways.receivers[one], ways.givers[one], assume_unique=True)
    return [(one, two) for two in both[left.is_open[both]].tolist()]


def _threes_from(ways: _Ways, left: "_Left", one: int) -> list[tuple[int, ...]]:
    """Every ring of three through `one` in which all have anything left."""
    twos = ways.receivers[one][left.is_open[ways.receivers[one]]]
    if not left.is_open[one] or not len(twos):
        return []
    onward = [ways.receivers[two] for two in twos.tolist()]
    owners = np.repeat(twos, [len(some) for some in onward])
    threes = np.concatenate(onward)
    closes = np.zeros(ways.members, dtype=bool)
    closes[ways.givers[one]] = True
    found = np.flatnonzero((closes & left.is_open)[threes])
    return [(one, *way) for way in zip(owners[found].tolist(), threes[found].tolist(), strict=True)]


@dataclass(slots=True)
class _Left:
    """What members and asks can still take while rings are taken as they come, and what was taken."""

    quotas: list[int]
    asks: list[int]
    ask_of: Ints
    is_open: NDArray[np.bool_]
    units: Ints

    @classmethod
    def of(cls, problem: Problem) -> "_Left":
        return cls(
            problem.quotas.tolist(),
            problem.want_units.tolist(),
            problem.wants,
            problem.quotas > 0,
            np.zeros(len(problem.givers), dtype=np.int64),
        )

    def take(self, ways: _Ways, ring: tuple[int, ...]) -> None:
        """Take as much of a ring as is left; nothing when some member or ask is full."""
        if any(not self.quotas[member] for member in ring):
            return
        chosen = [self._open(ways.between(giver, receiver)) for giver, receiver in _steps(ring)]
        if None in chosen:
            return
        helps = [help_ for help_ in chosen if help_ is not None]
        asks = [int(self.ask_of[help_]) for help_ in helps]
        most = min(*(self.quotas[m] for m in ring), *(self.asks[ask] for ask in asks))
        for member, ask, help_ in zip(ring, asks, helps, strict=True):
            self.quotas[member] -= most
            self.is_open[member] = self.quotas[member] > 0
            self.asks[ask] -= most
            self.units[help_] += most

    def _open(self, helps: Ints) -> int | None:
        return next((help_ for help_ in helps.tolist() if self.asks[self.ask_of[help_]]), None)


def _steps(ring: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    return zip(ring, (*ring[1:], ring[0]), strict=True)


def circles(problem: Problem, flows: Ints) -> list[Round]:
    """The same flow as rings, pairs and threes first: one illness breaks a chain, so short is better."""
    rest = _by_pair(problem, flows)
    found: list[Round] = []
    for length in (2, 3):
        for start in sorted(rest):
            while (ring := _short_ring(rest, start, length)) is not None:
                found.append(_cut(rest, ring))
    for start in sorted(rest):
        while rest[start]:
            found.append(_cut(rest, _walk(rest, start)))
    return found


def _short_ring(rest: Rest, start: int, length: int) -> tuple[int, ...] | None:
    for two in sorted(rest.get(start, ())):
        onward = rest.get(two, {})
        if length == 2 and start in onward:  # noqa: PLR2004  # a pair
            return start, two
        if length == 3:  # noqa: PLR2004
            for three in sorted(onward):
                if three != start and start in rest.get(three, {}):
                    return start, two, three
    return None


def _walk(rest: Rest, start: int) -> tuple[int, ...]:
    """Follow the flow until it comes by a member again: a balanced flow always does."""
    path, place = [start], {start: 0}
    while True:
        here = min(rest[path[-1]])
        if here in place:
            return tuple(path[place[here] :])
        place[here] = len(path)
        path.append(here)


def _cut(rest: Rest, ring: tuple[int, ...]) -> Round:
    """Take a ring out of the rest, as many units as go round on its first helps."""
    firsts = [rest[giver][receiver][0] for giver, receiver in _steps(ring)]
    units = min(left for _, left in firsts)
    cut = Round(ring, tuple(help_ for help_, _ in firsts), units)
    for giver, receiver in _steps(ring):
        helps = rest[giver][receiver]
        helps[0][1] -= units
        if not helps[0][1]:
            helps.pop(0)
        if not helps:
            del rest[giver][receiver]
    return cut
