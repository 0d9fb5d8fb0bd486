"""Where an open listing can be found: its skills for matching, its words for search."""

from collections.abc import Sequence

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory.tables import Listing, ListingSkill, ListingWords


async def read_skills(session: AsyncSession, listing: Listing, chosen: Sequence[str] | None) -> None:
    """Give the listing the skills that somebody chose, or else those its words speak of."""
    del session
    listing.skills = sorted(set(chosen or ()))
    listing.is_unsure = chosen is None


def needs_coordinator(listing: Listing) -> bool:
    """Whether one of the listing's skills is never open without a coordinator's look."""
    del listing
    return False


async def write(session: AsyncSession, listing: Listing) -> None:
    """Make the listing findable as it is now; one that is not open cannot be found at all."""
    await session.flush()
    here = (listing.bank_id, listing.listing_id)
    for table in (ListingSkill, ListingWords):
        await session.execute(
            delete(table).where(col(table.bank_id) == here[0], col(table.listing_id) == here[1])
        )
    if listing.state != "open":
        return
    session.add_all(
        ListingSkill(bank_id=here[0], skill=skill, kind=listing.kind, listing_id=here[1])
        for skill in listing.skills
    )
    document = func.to_tsvector("simple", listing.description)
    session.add(ListingWords(bank_id=here[0], listing_id=here[1], document=document))
    await session.flush()
