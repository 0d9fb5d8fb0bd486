"""Ways to reach a person, and what is safe to do with each.

Contacts can be dangerous: somebody may read the phone. Only what its owner called safe is used, and who
cannot be told in writing is told by voice. What must never happen: a text to a landline.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

import phonenumbers
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange import outbox
from exchange.errors import NotAllowed, NotFound
from exchange.membership.errors import (
    BadEmail,
    BadTelephone,
    ContactMissing,
    OwnMobile,
    ProveFirst,
    SafeHoursUnread,
    TooManyContacts,
)
from exchange.membership.tables import Bank, Contact, Member
from exchange.membership.viewer import Viewer, granted
from exchange.permissions import Role, require
from exchange.words import required

EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]+(\.[\w-]+)+")
"""Enough to catch a slip; whether it arrives is found out by sending."""
TYPE = phonenumbers.PhoneNumberType
REACHED = {
    TYPE.MOBILE: "mobile",
    TYPE.FIXED_LINE_OR_MOBILE: "mobile",
    TYPE.FIXED_LINE: "landline",
    TYPE.UAN: "landline",
    TYPE.VOIP: "landline",
    TYPE.TOLL_FREE: "landline",
}
"""Kinds of numbers that a person is reached at; premium, shared-cost, pager and personal ones are not."""
DRAMA = re.compile(
    r"\+44(7700900|1632960|2079460|1(1[3-8]|[2-6]1)4960|1914980|289(649|018)[06]|2920180|8081570|3069990)\d{3}"
)
"""Numbers that Ofcom keeps for drama: nobody has them, so demonstrations and tests may."""
TELEPHONES = ("mobile", "landline")
WRITTEN_TO = ("mobile", "email")
"""Kinds of contacts that messages go to by themselves, where their owner calls it safe."""
CROWN_DEPENDENCIES = frozenset({"JE", "GG", "IM"})
TEXT_CHARACTERS_MAX = 200
POST_CHARACTERS_MAX = 500
CONTACTS_MAX = 8
UNPROVED_MAX = 2
"""Contacts of one's own that may wait for their code at a time: each costs somebody a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft:
    """A contact as somebody typed it; `kind` is found out unless it is `post`."""

    value: str
    kind: str | None = None
    may_write: bool = True
    """Safe to text, for a mobile; safe to e-mail, for an address."""
    may_leave_voicemail: bool = False
    may_post: bool = True
    safe_from: time | None = None
    safe_until: time | None = None
    is_discreet: bool = False
    language: str | None = None
    """What is written here is in this language; empty for the member's own, None to leave it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How to tell one member something: the best safe way there is."""

    member_id: UUID
    language: str
    channel: str
    """`sms`, `email`, `call` or `letter`."""
    to: str
    is_discreet: bool
    is_shared: bool
    """Other members of the bank have the same contact."""
    safe_from: time | None
    safe_until: time | None
    may_leave_message: bool
    """Whether a voice message may be left."""


def normalise(value: str) -> tuple[str, str]:
    """A telephone or e-mail as typed → (`mobile` | `landline` | `email`, canonical value).

    Raises:
        BadTelephone: not a number that can be reached, or one that costs its caller dearly.
        BadEmail: it has an @ and is not an address.
    """
    typed = value.strip()
    if "@" in typed:
        if not EMAIL.fullmatch(typed) or len(typed) > TEXT_CHARACTERS_MAX:
            raise BadEmail
        return "email", typed.lower()
    return _telephone(typed)


def _telephone(typed: str) -> tuple[str, str]:
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        raise BadTelephone from None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if DRAMA.fullmatch(e164):
        return ("mobile" if e164.startswith("+447") else "landline"), e164
    kind = REACHED.get(phonenumbers.number_type(number))
    if kind is None or not phonenumbers.is_valid_number(number):
        raise BadTelephone
    return kind, e164


def costs_more(value: str) -> bool:
    """Whether a number looks British and costs more to text or ring: Jersey, Guernsey, the Isle of Man."""
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.region_code_for_number(number) in CROWN_DEPENDENCIES


def from_draft(
    bank_id: UUID, member_id: UUID, draft: ContactDraft, *, proved_at: datetime | None = None
) -> Contact:
    """The row for a contact as typed; `proved_at` when the bank itself wrote it down.

    Raises:
        SafeHoursUnread: the safe hours end when they begin.
    """
    if draft.safe_from is not None and draft.safe_from == draft.safe_until:
        raise SafeHoursUnread
    if draft.kind == "post":
        kind, value = "post", required(draft.value, field="contact", characters_max=POST_CHARACTERS_MAX)
    else:
        kind, value = normalise(draft.value)
    return Contact(
        bank_id=bank_id,
        contact_id=uuid7(),
        member_id=member_id,
        kind=kind,
        value=value,
        may_write=draft.may_write and kind in WRITTEN_TO,
        may_leave_voicemail=draft.may_leave_voicemail,
        may_post=draft.may_post,
        safe_from=draft.safe_from,
        safe_until=draft.safe_until,
        is_discreet=draft.is_discreet,
        language=draft.language,
        proved_at=proved_at,
    )


def from_drafts(
    bank_id: UUID,
    member_id: UUID,
    drafts: Sequence[ContactDraft],
    *,
    proved_at: datetime | None = None,
) -> list[Contact]:
    """The rows for contacts as typed: empty ones left out, and one that was typed twice kept once."""
    typed = [
        from_draft(bank_id, member_id, draft, proved_at=proved_at) for draft in drafts if draft.value.strip()
    ]
    return list({contact.value: contact for contact in typed}.values())


async def of_member(session: AsyncSession, bank_id: UUID, member_id: UUID) -> list[Contact]:
    """A member's contacts, oldest first."""
    rows = await session.scalars(
        select(Contact)
        .where(col(Contact.bank_id) == bank_id, col(Contact.member_id) == member_id)
        .order_by(col(Contact.contact_id))
    )
    return list(rows.all())


async def change(
    session: AsyncSession, viewer: Viewer, member_id: UUID, drafts: Sequence[ContactDraft], *, at: datetime
) -> list[Contact]:
    """Replace a member's contacts by `drafts`; one that stays keeps what is known of it.

    What a member adds to their own contacts identifies nobody until `sign_in.prove`; what staff write down
    for somebody does at once.

    Raises:
        ContactMissing: none would be left.
        ProveFirst: none would be left that is known to be theirs.
        OwnMobile: a telephone, for somebody who works at a practice.
        BadTelephone, BadEmail: one of them cannot be reached.
    """
    if await session.get(Member, (viewer.bank_id, member_id), with_for_update=True) is None:
        raise NotFound
    require(viewer.roles, "member.change", viewer.relations_to(member_id))
    await _refuse_a_step_up(session, viewer, member_id)
    proved_at = None if viewer.member_id == member_id else at
    fresh = from_drafts(viewer.bank_id, member_id, drafts, proved_at=proved_at)
    if not fresh:
        raise ContactMissing
    if any(one.kind in TELEPHONES for one in fresh) and await _works_at_a_practice(
        session, viewer, member_id
    ):
        raise OwnMobile
    if len(fresh) > CONTACTS_MAX:
        raise TooManyContacts
    known = {contact.value: contact for contact in await of_member(session, viewer.bank_id, member_id)}
    proved = [contact for contact in known.values() if contact.proved_at]
    values = {contact.value for contact in fresh}
    if proved_at is None and proved and not any(contact.value in values for contact in proved):
        raise ProveFirst
    unproved = [one for one in fresh if proved_at is None and not _is_proved(known.get(one.value))]
    if sum(one.may_write for one in unproved) > UNPROVED_MAX:
        raise TooManyContacts
    for gone in known.keys() - values:
        await session.delete(known[gone])
    kept = [_keep(session, known.get(contact.value), contact) for contact in fresh]
    await session.flush()
    if viewer.member_id != member_id and known.keys() != values:
        told = {"member_id": str(member_id), "by_id": str(viewer.member_id)}
        outbox.record(session, viewer.bank_id, "contact.changed", told, at=at)
    return kept


async def _works_at_a_practice(session: AsyncSession, viewer: Viewer, member_id: UUID) -> bool:
    member = await session.get_one(Member, (viewer.bank_id, member_id))
    return Role.PRACTICE in (await granted(session, member)).roles


def _is_proved(contact: Contact | None) -> bool:
    return contact is not None and contact.proved_at is not None


def _keep(session: AsyncSession, known: Contact | None, fresh: Contact) -> Contact:
    if known is None:
        session.add(fresh)
        return fresh
    for name in CHOICES:
        setattr(known, name, getattr(fresh, name))
    if fresh.language is not None:
        known.language = fresh.language or None
    known.proved_at = known.proved_at or fresh.proved_at
    return known


CHOICES = ("may_write", "may_leave_voicemail", "may_post", "safe_from", "safe_until", "is_discreet")
"""What a person chooses about a contact, beside the contact itself."""


def needs_proof(contact: Contact) -> bool:
    """Whether a code should be sent to it and typed, before it says who somebody is."""
    return contact.proved_at is None and contact.may_write


async def owners(session: AsyncSession, bank_id: UUID, values: Collection[str]) -> dict[str, list[UUID]]:
    """The members who have each of these numbers and addresses."""
    rows = await session.execute(
        select(col(Contact.value), col(Contact.member_id))
        .where(col(Contact.bank_id) == bank_id, col(Contact.value).in_(values))
        .order_by(col(Contact.value), col(Contact.member_id))
    )
    found: dict[str, list[UUID]] = {}
    for value, member_id in rows:
        found.setdefault(value, []).append(member_id)
    return found


async def owners_wishes(session: AsyncSession, contact: Contact) -> list[Contact]:
    """What everybody said of this very number or address whom it is known to belong to."""
    rows = await session.scalars(
        select(Contact).where(
            col(Contact.bank_id) == contact.bank_id,
            col(Contact.value) == contact.value,
            col(Contact.proved_at).is_not(None),
        )
    )
    return list(rows.all())


async def _refuse_a_step_up(session: AsyncSession, viewer: Viewer, member_id: UUID) -> None:
    """A contact signs its owner in, so nobody may change that of somebody with a power they lack.

    It counts what they were given, also while they are away or gone: whoever is woken has it again.
    """
    if viewer.member_id == member_id:
        return
    theirs = await granted(session, await session.get_one(Member, (viewer.bank_id, member_id)))
    more = theirs.roles - viewer.roles - {Role.MEMBER, Role.REPRESENTATIVE}
    speaks = bool(theirs.organisation_ids - viewer.organisation_ids)
    may_appoint = bool(viewer.roles & {Role.COORDINATOR, Role.ADMINISTRATOR})
    if more or (speaks and not may_appoint):
        raise NotAllowed
    bank = await session.get_one(Bank, (viewer.bank_id,))
    if bank.named_approver_id == member_id and Role.ADMINISTRATOR not in viewer.roles:
        raise NotAllowed("The administrator changes how the person who decides for coordinators is reached.")


async def sharing(session: AsyncSession, bank_id: UUID, value: str) -> list[Member]:
    """The members of one bank whose contact this is, proved, and who may use the service."""
    rows = await session.scalars(
        select(Member)
        .join(
            Contact,
            (col(Contact.bank_id) == col(Member.bank_id)) & (col(Contact.member_id) == col(Member.member_id)),
        )
        .where(
            col(Member.bank_id) == bank_id,
            col(Contact.value) == value,
            col(Contact.proved_at).is_not(None),
            col(Member.status).in_(("active", "paused")),
        )
        .order_by(col(Member.member_id))
    )
    return list(rows.all())


async def reach(
    session: AsyncSession, bank_id: UUID, member_id: UUID, *, wished: str | None = None
) -> Reach | None:
    """The best safe way to tell a member something; None when nobody should (paused, deceased, unsafe).

    `wished` is the channel they chose for this kind of news; where it is not safe, another is taken.
    """
    member = await session.get(Member, (bank_id, member_id))
    if member is None or member.status not in ("active", "applied"):
        return None
    known = await of_member(session, bank_id, member_id)
    usable = [one for one in known if member.status == "applied" or not needs_proof(one)]
    chosen = choose(wished or member.preferred_channel, usable)
    if chosen is None:
        return None
    channel, contact = chosen
    others = await session.scalar(
        select(func.count()).where(
            col(Contact.bank_id) == bank_id,
            col(Contact.value) == contact.value,
            col(Contact.member_id) != member_id,
            col(Contact.proved_at).is_not(None),
        )
    )
    return Reach(
        member_id=member_id,
        language=contact.language or member.language,
        channel=channel,
        to=contact.value,
        is_discreet=contact.is_discreet,
        is_shared=bool(others),
        safe_from=contact.safe_from,
        safe_until=contact.safe_until,
        may_leave_message=contact.may_leave_voicemail,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeWay:
    """One channel to one contact that its owner called safe, with its limits."""

    channel: str
    to: str
    is_discreet: bool
    safe_from: time | None
    safe_until: time | None
    may_leave_message: bool


async def safe_ways(session: AsyncSession, bank_id: UUID, member_id: UUID) -> list[SafeWay]:
    """Every way that a member may be told something; none once they are paused or gone."""
    member = await session.get(Member, (bank_id, member_id))
    if member is None or member.status not in ("active", "applied"):
        return []
    return [
        SafeWay(
            channel=channel,
            to=contact.value,
            is_discreet=contact.is_discreet,
            safe_from=contact.safe_from,
            safe_until=contact.safe_until,
            may_leave_message=contact.may_leave_voicemail,
        )
        for contact in await of_member(session, bank_id, member_id)
        for channel in _safe_channels(contact)
    ]


def choose(preferred: str, contacts: Sequence[Contact]) -> tuple[str, Contact] | None:
    """The preferred channel where it is safe, else text, e-mail, voice and letter in that order."""
    safe = {channel: contact for contact in reversed(contacts) for channel in _safe_channels(contact)}
    for channel in (preferred, "sms", "email", "call", "letter"):
        if channel in safe:
            return channel, safe[channel]
    return None


def is_safe(contact: Contact) -> bool:
    """Whether there is any safe way to tell its owner something by it."""
    return bool(_safe_channels(contact))


def _safe_channels(contact: Contact) -> list[str]:
    match contact.kind:
        case "mobile":
            return ["sms", "call"] if contact.may_write else ["call"]
        case "landline":
            return ["call"]
        case "email":
            return ["email"] if contact.may_write else []
        case _:
            return ["letter"] if contact.may_post else []
