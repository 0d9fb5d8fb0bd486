"""Circles of help as a flow: everybody gives as much as they receive, and the hours are the most possible.

A member is a point with a quota, an acceptable help is an arc, and what flows round and round is a min-cost
circulation (Andersson, Cseh, Ehlers, Erlanson: Organizing time exchanges, 2021), solved by OR-Tools in whole
units. A bonus for quiet members is weighed in; it may cost hours and gives up the paper's claim that nobody
gains by saying other than what they want. Pure: no database, no names, the same answer for the same input.
"""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

UNIT_MINUTES = 60
"""Whole hours, so that an ask of one hour is never split between two helpers."""
UNIT_VALUE = 100
"""What a unit of help is worth to the solver; bonuses are parts of it."""
QUIET_BONUS = 3
"""At most this part of a hundred of the hours can be given up for a quiet member's turn."""
RING_LENGTH_FIRST, RING_LENGTH_MAX = 2, 6

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
"""Flow that is not yet in a ring: giver → receiver → [help, units] …"""


def solve(problem: Problem, *, quiet_bonus: int = QUIET_BONUS) -> Ints:
    """The units of each help: balanced, within quotas and asks, hours maximal but for the bonus."""
    members, wants = len(problem.quotas), len(problem.want_units)
    if not len(problem.givers):
        return np.zeros(0, dtype=np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    every = np.arange(members, dtype=np.int64)
    asks = 2 * members + np.arange(wants, dtype=np.int64)
    bonus = quiet_bonus * problem.is_quiet[problem.givers].astype(np.int64)
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


def circles(problem: Problem, flows: Ints) -> list[Round]:
    """The same flow as rings, the shortest first: one illness breaks a chain, so short ones are preferred."""
    rest: Rest = defaultdict(lambda: defaultdict(list))
    receivers = problem.receivers
    for help_ in np.flatnonzero(flows):
        rest[int(problem.givers[help_])][int(receivers[help_])].append([int(help_), int(flows[help_])])
    found: list[Round] = []
    lengths = [*range(RING_LENGTH_FIRST, RING_LENGTH_MAX + 1), len(problem.quotas)]
    for length_max in lengths:
        for start in sorted(rest):
            found += _rings(rest, start, length_max)
    assert not any(rest.values()), "a balanced flow is all rings"
    return found


def _rings(rest: Rest, start: int, length_max: int) -> list[Round]:
    """Every ring through `start` of at most this length, taken out of the rest."""
    found = []
    while (path := _shortest(rest, start, length_max)) is not None:
        steps = list(zip(path, (*path[1:], path[0]), strict=True))
        firsts = [rest[giver][receiver][0] for giver, receiver in steps]
        units = min(left for _, left in firsts)
        found.append(Round(path, tuple(help_ for help_, _ in firsts), units))
        for giver, receiver in steps:
            _take(rest, giver, receiver, units)
    return found


def _take(rest: Rest, giver: int, receiver: int, units: int) -> None:
    helps = rest[giver][receiver]
    helps[0][1] -= units
    if not helps[0][1]:
        helps.pop(0)
    if not helps:
        del rest[giver][receiver]


def _shortest(rest: Rest, start: int, length_max: int) -> tuple[int, ...] | None:
    """The shortest way round from `start` back to it, by breadth first."""
    before: dict[int, int] = {}
    waiting = deque([(start, 1)])
    while waiting:
        here, length = waiting.popleft()
        for onward in sorted(rest.get(here, ())):
            if onward == start:
                return _back(before, start, here)
            if onward not in before and length < length_max:
                before[onward] = here
                waiting.append((onward, length + 1))
    return None


def _back(before: Mapping[int, int], start: int, last: int) -> tuple[int, ...]:
    path = [last]
    while path[-1] != start:
        path.append(before[path[-1]])
    return tuple(reversed(path))


def greedy(problem: Problem) -> int:
    """The units that pairing two by two would find, first come first served: A helps B and B helps A."""
    quotas, wants = problem.quotas.tolist(), problem.want_units.tolist()
    helps: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = zip(problem.givers.tolist(), problem.receivers.tolist(), problem.wants.tolist(), strict=True)
    for giver, receiver, want in rows:
        helps[giver, receiver].append(want)
    total = 0
    for (one, other), there in helps.items():
        for want in there if one < other else ():
            for back in helps.get((other, one), ()):
                swapped = min(wants[want], wants[back], quotas[one], quotas[other])
                for part, index in ((wants, want), (wants, back), (quotas, one), (quotas, other)):
                    part[index] -= swapped
                total += 2 * swapped
    return total
