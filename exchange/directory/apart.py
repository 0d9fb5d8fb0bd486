"""The week's circles solved in a process of their own, so that nobody waits for a page meanwhile.

In a large bank the solver works for seconds without letting go, and in the service's own process every other
request would stand still. Only numbers go over and come back. What must never happen: a name in there, or a
process left behind when the request is gone.
"""

import asyncio
import io
import os
import sys
from dataclasses import dataclass, fields

import numpy as np

from exchange.directory import flow
from exchange.directory.flow import Ints, Problem


class SolverStopped(RuntimeError):
    """The process that solves ended without an answer, as when memory has run out."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The units of each help, in the order of the problem's."""

    flows: Ints
    pairs_units: int
    """What swapping two by two, first come first served, would have found."""
    plain_units: int | None
    """What there would be without any bonus; None when it was not asked for."""


def solve(problem: Problem, *, weighs_fairness: bool) -> Solved:
    """The week's answer, here and now."""
    flows = flow.solve(problem, short=flow.greedy(problem, longest=3))
    plain = int(flow.solve(problem, quiet_bonus=0).sum()) if weighs_fairness else None
    return Solved(flows, int(flow.greedy(problem, longest=2).sum()), plain)


async def solved(problem: Problem, *, weighs_fairness: bool) -> Solved:
    """The same from a process of its own; other requests are answered meanwhile.

    Raises:
        SolverStopped
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        "fairness" if weighs_fairness else "plain",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)},
    )
    try:
        answer, _ = await process.communicate(_packed(problem))
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode != 0:
        raise SolverStopped
    found = np.load(io.BytesIO(answer), allow_pickle=False)
    pairs, plain = found["units"].tolist()
    return Solved(found["flows"], pairs, plain if weighs_fairness else None)


def _packed(problem: Problem) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, **{one.name: getattr(problem, one.name) for one in fields(problem)})
    return packed.getvalue()


def main() -> None:
    """Read a problem, write its answer."""
    read = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    answer = solve(Problem(**dict(read)), weighs_fairness=sys.argv[1:] == ["fairness"])
    units = np.array([answer.pairs_units, answer.plain_units or 0], dtype=np.int64)
    np.savez(sys.stdout.buffer, flows=answer.flows, units=units)


if __name__ == "__main__":
    main()
