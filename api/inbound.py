"""A text that came in: understood, done by the same verbs as everything else, answered once.

The sender's number finds the bank and the person. A number that several share never hears a balance and
never answers for both sides. Whatever is not understood is answered all the same and waits on the desk.
What must never happen: the same text acted on twice, or a text that nobody reads.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

import notifications
from api import formats, worker
from api.settings import Settings
from exchange.errors import ExchangeError
from exchange.hours import read, verbs
from exchange.hours.read import HoursView
from exchange.hours.tables import Hours
from exchange.membership import contacts, viewer
from exchange.membership.errors import BadTelephone
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.tenancy import banks_of_contact, enter
from notifications import Address, Intent, Notice

BODY_CHARACTERS_MAX = 1600
UNKNOWN_SENDER = (
    "Sorry, we don't know this number. If you are in danger, ring 999. We may not see texts sent here."
)
LISTED_MAX = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it came: who sent it, what it says, and the provider's id for it."""

    provider: str
    provider_id: str
    sender: str
    body: str

    @property
    def inbound_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.provider}:{self.provider_id}")


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a text: words to answer on the spot, or the message that will answer it."""

    on_the_spot: str | None = None
    message_id: UUID | None = None


NOTHING_MORE = Received()


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say to a text, and whether a person must see it too."""

    template: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    needs_person: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever may be holding the phone: the members who have this number, in one bank."""

    session: AsyncSession
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


async def receive(session: AsyncSession, text: Text, settings: Settings, *, at: datetime) -> Received:
    """Act on a text once, in the caller's transaction; the answer to a member leaves as a message.

    Only a number that nobody has is answered on the spot; a repeat of the provider's is not answered.
    """
    if not await notifications.claim_inbound(session, text.provider, text.provider_id, at=at):
        return NOTHING_MORE
    sender = _number(text.sender)
    found = await banks_of_contact(session, sender) if sender else []
    if not found or sender is None:
        return await _stranger(session, text, at)
    intent = notifications.parse(text.body[:BODY_CHARACTERS_MAX])
    if intent.verb in ("stop", "start"):
        await _consent(session, found, sender, intent, text, at)
        return NOTHING_MORE
    caller = await _caller(session, found, sender, intent, at)
    if caller is None:
        return await _stranger(session, text, at)
    intent = notifications.parse(text.body[:BODY_CHARACTERS_MAX], language=caller.first.language)
    answer = await _act(caller, intent)
    await _record(caller, text, needs_person=answer.needs_person or intent.is_alarming)
    return Received(message_id=await _reply(caller, text, answer, settings))


def _number(typed: str) -> str | None:
    try:
        return contacts.normalise(typed)[1]
    except (BadTelephone, ExchangeError):
        return None


async def _stranger(session: AsyncSession, text: Text, at: datetime) -> Received:
    """One polite answer a day to a number that nobody has; the number itself is not kept."""
    sender = hashlib.sha256(text.sender.encode()).hexdigest()
    is_first = await notifications.claim_inbound(session, "stranger", f"{sender}:{at:%Y-%m-%d}", at=at)
    return Received(on_the_spot=UNKNOWN_SENDER) if is_first else NOTHING_MORE


async def _consent(
    session: AsyncSession, banks: list[UUID], sender: str, intent: Intent, text: Text, at: datetime
) -> None:
    """STOP and START hold for the number, in every bank that has it; the carrier answers them."""
    for bank_id in banks:
        await enter(session, bank_id)
        change = notifications.record_stop if intent.verb == "stop" else notifications.record_start
        await change(session, bank_id, sender, at=at)
        await notifications.record_inbound(
            session,
            bank_id,
            inbound_id=text.inbound_id,
            sender=sender,
            body=text.body[:BODY_CHARACTERS_MAX],
            at=at,
            needs_person=intent.is_alarming,
        )


async def _caller(
    session: AsyncSession, banks: list[UUID], sender: str, intent: Intent, at: datetime
) -> Caller | None:
    """The people with this number: in the bank where something waits for their answer, else the oldest."""
    callers = []
    for bank_id in banks:
        await enter(session, bank_id)
        members = await contacts.sharing(session, bank_id, sender)
        people = [found for m in members if (found := await viewer.load(session, bank_id, m.member_id))]
        if people:
            callers.append(Caller(session, sender, people, at))
    for caller in callers:
        await enter(session, caller.first.bank_id)
        if len(callers) == 1 or _matching(await _waiting(caller), intent):
            return caller
    if callers:
        await enter(session, callers[0].first.bank_id)
    return callers[0] if callers else None


async def _waiting(caller: Caller) -> list[Waiting]:
    return [
        Waiting(person, view)
        for person in caller.people
        for view in await read.waiting_for(caller.session, person)
    ]


def _matching(waiting: list[Waiting], intent: Intent) -> list[Waiting]:
    if intent.reference is None:
        return waiting
    return [found for found in waiting if found.view.hours.reference == intent.reference]


async def _act(caller: Caller, intent: Intent) -> Answer:
    act = ACTS.get(intent.verb)
    if act is None:
        return PASSED_ON if intent.verb in FOR_A_PERSON else NOT_UNDERSTOOD
    try:
        async with caller.session.begin_nested():
            return await act(caller, intent)
    except ExchangeError:
        return Answer("reply_cannot", needs_person=True)


async def _yes_or_no(caller: Caller, intent: Intent) -> Answer:
    waiting = _matching(await _waiting(caller), intent)
    if not waiting:
        return await _nothing_waits(caller, intent)
    if len(waiting) > 1:
        return Answer("reply_which", {"list": _listed(waiting, caller.first.language)})
    found = waiting[0]
    if caller.is_shared and {found.view.hours.logger_id} & caller.party_ids:
        return Answer("reply_shared_number", needs_person=True)
    return await (_no if intent.verb == "no" else _yes)(caller, found, intent)


async def _yes(caller: Caller, found: Waiting, intent: Intent) -> Answer:
    minutes = intent.minutes if intent.verb == "different" else None
    hours = await verbs.confirm(
        caller.session, found.person, found.view.hours.hours_id, minutes=minutes, at=caller.at
    )
    said = formats.duration(hours.minutes, found.person.language)
    return Answer("reply_confirmed", {"other": found.view.other, "duration": said})


async def _no(caller: Caller, found: Waiting, intent: Intent) -> Answer:
    del intent  # the words of a no are read by a person, never guessed at
    await verbs.decline(caller.session, found.person, found.view.hours.hours_id, at=caller.at)
    return Answer("reply_declined", {"other": found.view.other})


async def _nothing_waits(caller: Caller, intent: Intent) -> Answer:
    """Said before, or never asked: a repeat gets a calm answer and changes nothing."""
    if intent.reference is None:
        return Answer("reply_nothing_waiting")
    known = await caller.session.scalar(
        select(Hours).where(
            col(Hours.bank_id) == caller.first.bank_id,
            col(Hours.awaited_id).in_(caller.party_ids),
            col(Hours.reference) == intent.reference,
        )
    )
    if known is None:
        return Answer("reply_nothing_waiting")
    view = await read.view(caller.session, caller.first, known.hours_id)
    return Answer("reply_already", {"other": view.other})


def _listed(waiting: list[Waiting], language: str) -> str:
    """`YES 412 for Ann 1 h, YES 533 for Bo 30 min`: what to answer with, for each."""
    return ", ".join(
        f"YES {w.view.hours.reference} {w.view.other} {formats.duration(w.view.hours.minutes, language)}"
        for w in waiting[:LISTED_MAX]
    )


async def _balance(caller: Caller, intent: Intent) -> Answer:
    del intent
    if caller.is_shared:
        return Answer("reply_balance_hidden")
    page = await read.statement(caller.session, caller.first, limit=1)
    return Answer("reply_balance", {"balance": formats.balance(page.balance_minutes, caller.first.language)})


async def _menu(caller: Caller, intent: Intent) -> Answer:
    del caller, intent
    return Answer("reply_menu")


async def _call_me(caller: Caller, intent: Intent) -> Answer:
    del caller, intent
    return Answer("reply_call_back", needs_person=True)


ACTS: Mapping[str, Callable[[Caller, Intent], Awaitable[Answer]]] = {
    "yes": _yes_or_no,
    "no": _yes_or_no,
    "different": _yes_or_no,
    "balance": _balance,
    "menu": _menu,
    "call_me": _call_me,
}
"""What a text may do; everything else is read by a person."""

FOR_A_PERSON = frozenset({"gave", "received", "need", "book", "leave", "language", "have_it"})
PASSED_ON = Answer("reply_passed_on", needs_person=True)
NOT_UNDERSTOOD = Answer("reply_not_understood", needs_person=True)


async def _record(caller: Caller, text: Text, *, needs_person: bool) -> None:
    await notifications.record_inbound(
        caller.session,
        caller.first.bank_id,
        inbound_id=text.inbound_id,
        sender=caller.number,
        body=text.body[:BODY_CHARACTERS_MAX],
        at=caller.at,
        member_id=None if caller.is_shared else caller.first.member_id,
        needs_person=needs_person,
    )


async def _reply(caller: Caller, text: Text, answer: Answer, settings: Settings) -> UUID | None:
    first = caller.first
    member = await caller.session.get_one(Member, (first.bank_id, first.member_id))
    known = await contacts.of_member(caller.session, first.bank_id, first.member_id)
    is_discreet = any(contact.is_discreet for contact in known if contact.value == caller.number)
    notice = Notice(
        event_id=text.inbound_id,
        recipient_id=first.member_id,
        template=answer.template,
        parameters=answer.parameters,
        language=member.language,
        address=Address(channel="sms", to=caller.number, discreet=is_discreet),
        kind="reply",
    )
    policy = await worker.policy(caller.session, first.bank_id, settings)
    return await notifications.queue(caller.session, first.bank_id, notice, policy=policy, at=caller.at)
