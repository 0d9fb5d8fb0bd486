"""The states of an offer or ask: one table, from which the verbs work and the docs are drawn."""

from typing import NamedTuple

from exchange.directory.errors import ListingInWrongState


class Transition(NamedTuple):
    """One row: in `state`, `who` may `verb`, which leads `to` (when …)."""

    state: str | None
    verb: str
    who: str
    to: str
    when: str = ""


OWNER = "its owner, or a coordinator for them"
TRANSITIONS = (
    Transition(None, "create", OWNER, "draft", "it is not finished"),
    Transition(None, "create", OWNER, "with_coordinator", "a skill asks for a coordinator"),
    Transition(None, "create", OWNER, "open"),
    Transition("draft", "publish", OWNER, "with_coordinator", "a skill asks for a coordinator"),
    Transition("draft", "publish", OWNER, "open"),
    Transition("draft", "close", OWNER, "closed"),
    Transition("with_coordinator", "clear", "a coordinator", "open"),
    Transition("with_coordinator", "close", OWNER, "closed"),
    Transition("open", "close", OWNER, "closed"),
    Transition("open", "change", OWNER, "with_coordinator", "a new skill asks for a coordinator"),
    Transition("closed", "reopen", OWNER, "with_coordinator", "a skill asks for a coordinator"),
    Transition("closed", "reopen", OWNER, "open"),
)


def verbs(state: str) -> tuple[str, ...]:
    """What may be done in a state, each verb once; changing words is possible in every one."""
    return ("change", *dict.fromkeys(t.verb for t in TRANSITIONS if t.state == state and t.verb != "change"))


def check(state: str | None, verb: str) -> None:
    """Raise `ListingInWrongState` unless some row allows `verb` in `state`."""
    if not any((t.state, t.verb) == (state, verb) for t in TRANSITIONS):
        raise ListingInWrongState


def drawing() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2"]
    for t in TRANSITIONS:
        label = f"{t.verb} ({t.when})" if t.when else t.verb
        lines.append(f"    {t.state or '[*]'} --> {t.to}: {label}")
    return "\n".join(lines)
