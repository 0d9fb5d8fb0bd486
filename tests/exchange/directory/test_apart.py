"""Solving in a process of its own: the same answer, and nobody waits meanwhile."""

import asyncio
from collections.abc import Awaitable

import numpy as np
import pytest

from exchange.directory import apart, flow
from exchange.directory.flow import Problem

MEMBERS = 400


def a_town() -> Problem:
    """Everybody asks for one hour and could help thirty others."""
    random = np.random.default_rng(3)
    helps = [(int(giver), want) for want in range(MEMBERS) for giver in random.integers(0, MEMBERS, 30)]
    return Problem.of(
        [2] * MEMBERS, [(n, 1) for n in range(MEMBERS)], [h for h in helps if h[0] != h[1]], quiet=range(50)
    )


async def answered_meanwhile(work: Awaitable[object]) -> int:
    """How many other things this process did until the work was done."""
    task, times = asyncio.ensure_future(work), 0
    while not task.done():
        await asyncio.sleep(0.001)
        times += 1
    await task
    return times


async def test_the_solver_apart_answers_as_it_would_here() -> None:
    problem = a_town()
    found = await apart.solved(problem, weighs_fairness=True)
    here = apart.solve(problem, weighs_fairness=True)
    assert found.flows.tolist() == here.flows.tolist()
    assert (found.pairs_units, found.plain_units) == (here.pairs_units, here.plain_units)
    assert 0 < found.pairs_units < found.flows.sum()


async def test_others_are_answered_while_circles_are_solved() -> None:
    problem = a_town()

    async def in_this_process() -> None:
        apart.solve(problem, weighs_fairness=True)

    assert await answered_meanwhile(in_this_process()) <= 1, "the control: here everybody would wait"
    assert await answered_meanwhile(apart.solved(problem, weighs_fairness=True)) > 10


async def test_a_solver_that_dies_is_no_answer() -> None:
    broken = Problem.of([1], [(0, 1)], [(5, 0)])  # somebody who is not there
    with pytest.raises((apart.SolverStopped, IndexError)):
        await apart.solved(broken, weighs_fairness=False)


async def test_an_empty_town_is_an_empty_answer() -> None:
    found = await apart.solved(Problem.of([], [], []), weighs_fairness=True)
    assert (found.flows.tolist(), found.pairs_units, found.plain_units) == ([], 0, 0)
    assert flow.circles(Problem.of([], [], []), found.flows) == []
