"""Who may see which part of a referral under which consent: one table, tested cell by cell.

A standing is what somebody is to this one referral, not what they are in the bank; the consent is what the
person said may be told afterwards, cut down to what the practice wishes to hear. What must never happen:
a part shown because two standings were added together.
"""

from collections.abc import Mapping
from enum import StrEnum


class Standing(StrEnum):
    """What a viewer is to one referral; the first that fits, in this order."""

    PERSON = "person"
    CLINICIAN = "clinician"
    SYSTEM = "system"
    """The practice's own software, at its credentials."""
    RECEPTION = "reception"
    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    ASSISTANT = "assistant"
    NOBODY = "nobody"


class Part(StrEnum):
    """A part of a referral."""

    WHO = "who"
    """Name, date of birth, address, numbers, how to reach them."""
    WHY = "why"
    """Needs and concerns, the person's hope, safety flags."""
    WHAT = "what"
    COURSE = "course"
    """Each step with who and when, and why it ended."""
    CODED = "coded"
    """The coded entries of the message back."""
    WORDS = "words"
    """The message back in words."""
    NOTES = "notes"
    """What staff wrote for themselves."""
    LOG = "log"
    """Who has looked at it."""
    MEASURES = "measures"
    """How they said they were since they were referred: once it has ended, where they allowed that use."""


ALWAYS = frozenset({"notes", "codes", "nothing"})
CODED_OR_MORE = frozenset({"notes", "codes"})
NOTED = frozenset({"notes"})
P = Part

ACCESS: Mapping[Standing, Mapping[Part, frozenset[str]]] = {
    Standing.PERSON: dict.fromkeys(frozenset(Part) - {P.NOTES}, ALWAYS),
    Standing.CLINICIAN: {
        P.WHO: ALWAYS,
        P.WHY: ALWAYS,
        P.WHAT: ALWAYS,
        P.COURSE: CODED_OR_MORE,
        P.CODED: CODED_OR_MORE,
        P.WORDS: NOTED,
        P.MEASURES: CODED_OR_MORE,
    },
    Standing.SYSTEM: {
        P.WHO: ALWAYS,
        P.WHY: ALWAYS,
        P.WHAT: ALWAYS,
        P.COURSE: CODED_OR_MORE,
        P.CODED: CODED_OR_MORE,
        P.WORDS: NOTED,
        P.MEASURES: CODED_OR_MORE,
    },
    Standing.RECEPTION: {P.WHO: ALWAYS, P.WHAT: ALWAYS, P.COURSE: CODED_OR_MORE, P.CODED: CODED_OR_MORE},
    Standing.REFERRER: {
        P.WHO: ALWAYS,
        P.WHAT: ALWAYS,
        P.COURSE: CODED_OR_MORE,
        P.WORDS: NOTED,
        P.MEASURES: NOTED,
    },
    Standing.COORDINATOR: dict.fromkeys(frozenset(Part), ALWAYS),
    Standing.ADMINISTRATOR: {P.COURSE: ALWAYS, P.LOG: ALWAYS},
    Standing.ASSISTANT: dict.fromkeys((P.WHO, P.WHAT, P.COURSE), ALWAYS),
    Standing.NOBODY: {},
}
"""standing → part → the consents under which it is shown. What is not written here is not shown."""


def parts(standing: Standing, back: str) -> frozenset[Part]:
    """The parts that this standing sees when `back` is what may be told."""
    return frozenset(part for part, consents in ACCESS[standing].items() if back in consents)


def level(back: str, hears: str | None) -> str:
    """What may be told: the person's consent, cut down to what the practice wishes to hear."""
    order = ("nothing", "codes", "notes")
    return min((back, hears or "notes"), key=order.index)
