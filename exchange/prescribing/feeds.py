"""Other organisations' feeds that a bank follows: read again each day, with what went wrong the last time.

An operator names a feed by importing it once; the desk sees how it is and may stop following it. What must
never happen: two workers that read one feed at once, or services lost because a feed broke or came empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.errors import NotFound
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing import signposts
from exchange.prescribing.door_tables import Signpost, SignpostFeed

EVERY = timedelta(days=1)
AFTER_TROUBLE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Followed:
    """A feed, and how many services came from it."""

    feed: SignpostFeed
    services: int


def key_of(bank_id: UUID, address: str) -> UUID:
    """The key of a feed by its address."""
    return uuid5(bank_id, f"signpost-feed/{address}")


async def note(
    session: AsyncSession, viewer: Viewer, address: str, *, trouble: str | None = None, at: datetime
) -> None:
    """A feed was read, whole or not: it is followed from now on, and read again tomorrow, or sooner."""
    require(viewer.roles, "data.import", [Relation.BANK])
    key = (viewer.bank_id, key_of(viewer.bank_id, address))
    found = await session.get(SignpostFeed, key)
    if found is None:
        found = SignpostFeed(
            bank_id=viewer.bank_id, feed_id=key[1], address=address, followed_at=at, next_at=at + EVERY
        )
        session.add(found)
    found.next_at = at + (AFTER_TROUBLE if trouble else EVERY)
    found.trouble, found.trouble_since = trouble, (found.trouble_since or at) if trouble else None
    if trouble is None:
        found.read_at = at
    await session.flush()


async def is_followed(session: AsyncSession, bank_id: UUID, address: str) -> bool:
    """Whether a feed is read again by itself."""
    return await session.get(SignpostFeed, (bank_id, key_of(bank_id, address))) is not None


async def banks_with_feeds_due(session: AsyncSession, *, at: datetime) -> list[UUID]:
    """Banks with a feed to be read again: a look across banks."""
    rows = await session.scalars(text("select * from banks_with_feeds_due(:at)"), {"at": at})
    return list(rows.all())


async def claim(session: AsyncSession, bank_id: UUID, *, at: datetime) -> str | None:
    """The next feed that is due, for the one who claimed it; commit before reading it.

    Whoever dies over it leaves it for tomorrow.
    """
    found: SignpostFeed | None = await session.scalar(
        select(SignpostFeed)
        .where(col(SignpostFeed.bank_id) == bank_id, col(SignpostFeed.next_at) <= at)
        .order_by(col(SignpostFeed.next_at), col(SignpostFeed.feed_id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is None:
        return None
    found.next_at = at + EVERY
    return found.address


async def followed(session: AsyncSession, viewer: Viewer) -> Sequence[Followed]:
    """The bank's feeds, those in trouble first."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    rows = await session.execute(
        select(SignpostFeed, func.count(col(Signpost.signpost_id)).label("services"))
        .outerjoin(
            Signpost,
            (col(Signpost.bank_id) == col(SignpostFeed.bank_id))
            & (col(Signpost.feed) == col(SignpostFeed.address)),
        )
        .where(col(SignpostFeed.bank_id) == viewer.bank_id)
        .group_by(col(SignpostFeed.bank_id), col(SignpostFeed.feed_id))
        .order_by(col(SignpostFeed.trouble_since).asc().nulls_last(), col(SignpostFeed.address))
    )
    return [Followed(row.SignpostFeed, row.services) for row in rows]


async def in_trouble(session: AsyncSession, viewer: Viewer) -> int:
    """How many feeds could not be read the last time."""
    require(viewer.roles, "queue.read", [Relation.BANK])
    found = await session.scalar(
        select(func.count()).where(
            col(SignpostFeed.bank_id) == viewer.bank_id, col(SignpostFeed.trouble).is_not(None)
        )
    )
    return int(found or 0)


async def stop(session: AsyncSession, viewer: Viewer, feed_id: UUID) -> None:
    """Follow a feed no longer, and take its services down.

    Raises:
        NotFound, NotAllowed
    """
    found = await session.get(SignpostFeed, (viewer.bank_id, feed_id))
    if found is None:
        raise NotFound
    require(viewer.roles, "data.import", [Relation.BANK])
    await signposts.take_down(session, viewer, found.address, still_there=())
    await session.delete(found)
    await session.flush()
