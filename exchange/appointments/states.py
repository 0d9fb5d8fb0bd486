"""The states of agreed help: one table, from which the verbs work, the docs are drawn, the tests are made."""

from typing import NamedTuple

from exchange.appointments.errors import AppointmentInWrongState


class Transition(NamedTuple):
    """One row: in `state`, `who` may `verb`, which leads `to` (when …)."""

    state: str | None
    verb: str
    who: str
    to: str
    when: str = ""


ARRANGER = "the one to be helped, or a coordinator"
ASKED = "somebody who was asked"
SIDE = "either side, or a coordinator for one"
OTHER = "the other side, or a coordinator for it"

TRANSITIONS = (
    Transition(None, "ask", ARRANGER, "asked"),
    Transition("asked", "ask", ARRANGER, "asked", "somebody more"),
    Transition("asked", "agree", ASKED, "agreed", "everybody needed said yes"),
    Transition("asked", "agree", ASKED, "asked", "somebody else's yes is needed too"),
    Transition("asked", "decline", ASKED, "asked"),
    Transition("asked", "decline", ASKED, "cancelled", "the one to be helped says no"),
    Transition("asked", "cancel", ARRANGER, "cancelled"),
    Transition("agreed", "move", SIDE, "moved"),
    Transition("moved", "move", SIDE, "moved", "to yet another time"),
    Transition("moved", "agree", OTHER, "agreed"),
    Transition("agreed", "happened", SIDE, "happened"),
    Transition("moved", "happened", SIDE, "happened"),
    Transition("agreed", "did_not_happen", SIDE, "did_not_happen"),
    Transition("moved", "did_not_happen", SIDE, "did_not_happen"),
    Transition("agreed", "cancel", SIDE, "cancelled"),
    Transition("moved", "cancel", SIDE, "cancelled"),
)

ENDS = {
    "happened": "The hour waits for the other side's yes.",
    "did_not_happen": "Ask again, for another time.",
    "cancelled": "Ask again, for another time or somebody else.",
}
"""States that nothing leads out of, and what to do instead."""


def check(state: str | None, verb: str) -> None:
    """Raise `AppointmentInWrongState` unless some row allows `verb` in `state`."""
    if not any((t.state, t.verb) == (state, verb) for t in TRANSITIONS):
        raise AppointmentInWrongState


def verbs(state: str) -> tuple[str, ...]:
    """What may be done in a state, each verb once."""
    return tuple(dict.fromkeys(t.verb for t in TRANSITIONS if t.state == state))


def drawing() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for t in TRANSITIONS:
        label = f"{t.verb} ({t.when})" if t.when else t.verb
        lines.append(f"    {t.state or '[*]'} --> {t.to}: {label}")
    lines += [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(lines)
