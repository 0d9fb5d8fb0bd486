"""What waits on the desk that is about somebody's wellbeing or safety: each an errand for a person, today.

What must never happen: an answer, a concern's words or a reason on this list; it says whom to ring.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.permissions import Relation, may
from exchange.prescribing import asking
from mobile_web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Somebody to ring, or something to look at."""

    key: UUID
    name: str
    since: datetime | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """The heaps of the queue that are about care."""

    ring: list[Errand]


async def waiting(seen: Visit) -> Care:
    """What waits now; nothing for those who may not see to it."""
    if not may(seen.viewer.roles, "measure.see_to", [Relation.BANK]):
        return Care(ring=[])
    return Care(ring=await _ring(seen))


async def _ring(seen: Visit) -> list[Errand]:
    """Each person once, however many of their answers were bleak."""
    found: dict[UUID, Errand] = {}
    for sheet, name in await asking.to_ring_today(seen.session, seen.viewer):
        errand = Errand(key=sheet.member_id, name=name, since=sheet.answered_at)
        found.setdefault(sheet.member_id, errand)
    return list(found.values())
