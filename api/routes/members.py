"""The bank's directory; signing people up; one's own choices and contacts."""

from datetime import date, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AliasChoices, BaseModel, Field

import notifications
from api.door import CreatedId, Limit, Visiting
from api.routes.sign_in import Sent
from exchange.membership import contacts, find, members, sign_in
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import WrongCode
from exchange.membership.tables import Contact, Member

router = APIRouter(tags=["members"])


class FoundOut(BaseModel):
    """One line of the directory; never a contact detail."""

    id: UUID
    name: str
    kind: str
    status: str


class FoundPage(BaseModel):
    """A page of the directory, by name."""

    items: list[FoundOut]
    next_cursor: str | None


class ContactIn(BaseModel):
    """A way to reach somebody, and what is safe to do with it.

    `may_write` is about texts to a mobile and e-mail alike; `may_text` is another word for it.
    """

    value: str = Field(max_length=200)
    kind: Literal["post"] | None = Field(default=None, description="Only for an address for letters.")
    may_write: bool = Field(default=True, validation_alias=AliasChoices("may_write", "may_text"))
    may_leave_voicemail: bool = False
    may_post: bool = True
    safe_from: time | None = None
    safe_until: time | None = None
    is_discreet: bool = False
    language: Literal["", "en", "cy", "bn"] | None = Field(
        default=None, description="Of what is sent here; empty for the member's own, left out to keep it."
    )

    def draft(self) -> ContactDraft:
        return ContactDraft(**self.model_dump())


class ContactOut(BaseModel):
    """A contact with its safety settings; until a code proves it, it identifies nobody."""

    id: UUID
    is_proved: bool
    kind: str
    value: str
    may_write: bool
    may_leave_voicemail: bool
    may_post: bool
    safe_from: time | None
    safe_until: time | None
    is_discreet: bool
    language: str | None

    @classmethod
    def of(cls, contact: Contact) -> "ContactOut":
        shown = {name: getattr(contact, name, None) for name in cls.model_fields}
        return cls(**{**shown, "id": contact.contact_id, "is_proved": contact.proved_at is not None})


class Characteristics(BaseModel):
    """What somebody chose to say about themselves; voluntary, and used only in totals."""

    age_band: str | None = Field(default=None, max_length=50)
    ethnicity: str | None = Field(default=None, max_length=100)
    disability: str | None = Field(default=None, max_length=200)

    def said(self) -> dict[str, str]:
        """Only what was said."""
        return self.model_dump(exclude_none=True)


class SignUp(BaseModel):
    """Somebody written down by a coordinator."""

    id: UUID | None = None
    name: str = Field(max_length=200)
    contacts: list[ContactIn] = Field(max_length=10)
    is_adult: bool
    full_name: str | None = Field(default=None, max_length=200)
    language: str = Field(default="en", max_length=5)
    preferred_channel: Literal["sms", "email", "call", "letter"] | None = None
    source: str = Field(default="self", max_length=200)
    address: str | None = Field(default=None, max_length=500)
    small_area: str | None = Field(default=None, max_length=200)
    access_needs: str | None = Field(default=None, max_length=2000)
    buddy_id: UUID | None = None
    is_listed: bool = False
    characteristics: Characteristics = Characteristics()


class Changes(BaseModel):
    """What may be changed of a member; what is left out stays."""

    name: str = Field(default="", max_length=200)
    full_name: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=5)
    preferred_channel: Literal["sms", "email", "call", "letter"] = "sms"
    is_listed: bool = False
    buddy_id: UUID | None = Field(default=None, description="For staff: who shows them round.")
    address: str | None = Field(default=None, max_length=500)
    small_area: str | None = Field(default=None, max_length=200)
    access_needs: str | None = Field(default=None, max_length=2000)


class MemberOut(BaseModel):
    """A member's own record, for themselves and for staff."""

    id: UUID
    full_name: str
    status: str
    language: str
    preferred_channel: str
    source: str
    address: str | None
    small_area: str | None
    access_needs: str | None
    is_listed: bool
    buddy_id: UUID | None
    joined_on: date
    contacts: list[ContactOut]


async def shown(visit: Visiting, member: Member) -> MemberOut:
    """A member's record with the ways to reach them."""
    known = await contacts.of_member(visit.session, visit.viewer.bank_id, member.member_id)
    return MemberOut(
        id=member.member_id,
        contacts=[ContactOut.of(contact) for contact in known],
        **{name: getattr(member, name) for name in MemberOut.model_fields if name not in ("id", "contacts")},
    )


@router.get("/members")
async def find_members(
    visit: Visiting,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Limit = 50,
) -> FoundPage:
    """Members and organisations by name: those who chose to be listed; all of them for staff."""
    found = await find.find(visit.session, visit.viewer, q, after=cursor, limit=limit + 1)
    shown = found[:limit]
    more = find.cursor_of(shown[-1]) if len(found) > limit else None
    return FoundPage(
        items=[FoundOut(id=f.party_id, name=f.name, kind=f.kind, status=f.status) for f in shown],
        next_cursor=more,
    )


@router.post("/members", status_code=201)
async def sign_up(visit: Visiting, written: SignUp, new_id: CreatedId) -> MemberOut:
    """Sign somebody up, at a kitchen table or on the telephone; the same id again returns the first."""
    fields: dict[str, Any] = written.model_dump(exclude={"id", "contacts", "characteristics"})
    draft = members.NewMember(
        contacts=[contact.draft() for contact in written.contacts],
        characteristics=written.characteristics.said(),
        **fields,
    )
    member = await members.sign_up(
        visit.session, visit.viewer, draft, member_id=written.id or new_id, at=visit.at
    )
    return await shown(visit, member)


@router.get("/members/{member_id}")
async def get_member(visit: Visiting, member_id: UUID) -> MemberOut:
    """One's own record; anybody's for staff."""
    return await shown(visit, await members.get(visit.session, visit.viewer, member_id))


@router.patch("/members/{member_id}")
async def change_member(visit: Visiting, member_id: UUID, changes: Changes) -> MemberOut:
    """Change one's own choices; staff may, for a member."""
    wanted = changes.model_dump(exclude_unset=True)
    return await shown(visit, await members.change(visit.session, visit.viewer, member_id, wanted))


@router.put("/members/{member_id}/contacts")
async def change_contacts(visit: Visiting, member_id: UUID, given: list[ContactIn]) -> MemberOut:
    """Replace the ways to reach a member, each with what is safe."""
    drafts = [contact.draft() for contact in given]
    await contacts.change(visit.session, visit.viewer, member_id, drafts, at=visit.at)
    bank_id = visit.viewer.bank_id
    ways = await contacts.safe_ways(visit.session, bank_id, member_id)
    await notifications.keep_to_ways(visit.session, bank_id, member_id, ways, at=visit.at)
    return await shown(visit, await members.get(visit.session, visit.viewer, member_id))


class Code(BaseModel):
    """The six digits that came."""

    code: str = Field(max_length=20)


@router.post("/me/contacts/{contact_id}/code", status_code=202)
async def request_proof(visit: Visiting, request: Request, contact_id: UUID) -> Sent:
    """Send a code to a contact that you have just added."""
    secret = request.app.state.secret
    await sign_in.request_proof(visit.session, visit.viewer, contact_id, secret=secret, at=visit.at)
    return Sent()


@router.post("/me/contacts/{contact_id}/prove")
async def prove(visit: Visiting, request: Request, contact_id: UUID, given: Code) -> MemberOut:
    """Type the code: from then on this contact signs you in, and texts from it are yours."""
    state = request.app.state
    async with state.database.transaction(visit.viewer.bank_id) as counted:  # a wrong try is kept
        right = await sign_in.prove(
            counted, visit.viewer, contact_id, given.code, secret=state.secret, at=visit.at
        )
    if not right:
        raise WrongCode
    return await shown(visit, await members.get(visit.session, visit.viewer, visit.viewer.member_id))


@router.put("/members/{member_id}/blocks/{other_id}", status_code=204)
async def block(visit: Visiting, member_id: UUID, other_id: UUID) -> None:
    """Put a wall between two people; the other never learns of it."""
    await members.block(visit.session, visit.viewer, member_id, other_id, at=visit.at)


@router.delete("/members/{member_id}/blocks/{other_id}", status_code=204)
async def unblock(visit: Visiting, member_id: UUID, other_id: UUID) -> None:
    """Take one's own wall down."""
    await members.unblock(visit.session, visit.viewer, member_id, other_id)
