"""The states of an hour: one table, from which the verbs work, the docs are drawn and the tests are made.

`when` names the condition that chooses between rows with the same state and verb. No state is a dead end:
from each there is a way on, or it is an end that says what to do instead.
"""

from typing import NamedTuple

from exchange.hours.errors import WrongState
from exchange.hours.tables import Hours


class Transition(NamedTuple):
    """One row: in `state`, `who` may `verb`, which leads `to` (when …)."""

    state: str | None
    verb: str
    who: str
    to: str
    when: str = ""


CLEAR = "no rule asks for a coordinator"
CHECK = "a rule or the receiver's floor asks for a coordinator"
OTHER = "with other minutes, which the other side must confirm"

TRANSITIONS = (
    Transition(None, "log", "either side, or a coordinator for one", "awaiting_confirmation"),
    Transition("awaiting_confirmation", "confirm", "the side that is waited for", "posted", CLEAR),
    Transition("awaiting_confirmation", "confirm", "the side that is waited for", "awaiting_approval", CHECK),
    Transition(
        "awaiting_confirmation", "confirm", "the side that is waited for", "awaiting_confirmation", OTHER
    ),
    Transition("awaiting_confirmation", "decline", "the side that is waited for", "declined"),
    Transition("awaiting_confirmation", "withdraw", "the side that told us", "withdrawn"),
    Transition("awaiting_approval", "approve", "a coordinator who took no part", "posted"),
    Transition("awaiting_approval", "decline", "a coordinator who took no part", "declined"),
    Transition("declined", "object", "either side", "objected"),
    Transition("posted", "object", "either side, within the window", "objected"),
    Transition("objected", "dismiss", "a coordinator who took no part", "posted", "it was posted"),
    Transition("objected", "dismiss", "a coordinator who took no part", "declined", "it was declined"),
    Transition("objected", "approve", "a coordinator who took no part", "posted", "it was declined"),
    Transition("objected", "reverse", "a coordinator who took no part", "reversed", "it was posted"),
    Transition("posted", "reverse", "a coordinator who took no part", "reversed"),
)

ENDS = {
    "withdrawn": "Tell us about the hour again, if it happened.",
    "reversed": "Tell us about the hour again, with the right figures.",
}
"""States that nothing leads out of, and what to do instead."""

CHECKED = ("awaiting_approval", "objected")
"""States in which somebody decides for others."""

PERMISSION = {("awaiting_approval", "decline"): "hours.refuse"}
"""Where a verb needs another permission than the one of its own name."""


def open_to(hours: Hours) -> set[str]:
    """The verbs that lead on from where the hours are, whoever asks.

    After an objection that depends on what was objected to: only what was posted can be undone.
    """
    was = f"it was {hours.objected_from}" if hours.state == "objected" else None
    return {t.verb for t in TRANSITIONS if t.state == hours.state and was in (None, t.when)}


def permission_for(state: str, verb: str) -> str:
    """The row of the permission table that `verb` needs in `state`."""
    return PERMISSION.get((state, verb), f"hours.{verb}")


def check(hours: Hours, verb: str, to: str) -> None:
    """Raise `WrongState` unless the table has a row from the hours' state by `verb` to `to`."""
    if not any((t.state, t.verb, t.to) == (hours.state, verb, to) for t in TRANSITIONS):
        raise WrongState


def require_verb(hours: Hours, verb: str) -> None:
    """Raise `WrongState` unless some row allows `verb` now."""
    if not any((t.state, t.verb) == (hours.state, verb) for t in TRANSITIONS):
        raise WrongState


def drawing() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for t in TRANSITIONS:
        label = f"{t.verb} ({t.when})" if t.when else t.verb
        lines.append(f"    {t.state or '[*]'} --> {t.to}: {label}")
    lines += [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(lines)
