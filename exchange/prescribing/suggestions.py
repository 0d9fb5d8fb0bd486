"""What can be named on a prescription: groups, lifts and offers of the bank, those a practice likes first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities.tables import Activity, ActivitySession, Place
from exchange.directory.tables import Listing
from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import practices
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
        NotFound: the offer or group it names is not of this bank.
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
    if new.activity_id and await session.get(Activity, (viewer.bank_id, new.activity_id)) is None:
        raise NotFound(field="activity_id")
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
    found = await get(session, viewer.bank_id, suggestion_id)
    require(viewer.roles, "practice.manage", [Relation.BANK])
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
    await practices.get(session, viewer.bank_id, practice_id)
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


async def offered(
    session: AsyncSession, viewer: Viewer, practice_id: UUID | None, *, at: datetime
) -> list[Suggestion]:
    """What may be chosen now: what the practice likes first, then by its words; nothing full or over.

    Raises:
        NotFound: no such practice here.
    """
    if practice_id is not None:
        await practices.get(session, viewer.bank_id, practice_id)
    rows = await session.scalars(
        select(Suggestion).where(
            col(Suggestion.bank_id) == viewer.bank_id, col(Suggestion.is_open), _goes_on(at)
        )
    )
    first = await liked(session, viewer.bank_id, practice_id) if practice_id else set()
    return sorted(rows, key=lambda one: (one.suggestion_id not in first, one.words.casefold()))


async def liked(session: AsyncSession, bank_id: UUID, practice_id: UUID) -> set[UUID]:
    """What a practice likes to suggest."""
    return set(
        await session.scalars(
            select(col(PracticeLike.suggestion_id)).where(
                col(PracticeLike.bank_id) == bank_id, col(PracticeLike.practice_id) == practice_id
            )
        )
    )


async def every(session: AsyncSession, viewer: Viewer) -> list[Suggestion]:
    """All that the bank ever offered to those who prescribe, what is open first."""
    require(viewer.roles, "practice.manage", [Relation.BANK])
    rows = await session.scalars(select(Suggestion).where(col(Suggestion.bank_id) == viewer.bank_id))
    return sorted(rows, key=lambda one: (not one.is_open, one.words.casefold()))


def _goes_on(at: datetime) -> ColumnElement[bool]:
    """It names no group, or one with a free place to come; no offer, or one that is still open."""
    taken = (
        select(func.coalesce(func.sum(1 + col(Place.companions)), 0))
        .where(
            col(Place.bank_id) == col(ActivitySession.bank_id),
            col(Place.session_id) == col(ActivitySession.session_id),
            col(Place.state) == "booked",
        )
        .scalar_subquery()
    )
    to_come = (
        select(col(ActivitySession.session_id))
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(
            col(ActivitySession.bank_id) == col(Suggestion.bank_id),
            col(ActivitySession.activity_id) == col(Suggestion.activity_id),
            col(ActivitySession.state) == "planned",
            col(ActivitySession.ends_at) > at,
            col(Activity.state) == "approved",
            or_(col(Activity.places).is_(None), taken < col(Activity.places)),
        )
    )
    stands = select(col(Listing.listing_id)).where(
        col(Listing.bank_id) == col(Suggestion.bank_id),
        col(Listing.listing_id) == col(Suggestion.listing_id),
        col(Listing.state) == "open",
    )
    return and_(
        or_(col(Suggestion.activity_id).is_(None), to_come.exists()),
        or_(col(Suggestion.listing_id).is_(None), stands.exists()),
    )


async def chosen(session: AsyncSession, bank_id: UUID, suggestion_id: UUID, *, at: datetime) -> Suggestion:
    """A suggestion that may still be chosen.

    Raises:
        UnknownSuggestion: it is not there, full or over.
    """
    found: Suggestion | None = await session.scalar(
        select(Suggestion).where(
            col(Suggestion.bank_id) == bank_id,
            col(Suggestion.suggestion_id) == suggestion_id,
            col(Suggestion.is_open),
            _goes_on(at),
        )
    )
    if found is None:
        raise UnknownSuggestion
    return found
