"""Whoever may be holding the phone, and what can be answered to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.hours import read
from exchange.hours.read import HoursView
from exchange.membership import contacts, viewer
from exchange.membership.viewer import Viewer
from exchange.tenancy import enter
from notifications import Intent


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to a text, and whether a person must see it too."""

    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    needs_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The members who have this number, in one bank, and the text's own key."""

    session: AsyncSession
    inbound_id: UUID
    number: str
    people: list[Viewer]
    at: datetime

    @property
    def first(self) -> Viewer:
        return self.people[0]

    @property
    def is_shared(self) -> bool:
        return len(self.people) > 1

    @property
    def party_ids(self) -> frozenset[UUID]:
        return frozenset().union(*(person.party_ids for person in self.people))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Hours that wait for somebody who has this number."""

    person: Viewer
    view: HoursView


async def waiting(caller: Caller) -> list[Waiting]:
    """Everything that waits for a yes of somebody with this number."""
    return [
        Waiting(person, view)
        for person in caller.people
        for view in await read.waiting_for(caller.session, person)
    ]


def matching(found: list[Waiting], intent: Intent) -> list[Waiting]:
    """Those that a text's reference names; all of them when it names none."""
    if intent.reference is None:
        return found
    return [each for each in found if each.view.hours.reference == intent.reference]


async def find(
    session: AsyncSession, banks: list[UUID], sender: str, intent: Intent, *, inbound_id: UUID, at: datetime
) -> Caller | None:
    """The people with this number: in the bank where something waits for their answer, else the oldest."""
    callers = []
    for bank_id in banks:
        await enter(session, bank_id)
        members = await contacts.sharing(session, bank_id, sender)
        people = [found for m in members if (found := await viewer.load(session, bank_id, m.member_id))]
        if people:
            callers.append(
                Caller(session=session, inbound_id=inbound_id, number=sender, people=people, at=at)
            )
    for caller in callers:
        await enter(session, caller.first.bank_id)
        if len(callers) == 1 or matching(await waiting(caller), intent):
            return caller
    if callers:
        await enter(session, callers[0].first.bank_id)
    return callers[0] if callers else None
