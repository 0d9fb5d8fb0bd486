"""The states of a referral: one table, from which the verbs work, the docs are drawn and the tests are made.

Every way ends, and every end writes the message back. Where people do nothing the clock does: first the
step stands out on the desk as overdue, then the referral ends by itself and whoever referred hears so.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from exchange.prescribing.errors import ReferralInWrongState, UnknownReason


class Transition(NamedTuple):
    """One row: in `state`, `who` may `verb`, which leads `to` (when …)."""

    state: str | None
    verb: str
    who: str
    to: str
    when: str = ""


REFERRER = "practice staff, an organisation, the person, or a coordinator for one of them"
DESK = "a coordinator or assistant"
DECIDES = "a coordinator"
CLOCK = "the clock"
ITSELF = "nobody: it follows from a check-in or an hour that counts"
SPOKE = "they spoke"
TRIED = "nobody answered"

TRANSITIONS = (
    Transition(None, "send", REFERRER, "received"),
    Transition("received", "accept", DECIDES, "accepted"),
    Transition("received", "decline", DECIDES, "declined"),
    Transition("received", "lapse", CLOCK, "closed"),
    Transition("accepted", "contact", DESK, "contacted", SPOKE),
    Transition("accepted", "contact", DESK, "accepted", TRIED),
    Transition("accepted", "begin", ITSELF, "started"),
    Transition("accepted", "close", DECIDES, "closed"),
    Transition("accepted", "lapse", CLOCK, "closed"),
    Transition("contacted", "contact", DESK, "contacted"),
    Transition("accepted", "become_member", DESK, "accepted"),
    Transition("contacted", "become_member", DESK, "contacted"),
    Transition("contacted", "start", DESK, "started"),
    Transition("contacted", "begin", ITSELF, "started"),
    Transition("contacted", "close", DECIDES, "closed"),
    Transition("contacted", "lapse", CLOCK, "closed"),
    Transition("started", "contact", DESK, "started"),
    Transition("started", "become_member", DESK, "started"),
    Transition("started", "close", DECIDES, "closed"),
    Transition("started", "lapse", CLOCK, "closed"),
)

ENDS = {
    "declined": "The message back says why; the referrer may send another one.",
    "closed": "The message back says how it ended; the referrer may send another one.",
}
"""States that nothing leads out of, and what to do instead."""


class Clock(NamedTuple):
    """How long a state may last before it stands out, and before it ends by itself and why."""

    overdue: timedelta
    lapse: timedelta
    reason: str


CLOCKS: Mapping[str, Clock] = {
    "received": Clock(timedelta(days=3), timedelta(days=28), "not_taken_up"),
    "accepted": Clock(timedelta(days=5), timedelta(days=42), "not_reached"),
    "contacted": Clock(timedelta(days=14), timedelta(days=60), "not_begun"),
    "started": Clock(timedelta(days=42), timedelta(days=190), "ran_its_time"),
}
"""State → its clock, counted from when it began or somebody was last tried."""


class Reason(NamedTuple):
    """Why a referral ended: its words, its code for a message back, and whether the person is forgotten."""

    words: str
    code: str
    system: str
    forgets: bool = False


SNOMED = "http://snomed.info/sct"
BARS = "BaRS"
"""The rejection reasons of the NHS Booking and Referral Standard."""
OWN = "urn:evenhour:outcome"

DECLINED: Mapping[str, Reason] = {
    "not_fitting": Reason("It does not fit what neighbours here can do", "RRNA", BARS, forgets=True),
    "full": Reason("There is no room at the moment", "FC", BARS, forgets=True),
    "other": Reason("Another reason", "OTH", BARS, forgets=True),
}
CLOSED: Mapping[str, Reason] = {
    "going_well": Reason("It goes on without us: they take part by themselves", "going-well", OWN),
    "finished": Reason("What was planned is done", "finished", OWN),
    "signposted": Reason("Shown the way to another service", "signposted", OWN),
    "moved": Reason("They moved away or their life changed", "moved", OWN),
    "person_said_no": Reason("They do not wish it", "871711000000103", SNOMED, forgets=True),
}
LAPSED: Mapping[str, Reason] = {
    "not_taken_up": Reason("The time bank did not take it up in time", "not-taken-up", OWN, forgets=True),
    "not_reached": Reason("They could not be reached", "not-reached", OWN, forgets=True),
    "not_begun": Reason("They were reached, and nothing began", "not-begun", OWN, forgets=True),
    "ran_its_time": Reason("The agreed time is over", "ran-its-time", OWN),
}
REASONS: Mapping[str, Reason] = {**DECLINED, **CLOSED, **LAPSED}
BY_VERB: Mapping[str, Mapping[str, Reason]] = {"decline": DECLINED, "close": CLOSED, "lapse": LAPSED}

TIERS: Mapping[str, tuple[str, str]] = {
    "signpost": ("Manages alone", "Tell them what there is and where; close when they know."),
    "activity": ("Wants a hand", "A named group or person, and a call after the first time."),
    "accompanied": ("Needs company", "Somebody goes along the first times; look in every two weeks."),
}
"""Tier → its name, and the route for it."""


def target(state: str | None, verb: str, when: str = "") -> str:
    """Where `verb` leads from `state`.

    Raises:
        ReferralInWrongState: no row allows it.
    """
    for t in TRANSITIONS:
        if (t.state, t.verb) == (state, verb) and (not t.when or t.when == when):
            return t.to
    raise ReferralInWrongState


def reason(verb: str, given: str) -> Reason:
    """The reason that was chosen.

    Raises:
        UnknownReason: it is not one for this verb.
    """
    found = BY_VERB[verb].get(given)
    if found is None:
        raise UnknownReason
    return found


def verbs(state: str) -> tuple[str, ...]:
    """What people may do in a state, each verb once."""
    return tuple(
        dict.fromkeys(t.verb for t in TRANSITIONS if t.state == state and t.who not in (CLOCK, ITSELF))
    )


def drawing() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for t in TRANSITIONS:
        label = f"{t.verb} ({t.when})" if t.when else t.verb
        lines.append(f"    {t.state or '[*]'} --> {t.to}: {label}")
    lines += [f"    {state} --> [*]" for state in ENDS]
    return "\n".join(lines)
