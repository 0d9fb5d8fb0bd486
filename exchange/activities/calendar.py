"""Groups as calendar feeds (RFC 5545): the public ones for anybody, one's own behind a secret link.

A member's feed may be read over a shoulder or by whoever shares the telephone: its titles tell nothing. The
link follows from the service's secret and dies with the membership. What must never happen: a title, a place
or a name in a member's own feed.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.activities import whats_on
from exchange.activities.tables import ActivitySession, Place
from exchange.errors import NotFound
from exchange.membership import viewer

UUID_BYTES = 16
MARK_BYTES = 20
LINE_OCTETS_MAX = 75


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose feed a secret link opens."""

    bank_id: UUID
    member_id: UUID


def _mark(bank_id: UUID, member_id: UUID, secret: bytes) -> bytes:
    message = b"calendar:" + bank_id.bytes + member_id.bytes
    return hmac.new(secret, message, hashlib.sha256).digest()[:MARK_BYTES]


def link_of(bank_id: UUID, member_id: UUID, *, secret: bytes) -> str:
    """The path of a member's own feed, which nobody else can make up."""
    raw = bank_id.bytes + member_id.bytes + _mark(bank_id, member_id, secret)
    return f"/calendar/{urlsafe_b64encode(raw).decode().rstrip('=')}.ics"


def read_link(text: str, *, secret: bytes) -> Owner | None:
    """Whose feed it is; None for anything that we did not make."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    if len(raw) != 2 * UUID_BYTES + MARK_BYTES:
        return None
    owner = Owner(UUID(bytes=raw[:UUID_BYTES]), UUID(bytes=raw[UUID_BYTES : 2 * UUID_BYTES]))
    is_ours = hmac.compare_digest(raw[2 * UUID_BYTES :], _mark(owner.bank_id, owner.member_id, secret))
    return owner if is_ours else None


def path_of_bank(bank_id: UUID) -> str:
    """The path of the public feed."""
    return f"/whats-on/{bank_id}/calendar.ics"


async def of_bank(session: AsyncSession, bank_id: UUID, *, at: datetime) -> str:
    """The public sessions of the next two months.

    Raises:
        NotFound: no such bank.
    """
    found = await whats_on.whats_on(session, bank_id, viewer=None, at=at, days=whats_on.AHEAD_DAYS_MAX)
    return _calendar(
        _event(line.session_id, line.starts_at, line.ends_at, line.title, at, location=line.location)
        for line in found.lines
    )


async def of_member(session: AsyncSession, owner: Owner, *, title: str, at: datetime) -> str:
    """A member's own sessions, each under the same `title`, without a place.

    Raises:
        NotFound: they are no member any more.
    """
    if await viewer.load(session, owner.bank_id, owner.member_id) is None:
        raise NotFound
    rows = await session.execute(
        select(col(ActivitySession.session_id), col(ActivitySession.starts_at), col(ActivitySession.ends_at))
        .join(
            Place,
            (col(Place.bank_id) == col(ActivitySession.bank_id))
            & (col(Place.session_id) == col(ActivitySession.session_id)),
        )
        .where(
            col(ActivitySession.bank_id) == owner.bank_id,
            col(ActivitySession.state) == "planned",
            col(Place.member_id) == owner.member_id,
            col(Place.state).in_(("booked", "came")),
        )
        .order_by(col(ActivitySession.starts_at))
    )
    return _calendar(_event(row.session_id, row.starts_at, row.ends_at, title, at) for row in rows)


def _calendar(events: Iterable[list[str]]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Evenhour//Groups//EN", "METHOD:PUBLISH"]
    lines += [line for event in events for line in event]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _event(
    key: UUID, starts_at: datetime, ends_at: datetime, title: str, at: datetime, *, location: str = ""
) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{key}@evenhour",
        f"DTSTAMP:{_moment(at)}",
        f"DTSTART:{_moment(starts_at)}",
        f"DTEND:{_moment(ends_at)}",
        f"SUMMARY:{_text(title)}",
        *([f"LOCATION:{_text(location)}"] if location else []),
        "END:VEVENT",
    ]


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for sign in "\\;,":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\r", "").replace("\n", "\\n")


def _fold(line: str) -> list[str]:
    """Lines of at most 75 octets, never cut inside a character."""
    folded, current = [], ""
    for character in line:
        if len((current + character).encode()) > LINE_OCTETS_MAX:
            folded.append(current)
            current = " "
        current += character
    return [*folded, current]
