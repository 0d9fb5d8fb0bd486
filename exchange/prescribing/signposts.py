"""Services of other organisations, brought in from their open data: where to show somebody the way.

Each has the feed it came from and the day it was last seen there. What must never happen: a service shown
that its own feed took down, or words of a feed taken for anything but words.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid5

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require
from exchange.prescribing.door_tables import Signpost
from exchange.words import LINE_CHARACTERS_MAX, NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, clean, required

SHOWN_MAX = 50
ABOUT_CHARACTERS_MAX = NOTE_CHARACTERS_MAX
URL_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One service as a feed tells of it."""

    external_id: str
    name: str
    organisation: str | None = None
    about: str | None = None
    url: str | None = None
    email: str | None = None
    telephone: str | None = None
    place: str | None = None
    when_words: str | None = None


async def keep(
    session: AsyncSession, viewer: Viewer, feed: str, entry: Entry, *, at: datetime
) -> Literal["new", "changed", "same"]:
    """Write down what a feed says of one service; a repeat only moves the day it was last seen.

    Raises:
        TextMissing, TextTooLong, NotAllowed
    """
    require(viewer.roles, "data.import", [Relation.BANK])
    key = uuid5(viewer.bank_id, f"signpost/{feed}/{entry.external_id}")
    said = _checked(entry)
    known = await session.get(Signpost, (viewer.bank_id, key))
    if known is None:
        session.add(
            Signpost(bank_id=viewer.bank_id, signpost_id=key, feed=feed, changed_at=at, seen_at=at, **said)
        )
        await session.flush()
        return "new"
    known.seen_at = at
    if all(getattr(known, name) == value for name, value in said.items()):
        return "same"
    for name, value in said.items():
        setattr(known, name, value)
    known.changed_at = at
    return "changed"


def _checked(entry: Entry) -> dict[str, Any]:
    longest = {"about": ABOUT_CHARACTERS_MAX, "url": URL_CHARACTERS_MAX}
    said: dict[str, Any] = {}
    for name in (each.name for each in fields(entry)):
        room = longest.get(name, LINE_CHARACTERS_MAX)
        said[name] = clean(getattr(entry, name), field=name, characters_max=room)
    required(entry.external_id, field="id")
    return said | {"name": required(entry.name, field="name", characters_max=2 * NAME_CHARACTERS_MAX)}


def feed_name(feed: str) -> str:
    """How people call a feed: its host, or the file."""
    return urlsplit(feed).hostname or feed


async def take_down(session: AsyncSession, viewer: Viewer, feed: str, *, still_there: Collection[str]) -> int:
    """Take down what a feed that was read whole has no more; returns how many."""
    require(viewer.roles, "data.import", [Relation.BANK])
    rows = await session.scalars(
        select(Signpost).where(col(Signpost.bank_id) == viewer.bank_id, col(Signpost.feed) == feed)
    )
    gone = [row for row in rows if row.external_id not in still_there]
    for row in gone:
        await session.delete(row)
    await session.flush()
    return len(gone)


async def search(session: AsyncSession, viewer: Viewer, words: str = "") -> tuple[list[Signpost], int]:
    """Services with all of these words somewhere, by name, and how many there are in all."""
    require(viewer.roles, "directory.read", [Relation.BANK])
    here = [col(Signpost.bank_id) == viewer.bank_id]
    for word in words.split()[:8]:
        where = (Signpost.name, Signpost.organisation, Signpost.about, Signpost.place)
        here.append(or_(*(col(column).icontains(word, autoescape=True) for column in where)))
    count = await session.scalar(select(func.count()).select_from(Signpost).where(*here))
    rows = await session.scalars(
        select(Signpost)
        .where(*here)
        .order_by(func.lower(col(Signpost.name)), col(Signpost.signpost_id))
        .limit(SHOWN_MAX)
    )
    return list(rows.all()), int(count or 0)
