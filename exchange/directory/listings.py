"""Offers and asks: written by members, by organisations, or by a coordinator for somebody.

An open listing is in three places, written together: its own row, its skills (for matching) and its words
(for search); one that is not open is only in the first, so nothing can find it. What must never happen: a
listing that ends without its owner being asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange import outbox
from exchange.directory import index, states, taxonomy
from exchange.directory.drafts import CHANGEABLE, NewListing, check_last_day, columns, draft_of
from exchange.directory.tables import Listing, ListingSkill
from exchange.errors import NotFound, SameIdOtherContents, UnknownChoice
from exchange.membership import banks, parties
from exchange.membership.errors import MemberNotActive
from exchange.membership.tables import Bank, Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, may, require
from exchange.words import LINE_CHARACTERS_MAX, clean

PAGE_LISTINGS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView:
    """A listing with what the viewer may know of its owner and may do with it. No contact details."""

    listing: Listing
    owner: str | None
    """The owner's name; None when they did not choose to be in the directory."""
    is_own: bool
    verbs: tuple[str, ...]


async def create(
    session: AsyncSession,
    viewer: Viewer,
    draft: NewListing,
    *,
    listing_id: UUID | None = None,
    was_looked_at: bool = True,
    at: datetime,
) -> Listing:
    """Write down an offer or ask. A repeat under the same id returns the first.

    Somebody for whom a coordinator wrote it is told. One that names a skill which needs a coordinator's
    look waits for it, unless a coordinator writes it for somebody; `was_looked_at` False: it waits all the
    same, since a program wrote it in their name.

    Raises:
        NotAllowed, NotFound, MemberNotActive, SameIdOtherContents, LastDayOver, UnknownSkill,
        SkillNotAllowed, and what `drafts.columns` raises
    """
    listing_id = listing_id or uuid7()
    party_id = draft.on_behalf_of or viewer.member_id
    await parties.get(session, viewer.bank_id, party_id)
    require(viewer.roles, "listing.write", viewer.relations_to(party_id))
    known = await session.get(Listing, (viewer.bank_id, listing_id))
    if known is not None:
        return _repeat(known, draft, party_id)
    await _check_owner(session, viewer, party_id)
    bank = await banks.get(session, viewer.bank_id)
    check_last_day(draft.ends_on, today=banks.today(bank, at))
    fresh = _fresh(bank, viewer, draft, listing_id, party_id, at)
    await index.read_skills(session, fresh, draft.skills)
    if not await _insert(session, fresh):
        return _repeat(await session.get_one(Listing, (viewer.bank_id, listing_id)), draft, party_id)
    listing = await session.get_one(Listing, (viewer.bank_id, listing_id))
    await _settle(session, viewer, listing, is_draft=draft.is_draft, may_clear=was_looked_at, at=at)
    if party_id not in viewer.party_ids:
        _record(session, listing, "listing.made_for_you", viewer, at)
    return listing


async def _check_owner(session: AsyncSession, viewer: Viewer, party_id: UUID) -> None:
    party = await parties.exchanging(session, viewer.bank_id, party_id, field="on_behalf_of")
    if not await parties.is_present(session, party):
        raise MemberNotActive(field="on_behalf_of")


def _repeat(known: Listing, draft: NewListing, party_id: UUID) -> Listing:
    if known.fingerprint != draft.fingerprint(party_id):
        raise SameIdOtherContents
    return known


def _fresh(
    bank: Bank, viewer: Viewer, draft: NewListing, listing_id: UUID, party_id: UUID, at: datetime
) -> Listing:
    return Listing(
        bank_id=bank.bank_id,
        listing_id=listing_id,
        party_id=party_id,
        kind=draft.kind,
        state="draft",
        made_by=viewer.member_id,
        made_at=at,
        changed_at=at,
        fingerprint=draft.fingerprint(party_id),
        **columns(bank, draft, at),
    )


async def _insert(session: AsyncSession, listing: Listing) -> bool:
    """Write the row unless its id is taken; of two at once, the second waits and sees the first."""
    values = {name: getattr(listing, name) for name in Listing.__table__.columns.keys()}  # type: ignore[attr-defined]  # noqa: SIM118
    written = await session.execute(
        insert(Listing).values(**values).on_conflict_do_nothing().returning(col(Listing.listing_id))
    )
    return written.first() is not None


async def _settle(
    session: AsyncSession,
    viewer: Viewer,
    listing: Listing,
    *,
    is_draft: bool,
    may_clear: bool = True,
    at: datetime,
) -> None:
    """Give the listing the state that its skills and its writer lead to, and (un)index it."""
    if is_draft:
        listing.state = "draft"
    elif taxonomy.needs_coordinator(listing.skills) and listing.cleared_by is None:
        is_cleared = may_clear and may(viewer.roles, "listing.clear", viewer.relations_to(listing.party_id))
        is_cleared = is_cleared and taxonomy.are_allowed(listing.skills)
        listing.cleared_by = viewer.member_id if is_cleared else None
        listing.state = "open" if is_cleared else "with_coordinator"
    else:
        listing.state = "open"
    if listing.state == "with_coordinator":
        _record(session, listing, "listing.needs_coordinator", viewer, at)
    await index.write(session, listing)


def _record(session: AsyncSession, listing: Listing, kind: str, viewer: Viewer | None, at: datetime) -> None:
    told = {
        "listing_id": str(listing.listing_id),
        "party_id": str(listing.party_id),
        "by_id": str(viewer.member_id) if viewer else None,
    }
    outbox.record(session, listing.bank_id, kind, told, at=at)


async def lock(session: AsyncSession, viewer: Viewer, listing_id: UUID, verb: str) -> Listing:
    """The listing, held for this transaction, when the viewer may do `verb` to it.

    Raises:
        NotFound: no such listing, or none of the viewer's business.
        NotAllowed: the viewer may see it, and not do this.
    """
    listing = await session.get(
        Listing, (viewer.bank_id, listing_id), with_for_update=True, populate_existing=True
    )
    if listing is None or not await _may_see(session, viewer, listing):
        raise NotFound
    require(viewer.roles, verb, viewer.relations_to(listing.party_id))
    return listing


async def change(
    session: AsyncSession, viewer: Viewer, listing_id: UUID, changes: Mapping[str, Any], *, at: datetime
) -> Listing:
    """Change what a listing says; the keys are those of `drafts.CHANGEABLE`.

    New words are understood afresh unless `skills` says which they are.

    Raises:
        UnknownChoice: a key that cannot be changed. Otherwise as `create`.
    """
    listing = await lock(session, viewer, listing_id, "listing.write")
    strange = set(changes) - CHANGEABLE
    if strange:
        raise UnknownChoice(field=min(strange))
    bank = await banks.get(session, viewer.bank_id)
    if changes.get("ends_on") != listing.ends_on:
        check_last_day(changes.get("ends_on"), today=banks.today(bank, at))
    before = set(listing.skills)
    draft = replace(draft_of(listing), **changes)
    for name, value in columns(bank, draft, at).items():
        setattr(listing, name, value)
    if {"skills", "description"} & set(changes):
        await index.read_skills(session, listing, changes.get("skills"))
    if set(listing.skills) - before:
        listing.cleared_by = listing.cleared_note = None
    listing.changed_at, listing.review_asked_at = at, None
    if listing.state == "open":
        await _settle(session, viewer, listing, is_draft=False, at=at)
    await session.flush()
    return listing


async def publish(session: AsyncSession, viewer: Viewer, listing_id: UUID, *, at: datetime) -> Listing:
    """A draft is finished; a repeat changes nothing."""
    return await _open(session, viewer, listing_id, "publish", at)


async def reopen(session: AsyncSession, viewer: Viewer, listing_id: UUID, *, at: datetime) -> Listing:
    """A closed listing stands again; a repeat changes nothing."""
    return await _open(session, viewer, listing_id, "reopen", at)


async def _open(session: AsyncSession, viewer: Viewer, listing_id: UUID, verb: str, at: datetime) -> Listing:
    listing = await lock(session, viewer, listing_id, "listing.write")
    if listing.state in ("open", "with_coordinator"):
        return listing
    states.check(listing.state, verb)
    await _check_owner(session, viewer, listing.party_id)
    bank = await banks.get(session, viewer.bank_id)
    listing.closed_because, listing.changed_at, listing.review_asked_at = None, at, None
    if listing.ends_on and listing.ends_on < banks.today(bank, at):
        listing.ends_on = None
    listing.review_on = columns(bank, replace(draft_of(listing), review_on=None), at)["review_on"]
    await _settle(session, viewer, listing, is_draft=False, at=at)
    await session.flush()
    return listing


async def close(
    session: AsyncSession,
    viewer: Viewer,
    listing_id: UUID,
    *,
    because: str | None = None,
    at: datetime,
) -> Listing:
    """Take a listing down; a repeat changes nothing. `because` is for its owner and the coordinator."""
    listing = await lock(session, viewer, listing_id, "listing.write")
    if listing.state == "closed":
        return listing
    states.check(listing.state, "close")
    listing.state, listing.changed_at = "closed", at
    listing.closed_because = clean(because, field="because")
    await index.write(session, listing)
    await session.flush()
    return listing


async def clear(
    session: AsyncSession, viewer: Viewer, listing_id: UUID, *, note: str | None = None, at: datetime
) -> Listing:
    """A coordinator looked at a listing whose skill needs it, and opens it; `note` says on what footing.

    Raises:
        SkillNotAllowed: its words speak of something for professionals; say first which skills it is.
    """
    listing = await lock(session, viewer, listing_id, "listing.clear")
    if listing.state == "open":
        return listing
    states.check(listing.state, "clear")
    taxonomy.check(listing.skills)
    listing.cleared_by = viewer.member_id
    listing.cleared_note = clean(note, field="note", characters_max=LINE_CHARACTERS_MAX)
    listing.changed_at = at
    await _settle(session, viewer, listing, is_draft=False, at=at)
    _record(session, listing, "listing.cleared", viewer, at)
    await session.flush()
    return listing


async def get(session: AsyncSession, viewer: Viewer, listing_id: UUID) -> ListingView:
    """One listing.

    Raises:
        NotFound: no such listing, or none of the viewer's business.
    """
    listing = await session.get(Listing, (viewer.bank_id, listing_id))
    if listing is None or not await _may_see(session, viewer, listing):
        raise NotFound
    return (await views(session, viewer, [listing]))[0]


async def _may_see(session: AsyncSession, viewer: Viewer, listing: Listing) -> bool:
    relations = viewer.relations_to(listing.party_id)
    if may(viewer.roles, "listing.write", relations):
        return True
    if listing.state != "open" or not may(viewer.roles, "listing.read", [Relation.BANK]):
        return False
    if await parties.are_blocked(session, viewer.bank_id, viewer.member_id, listing.party_id):
        return False
    party = await parties.get(session, viewer.bank_id, listing.party_id)
    return await parties.is_present(session, party)


async def find(
    session: AsyncSession,
    viewer: Viewer,
    *,
    kind: str | None = None,
    party_id: UUID | None = None,
    state: str = "open",
    skill: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[ListingView]:
    """Listings, newest first; `after` is the last one seen. Only owners and staff see what is not open."""
    require(viewer.roles, "listing.read", [Relation.BANK])
    statement = (
        select(Listing)
        .where(col(Listing.bank_id) == viewer.bank_id, col(Listing.state) == state)
        .order_by(col(Listing.listing_id).desc())
        .limit(min(limit, PAGE_LISTINGS_MAX))
    )
    if kind:
        statement = statement.where(col(Listing.kind) == kind)
    if party_id:
        statement = statement.where(col(Listing.party_id) == party_id)
    if after:
        statement = statement.where(col(Listing.listing_id) < after)
    if skill:
        statement = statement.where(col(Listing.listing_id).in_(_with_skill(viewer.bank_id, skill, kind)))
    if not viewer.is_staff:
        hidden = await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
        is_own = col(Listing.party_id).in_(viewer.party_ids)
        is_shown = and_(col(Listing.state) == "open", col(Listing.party_id).not_in(hidden), _is_present())
        statement = statement.where(or_(is_own, is_shown))
    rows = await session.scalars(statement)
    return await views(session, viewer, list(rows.all()))


def _with_skill(bank_id: UUID, skill: str, kind: str | None) -> Any:
    found = select(col(ListingSkill.listing_id)).where(
        col(ListingSkill.bank_id) == bank_id, col(ListingSkill.skill) == skill
    )
    return found.where(col(ListingSkill.kind) == kind) if kind else found


def _is_present() -> Any:
    """The owner may take part in something new: neither paused nor departed."""
    absent = select(col(Member.member_id)).where(
        col(Member.bank_id) == col(Listing.bank_id),
        col(Member.member_id) == col(Listing.party_id),
        col(Member.status) != "active",
    )
    return ~absent.exists()


async def views(session: AsyncSession, viewer: Viewer, rows: list[Listing]) -> list[ListingView]:
    """Listings with what the viewer may know and do."""
    named = await owners(session, viewer, {row.party_id for row in rows})
    return [
        ListingView(
            listing=row,
            owner=named.get(row.party_id),
            is_own=row.party_id in viewer.party_ids,
            verbs=_verbs(viewer, row),
        )
        for row in rows
    ]


async def owners(session: AsyncSession, viewer: Viewer, party_ids: set[UUID]) -> dict[UUID, str]:
    """The names of those of these whom the viewer may name: who chose to be in the directory, and places."""
    rows = await session.execute(
        select(col(Party.party_id), col(Party.name), col(Party.kind), col(Member.is_listed))
        .outerjoin(
            Member,
            and_(col(Member.bank_id) == col(Party.bank_id), col(Member.member_id) == col(Party.party_id)),
        )
        .where(col(Party.bank_id) == viewer.bank_id, col(Party.party_id).in_(party_ids))
    )
    return {
        row.party_id: row.name
        for row in rows
        if viewer.is_staff or row.kind != "member" or row.is_listed or row.party_id in viewer.party_ids
    }


def _verbs(viewer: Viewer, row: Listing) -> tuple[str, ...]:
    relations = viewer.relations_to(row.party_id)
    return tuple(
        verb
        for verb in states.verbs(row.state)
        if may(viewer.roles, "listing.clear" if verb == "clear" else "listing.write", relations)
    )
