"""What waits on the desk that is about somebody's wellbeing or safety: each an errand for a person, today.

What must never happen: an answer, a concern's words or a reason on this list; it says whom to ring.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from exchange.membership import parties
from exchange.permissions import Relation, may
from exchange.prescribing import asking, clearances, concerns, feeds, lists, visits
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
    late: list[Errand]
    concerns: list[Errand]
    papers: list[Errand]
    referrals: int = 0
    """Referrals that take too long, or whose person wishes to be rung."""
    feeds: int = 0
    """Other organisations' lists that could not be read."""

    def __len__(self) -> int:
        return sum(map(len, (self.ring, self.late, self.concerns, self.papers))) + self.referrals + self.feeds


async def waiting(seen: Visit) -> Care:
    """What waits now; nothing for those who may not see to it."""
    session, viewer = seen.session, seen.viewer
    named = [Errand(key=key, name="") for key in await concerns.mine_to_read(session, viewer)]
    if not may(viewer.roles, "queue.read", [Relation.BANK]):
        return Care(ring=[], late=[], concerns=named, papers=[])
    cares = may(viewer.roles, "measure.see_to", [Relation.BANK])
    return Care(
        ring=await _ring(seen) if cares else [],
        late=await _late(seen),
        concerns=named,
        papers=await _papers(seen),
        referrals=await lists.pressing(session, viewer) if cares else 0,
        feeds=await feeds.in_trouble(session, viewer),
    )


async def _late(seen: Visit) -> list[Errand]:
    """Visits that are not over although their time is."""
    found = await visits.open_late(seen.session, seen.viewer.bank_id)
    names = await parties.names(seen.session, seen.viewer.bank_id, {row.visitor_id for row in found})
    return [
        Errand(key=row.visit_id, name=names[row.visitor_id], since=row.told_at, about=str(row.visitor_id))
        for row in found
    ]


async def _papers(seen: Visit) -> list[Errand]:
    """Papers whose last day is near or over; what they are stands on the member's page."""
    found = await clearances.running_out(seen.session, seen.viewer, at=seen.at)
    people = {row.member_id: Errand(key=row.member_id, name=name) for row, name in reversed(found)}
    return list(people.values())


async def _ring(seen: Visit) -> list[Errand]:
    """Each person once, however many of their answers were bleak."""
    found: dict[UUID, Errand] = {}
    for sheet, name in await asking.to_ring_today(seen.session, seen.viewer):
        errand = Errand(key=sheet.member_id, name=name, since=sheet.answered_at)
        found.setdefault(sheet.member_id, errand)
    return list(found.values())
