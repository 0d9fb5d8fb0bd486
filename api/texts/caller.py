"""Whoever may be holding the phone, and what can be answered to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api import announcing_help, formats, text_names
from exchange.appointments import read as appointments
from exchange.appointments import records
from exchange.appointments.read import AppointmentView
from exchange.directory import reviews
from exchange.directory.listings import ListingView
from exchange.hours import read
from exchange.hours.read import HoursView
from exchange.membership import contacts, viewer
from exchange.membership.viewer import Viewer
from exchange.tenancy import enter
from notifications import Intent

Kind = Literal["hours", "asked", "moved", "happened", "review"]
"""What may wait: an hour, being asked for help, another time, 'did it happen?', 'does it still stand?'."""


ANSWERS = ("yes", "no", "different", "able", "unable", "duration", "number")
"""Verbs that may answer what waits."""


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
    words: str
    """What the text says, as it was typed."""
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
    """Something that waits for a yes or no of somebody who has this number."""

    person: Viewer
    kind: Kind
    key: UUID
    reference: str
    """What a text names it by."""
    other: str
    minutes: int | None
    about: str
    """A few words to tell it from the others."""
    others: frozenset[UUID] = frozenset()
    """The parties on the other side, for whom this telephone must not answer too."""


async def waiting(caller: Caller) -> list[Waiting]:
    """Everything that waits for a yes or no of somebody with this number."""
    return [found for person in caller.people for found in await _of_person(caller, person)]


async def _of_person(caller: Caller, person: Viewer) -> list[Waiting]:
    hours = [_hours(person, view) for view in await read.waiting_for(caller.session, person)]
    arranged = await appointments.mine(caller.session, person, since=caller.at)
    helped = [found for view in arranged if (found := _appointment(caller, person, view))]
    asked = [_review(person, view) for view in await reviews.asked_of(caller.session, person)]
    return await _named_safely(caller, person, [*hours, *helped, *asked])


async def _named_safely(caller: Caller, person: Viewer, found: list[Waiting]) -> list[Waiting]:
    """Each with the other side's name as a text may say it."""
    keys = {key for one in found for key in one.others}
    names = await text_names.of(caller.session, person.bank_id, keys, person.language)
    return [
        replace(one, other=names.get(min(one.others), one.other)) if len(one.others) == 1 else one
        for one in found
    ]


def _hours(person: Viewer, view: HoursView) -> Waiting:
    row = view.hours
    about = formats.duration(row.minutes, person.language)
    others = frozenset({row.logger_id})
    return Waiting(person, "hours", row.hours_id, row.reference, view.other, row.minutes, about, others)


def _appointment(caller: Caller, person: Viewer, view: AppointmentView) -> Waiting | None:
    row = view.appointment
    kind: Kind | None = None
    if view.waits_for_me:
        kind = "asked" if row.state == "asked" else "moved"
    elif row.state in appointments.SHARING and row.starts_at and row.starts_at <= caller.at:
        kind = "happened"
    if kind is None:
        return None
    others = frozenset({row.receiver_id, row.giver_id or row.receiver_id}) - person.party_ids
    is_helped = row.receiver_id in person.party_ids
    about = formats.day(row.starts_at.date(), person.language) if row.starts_at else ""
    reference = records.reference(row.appointment_id)
    other = (view.giver or "") if is_helped else view.receiver
    return Waiting(person, kind, row.appointment_id, reference, other, row.minutes, about, others)


def _review(person: Viewer, view: ListingView) -> Waiting:
    row = view.listing
    about = announcing_help.what(row.skills[0] if row.skills else None, person.language)
    return Waiting(person, "review", row.listing_id, reviews.reference(row.listing_id), "", None, about)


def matching(found: list[Waiting], intent: Intent) -> list[Waiting]:
    """Those that a text's reference names; all of them when it names none."""
    if intent.reference is None:
        return found
    return [each for each in found if each.reference == intent.reference]


async def find(
    session: AsyncSession,
    banks: list[UUID],
    sender: str,
    intent: Intent,
    *,
    inbound_id: UUID,
    words: str,
    at: datetime,
) -> Caller | None:
    """The people with this number: in the bank that an answer is for, or that asked, else in the oldest."""
    callers = []
    for bank_id in banks:
        await enter(session, bank_id)
        members = await contacts.sharing(session, bank_id, sender)
        people = [found for m in members if (found := await viewer.load(session, bank_id, m.member_id))]
        if people:
            here = Caller(
                session=session, inbound_id=inbound_id, number=sender, words=words, people=people, at=at
            )
            callers.append(here)
    if not callers:
        return None
    meant = callers[0] if len(callers) == 1 else await _meant(callers, intent)
    await enter(session, meant.first.bank_id)
    return meant


async def _meant(callers: list[Caller], intent: Intent) -> Caller:
    """Of several banks, the one where an answer is waited for; else the one that asked; else the oldest."""
    asked = []
    for caller in callers:
        bank_id = caller.first.bank_id
        await enter(caller.session, bank_id)
        if intent.verb in ANSWERS and matching(await waiting(caller), intent):
            return caller
        if await notifications.open_question(caller.session, bank_id, caller.number, at=caller.at):
            asked.append(caller)
    return (asked or callers)[0]
