"""Groups as calendar feeds (RFC 5545): the public ones for anybody, one's own behind a secret link.

A member's feed may be read over a shoulder or by whoever shares the telephone: its titles tell nothing. The
link follows from the service's secret; it dies with the membership, or when its owner makes a new one. What
must never happen: a title, a place or a name in a member's own feed.
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
from exchange.membership import viewer as viewers
from exchange.membership.tables import Member
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

UUID_BYTES = 16
MARK_BYTES = 20
LINE_OCTETS_MAX = 75


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose feed a link says that it opens, and the mark by which that is seen to be true."""

    bank_id: UUID
    member_id: UUID
    mark: bytes


def _mark(member: Member, secret: bytes) -> bytes:
    renewed_at = member.calendar_renewed_at
    turn = renewed_at.astimezone(UTC).isoformat().encode() if renewed_at else b""
    message = b"calendar:" + member.bank_id.bytes + member.member_id.bytes + turn
    return hmac.new(secret, message, hashlib.sha256).digest()[:MARK_BYTES]


def link_of(member: Member, *, secret: bytes) -> str:
    """The path of a member's own feed, which nobody else can make up."""
    raw = member.bank_id.bytes + member.member_id.bytes + _mark(member, secret)
    return f"/calendar/{urlsafe_b64encode(raw).decode().rstrip('=')}.ics"


async def renew(session: AsyncSession, viewer: Viewer, *, at: datetime) -> Member:
    """A new link for one's own feed; whoever has an earlier one reads nothing more."""
    require(viewer.roles, "member.change", [Relation.OWN])
    member = await session.get_one(Member, (viewer.bank_id, viewer.member_id), with_for_update=True)
    member.calendar_renewed_at = at
    await session.flush()
    return member


def read_link(text: str) -> Owner | None:
    """Whose feed it says it is; None for anything that is no link."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    if len(raw) != 2 * UUID_BYTES + MARK_BYTES:
        return None
    bank, member, mark = raw[:UUID_BYTES], raw[UUID_BYTES : 2 * UUID_BYTES], raw[2 * UUID_BYTES :]
    return Owner(UUID(bytes=bank), UUID(bytes=member), mark)


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


async def of_member(session: AsyncSession, owner: Owner, *, title: str, secret: bytes, at: datetime) -> str:
    """A member's own sessions, each under the same `title`, without a place.

    Raises:
        NotFound: not a link of ours, an earlier one, or of somebody who is no member any more.
    """
    member = await session.get(Member, (owner.bank_id, owner.member_id))
    if member is None or not hmac.compare_digest(owner.mark, _mark(member, secret)):
        raise NotFound
    if await viewers.load(session, owner.bank_id, owner.member_id) is None:
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
