"""What can be named on a prescription: groups, lifts and offers of the bank, those a practice likes first."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.directory.tables import Listing
from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.errors import UnknownReason, UnknownSuggestion
from exchange.prescribing.practice_tables import CHOICE_KINDS, PracticeLike, Suggestion
from exchange.words import clean, required

TALK = "talk"
TALK_WORDS = "The time bank: talk to them"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSuggestion:
    """Something to offer to those who prescribe."""

    words: str
    kind: str = "suggestion"
    when_words: str | None = None
    place: str | None = None
    listing_id: UUID | None = None
    activity_id: UUID | None = None


async def add(
    session: AsyncSession, viewer: Viewer, new: NewSuggestion, *, suggestion_id: UUID | None = None
) -> Suggestion:
    """Offer something to those who prescribe; a repeat with the same id returns the first.

    Raises:
        UnknownReason: no such kind.
        NotFound: the offer it names is not of this bank.
    """
    require(viewer.roles, "practice.manage", [Relation.BANK])
    suggestion_id = suggestion_id or uuid7()
    known = await session.get(Suggestion, (viewer.bank_id, suggestion_id))
    if known is not None:
        return known
    if new.kind not in CHOICE_KINDS or new.kind == TALK:
        raise UnknownReason(field="kind")
    if new.listing_id and await session.get(Listing, (viewer.bank_id, new.listing_id)) is None:
        raise NotFound(field="listing_id")
    made = Suggestion(
        bank_id=viewer.bank_id,
        suggestion_id=suggestion_id,
        kind=new.kind,
        words=required(new.words, field="words"),
        when_words=clean(new.when_words, field="when_words"),
        place=clean(new.place, field="place"),
        listing_id=new.listing_id,
        activity_id=new.activity_id,
    )
    session.add(made)
    await session.flush()
    return made


async def shut(session: AsyncSession, viewer: Viewer, suggestion_id: UUID, *, is_open: bool) -> Suggestion:
    """It is full or over, or may be chosen again."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    found = await get(session, viewer.bank_id, suggestion_id)
    found.is_open = is_open
    await session.flush()
    return found


async def get(session: AsyncSession, bank_id: UUID, suggestion_id: UUID) -> Suggestion:
    """One suggestion of this bank.

    Raises:
        NotFound: there is none.
    """
    found = await session.get(Suggestion, (bank_id, suggestion_id))
    if found is None:
        raise NotFound(field="what")
    return found


async def like(
    session: AsyncSession, viewer: Viewer, practice_id: UUID, suggestion_id: UUID, *, is_liked: bool
) -> None:
    """A practice's staff, or a coordinator for it, put something first on its page, or no longer."""
    if practice_id not in viewer.practice_ids:
        require(viewer.roles, "practice.manage", [Relation.BANK])
    await get(session, viewer.bank_id, suggestion_id)
    found = await session.get(PracticeLike, (viewer.bank_id, practice_id, suggestion_id))
    if is_liked and found is None:
        session.add(
            PracticeLike(bank_id=viewer.bank_id, practice_id=practice_id, suggestion_id=suggestion_id)
        )
    elif not is_liked and found is not None:
        await session.delete(found)
    await session.flush()


async def offered(session: AsyncSession, viewer: Viewer, practice_id: UUID | None) -> list[Suggestion]:
    """What may be chosen now: what the practice likes first, then by its words."""
    rows = await session.scalars(
        select(Suggestion).where(col(Suggestion.bank_id) == viewer.bank_id, col(Suggestion.is_open))
    )
    liked = set()
    if practice_id is not None:
        liked = set(
            await session.scalars(
                select(col(PracticeLike.suggestion_id)).where(
                    col(PracticeLike.bank_id) == viewer.bank_id, col(PracticeLike.practice_id) == practice_id
                )
            )
        )
    return sorted(rows, key=lambda one: (one.suggestion_id not in liked, one.words.casefold()))


async def chosen(session: AsyncSession, bank_id: UUID, suggestion_id: UUID) -> Suggestion:
    """A suggestion that may still be chosen.

    Raises:
        UnknownSuggestion: it is not there, full or over.
    """
    found = await session.get(Suggestion, (bank_id, suggestion_id))
    if found is None or not found.is_open:
        raise UnknownSuggestion
    return found
