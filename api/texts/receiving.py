"""One text, once: claimed, understood, acted on, kept for the thread, answered; in one transaction."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

import notifications
from api import formats, worker
from api.database import is_lost_race
from api.settings import Settings
from api.texts import answering, asking, caller, groups, strangers, telling, typed_codes
from api.texts.caller import Answer, Caller
from exchange.errors import ExchangeError
from exchange.hours import read
from exchange.membership import banks, contacts, members
from exchange.membership.tables import Contact, Member
from exchange.tenancy import banks_of_contact, enter
from notifications import Address, Intent, Notice

log = logging.getLogger("evenhour.texts")

BODY_CHARACTERS_MAX = 1600
OUT_OF_HOURS = "reply_out_of_hours"
AFTER_HOURS: Mapping[str, str] = {
    "reply_not_understood": OUT_OF_HOURS,
    "reply_passed_on": OUT_OF_HOURS,
    "reply_call_back": "reply_call_back_out_of_hours",
    "reply_cannot": OUT_OF_HOURS,
    "reply_shared_number": OUT_OF_HOURS,
    "reply_code_failed": OUT_OF_HOURS,
    "reply_asked": "reply_asked_out_of_hours",
}
"""What is said instead while nobody is there to read: whom to call in the day, and 999."""


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


async def receive(session: AsyncSession, text: Text, settings: Settings, *, at: datetime) -> Received:
    """Act on a text once, in the caller's transaction; the answer to a member leaves as a message.

    Only a number that nobody has is answered on the spot; a repeat of the provider's is not answered.
    """
    if not await notifications.claim_inbound(session, text.provider, text.provider_id, at=at):
        return NOTHING_MORE
    text = replace(text, body=text.body.replace("\x00", "")[:BODY_CHARACTERS_MAX])
    sender = _number(text.sender)
    found = await banks_of_contact(session, sender) if sender else []
    intent = notifications.parse(text.body)
    if not found or sender is None:
        return await _stranger(session, text, intent, at)
    if intent.verb in ("stop", "start"):
        await _consent(session, found, sender, intent, text, at)
        return NOTHING_MORE
    if (code := typed_codes.code_in(text.body)) is not None:
        found = await typed_codes.banks_of(session, code, found, secret=settings.secret)
    who = await caller.find(
        session, found, sender, intent, inbound_id=text.inbound_id, words=text.body, at=at
    )
    if who is None:
        return await _stranger(session, text, intent, at)
    intent = notifications.parse(text.body, language=who.first.language)
    answer = await _by_code(who, text, settings) or await _act(who, intent)
    if intent.is_alarming:
        answer = Answer("reply_alarmed", needs_person=True)  # what it asked for is done all the same
    known = await _contacts(who)
    may_answer = all(contact.may_write for contact in known)
    await _record(who, text, needs_person=answer.needs_person or not may_answer)
    return Received(message_id=await _reply(who, text, answer, known, settings) if may_answer else None)


def _number(typed: str) -> str | None:
    try:
        return contacts.normalise(typed)[1]
    except ExchangeError:
        return None


async def _stranger(session: AsyncSession, text: Text, intent: Intent, at: datetime) -> Received:
    """One polite answer a day to a number that nobody has; STOP gets none."""
    if intent.verb in ("stop", "start"):
        return NOTHING_MORE
    sender = _number(text.sender) or text.sender
    return Received(on_the_spot=await strangers.answer(session, sender, at=at))


async def _consent(
    session: AsyncSession, banks_here: list[UUID], sender: str, intent: Intent, text: Text, at: datetime
) -> None:
    """STOP and START hold for the number, in every bank that has it; the carrier answers them."""
    for bank_id in banks_here:
        await enter(session, bank_id)
        change = notifications.record_stop if intent.verb == "stop" else notifications.record_start
        await change(session, bank_id, sender, at=at)
        await notifications.record_inbound(
            session,
            bank_id,
            inbound_id=text.inbound_id,
            sender=sender,
            body=text.body,
            at=at,
            needs_person=intent.is_alarming,
        )


async def _by_code(who: Caller, text: Text, settings: Settings) -> Answer | None:
    """What a printed code in a text does; None for a text without one."""
    if typed_codes.code_in(text.body) is None and not typed_codes.is_meant(text.body):
        return None
    try:
        async with who.session.begin_nested():
            return await typed_codes.act(who, text.body, secret=settings.secret)
    except ExchangeError:
        return Answer("reply_code_failed", needs_person=True)


async def _act(who: Caller, intent: Intent) -> Answer:
    """Do what a text asks for; where that fails, for whatever reason, a person reads it."""
    try:
        async with who.session.begin_nested():
            return await _answer_to_question(who, intent) or await ACTS.get(intent.verb, _unclear)(
                who, intent
            )
    except ExchangeError:
        return Answer("reply_cannot", needs_person=True)
    except Exception as error:
        if is_lost_race(error):
            raise
        log.warning("A text could not be acted on: %s", type(error).__name__)
        return Answer("reply_cannot", needs_person=True)


async def _answer_to_question(who: Caller, intent: Intent) -> Answer | None:
    """What a text means as the answer to the last question; the question ends with any other text."""
    bank_id = who.first.bank_id
    asked = await notifications.open_question(who.session, bank_id, who.number, at=who.at)
    if asked is None:
        return None
    await notifications.forget_question(who.session, bank_id, who.number)
    return await ANSWERS[asked.topic](who, asked.context, intent)


ANSWERS: Mapping[str, Callable[[Caller, Mapping[str, Any], Intent], Awaitable[Answer | None]]] = {
    telling.WHO: telling.answer_who,
    telling.HOW_LONG: telling.answer_how_long,
    telling.WHICH_WAY: telling.answer_which_way,
    groups.TO_BOOK: groups.answer_book,
    groups.TO_LEAVE: groups.answer_leave,
    asking.NEEDED: asking.answer,
    answering.WHICH: answering.answer_which,
}
"""What was asked last → what a text may mean as its answer; None when it means something else."""


async def _balance(who: Caller, intent: Intent) -> Answer:
    del intent
    if who.is_shared:
        return Answer("reply_balance_hidden")
    page = await read.statement(who.session, who.first, limit=1)
    return Answer("reply_balance", {"balance": formats.balance(page.balance_minutes, who.first.language)})


async def _welcome(who: Caller, intent: Intent) -> Answer:
    del who, intent
    return Answer("reply_welcome")


async def _menu(who: Caller, intent: Intent) -> Answer:
    del who, intent
    return Answer("reply_menu")


async def _call_me(who: Caller, intent: Intent) -> Answer:
    del who, intent
    return Answer("reply_call_back", needs_person=True)


async def _language(who: Caller, intent: Intent) -> Answer:
    """Change the language of whoever texts, if this bank writes in it."""
    bank = await banks.get(who.session, who.first.bank_id)
    if who.is_shared or intent.language not in bank.languages:
        return await _pass_on(who, intent)
    await members.change(who.session, who.first, who.first.member_id, {"language": intent.language})
    for contact in await contacts.of_member(who.session, bank.bank_id, who.first.member_id):
        if contact.value == who.number:
            contact.language = None  # the number speaks as its owner does
    return Answer("reply_language")


async def _have_it(who: Caller, intent: Intent) -> Answer:
    """A duty person takes every alert that they were told of."""
    taken = [
        alert
        for person in who.people
        for alert in await notifications.take_alerts_of(who.session, person.bank_id, person.member_id, who.at)
    ]
    return Answer("reply_alert_taken") if taken else await _unclear(who, intent)


async def _pass_on(who: Caller, intent: Intent) -> Answer:
    """Understood, and for a person to do."""
    del who, intent
    return Answer("reply_passed_on", needs_person=True)


async def _unclear(who: Caller, intent: Intent) -> Answer:
    del who, intent
    return Answer("reply_not_understood", needs_person=True)


ACTS: Mapping[str, Callable[[Caller, Intent], Awaitable[Answer]]] = {
    "yes": answering.yes_or_no,
    "no": answering.yes_or_no,
    "different": answering.yes_or_no,
    "duration": answering.how_long,
    "gave": telling.tell,
    "received": telling.tell,
    "balance": _balance,
    "menu": _menu,
    "able": answering.can,
    "unable": answering.can,
    "thanks": _welcome,
    "call_me": _call_me,
    "language": _language,
    "have_it": _have_it,
    "need": asking.ask,
    "book": groups.book,
    "leave": groups.leave,
    "whats_on": groups.whats_on,
}
"""What a text may do; what stands not here is read by a person."""


async def _record(who: Caller, text: Text, *, needs_person: bool) -> None:
    await notifications.record_inbound(
        who.session,
        who.first.bank_id,
        inbound_id=text.inbound_id,
        sender=who.number,
        body=text.body,
        at=who.at,
        member_id=None if who.is_shared else who.first.member_id,
        needs_person=needs_person,
    )


async def _reply(
    who: Caller, text: Text, answer: Answer, known: Sequence[Contact], settings: Settings
) -> UUID | None:
    first = who.first
    member = await who.session.get_one(Member, (first.bank_id, first.member_id))
    policy = await worker.policy(who.session, first.bank_id, settings)
    is_late = notifications.is_out_of_hours(policy, at=who.at)
    notice = Notice(
        event_id=text.inbound_id,
        recipient_id=first.member_id,
        template=AFTER_HOURS.get(answer.template, answer.template) if is_late else answer.template,
        parameters=answer.parameters,
        language=member.language,
        address=_address(who, known),
        kind="reply",
    )
    return await notifications.queue(who.session, first.bank_id, notice, policy=policy, at=who.at)


def _address(who: Caller, known: Sequence[Contact]) -> Address:
    """Where the answer goes: discreet, and only at the hours that somebody with this number called safe."""
    limited = next((c for c in known if c.safe_from is not None or c.safe_until is not None), None)
    return Address(
        channel="sms",
        to=who.number,
        discreet=any(contact.is_discreet for contact in known),
        safe_from=limited.safe_from if limited else None,
        safe_until=limited.safe_until if limited else None,
    )


async def _contacts(who: Caller) -> list[Contact]:
    """What everybody who has this number said of it."""
    return [
        contact
        for person in who.people
        for contact in await contacts.of_member(who.session, person.bank_id, person.member_id)
        if contact.value == who.number
    ]
