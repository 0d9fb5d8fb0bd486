"""What may be named on a prescription, and what a practice likes to suggest."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.door import CreatedId, Visiting
from exchange.prescribing import suggestions
from exchange.prescribing.practice_tables import Suggestion

router = APIRouter(tags=["referrals"])


class SuggestionIn(BaseModel):
    """A group (`activity_id`), an offer (`listing_id`), a lift or anything else, perhaps with a time."""

    id: UUID | None = None
    words: str = Field(default="", max_length=500)
    kind: str = Field(default="suggestion", max_length=20)
    when_words: str | None = Field(default=None, max_length=500)
    place: str | None = Field(default=None, max_length=500)
    listing_id: UUID | None = None
    activity_id: UUID | None = None


class SuggestionOut(BaseModel):
    """Something that may be chosen."""

    id: UUID
    kind: str
    words: str
    when_words: str | None
    place: str | None
    listing_id: UUID | None
    activity_id: UUID | None
    is_open: bool


class SuggestionPage(BaseModel):
    """What may be chosen now, what the practice likes first."""

    items: list[SuggestionOut]
    next_cursor: str | None = None


class Opening(BaseModel):
    """Whether it may be chosen."""

    is_open: bool


class Liking(BaseModel):
    """Whether it stands first on a practice's page."""

    practice_id: UUID
    is_liked: bool = True


def _out(one: Suggestion) -> SuggestionOut:
    return SuggestionOut(id=one.suggestion_id, **one.model_dump(exclude={"bank_id", "suggestion_id"}))


@router.get("/suggestions")
async def offered(visit: Visiting, practice_id: UUID | None = None) -> SuggestionPage:
    """What may be chosen now: nothing full, over or taken back."""
    found = await suggestions.offered(visit.session, visit.viewer, practice_id, at=visit.at)
    return SuggestionPage(items=[_out(one) for one in found])


@router.post("/suggestions", status_code=201)
async def add(visit: Visiting, given: SuggestionIn, new_id: CreatedId) -> SuggestionOut:
    """Offer something to those who prescribe; the same id again returns the first."""
    new = suggestions.NewSuggestion(**given.model_dump(exclude={"id"}))
    wanted = given.id or new_id
    return _out(await suggestions.add(visit.session, visit.viewer, new, suggestion_id=wanted))


@router.post("/suggestions/{suggestion_id}/open")
async def shut(visit: Visiting, suggestion_id: UUID, given: Opening) -> SuggestionOut:
    """It is full or over, or may be chosen again."""
    return _out(await suggestions.shut(visit.session, visit.viewer, suggestion_id, is_open=given.is_open))


@router.post("/suggestions/{suggestion_id}/like", status_code=204)
async def like(visit: Visiting, suggestion_id: UUID, given: Liking) -> None:
    """A practice puts it first, or no longer."""
    await suggestions.like(
        visit.session, visit.viewer, given.practice_id, suggestion_id, is_liked=given.is_liked
    )
