"""Referrals: made by a practice, an organisation or a person; taken up by the bank; word back at the end."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api import paper
from api.door import CreatedId, Visiting
from exchange.prescribing import checking, joining, lists, read, sending, steps
from exchange.prescribing.lists import Line

router = APIRouter(tags=["referrals"])


class WhoIn(BaseModel):
    """The person, and how to reach them safely."""

    name: str = Field(max_length=200)
    born_on: date | None = None
    address: str | None = Field(default=None, max_length=500)
    nhs_number: str | None = Field(default=None, max_length=20)
    chi_number: str | None = Field(default=None, max_length=20)
    telephone: str | None = Field(default=None, max_length=40)
    email: str | None = Field(default=None, max_length=200)
    language: str = Field(default="en", max_length=10)
    may_text: bool = False
    may_leave_voicemail: bool = False
    may_post: bool = False
    is_discreet: bool = True
    not_to_say: str | None = Field(default=None, max_length=500)


class WhyIn(BaseModel):
    """Codes of the bank's list, and the person's own words."""

    needs: list[str] = Field(default_factory=list, max_length=50)
    flags: list[str] = Field(default_factory=list, max_length=50)
    aspiration: str | None = Field(default=None, max_length=4000)
    note: str | None = Field(default=None, max_length=4000)


class ConsentIn(BaseModel):
    """The person's yes to the referral, the footing their details are kept on, and what may be told."""

    consents: bool
    heard: str = Field(default="in_person", max_length=20)
    basis: str = Field(default="", max_length=30)
    back: str = Field(default="", max_length=20)
    may_measure: bool = False


class NewReferralIn(BaseModel):
    """A whole referral; `referrer_id` is a practice or organisation, and null for the person themselves."""

    id: UUID | None = None
    route: str = Field(default="practice", max_length=20)
    referrer_id: UUID | None = None
    who: WhoIn
    why: WhyIn = Field(default_factory=WhyIn)
    what: list[UUID] = Field(default_factory=list, max_length=20)
    talks: bool = False
    lift: str | None = Field(default=None, max_length=500)
    consent: ConsentIn
    carries_minutes: int = Field(default=0, strict=True)
    """Hours to spend, from the fund of whoever refers; set aside when the person joins."""
    pledge_minutes: int = Field(default=0, strict=True)
    """What the person would like to give in their turn: a wish, never a debt."""
    invites: bool = False


class ReferralOut(BaseModel):
    """A referral as far as this viewer may see it; a part that is not theirs is null."""

    id: UUID
    state: str
    route: str
    referrer: str | None
    made_at: datetime
    reason: str | None
    tier: str | None
    who: WhoIn | None
    why: WhyIn | None
    what: list[str] | None
    coded: list[dict[str, Any]] | None
    words: str | None
    has_letter: bool
    is_overdue: bool
    beside: list[UUID]
    """Other referrals of the same person, where the viewer may know of them."""


class LineOut(BaseModel):
    """One line of a list of referrals."""

    id: UUID
    name: str | None
    state: str
    made_at: datetime
    is_overdue: bool
    has_letter: bool


class ReferralPage(BaseModel):
    """Referrals, newest first; on the desk, overdue ones before the others."""

    items: list[LineOut]
    next_cursor: str | None = None


class LookOut(BaseModel):
    """Somebody's look at a referral."""

    who: str
    standing: str
    parts: list[str]
    read_at: datetime


class LookPage(BaseModel):
    """Who has looked, the latest first."""

    items: list[LookOut]
    next_cursor: str | None = None


class Ending(BaseModel):
    """Why it ends, and words for whoever referred."""

    reason: str = Field(default="", max_length=40)
    words: str | None = Field(default=None, max_length=4000)


class Accepting(BaseModel):
    """Which of the three ways it goes."""

    tier: str | None = Field(default=None, max_length=20)


class Contacting(BaseModel):
    """A try to reach the person; the note is for staff."""

    has_answered: bool
    note: str | None = Field(default=None, max_length=4000)


class Joining(BaseModel):
    """How the person said that they wish to be a member."""

    evidence: str = Field(default="", max_length=500)


class JoinedOut(BaseModel):
    """The member that the person became."""

    member_id: UUID


def _line(line: Line) -> LineOut:
    return LineOut(
        id=line.referral_id,
        name=line.name,
        state=line.state,
        made_at=line.made_at,
        is_overdue=line.is_overdue,
        has_letter=line.has_letter,
    )


async def _one(visit: Visiting, referral_id: UUID) -> ReferralOut:
    view = await read.view(visit.session, visit.viewer, referral_id, at=visit.at)
    return ReferralOut(
        id=view.referral_id,
        state=view.state,
        route=view.route,
        referrer=view.referrer,
        made_at=view.made_at,
        reason=view.reason,
        tier=view.tier,
        who=WhoIn.model_validate(view.who.model_dump()) if view.who else None,
        why=WhyIn.model_validate(view.why.model_dump()) if view.why else None,
        what=[choice.words for choice in view.what] if view.what is not None else None,
        coded=[dict(code) for code in view.coded] if view.coded is not None else None,
        words=view.letter.get("words") if view.letter else None,
        has_letter=view.letter_made_at is not None,
        is_overdue=view.is_overdue,
        beside=[other.referral_id for other in view.beside],
    )


@router.get("/referrals")
async def list_referrals(
    visit: Visiting, of: Literal["referred", "own", "desk"] = "referred"
) -> ReferralPage:
    """What the viewer's side referred, what is about the viewer, or what is open on the desk."""
    found = await {"referred": lists.referred, "own": lists.own, "desk": lists.desk}[of](
        visit.session, visit.viewer, at=visit.at
    )
    return ReferralPage(items=[_line(line) for line in found])


@router.post("/referrals", status_code=201)
async def send(visit: Visiting, given: NewReferralIn, new_id: CreatedId) -> ReferralOut:
    """Send a referral; the same id with the same contents again returns the first."""
    new = checking.NewReferral(
        referral_id=given.id or new_id,
        route=given.route,
        referrer_id=given.referrer_id,
        who=checking.Who(**given.who.model_dump()),
        why=checking.Why(**given.why.model_dump()),
        what=given.what,
        talks=given.talks,
        lift=given.lift,
        consent=checking.Consent(**given.consent.model_dump()),
        carries_minutes=given.carries_minutes,
        pledge_minutes=given.pledge_minutes,
        invites=given.invites,
    )
    sent = await sending.send(visit.session, visit.viewer, new, at=visit.at)
    return await _one(visit, sent.referral_id)


@router.get("/referrals/{referral_id}")
async def one(visit: Visiting, referral_id: UUID) -> ReferralOut:
    """One referral; the look is written down."""
    return await _one(visit, referral_id)


@router.get("/referrals/{referral_id}/looks")
async def looks(visit: Visiting, referral_id: UUID) -> LookPage:
    """Who has looked at it: for the person it is about, and coordinators for them."""
    found = await read.log_of(visit.session, visit.viewer, referral_id)
    return LookPage(items=[LookOut.model_validate(look, from_attributes=True) for look in found])


@router.get("/referrals/{referral_id}/letter.pdf", response_class=Response)
async def letter(visit: Visiting, referral_id: UUID) -> Response:
    """The message back as a PDF."""
    made = await paper.letter_back(visit.session, visit.viewer, referral_id, at=visit.at)
    return Response(made, media_type="application/pdf")


@router.post("/referrals/{referral_id}/accept")
async def accept(visit: Visiting, referral_id: UUID, given: Accepting) -> ReferralOut:
    """Take it up."""
    await steps.accept(visit.session, visit.viewer, referral_id, tier=given.tier, at=visit.at)
    return await _one(visit, referral_id)


@router.post("/referrals/{referral_id}/decline")
async def decline(visit: Visiting, referral_id: UUID, given: Ending) -> ReferralOut:
    """Do not take it up, for a reason that goes back."""
    await steps.decline(
        visit.session, visit.viewer, referral_id, reason=given.reason, words=given.words, at=visit.at
    )
    return await _one(visit, referral_id)


@router.post("/referrals/{referral_id}/contact")
async def contact(visit: Visiting, referral_id: UUID, given: Contacting) -> ReferralOut:
    """Write down a try to reach the person."""
    await steps.contact(
        visit.session,
        visit.viewer,
        referral_id,
        has_answered=given.has_answered,
        note=given.note,
        at=visit.at,
    )
    return await _one(visit, referral_id)


@router.post("/referrals/{referral_id}/start")
async def start(visit: Visiting, referral_id: UUID) -> ReferralOut:
    """Something has begun."""
    await steps.start(visit.session, visit.viewer, referral_id, at=visit.at)
    return await _one(visit, referral_id)


@router.post("/referrals/{referral_id}/close")
async def close(visit: Visiting, referral_id: UUID, given: Ending) -> ReferralOut:
    """It is over, for a reason that goes back."""
    await steps.close(
        visit.session, visit.viewer, referral_id, reason=given.reason, words=given.words, at=visit.at
    )
    return await _one(visit, referral_id)


@router.post("/referrals/{referral_id}/join")
async def join(visit: Visiting, referral_id: UUID, given: Joining) -> JoinedOut:
    """Sign the person up because they said that they wish it."""
    member = await joining.become_member(
        visit.session, visit.viewer, referral_id, evidence=given.evidence, at=visit.at
    )
    return JoinedOut(member_id=member.member_id)
