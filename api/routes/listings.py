"""Offers and asks, and who fits them."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.door import CreatedId, Limit, Visiting
from exchange.cursors import pack, unpack
from exchange.directory import barriers, listings, matches, reviews
from exchange.directory import times as weeks
from exchange.directory.drafts import NewListing
from exchange.directory.listings import ListingView
from exchange.directory.matches import Match
from exchange.directory.tables import MINUTES_MAX, Listing
from exchange.errors import BadCursor
from exchange.words import clean
from mobile_web.because import because
from mobile_web.languages import language

router = APIRouter(tags=["offers and asks"])

Words = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=40)]
RADIUS = "Metres; 0: only here; left out: anywhere."


class ListingChanges(BaseModel):
    """What a listing says; what is left out stays."""

    description: str | None = Field(default=None, max_length=2000)
    skills: Words | None = Field(default=None, description="Left out: understood from the words.")
    small_area: str | None = Field(default=None, max_length=200)
    radius_metres: int | None = Field(default=None, strict=True, description=RADIUS)
    minutes: int | None = Field(default=None, strict=True, ge=1, le=MINUTES_MAX)
    times: Words = Field(default=[], description="Such as `tue_morning`, `weekend`; empty: any time.")
    starts_on: date | None = None
    ends_on: date | None = None
    languages: Words = []
    access: Words = []
    setting: Literal["one_to_one", "group", "either"] = "either"
    at_home: bool = False
    proposes_activity: bool = False
    review_on: date | None = None

    def said(self) -> dict[str, Any]:
        """What was really sent, by the room's own names."""
        sent = self.model_dump(exclude_unset=True)
        if "at_home" in sent:
            sent["is_at_home"] = sent.pop("at_home")
        return sent


class WriteListing(ListingChanges):
    """An offer or an ask, in ordinary words; `on_behalf_of` is for coordinators and representatives."""

    id: UUID | None = None
    kind: Literal["offer", "request"]
    description: str = Field(max_length=2000)
    on_behalf_of: UUID | None = None
    is_draft: bool = False


class OwnerOut(BaseModel):
    """Whose it is; without a name when they are not in the directory."""

    id: UUID
    name: str | None


class ListingOut(BaseModel):
    """An offer or ask as the viewer may see it. Never a contact detail."""

    id: UUID
    kind: str
    state: str
    owner: OwnerOut
    description: str
    skills: list[str]
    is_unsure: bool
    small_area: str | None
    radius_metres: int | None
    minutes: int | None
    times: list[str]
    starts_on: date | None
    ends_on: date | None
    languages: list[str]
    access: list[str]
    setting: str
    at_home: bool
    proposes_activity: bool
    review_on: date
    made_at: datetime
    verbs: list[str]

    @classmethod
    def of(cls, view: ListingView) -> "ListingOut":
        row = view.listing
        same = {
            name: getattr(row, name)
            for name in cls.model_fields
            if name not in ("id", "owner", "times", "at_home", "verbs")
        }
        return cls(
            id=row.listing_id,
            owner=OwnerOut(id=row.party_id, name=view.owner),
            times=weeks.words(row.times),
            at_home=row.is_at_home,
            verbs=list(view.verbs),
            **same,
        )


class ListingPage(BaseModel):
    """A page of offers and asks, newest first."""

    items: list[ListingOut]
    next_cursor: str | None


class MatchOut(BaseModel):
    """Somebody who would be glad to; `because` may be read out to both."""

    listing_id: UUID
    party_id: UUID
    name: str | None
    skill: str
    because: str
    reasons: list[str]
    to_check: list[str]

    @classmethod
    def of(cls, match: Match, code: str) -> "MatchOut":
        return cls(
            listing_id=match.listing_id,
            party_id=match.party_id,
            name=match.name,
            skill=match.skill,
            because=because(language(code), match),
            reasons=[reason.written for reason in match.reasons],
            to_check=list(match.to_check),
        )


class MatchPage(BaseModel):
    """At most ten, the likeliest first."""

    items: list[MatchOut]


class NotMe(BaseModel):
    """'Not me, thanks' to exactly one of the three."""

    party_id: UUID | None = Field(default=None, description="Whose word it is; the viewer's when left out.")
    other_id: UUID | None = None
    listing_id: UUID | None = None
    skill: str | None = Field(default=None, max_length=60)


class Note(BaseModel):
    """A word for the owner and the coordinator."""

    because: str | None = Field(default=None, max_length=200)


async def _shown(visit: Visiting, row: Listing) -> ListingOut:
    return ListingOut.of((await listings.views(visit.session, visit.viewer, [row]))[0])


@router.post("/listings", status_code=201)
async def write(visit: Visiting, written: WriteListing, new_id: CreatedId) -> ListingOut:
    """Write an offer or ask; the same id again returns the first."""
    said = written.said()
    listing_id = said.pop("id", None) or new_id
    draft = NewListing(**said)
    row = await listings.create(visit.session, visit.viewer, draft, listing_id=listing_id, at=visit.at)
    return await _shown(visit, row)


@router.get("/listings")
async def find(
    visit: Visiting,
    kind: Literal["offer", "request"] | None = None,
    party_id: UUID | None = None,
    state: Literal["draft", "with_coordinator", "open", "closed"] = "open",
    skill: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> ListingPage:
    """Offers and asks, newest first; what is not open only for its owner and staff."""
    after = _after(cursor) if cursor else None
    found = await listings.find(
        visit.session,
        visit.viewer,
        kind=kind,
        party_id=party_id,
        state=state,
        skill=clean(skill, field="skill"),
        after=after,
        limit=limit,
    )
    more = pack(str(found[-1].listing.listing_id)) if len(found) == limit else None
    return ListingPage(items=[ListingOut.of(view) for view in found], next_cursor=more)


def _after(cursor: str) -> UUID:
    try:
        return UUID(unpack(cursor, 1)[0])
    except ValueError:
        raise BadCursor from None


@router.get("/listings/{listing_id}")
async def get(visit: Visiting, listing_id: UUID) -> ListingOut:
    """One offer or ask."""
    return ListingOut.of(await listings.get(visit.session, visit.viewer, listing_id))


@router.patch("/listings/{listing_id}")
async def change(visit: Visiting, listing_id: UUID, changes: ListingChanges) -> ListingOut:
    """Change what it says; new words are understood afresh unless `skills` come with them."""
    row = await listings.change(visit.session, visit.viewer, listing_id, changes.said(), at=visit.at)
    return await _shown(visit, row)


@router.post("/listings/{listing_id}/close")
async def close(visit: Visiting, listing_id: UUID, said: Note | None = None) -> ListingOut:
    """Take it down; a repeat changes nothing."""
    because = said.because if said else None
    row = await listings.close(visit.session, visit.viewer, listing_id, because=because, at=visit.at)
    return await _shown(visit, row)


@router.post("/listings/{listing_id}/clear")
async def clear(visit: Visiting, listing_id: UUID, said: Note | None = None) -> ListingOut:
    """A coordinator has looked at it; `because` says on what footing it is opened."""
    note = said.because if said else None
    row = await listings.clear(visit.session, visit.viewer, listing_id, note=note, at=visit.at)
    return await _shown(visit, row)


@router.post("/listings/{listing_id}/{verb}")
async def do(visit: Visiting, listing_id: UUID, verb: Literal["publish", "reopen", "keep"]) -> ListingOut:
    """Finish a draft, put a closed one up again, or say that it still stands."""
    if verb == "keep":
        row = await reviews.answer(visit.session, visit.viewer, listing_id, still=True, at=visit.at)
    else:
        opened = {"publish": listings.publish, "reopen": listings.reopen}[verb]
        row = await opened(visit.session, visit.viewer, listing_id, at=visit.at)
    return await _shown(visit, row)


@router.get("/listings/{listing_id}/matches")
async def matched(visit: Visiting, listing_id: UUID) -> MatchPage:
    """For an ask, who could help; for an offer, who asks for it. Nobody is told of it."""
    found = await matches.for_listing(visit.session, visit.viewer, listing_id, at=visit.at)
    return MatchPage(items=[MatchOut.of(match, visit.viewer.language) for match in found])


@router.post("/not-me", status_code=204)
async def not_me(visit: Visiting, said: NotMe) -> None:
    """'Not me, thanks': no match with this person, offer or ask, or kind of help. Nobody else is told."""
    party_id = said.party_id or visit.viewer.member_id
    thing = said.model_dump(exclude={"party_id"})
    await barriers.not_me(visit.session, visit.viewer, party_id, **thing, at=visit.at)
