"""The states of groups: one table for each thing, from which the verbs work and the docs are drawn."""

from typing import NamedTuple

from exchange.activities.errors import ActivityInWrongState, CheckInInWrongState, PlaceInWrongState
from exchange.errors import ExchangeError


class Transition(NamedTuple):
    """One row: in `state`, `who` may `verb`, which leads `to` (when …)."""

    state: str | None
    verb: str
    who: str
    to: str
    when: str = ""


HOST = "whoever holds it, or staff"
DECIDER = "a coordinator who neither holds, leads nor proposed it"
PERSON = "the member, or staff for them"
HELPER = "a helper who is somebody else"
CLOCK = "the clock"

ACTIVITIES = (
    Transition(None, "propose", "a member, an organisation, or staff for one", "proposed"),
    Transition("proposed", "approve", DECIDER, "approved"),
    Transition("proposed", "decline", DECIDER, "declined"),
    Transition("proposed", "change", HOST, "proposed"),
    Transition("proposed", "end", HOST, "ended"),
    Transition("approved", "change", HOST, "approved", "not what it earns or costs"),
    Transition("approved", "end", HOST, "ended"),
)
SESSIONS = (
    Transition(None, "plan", CLOCK, "planned"),
    Transition("planned", "call_off", HOST, "called_off"),
    Transition("planned", "close", CLOCK, "closed"),
)
PLACES = (
    Transition(None, "book", PERSON, "booked", "there is room"),
    Transition(None, "book", PERSON, "waiting", "it is full"),
    Transition("waiting", "move_up", CLOCK, "booked"),
    Transition("waiting", "leave", PERSON, "left"),
    Transition("booked", "leave", PERSON, "left"),
    Transition("booked", "come", HELPER, "came"),
    Transition("waiting", "come", HELPER, "came"),
    Transition("booked", "close", CLOCK, "missed"),
    Transition("waiting", "close", CLOCK, "left"),
    Transition("booked", "call_off", HOST, "called_off"),
    Transition("waiting", "call_off", HOST, "called_off"),
    Transition("came", "call_off", HOST, "called_off", "it has not begun"),
)
CHECK_INS = (
    Transition(None, "arrive", "the member: poster, typed code or text", "waiting"),
    Transition(None, "arrive", "the member, where the poster is trusted", "counted", "nothing is odd"),
    Transition(None, "tick", HELPER, "counted", "by card, roster, day list, or afterwards with a reason"),
    Transition("waiting", "nod", HELPER, "counted"),
    Transition("waiting", "refuse", HELPER, "refused"),
    Transition("refused", "nod", "staff", "counted"),
    Transition("counted", "undo", "a coordinator", "undone"),
    Transition("counted", "call_off", HOST, "undone", "it has not begun"),
    Transition("waiting", "call_off", HOST, "refused", "it has not begun"),
)

ENDS = {
    "declined": "Propose it again, otherwise.",
    "ended": "Propose it again.",
    "closed": "A coordinator writes down afterwards who came.",
    "left": "Ask for a place again.",
    "missed": "A coordinator writes down afterwards who came.",
    "called_off": "Come to another one.",
    "undone": "Tell us about the hour instead.",
}
"""States that nothing leads out of, and what to do instead."""

DRAWN = (
    ("An activity", ACTIVITIES),
    ("A session of it", SESSIONS),
    ("A place at a session", PLACES),
    ("A check-in", CHECK_INS),
)
RULES: dict[tuple[Transition, ...], type[ExchangeError]] = {
    ACTIVITIES: ActivityInWrongState,
    SESSIONS: ActivityInWrongState,
    PLACES: PlaceInWrongState,
    CHECK_INS: CheckInInWrongState,
}


def check(table: tuple[Transition, ...], state: str | None, verb: str) -> str:
    """Where `verb` leads from `state`; the first row of those there are.

    Raises:
        ActivityInWrongState, PlaceInWrongState, CheckInInWrongState: no row allows it.
    """
    for row in table:
        if (row.state, row.verb) == (state, verb):
            return row.to
    raise RULES[table]


def drawing(table: tuple[Transition, ...]) -> str:
    """A table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for t in table:
        label = f"{t.verb} ({t.when})" if t.when else t.verb
        lines.append(f"    {t.state or '[*]'} --> {t.to}: {label}")
    ends = sorted({t.to for t in table} - {t.state for t in table})
    return "\n".join(lines + [f"    {state} --> [*]" for state in ends])
