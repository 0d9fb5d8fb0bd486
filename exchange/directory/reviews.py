"""'Is this still on offer?': asked on the review day, answered with yes or no, never decided by silence."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange import outbox
from exchange.directory import listings
from exchange.directory.drafts import review_day
from exchange.directory.listings import ListingView
from exchange.directory.tables import Listing
from exchange.membership import banks
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

REFERENCES_FROM = 10_000
PATIENCE = timedelta(days=14)
"""How long an owner may take to answer before a coordinator rings them."""


def reference(listing_id: UUID) -> str:
    """Five digits by which a text names an offer or ask; appointments have four, hours three."""
    return str(REFERENCES_FROM + listing_id.int % (10 * REFERENCES_FROM - REFERENCES_FROM))


async def ask_due(session: AsyncSession, bank_id: UUID, *, at: datetime, limit: int = 100) -> int:
    """Ask the owners of listings whose review day or last day has come; each once. Returns how many."""
    bank = await banks.get(session, bank_id)
    today = banks.today(bank, at)
    rows = await session.scalars(
        select(Listing)
        .where(
            col(Listing.bank_id) == bank_id,
            col(Listing.state) == "open",
            col(Listing.review_asked_at).is_(None),
            or_(col(Listing.review_on) <= today, col(Listing.ends_on) < today),
        )
        .order_by(col(Listing.review_on), col(Listing.listing_id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    due = list(rows.all())
    for listing in due:
        listing.review_asked_at = at
        told = {"listing_id": str(listing.listing_id), "party_id": str(listing.party_id), "by_id": None}
        outbox.record(session, bank_id, "listing.review_due", told, at=at)
    await session.flush()
    return len(due)


async def answer(
    session: AsyncSession,
    viewer: Viewer,
    listing_id: UUID,
    *,
    still: bool,
    review_on: date | None = None,
    at: datetime,
) -> Listing:
    """Yes: it stands until the next review day. No: it is closed. A repeat changes nothing.

    Raises:
        ReviewTooFar, ListingInWrongState, NotAllowed, NotFound
    """
    if not still:
        return await listings.close(session, viewer, listing_id, because="review", at=at)
    listing = await listings.lock(session, viewer, listing_id, "listing.write")
    bank = await banks.get(session, viewer.bank_id)
    listing.review_on = review_day(bank, listing.kind, review_on, at)
    listing.review_asked_at = None
    if listing.ends_on is not None and listing.ends_on < banks.today(bank, at):
        listing.ends_on = None
    await session.flush()
    return listing


async def asked_of(session: AsyncSession, viewer: Viewer) -> list[ListingView]:
    """The viewer's own listings that wait for their yes or no, the longest waiting first."""
    rows = await session.scalars(
        select(Listing)
        .where(
            col(Listing.bank_id) == viewer.bank_id,
            col(Listing.party_id).in_(viewer.party_ids),
            col(Listing.state) == "open",
            col(Listing.review_asked_at).is_not(None),
        )
        .order_by(col(Listing.review_asked_at), col(Listing.listing_id))
    )
    return await listings.views(session, viewer, list(rows.all()))


async def desk(session: AsyncSession, viewer: Viewer, *, at: datetime) -> list[ListingView]:
    """What waits for a coordinator: listings that need a look, unsure words, reviews nobody answered."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    is_silent = col(Listing.review_asked_at) < at - PATIENCE
    rows = await session.scalars(
        select(Listing)
        .where(
            col(Listing.bank_id) == viewer.bank_id,
            or_(
                col(Listing.state) == "with_coordinator",
                (col(Listing.state) == "open") & (col(Listing.is_unsure) | is_silent),
            ),
        )
        .order_by(col(Listing.made_at), col(Listing.listing_id))
        .limit(listings.PAGE_LISTINGS_MAX)
    )
    return await listings.views(session, viewer, list(rows.all()))
