"""Members: how they come, what they choose, and how they go. Balances never decide anyone's worth."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange import outbox
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents, UnknownChoice
from exchange.membership import banks, organisations, parties
from exchange.membership.contacts import ContactDraft, from_draft, from_drafts, is_safe, of_member
from exchange.membership.errors import (
    AddressMissing,
    AdultsOnly,
    AlreadyDecided,
    ContactMissing,
    LastAdministrator,
    MemberNotActive,
    NoSafeWay,
    TooManyAsking,
    UnknownLanguage,
    WithOneself,
)
from exchange.membership.tables import (
    CHANNELS,
    Bank,
    Block,
    Characteristics,
    Contact,
    Member,
    Party,
)
from exchange.membership.viewer import Viewer, granted
from exchange.membership.vouching import answered, vouch
from exchange.permissions import Relation, Role, require
from exchange.words import NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A person as written down at a kitchen table, on a public page, or in a file."""

    name: str
    """The name they use."""
    contacts: Sequence[ContactDraft]
    is_adult: bool
    full_name: str | None = None
    language: str = "en"
    preferred_channel: str | None = None
    source: str = "self"
    address: str | None = None
    small_area: str | None = None
    access_needs: str | None = None
    buddy_id: UUID | None = None
    is_listed: bool = False
    characteristics: dict[str, str] = field(default_factory=dict)
    """`age_band`, `ethnicity`, `disability`: voluntary, used only in totals."""

    def fingerprint(self) -> str:
        """The same for a repeat, another for another person or another way to reach them."""
        told = asdict(replace(self, contacts=list(self.contacts)))
        return hashlib.sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()


async def sign_up(
    session: AsyncSession, viewer: Viewer, draft: NewMember, *, member_id: UUID | None = None, at: datetime
) -> Member:
    """A coordinator writes somebody down who is there; they are a member at once and welcomed.

    Raises:
        AdultsOnly, ContactMissing, NoSafeWay, AddressMissing, BadTelephone, BadEmail, UnknownLanguage,
        TextMissing, TextTooLong
    """
    require(viewer.roles, "member.sign_up", [Relation.BANK])
    member_id = member_id or uuid7()
    known = await _known(session, viewer.bank_id, member_id, draft)
    if known is not None:
        return known
    member = await _write(session, viewer.bank_id, member_id, draft, status="active", at=at)
    await vouch(session, viewer.bank_id, member_id, at=at)
    outbox.record(session, viewer.bank_id, "member.welcomed", {"member_id": str(member_id)}, at=at)
    return member


ASKING_MAX = 200
"""People who may wait for a coordinator's answer at once: more are a machine, or a desk that is away."""


async def _waiting(session: AsyncSession, bank_id: UUID) -> list[UUID]:
    rows = await session.scalars(
        select(col(Member.member_id))
        .where(col(Member.bank_id) == bank_id, col(Member.status) == "applied")
        .limit(ASKING_MAX)
    )
    return list(rows.all())


async def ask_to_join(
    session: AsyncSession, bank_id: UUID, draft: NewMember, *, member_id: UUID | None = None, at: datetime
) -> Member:
    """Somebody asks on the public page; a coordinator talks with them before they are a member."""
    member_id = member_id or uuid7()
    known = await _known(session, bank_id, member_id, draft)
    if known is not None:
        return known
    if len(await _waiting(session, bank_id)) >= ASKING_MAX:
        raise TooManyAsking
    member = await _write(session, bank_id, member_id, draft, status="applied", at=at)
    outbox.record(session, bank_id, "member.asked_to_join", {"member_id": str(member_id)}, at=at)
    return member


async def _known(session: AsyncSession, bank_id: UUID, member_id: UUID, draft: NewMember) -> Member | None:
    party = await session.get(Party, (bank_id, member_id))
    if party is None:
        return None
    member = await session.get(Member, (bank_id, member_id))
    if member is None or member.fingerprint != draft.fingerprint():
        raise SameIdOtherContents
    return member


CHARACTERISTIC_CHARACTERS_MAX = 200


async def _write(
    session: AsyncSession, bank_id: UUID, member_id: UUID, draft: NewMember, *, status: str, at: datetime
) -> Member:
    bank = await banks.get(session, bank_id)
    name = required(draft.name, field="name", characters_max=NAME_CHARACTERS_MAX)
    contacts = from_drafts(bank_id, member_id, _ways(draft))
    if draft.buddy_id and await session.get(Member, (bank_id, draft.buddy_id)) is None:
        raise NotFound(field="buddy_id")
    member = _member(bank, member_id, draft, contacts, name)
    member.status, member.joined_on = status, banks.today(bank, at)
    await parties.create(
        session, bank_id, member_id, kind="member", name=name, floor=bank.floor_minutes, at=at
    )
    session.add(member)
    await session.flush()
    session.add_all(contacts)
    if draft.characteristics:
        said = {
            name: clean(words, field=name, characters_max=CHARACTERISTIC_CHARACTERS_MAX)
            for name, words in draft.characteristics.items()
        }
        session.add(Characteristics(bank_id=bank_id, member_id=member_id, **said))
    await session.flush()
    return member


def _ways(draft: NewMember) -> list[ContactDraft]:
    """The contacts somebody came with; who wants letters is written to at the address they gave."""
    ways = [contact for contact in draft.contacts if contact.value.strip()]
    wants_letters = draft.preferred_channel == "letter" or not ways
    if wants_letters and not any(contact.kind == "post" for contact in ways):
        if draft.address and draft.address.strip():
            ways.append(ContactDraft(value=draft.address, kind="post"))
        if ways and ways[-1].kind != "post":
            raise AddressMissing
    return ways


def _member(bank: Bank, member_id: UUID, draft: NewMember, contacts: Sequence[Contact], name: str) -> Member:
    if not draft.is_adult:
        raise AdultsOnly
    if not contacts:
        raise ContactMissing
    if not any(is_safe(contact) for contact in contacts):
        raise NoSafeWay
    return Member(
        bank_id=bank.bank_id,
        member_id=member_id,
        full_name=clean(draft.full_name, field="full_name") or name,
        language=_language(bank, draft.language),
        preferred_channel=draft.preferred_channel or CHANNEL_OF[contacts[0].kind],
        source=clean(draft.source, field="source") or "self",
        is_adult=True,
        address=clean(draft.address, field="address"),
        small_area=clean(draft.small_area, field="small_area"),
        access_needs=clean(draft.access_needs, field="access_needs", characters_max=NOTE_CHARACTERS_MAX),
        buddy_id=draft.buddy_id,
        is_listed=draft.is_listed,
        joined_on=bank.created_at.date(),
        fingerprint=draft.fingerprint(),
    )


CHANNEL_OF = {"mobile": "sms", "landline": "call", "email": "email", "post": "letter"}


def _language(bank: Bank, language: str) -> str:
    if language not in bank.languages:
        raise UnknownLanguage
    return language


async def get(session: AsyncSession, viewer: Viewer, member_id: UUID) -> Member:
    """A member's own record, for themselves and for staff.

    Raises:
        NotFound: no such member, or none of the viewer's business.
    """
    member = await session.get(Member, (viewer.bank_id, member_id))
    if member is None:
        raise NotFound
    require(viewer.roles, "member.read", viewer.relations_to(member_id))
    return member


async def change(session: AsyncSession, viewer: Viewer, member_id: UUID, changes: dict[str, Any]) -> Member:
    """Change a member's own choices: the keys are those of `CHANGEABLE`.

    Raises:
        UnknownChoice, UnknownLanguage, TextMissing, TextTooLong, NotFound, NotAllowed
    """
    member = await get(session, viewer, member_id)
    require(viewer.roles, "member.change", viewer.relations_to(member_id))
    party = await parties.get(session, viewer.bank_id, member_id)
    bank = await banks.get(session, viewer.bank_id)
    for key, value in changes.items():
        if key == "name":
            party.name = required(value, field=key, characters_max=NAME_CHARACTERS_MAX)
        elif key == "language":
            member.language = _language(bank, value)
        elif key in CHANGEABLE_LINES:
            setattr(member, key, clean(value, field=key, characters_max=NOTE_CHARACTERS_MAX))
        elif key == "is_listed":
            member.is_listed = bool(value)
        elif key == "preferred_channel" and value in CHANNELS:
            await _prefer(session, member, value)
        elif key == "buddy_id":
            member.buddy_id = await _buddy(session, viewer, member_id, value)
        elif key == "full_name":
            member.full_name = required(value, field=key, characters_max=NAME_CHARACTERS_MAX)
        else:
            raise UnknownChoice(field=key)
    await session.flush()
    return member


async def _buddy(
    session: AsyncSession, viewer: Viewer, member_id: UUID, buddy_id: UUID | None
) -> UUID | None:
    """Who shows a newcomer round: staff find somebody, who is here and nobody's wall keeps away.

    Raises:
        NotAllowed, NotFound, WithOneself, MemberNotActive
    """
    if not viewer.is_staff:
        raise NotAllowed("A coordinator finds somebody a buddy.")
    if buddy_id is None:
        return None
    if buddy_id == member_id:
        raise WithOneself(field="buddy_id")
    buddy = await session.get(Member, (viewer.bank_id, buddy_id))
    if buddy is None or await parties.are_blocked(session, viewer.bank_id, member_id, buddy_id):
        raise NotFound(field="buddy_id")
    if buddy.status != "active":
        raise MemberNotActive(field="buddy_id")
    return buddy_id


async def _prefer(session: AsyncSession, member: Member, channel: str) -> None:
    """Who chooses letters and gave an address gets them there; without any there is nothing to choose.

    Raises:
        AddressMissing
    """
    if channel == "letter" and member.preferred_channel != "letter":
        known = await of_member(session, member.bank_id, member.member_id)
        if not any(contact.kind == "post" for contact in known):
            if not member.address:
                raise AddressMissing(field="preferred_channel")
            draft = ContactDraft(value=member.address, kind="post")
            session.add(from_draft(member.bank_id, member.member_id, draft))
    member.preferred_channel = channel


CHANGEABLE_LINES = ("address", "small_area", "access_needs")
CHANGEABLE = (
    "name",
    "full_name",
    "language",
    "is_listed",
    "preferred_channel",
    "buddy_id",
    *CHANGEABLE_LINES,
)


async def accept(
    session: AsyncSession,
    viewer: Viewer,
    member_id: UUID,
    *,
    reached: Collection[UUID] | None = None,
    at: datetime,
) -> Member:
    """Someone who asked to join becomes a member, and is welcomed; a repeat changes nothing.

    `reached` are the contacts at which a coordinator spoke with them. Only those are theirs from now on; the
    others wait for a code. Left out, it is the first that is not known to be somebody else's.

    Raises:
        NotReached, AlreadyDecided, NotFound, NotAllowed
    """
    member = await _asked(session, viewer, member_id, already="active")
    if member.status == "applied":
        spoken_at = await answered(session, viewer.bank_id, member_id, reached)
        member.status = "active"
        await vouch(session, viewer.bank_id, member_id, reached=spoken_at, at=at)
        outbox.record(session, viewer.bank_id, "member.welcomed", {"member_id": str(member_id)}, at=at)
        await session.flush()
    return member


async def refuse(session: AsyncSession, viewer: Viewer, member_id: UUID) -> Member:
    """Someone who asked to join will not be a member; a person tells them why."""
    member = await _asked(session, viewer, member_id, already="refused")
    member.status = "refused"
    await session.flush()
    return member


async def _asked(session: AsyncSession, viewer: Viewer, member_id: UUID, *, already: str) -> Member:
    member = await session.get(Member, (viewer.bank_id, member_id), with_for_update=True)
    if member is None:
        raise NotFound
    require(viewer.roles, "member.accept", viewer.relations_to(member_id))
    if member.status not in ("applied", already):
        raise AlreadyDecided
    return member


async def asking(session: AsyncSession, viewer: Viewer) -> list[tuple[Member, str]]:
    """People who asked to join and wait, first come first, with the name they use."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.execute(
        select(Member, col(Party.name))
        .join(
            Party,
            (col(Party.bank_id) == col(Member.bank_id)) & (col(Party.party_id) == col(Member.member_id)),
        )
        .where(col(Member.bank_id) == viewer.bank_id, col(Member.status) == "applied")
        .order_by(col(Member.member_id))
    )
    return [(row.Member, row.name) for row in rows]


async def block(
    session: AsyncSession, viewer: Viewer, member_id: UUID, other_id: UUID, *, at: datetime
) -> None:
    """Put a wall between two people; the other never learns of it."""
    if member_id == other_id:
        raise WithOneself
    for person in (member_id, other_id):
        if await session.get(Member, (viewer.bank_id, person)) is None:
            raise NotFound
    require(viewer.roles, "member.block", viewer.relations_to(member_id))
    if await session.get(Block, (viewer.bank_id, member_id, other_id)) is None:
        session.add(Block(bank_id=viewer.bank_id, member_id=member_id, other_id=other_id, made_at=at))
        await session.flush()


async def unblock(session: AsyncSession, viewer: Viewer, member_id: UUID, other_id: UUID) -> None:
    """Take one's own wall down."""
    for person in (member_id, other_id):
        if await session.get(Member, (viewer.bank_id, person)) is None:
            raise NotFound
    require(viewer.roles, "member.block", viewer.relations_to(member_id))
    found = await session.get(Block, (viewer.bank_id, member_id, other_id))
    if found is not None:
        await session.delete(found)
        await session.flush()


async def set_status(session: AsyncSession, viewer: Viewer, member_id: UUID, status: str) -> Member:
    """Pause, wake, mark as departed or deceased: one step, after which nothing more is sent.

    Who was marked by mistake is woken by whoever may mark; what they left stays where it went.

    The caller also stops what is queued for them (`notifications.cancel_queued`).
    """
    member = await session.get(Member, (viewer.bank_id, member_id), with_for_update=True)
    if member is None:
        raise NotFound
    is_ending = {status, member.status} & {"left", "deceased"}
    verb = "member.end" if is_ending else "member.pause"
    require(viewer.roles, verb, viewer.relations_to(member_id))
    if member.status not in STATUS_FROM[status]:
        raise AlreadyDecided
    await _keep_an_administrator(session, viewer, member, status)
    member.status = status
    await session.flush()
    return member


async def _keep_an_administrator(session: AsyncSession, viewer: Viewer, member: Member, status: str) -> None:
    """Only an administrator ends, pauses or brings back one, and the last is never ended."""
    theirs = await granted(session, member)
    if Role.ADMINISTRATOR not in theirs.roles:
        return
    if Role.ADMINISTRATOR not in viewer.roles:
        raise NotAllowed
    if status != "active" and await organisations.is_last_administrator(
        session, viewer.bank_id, member.member_id
    ):
        raise LastAdministrator


STATUS_FROM = {
    "paused": ("active", "paused"),
    "active": ("paused", "active", "left", "deceased"),
    "left": ("active", "paused", "left"),
    "deceased": ("active", "paused", "left", "deceased"),
}
