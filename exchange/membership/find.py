"""Finding people and organisations: everybody for staff, the listed ones for members, no contact details."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.cursors import pack, unpack
from exchange.errors import BadCursor
from exchange.membership import parties
from exchange.membership.tables import Contact, Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

QUERY_CHARACTERS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One line of a directory."""

    party_id: UUID
    name: str
    kind: str
    status: str


async def find(
    session: AsyncSession, viewer: Viewer, query: str = "", *, after: str | None = None, limit: int = 50
) -> list[Found]:
    """Members and organisations whose name (for staff: or telephone) begins like `query`, by name.

    Members see those who chose to be listed, and nobody behind a wall; staff see all. `after` is the name
    and key of the last line seen, as `cursor_of` makes it.
    """
    require(viewer.roles, "directory.read", [Relation.BANK])
    hidden = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
    statement = (
        select(col(Party.party_id), col(Party.name), col(Party.kind), col(Member.status))
        .outerjoin(
            Member,
            and_(col(Member.bank_id) == col(Party.bank_id), col(Member.member_id) == col(Party.party_id)),
        )
        .where(
            col(Party.bank_id) == viewer.bank_id,
            col(Party.kind).in_(("member", "organisation")),
            col(Party.is_active),
        )
        .order_by(func.lower(col(Party.name)), col(Party.party_id))
        .limit(limit)
    )
    typed = query.replace("\x00", "").strip()[:QUERY_CHARACTERS_MAX]
    if typed:
        statement = statement.where(_matches(viewer, typed))
    if after:
        name, key = _place(after)
        is_later = or_(
            func.lower(col(Party.name)) > name,
            and_(func.lower(col(Party.name)) == name, col(Party.party_id) > key),
        )
        statement = statement.where(is_later)
    if not viewer.is_staff:
        is_listed = and_(col(Member.is_listed), col(Member.status) == "active")
        statement = statement.where(
            or_(col(Party.kind) == "organisation", is_listed), col(Party.party_id).not_in(hidden)
        )
    rows = await session.execute(statement)
    return [
        Found(party_id=row.party_id, name=row.name, kind=row.kind, status=row.status or "active")
        for row in rows
    ]


def cursor_of(found: Found) -> str:
    """Where the next page begins after this line."""
    return pack(found.name.lower(), str(found.party_id))


def _place(cursor: str) -> tuple[str, UUID]:
    name, key = unpack(cursor, 2)
    try:
        return name, UUID(key)
    except ValueError:
        raise BadCursor from None


def _matches(viewer: Viewer, typed: str) -> ColumnElement[bool]:
    is_like = col(Party.name).icontains(typed, autoescape=True)
    digits = "".join(filter(str.isdigit, typed)).lstrip("0")
    if not (viewer.is_staff and len(digits) >= 4):  # noqa: PLR2004  # the end of a number, as people say it
        return is_like
    has_number = (
        select(col(Contact.member_id))
        .where(col(Contact.bank_id) == viewer.bank_id, col(Contact.value).contains(digits))
        .scalar_subquery()
    )
    return or_(is_like, col(Party.party_id).in_(has_number))
