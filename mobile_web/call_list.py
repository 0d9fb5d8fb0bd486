"""People to ring: one card for each person and number, with everything that is to be said on one call.

What was said is ticked for itself; whether anybody answered is true of the whole call. What must never
happen: somebody rung twice in a row because two things waited for them, or one thing ticked as said unsaid.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from mobile_web import safe_hours

TICK = "say_"
"""Begins the name of a tick beside something to say; its message's key follows."""
OUTCOMES = ("spoke", "no_answer", "left_message", "wrong_number")
OF_THE_WHOLE_CALL = ("no_answer", "wrong_number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One call to make, the longest waiting first; `calls` are the desk's items."""

    person_id: UUID
    name: str
    to: str
    calls: list[Any]
    may_ring: bool
    """Whether this moment is safe for all that waits for them."""

    @property
    def attempts(self) -> int:
        return max(int(call.attempts) for call in self.calls)

    @property
    def hours(self) -> list[str]:
        """When they may be rung, as it was said of each thing; empty for at any time."""
        return sorted({said for call in self.calls if (said := safe_hours.said(call))})

    @property
    def may_leave_message(self) -> bool:
        return all(call.may_leave_message for call in self.calls)


def rings(calls: Sequence[Any], names: Mapping[UUID, str], clock: time) -> list[Ring]:
    """The calls of the desk by person and number, in the order of the first of each."""
    found: dict[tuple[UUID, str], list[Any]] = {}
    for call in calls:
        found.setdefault((call.recipient_id, call.to), []).append(call)
    return [
        Ring(
            person_id=person_id,
            name=names.get(person_id, "Somebody"),
            to=to,
            calls=here,
            may_ring=all(safe_hours.include(call, clock) for call in here),
        )
        for (person_id, to), here in found.items()
    ]


def meant(calls: Sequence[Any], person_id: UUID, form: Mapping[str, str]) -> list[Any]:
    """What a press is about: what was ticked; on a call that nobody took, all that waits there."""
    here = [call for call in calls if call.recipient_id == person_id and call.to == form.get("rung", call.to)]
    if form.get("outcome") in OF_THE_WHOLE_CALL:
        return here
    return [call for call in here if f"{TICK}{call.id}" in form]


def is_ticked(form: Collection[str]) -> bool:
    """Whether anything was ticked, though it may be off the list by now."""
    return any(name.startswith(TICK) for name in form)
