"""The words people read for what the code says: states, balances, who did what for whom.

Every sentence is whole, so that it can be translated whole. What must never happen: a number that reads
like a debt, or a state's code on a page.
"""

import zlib
from dataclasses import dataclass
from datetime import date

from mobile_web.languages import Language

HUES = 6
MINUS = "\N{MINUS SIGN}"


def N_(message: str) -> str:  # noqa: N802 - the name Babel's extractor looks for
    """Marks a sentence for translation where it is written; it is said later, in the reader's language."""
    return message


@dataclass(frozen=True, slots=True)
class State:
    """How one state looks: its sentence, its colour, its picture."""

    sentence: str
    tone: str
    icon: str


STATES = {
    "awaiting_confirmation": State(N_("Waiting for %(name)s to say yes"), "wait", "wait"),
    "awaiting_you": State(N_("Waiting for you to say yes"), "wait", "wait"),
    "awaiting_approval": State(N_("Waiting for %(coordinator)s to check"), "wait", "wait"),
    "posted": State(N_("Added to your hours"), "done", "check"),
    "declined": State(N_("%(name)s remembers it differently"), "look", "talk"),
    "declined_by_you": State(N_("You remember it differently"), "look", "talk"),
    "withdrawn": State(N_("Taken back"), "undone", "undo"),
    "objected": State(N_("We're looking into it"), "look", "look"),
    "reversed": State(N_("Undone on %(day)s"), "undone", "undo"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    words: str
    tone: str
    icon: str


def state_tag(speaks: Language, state: str, *, name: str, coordinator: str, day: date | None = None) -> Tag:
    """A state in plain words."""
    found = STATES[state]
    said = speaks.say(found.sentence, name=name, coordinator=coordinator, day=speaks.day(day) if day else "")
    return Tag(said, found.tone, found.icon)


def balance_sentence(speaks: Language, minutes: int) -> str:
    """What the balance means; never a debt."""
    if minutes == 0:
        return speaks.say("You've given as much help as you've had.")
    time = speaks.long_minutes(minutes)
    if minutes < 0:
        return speaks.say("You've had %(time)s more help than you've given. That's fine.", time=time)
    return speaks.say("You've given %(time)s more help than you've had. Ask for something!", time=time)


def signed(speaks: Language, minutes: int) -> str:
    """A length of time with its sign, a true minus."""
    return f"{MINUS if minutes < 0 else ''}{speaks.minutes(minutes)}"


def change(speaks: Language, minutes: int) -> str:
    """What one line did to a balance: `+1 h` or `-30 min`."""
    return f"{MINUS if minutes < 0 else '+'}{speaks.minutes(minutes)}"


def initials(name: str) -> str:
    """One or two letters for a face; names of one script are not cut in the middle of a sign."""
    parts = name.split()
    if not parts:
        return "?"
    if not name.isascii():
        return parts[0][0].upper()
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def hue(name: str) -> str:
    """One of six face colours, the same for a name each time."""
    return f"f{zlib.crc32(name.encode()) % HUES}"
