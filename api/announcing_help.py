"""What is told about offers, asks and agreed help: the rows of the table, and the facts their words need.

What must never happen: a kind of help in a text that tells about somebody's health, family or money, or a
way to reach somebody before both agreed.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api import formats, text_names
from exchange.appointments import read, records
from exchange.appointments.read import SharedContact
from exchange.appointments.tables import Appointment
from exchange.directory import reviews, taxonomy
from exchange.directory.tables import Listing
from exchange.membership import banks, parties
from exchange.membership.contacts import Reach
from exchange.outbox import Event
from mobile_web.because import skill
from mobile_web.languages import language
from notifications import Attachment, Invitation, invitation

QUIET_GROUPS = ("care", "wellbeing")
QUIET_SKILLS = frozenset(
    {
        "benefits_advice",
        "budgeting",
        "immigration_advice",
        "legal_help",
        "lifts_to_health",
        "listening",
        "paying_bills_cash",
        "prescriptions",
        "reading_writing_help",
        "mediation",
        "ageing_well",
        "newcomers",
        "organisations",
        "locks_and_safety",
        "moving_house",
        "hauling",
        "sorting_decluttering",
        "pest_control",
        "companionship",
        "telephone_friend",
        "going_along",
        "sign_language",
        "forms_letters",
        "interview_practice",
    }
)
"""Open to all, and nothing that whoever holds the phone should read: who packs may be leaving."""
HELP = {"en": "some help", "cy": "ychydig o help", "bn": "কিছু সাহায্য"}
OFFERS = {"en": "an offer of yours", "cy": "cynnig gennych", "bn": "আপনার একটি প্রস্তাব"}
ASKS = {"en": "an ask of yours", "cy": "cais gennych", "bn": "আপনার একটি চাওয়া"}
NO_TEXTS = {"en": "no texts", "cy": "dim negeseuon testun", "bn": "মেসেজ নয়"}
NO_VOICE = {"en": "no voice messages", "cy": "dim negeseuon llais", "bn": "ভয়েস মেসেজ নয়"}
SOMEBODY = {"en": "somebody", "cy": "rhywun", "bn": "কেউ"}

AGREED = ("other", "what", "when", "reach")
ASKED = ("other", "what", "duration", "when", "reference")
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "listing_made_for_you": ("coordinator", "what"),
    "listing_cleared": ("what",),
    "listing_review": ("what", "reference"),
    "appointment_asked": ASKED,
    "appointment_offered": ASKED,
    "appointment_nobody_yet": ("what", "coordinator"),
    "appointment_agreed": AGREED,
    "appointment_thanked": ("what",),
    "appointment_move_asked": ("other", "when", "reference"),
    "appointment_cancelled": ("what", "when"),
    "appointment_did_not_happen": ("other", "when"),
    "appointment_reminder": AGREED,
    "appointment_did_it_happen": ("other", "duration", "when", "reference"),
}
"""Template → the facts it is filled with."""
IN_CALENDARS = ("appointment_agreed", "appointment_cancelled")


def what(code: str | None, speaks: str) -> str:
    """The kind of help as a text may say it."""
    if code is None or not may_be_named(code):
        return HELP.get(speaks, HELP["en"])
    return skill(language(speaks), code, inside=True)


def may_be_named(code: str) -> bool:
    """Whether a kind of help tells nothing about somebody's health, family or money."""
    known = taxonomy.get(code)
    return known.safety == "open" and known.group not in QUIET_GROUPS and code not in QUIET_SKILLS


async def names(
    session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID], reach: Reach
) -> dict[UUID, str]:
    """Each party's name, as it may be told this way: in a text only a name that tells nothing."""
    if reach.channel == "sms":
        return await text_names.of(session, bank_id, party_ids, reach.language)
    return await parties.names(session, bank_id, party_ids)


async def facts(session: AsyncSession, event: Event, side_id: UUID, told: Reach) -> dict[str, str]:
    """What is known about the event, as one side may read it."""
    if "listing_id" in event.payload:
        return await _of_listing(session, event, told.language)
    if "appointment_id" in event.payload:
        return await _of_appointment(session, event, side_id, told)
    return {}


async def _of_listing(session: AsyncSession, event: Event, speaks: str) -> dict[str, str]:
    key = UUID(event.payload["listing_id"])
    listing = await session.get_one(Listing, (event.bank_id, key))
    names = OFFERS if listing.kind == "offer" else ASKS
    said = [what(code, speaks) for code in listing.skills[:1]]
    return {
        "what": f"{names.get(speaks, names['en'])} ({said[0]})" if said else names.get(speaks, names["en"]),
        "reference": reviews.reference(key),
    }


async def _of_appointment(session: AsyncSession, event: Event, side_id: UUID, told: Reach) -> dict[str, str]:
    payload, key, speaks = event.payload, UUID(event.payload["appointment_id"]), told.language
    bank = await banks.get(session, event.bank_id)
    sides = [UUID(payload[name]) for name in ("receiver_id", "giver_id") if payload[name]]
    known = await names(session, event.bank_id, sides, told)
    other = next((known[side] for side in sides if side != side_id), SOMEBODY.get(speaks, SOMEBODY["en"]))
    return {
        "other": other,
        "what": what(payload["skill"], speaks),
        "when": formats.moment(_starts_at(payload), bank.time_zone, speaks),
        "reference": records.reference(key),
        "reach": await reach(session, event.bank_id, key, side_id, speaks)
        or formats.office(bank.telephone, speaks),
    }


def _starts_at(payload: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(payload["starts_at"]) if payload["starts_at"] else None


async def reach(
    session: AsyncSession, bank_id: UUID, appointment_id: UUID, side_id: UUID, speaks: str
) -> str | None:
    """How one side of agreed help may reach the other, and what is safe; None where that is not shared."""
    found = await session.get_one(Appointment, (bank_id, appointment_id))
    if side_id not in (found.giver_id, found.receiver_id):
        return None
    shared = await read.contacts_for(session, found, is_giver=side_id == found.giver_id)
    return next((_written(one, speaks) for one in shared if one.kind != "address"), None)


def _written(shared: SharedContact, speaks: str) -> str:
    if shared.kind == "email":
        return shared.value
    limits = [
        f"{shared.safe_from or time():%H:%M}-{shared.safe_until or time():%H:%M}"
        if shared.safe_from or shared.safe_until
        else "",
        NO_TEXTS.get(speaks, NO_TEXTS["en"]) if shared.kind == "mobile" and not shared.may_text else "",
        "" if shared.may_leave_voicemail else NO_VOICE.get(speaks, NO_VOICE["en"]),
    ]
    said = ", ".join(part for part in limits if part)
    return f"{formats.telephone(shared.value)} ({said})" if said else formats.telephone(shared.value)


async def calendar(
    session: AsyncSession, event: Event, template: str, *, speaks: str, organiser: str, attendee: str
) -> Attachment | None:
    """The invitation that an e-mail about agreed help carries, or its cancellation."""
    if template not in IN_CALENDARS or (starts_at := _starts_at(event.payload)) is None:
        return None
    key = UUID(event.payload["appointment_id"])
    found = await session.get_one(Appointment, (event.bank_id, key))
    is_off = template == "appointment_cancelled"
    invited = Invitation(
        appointment_id=key,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=event.payload["minutes"]),
        language=speaks,
        organiser=organiser,
        attendee=attendee,
        version=found.moves + is_off,
        is_cancelled=is_off,
    )
    return invitation(invited, at=event.recorded_at)
