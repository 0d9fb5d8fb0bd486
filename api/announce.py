"""Who is told what about an event: one table, and the facts that its templates need.

Nobody is told what they just did themselves. Names are looked up when the words are made, so an event
that waited carries nothing of anybody's. House rule: every kind of event stands in `TOLD`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import announce_referrals, announcing_groups, announcing_help, formats
from exchange.hours import steps
from exchange.membership import contacts, organisations, parties, topics
from exchange.membership.contacts import Reach
from exchange.membership.tables import Contact, Member, Party
from exchange.outbox import Event
from mobile_web.languages import language as speaks
from mobile_web.words import account_name
from notifications import Address, Attachment, Notice, Policy
from notifications.notice import Channel


class Told(NamedTuple):
    """A side of the event (a key of its payload), the template for it, and a condition on the payload."""

    side: str
    template: str
    when: Callable[[Mapping[str, Any]], bool] = lambda _: True


def _giver_told(payload: Mapping[str, Any]) -> bool:
    return bool(payload["logger_id"] == payload["giver_id"])


def _receiver_told(payload: Mapping[str, Any]) -> bool:
    return not _giver_told(payload)


BOTH = ("giver_id", "receiver_id")

TOLD: Mapping[str, tuple[Told, ...]] = {
    "sign_in.code_requested": (Told("contact_id", "sign_in_code"),),
    "member.asked_to_join": (Told("member_id", "join_received"),),
    "member.welcomed": (Told("member_id", "join_welcome"),),
    "contact.changed": (Told("member_id", "contact_changed"),),
    "hours.logged": (
        Told("awaited_id", "hours_logged_gave", _giver_told),
        Told("awaited_id", "hours_logged_received", _receiver_told),
        Told("logger_id", "hours_logged_for_you"),
    ),
    "hours.amended": (Told("awaited_id", "hours_amended"),),
    "hours.confirmed_by_voice": (Told("for_id", "recorded_by_voice"),),
    "hours.declined_by_voice": (Told("for_id", "declined_by_voice"),),
    "hours.withdrawn_by_voice": (Told("for_id", "withdrawn_by_voice"),),
    "hours.objected_by_voice": (Told("for_id", "objected_by_voice"),),
    "hours.needs_approval": tuple(Told(side, "hours_awaiting_approval") for side in BOTH),
    "hours.posted": (
        Told("giver_id", "hours_posted_gave"),
        Told("receiver_id", "hours_posted_received"),
    ),
    "hours.declined": (Told("logger_id", "hours_declined"),),
    "hours.refused": tuple(Told(side, "hours_refused") for side in BOTH),
    "hours.withdrawn": (Told("awaited_id", "hours_withdrawn"),),
    "hours.objected": tuple(Told(side, "hours_objected") for side in BOTH),
    "hours.dismissed": tuple(Told(side, "hours_dismissed") for side in BOTH),
    "hours.reversed": tuple(Told(side, "hours_reversed") for side in BOTH),
    "hours.reminder": (Told("awaited_id", "hours_reminder"),),
    "activity.proposed": (),  # it waits on the desk
    "activity.approved": (Told("proposer_id", "activity_approved"),),
    "activity.declined": (Told("proposer_id", "activity_declined"),),
    "activity.changed": (Told("member_id", "activity_changed"),),
    "session.called_off": (Told("member_id", "session_called_off"),),
    "place.moved_up": (Told("member_id", "place_moved_up"),),
    "check_in.written_down": (Told("member_id", "check_in_written_down"),),
    "booking.called_off": (Told("party_id", "booking_called_off"),),
    "listing.made_for_you": (Told("party_id", "listing_made_for_you"),),
    "listing.needs_coordinator": (),  # it waits on the desk
    "listing.cleared": (Told("party_id", "listing_cleared"),),
    "listing.review_due": (Told("party_id", "listing_review"),),
    "appointment.asked": (Told("to", "appointment_asked"),),
    "appointment.offered": (Told("to", "appointment_offered"),),
    "appointment.refused": (Told("to", "appointment_nobody_yet"),),
    "appointment.agreed": (Told("to", "appointment_agreed"),),
    "appointment.thanked": (Told("to", "appointment_thanked"),),
    "appointment.move_asked": (Told("to", "appointment_move_asked"),),
    "appointment.cancelled": (Told("to", "appointment_cancelled"),),
    "appointment.did_not_happen": (Told("to", "appointment_did_not_happen"),),
    "appointment.reminder": (Told("to", "appointment_reminder"),),
    "appointment.did_it_happen": (Told("to", "appointment_did_it_happen"),),
    "appointment.with_coordinator": (),  # it waits on the desk
    # Safety: told by `api.safety`, one person after the other until one has it.
    "concern.raised": (),
    "visit.not_over": (),
    "referral.invited": (Told("referral_id", "neighbours_invited"),),
    "referral.came_back": (Told("practice_id", "letter_back"),),
    "clearance.runs_out": (Told("member_id", "paper_runs_out"),),
    "gift.given": (Told("to_id", "gift_received"), Told("from_id", "gift_given")),
}
"""Event kind → who is told, and with which words."""

SPOKEN_FOR = frozenset(steps.BY_VOICE.values())
"""The events about a party that its own `for_id` is told of; elsewhere they know."""

TOPICS: Mapping[str, str] = {
    "hours.needs_approval": "hours",
    "hours.posted": "hours",
    "hours.withdrawn": "hours",
    "hours.dismissed": "hours",
    "hours.reversed": "hours",
    "gift.given": "hours",
    "hours.reminder": "reminders",
    "appointment.reminder": "reminders",
    "listing.cleared": "help",
    "appointment.refused": "help",
    "appointment.agreed": "help",
    "appointment.thanked": "help",
    "appointment.cancelled": "help",
    "appointment.did_not_happen": "help",
    "activity.approved": "groups",
    "activity.declined": "groups",
    "session.called_off": "groups",
    "place.moved_up": "groups",
    "check_in.written_down": "groups",
    "booking.called_off": "groups",
}
"""Event kind → what a member chose about news of its kind. All else asks something, or was done for them."""

INVITED = ("appointment.agreed",)
"""Whoever did it is written to as well, where an e-mail brings it into their calendar."""
DESK_LANGUAGE = Policy(bank_name="", contact="").desk_language
"""Coordinators read how to make a call in it, and what it means."""
SENDER = "evenhour@localhost"
"""Whom a calendar names when nobody says where e-mails come from."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be told: as a member, or as the voice of an organisation."""

    member_id: UUID
    side_id: UUID
    did_it: bool = False
    """They know already, and get no more than an invitation."""


async def notices(session: AsyncSession, event: Event, *, sender: str = SENDER) -> list[Notice]:
    """The notices that an event becomes: one for each person who can be told.

    `sender` is the address that e-mails come from.
    """
    if event.kind in ELSEWHERE:
        return await ELSEWHERE[event.kind](session, event)
    found = []
    for told in TOLD[event.kind]:
        if not told.when(event.payload):
            continue
        for person in await _people(session, event, told.side):
            notice = await _notice(session, event, told.template, person, sender)
            if notice is not None:
                found.append(notice)
    return found


async def _people(session: AsyncSession, event: Event, side: str) -> list[Person]:
    """The members behind a side of the event (or several), less those who know already."""
    named = event.payload[side]
    keys = named if isinstance(named, list) else [named]
    return [person for key in keys for person in await _speakers(session, event, UUID(key))]


async def _speakers(session: AsyncSession, event: Event, side_id: UUID) -> list[Person]:
    party = await session.get(Party, (event.bank_id, side_id))
    if party is None or _knows(event, side_id):
        return []
    if party.kind == "organisation":
        everyone = sorted(await organisations.representatives(session, event.bank_id, side_id))
    else:
        everyone = [side_id] if party.kind == "member" else []
    by_id = event.payload.get("by_id")
    found = [Person(m, side_id, did_it=str(m) == by_id) for m in everyone]
    return [person for person in found if not person.did_it or event.kind in INVITED]


def _knows(event: Event, side_id: UUID) -> bool:
    """A party for whom somebody just acted: they are told in an event of its own, or did it themselves."""
    acted_for = event.payload.get("for_id")
    is_logged_for = event.kind == "hours.logged" and event.payload.get("by_id") != acted_for
    return (
        acted_for == str(side_id) and event.kind not in {*SPOKEN_FOR, "hours.reminder"} and not is_logged_for
    )


async def _notice(
    session: AsyncSession, event: Event, template: str, person: Person, sender: str
) -> Notice | None:
    topic = TOPICS.get(event.kind, "questions")
    chosen = await topics.of(session, event.bank_id, person.member_id, topic)
    reach = await contacts.reach(session, event.bank_id, person.member_id, wished=chosen.channel)
    if reach is None or chosen.pace == "never" or (person.did_it and reach.channel != "email"):
        return None
    wanted = PARAMETERS.get(template, ())
    facts = await _facts(session, event, person, reach)
    is_rung_in_another = reach.channel == "call" and reach.language != DESK_LANGUAGE
    meant = (
        await _facts(session, event, person, replace(reach, language=DESK_LANGUAGE))
        if is_rung_in_another
        else {}
    )
    return Notice(
        event_id=event.event_id,
        recipient_id=person.member_id,
        template=template,
        parameters={name: facts[name] for name in wanted if name in facts},
        meant={name: meant[name] for name in wanted if name in meant},
        language=reach.language,
        address=address(reach),
        kind="nudge" if topics.TOPICS[topic].is_nudge else "service",
        may_wait=chosen.pace == "daily" and reach.channel in ("sms", "email"),
        attachment=await _attached(session, event, template, reach, sender),
    )


async def _attached(
    session: AsyncSession, event: Event, template: str, reach: Reach, sender: str
) -> Attachment | None:
    """What an e-mail carries; a calendar that others may read gets nothing."""
    if reach.channel != "email" or reach.is_discreet or "appointment_id" not in event.payload:
        return None
    return await announcing_help.calendar(
        session, event, template, speaks=reach.language, organiser=sender, attendee=reach.to
    )


def address(reach: Reach) -> Address:
    """A member's best safe way, as the notifications room has it."""
    return Address(
        channel=cast(Channel, reach.channel),
        to=reach.to,
        discreet=reach.is_discreet,
        safe_from=reach.safe_from,
        safe_until=reach.safe_until,
        may_leave_message=reach.may_leave_message,
    )


HOURS_FACTS = ("other", "duration", "day")
ASKS = ("logger", "duration", "day", "reference")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "hours_logged_gave": ASKS,
    "hours_logged_received": ASKS,
    "hours_reminder": ASKS,
    "hours_amended": ("other", "duration", "day", "reference"),
    "hours_logged_for_you": ("coordinator", *HOURS_FACTS),
    "hours_awaiting_approval": HOURS_FACTS,
    "hours_posted_gave": HOURS_FACTS,
    "hours_posted_received": HOURS_FACTS,
    "hours_declined": ("other", "day"),
    "hours_refused": ("day", "coordinator"),
    "hours_withdrawn": ("other", "day"),
    "hours_objected": ("other", "day"),
    "hours_dismissed": ("other", "day"),
    "hours_reversed": HOURS_FACTS,
    "recorded_by_voice": ("coordinator", *HOURS_FACTS),
    "declined_by_voice": ("coordinator", *HOURS_FACTS),
    "withdrawn_by_voice": ("coordinator", *HOURS_FACTS),
    "objected_by_voice": ("coordinator", *HOURS_FACTS),
    "contact_changed": ("coordinator",),
    "gift_received": ("giver", "duration"),
    "gift_given": ("receiver", "duration"),
    "paper_runs_out": ("day",),
    **announcing_help.PARAMETERS,
    **announcing_groups.PARAMETERS,
}
"""Template → the facts it is filled with; `bank` and `contact` it has anyway."""


async def _facts(session: AsyncSession, event: Event, person: Person, reach: Reach) -> dict[str, str]:
    payload, language = event.payload, reach.language
    known = await _names(session, event, reach)
    facts = {"coordinator": known[payload["by_id"]]} if payload.get("by_id") in known else {}
    if "minutes" in payload:
        facts["duration"] = formats.duration(payload["minutes"], language)
    facts |= await announcing_help.facts(session, event, person.side_id, reach)
    facts |= await announcing_groups.facts(session, event, language)
    if "hours_id" in payload:
        is_giver = payload["giver_id"] == str(person.side_id)
        facts |= {
            "other": known[payload["receiver_id" if is_giver else "giver_id"]],
            "logger": known[payload["logger_id"]],
            "day": formats.day(date.fromisoformat(payload["done_on"]), language),
            "reference": payload["reference"],
        }
    if "expires_on" in payload:
        facts["day"] = formats.day(date.fromisoformat(payload["expires_on"]), language)
    if "gift_id" in payload:
        both = {"giver": payload["from_id"], "receiver": payload["to_id"]}
        ours = await parties.own_accounts(session, event.bank_id, [UUID(key) for key in both.values()])
        facts |= {
            side: account_name(speaks(language), ours.get(UUID(key), "member"), known[key])
            for side, key in both.items()
        }
    return facts


async def _names(session: AsyncSession, event: Event, reach: Reach) -> dict[str, str]:
    keys = ("giver_id", "receiver_id", "logger_id", "by_id", "from_id", "to_id")
    wanted = {UUID(event.payload[key]) for key in keys if event.payload.get(key)}
    found = await announcing_help.names(session, event.bank_id, wanted, reach)
    return {str(key): name for key, name in found.items()}


CODE_CHANNELS: Mapping[str, Channel] = {"mobile": "sms", "email": "email"}


async def _code(session: AsyncSession, event: Event) -> list[Notice]:
    """A sign-in code goes to the very contact it proves, and nowhere else."""
    contact = await session.get(Contact, (event.bank_id, UUID(event.payload["contact_id"])))
    channel = CODE_CHANNELS.get(contact.kind) if contact else None
    if contact is None or channel is None or not contact.may_write:
        return []
    member = await session.get_one(Member, (event.bank_id, contact.member_id))
    return [
        Notice(
            event_id=event.event_id,
            recipient_id=contact.member_id,
            template="sign_in_code",
            parameters={"code": event.payload["secret"]},
            language=contact.language or member.language,
            address=Address(
                channel=channel,
                to=contact.value,
                discreet=contact.is_discreet,
                safe_from=contact.safe_from,
                safe_until=contact.safe_until,
            ),
            kind="code",
        )
    ]


ELSEWHERE: Mapping[str, Callable[[AsyncSession, Event], Awaitable[list[Notice]]]] = {
    "sign_in.code_requested": _code,
    "referral.invited": announce_referrals.invitation,
    "referral.came_back": announce_referrals.letter_back,
}
"""Events about somebody who is no party of the bank: to the very contact, and nowhere else."""
