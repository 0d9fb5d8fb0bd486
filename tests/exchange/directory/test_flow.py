"""Circles: balanced, within quotas, in whole units, the most hours there are, and short where they can be."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.directory import flow
from exchange.directory.flow import Problem


@st.composite
def problems(draw: st.DrawFn, *, members_max: int = 8, units_max: int = 4, helps_max: int = 24) -> Problem:
    members = draw(st.integers(2, members_max))
    people = st.integers(0, members - 1)
    wants = draw(st.lists(st.tuples(people, st.integers(1, units_max)), min_size=1, max_size=members))
    pairs = [(g, w) for w, (receiver, _) in enumerate(wants) for g in range(members) if g != receiver]
    helps = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=helps_max))
    quotas = draw(st.lists(st.integers(0, units_max), min_size=members, max_size=members))
    return Problem.of(quotas, wants, helps, sorted(draw(st.sets(people))))


def given_and_received(problem: Problem, flows) -> tuple[Counter, Counter]:
    gives, receives = Counter(), Counter()
    for giver, receiver, units in zip(problem.givers, problem.receivers, flows, strict=True):
        gives[int(giver)] += int(units)
        receives[int(receiver)] += int(units)
    return gives, receives


@settings(max_examples=150, deadline=None)
@given(problems())
def test_everybody_gives_what_they_receive_within_their_quota(problem: Problem) -> None:
    flows = flow.solve(problem)
    gives, receives = given_and_received(problem, flows)
    assert +gives == +receives
    assert all(units <= problem.quotas[member] for member, units in gives.items())
    served: Counter = Counter()
    for want, units in zip(problem.wants, flows, strict=True):
        served[int(want)] += int(units)
    assert all(units <= problem.want_units[want] for want, units in served.items())
    assert all(units >= 0 for units in flows)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_circles_are_the_same_flow_in_rings(problem: Problem) -> None:
    flows = flow.solve(problem)
    found = flow.circles(problem, flows)
    assert sum(ring.units * len(ring.members) for ring in found) == flows.sum()
    helped: Counter = Counter()
    for ring in found:
        assert len(set(ring.members)) == len(ring.members) >= 2
        ways = zip(ring.members, (*ring.members[1:], ring.members[0]), ring.helps, strict=True)
        for giver, receiver, help_ in ways:
            assert (problem.givers[help_], problem.receivers[help_]) == (giver, receiver)
            helped[help_] += ring.units
    assert helped == +Counter(dict(enumerate(flows.tolist())))


def brute_force(problem: Problem) -> int:
    """The most units of any balanced flow, by trying them all."""
    best = 0
    for flows in product(*(range(int(problem.want_units[want]) + 1) for want in problem.wants)):
        gives, receives = given_and_received(problem, flows)
        served: Counter = Counter()
        for want, units in zip(problem.wants, flows, strict=True):
            served[int(want)] += units
        is_kept = all(units <= problem.want_units[want] for want, units in served.items())
        is_kept = is_kept and all(units <= problem.quotas[member] for member, units in gives.items())
        if is_kept and +gives == +receives:
            best = max(best, sum(flows))
    return best


@settings(max_examples=60, deadline=None)
@given(problems(members_max=5, units_max=2, helps_max=7))
def test_the_optimum_is_the_one_found_by_trying_everything(problem: Problem) -> None:
    assert int(flow.solve(problem, quiet_bonus=0).sum()) == brute_force(problem)


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([2, 3]))
def test_taking_rings_as_they_come_keeps_the_rules_and_never_finds_more(
    problem: Problem, longest: int
) -> None:
    units = flow.greedy(problem, longest=longest)
    gives, receives = given_and_received(problem, units)
    assert +gives == +receives
    assert all(given_ <= problem.quotas[member] for member, given_ in gives.items())
    assert units.sum() <= flow.solve(problem, quiet_bonus=0).sum()


@settings(max_examples=60, deadline=None)
@given(problems())
def test_fairness_and_short_circles_cost_at_most_three_in_a_hundred(problem: Problem) -> None:
    most = int(flow.solve(problem, quiet_bonus=0).sum())
    fair = int(flow.solve(problem, short=flow.greedy(problem, longest=3)).sum())
    assert fair >= most * 100 / (100 + flow.QUIET_BONUS + flow.SHORT_BONUS) - 1e-9


def test_three_in_a_ring_where_no_two_could_swap() -> None:
    problem = Problem.of([2, 2, 2], [(1, 2), (2, 2), (0, 2)], [(0, 0), (1, 1), (2, 2)])
    assert flow.greedy(problem, longest=2).sum() == 0
    assert flow.greedy(problem, longest=3).sum() == 6
    [ring] = flow.circles(problem, flow.solve(problem))
    assert (ring.members, ring.helps, ring.units) == ((0, 1, 2), (0, 1, 2), 2)


def test_two_short_circles_are_preferred_to_one_long() -> None:
    receivers = [1, 0, 3, 2, 2, 0]
    helps = [(0, 0), (1, 1), (2, 2), (3, 3), (1, 4), (3, 5)]
    problem = Problem.of([2] * 4, [(receiver, 1) for receiver in receivers], helps)
    found = flow.circles(problem, np.array([1, 1, 1, 1, 0, 0]))
    assert {ring.members for ring in found} == {(0, 1), (2, 3)}


def test_an_ask_is_met_once_however_many_could() -> None:
    problem = Problem.of([3, 3, 3], [(0, 1), (1, 1), (2, 1)], [(1, 0), (2, 0), (0, 1), (0, 2)])
    gives, _ = given_and_received(problem, flow.solve(problem))
    assert gives[0] == 1


def test_a_quiet_member_goes_first_where_it_costs_nothing() -> None:
    for quiet in (1, 2):
        problem = Problem.of([1, 1, 1], [(0, 1), (1, 1), (2, 1)], [(1, 0), (2, 0), (0, 1), (0, 2)], [quiet])
        gives, _ = given_and_received(problem, flow.solve(problem))
        assert +gives == Counter({0: 1, quiet: 1})


@pytest.mark.parametrize(
    "problem", [Problem.of([], [], []), Problem.of([3], [(0, 1)], []), Problem.of([1, 1], [(1, 1)], [(0, 0)])]
)
def test_nothing_to_go_round_is_nothing(problem: Problem) -> None:
    assert flow.circles(problem, flow.solve(problem)) == []
    assert flow.greedy(problem, longest=3).sum() == 0
