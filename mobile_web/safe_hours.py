"""When somebody may safely be rung or written to, as the desk reads it and looks at the clock."""

from datetime import time
from typing import Protocol


class HasSafeHours(Protocol):
    """A contact, a call to make, a person referred; one time alone means until, or from, midnight."""

    @property
    def safe_from(self) -> time | None: ...
    @property
    def safe_until(self) -> time | None: ...


def said(one: HasSafeHours) -> str:
    """`from 10:00 until 11:00`; empty when no hours were named."""
    named = (
        (word, at) for word, at in (("from", one.safe_from), ("until", one.safe_until)) if at is not None
    )
    return " ".join(f"{word} {at:%H:%M}" for word, at in named)


def include(one: HasSafeHours, clock: time) -> bool:
    """Whether this moment of the bank's local day is safe."""
    start, until = one.safe_from or time(), one.safe_until or time()
    if start == until:
        return True
    return start <= clock < until if start < until else clock >= start or clock < until
