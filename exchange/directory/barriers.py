"""What keeps two people from being matched: walls, a coordinator's hold, 'not me, thanks'.

None of it is ever told to the other side; a match that must not be is simply not there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.directory import listings, taxonomy
from exchange.directory.candidates import Candidate
from exchange.directory.tables import Listing, MatchingHold, NotMe
from exchange.errors import NotFound, UnknownChoice
from exchange.membership import parties
from exchange.membership.tables import Block
from exchange.membership.viewer import Viewer
from exchange.permissions import require
from exchange.prescribing import clearances, homes
from exchange.prescribing.homes import Help, Kept


async def hold(session: AsyncSession, viewer: Viewer, party_id: UUID, *, at: datetime) -> None:
    """Match nobody with this party until it is lifted, at once; a repeat changes nothing."""
    require(viewer.roles, "listing.hold", viewer.relations_to(party_id))
    await parties.get(session, viewer.bank_id, party_id)
    if await session.get(MatchingHold, (viewer.bank_id, party_id)) is None:
        session.add(
            MatchingHold(bank_id=viewer.bank_id, party_id=party_id, made_by=viewer.member_id, made_at=at)
        )
        await session.flush()


async def lift(session: AsyncSession, viewer: Viewer, party_id: UUID) -> None:
    """Matches with this party are possible again; a repeat changes nothing."""
    require(viewer.roles, "listing.hold", viewer.relations_to(party_id))
    found = await session.get(MatchingHold, (viewer.bank_id, party_id))
    if found is not None:
        await session.delete(found)
        await session.flush()


async def held(session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID]) -> set[UUID]:
    """Those of these parties with whom nobody is to be matched."""
    rows = await session.scalars(
        select(col(MatchingHold.party_id)).where(
            col(MatchingHold.bank_id) == bank_id, col(MatchingHold.party_id).in_(party_ids)
        )
    )
    return set(rows.all())


async def not_me(
    session: AsyncSession,
    viewer: Viewer,
    party_id: UUID,
    *,
    other_id: UUID | None = None,
    listing_id: UUID | None = None,
    skill: str | None = None,
    at: datetime,
) -> None:
    """'Not me, thanks' to a person, an offer or ask, or a kind of help; a repeat changes nothing.

    Raises:
        UnknownChoice: not exactly one of the three was named.
        UnknownSkill, NotFound
    """
    await parties.get(session, viewer.bank_id, party_id)
    require(viewer.roles, "listing.match", viewer.relations_to(party_id))
    if sum(thing is not None for thing in (other_id, listing_id, skill)) != 1:
        raise UnknownChoice(field="other_id")
    if skill is not None:
        taxonomy.get(skill)
    if other_id is not None:
        await parties.get(session, viewer.bank_id, other_id)
    if other_id == party_id:
        raise NotFound(field="other_id")
    if listing_id is not None:
        await listings.get(session, viewer, listing_id)
    await session.execute(
        insert(NotMe)
        .values(
            bank_id=viewer.bank_id,
            not_me_id=uuid7(),
            party_id=party_id,
            other_id=other_id,
            listing_id=listing_id,
            skill=skill,
            said_at=at,
        )
        .on_conflict_do_nothing()
    )


async def refusals(session: AsyncSession, bank_id: UUID, party_ids: Collection[UUID]) -> list[NotMe]:
    """Every 'not me, thanks' that one of these said, or that names one of them."""
    rows = await session.scalars(
        select(NotMe).where(
            col(NotMe.bank_id) == bank_id,
            or_(col(NotMe.party_id).in_(party_ids), col(NotMe.other_id).in_(party_ids)),
        )
    )
    return list(rows.all())


async def fit(
    session: AsyncSession, listing: Listing, found: Sequence[Candidate], *, day: date
) -> list[Candidate]:
    """Those candidates whom no rule about homes or driving keeps from this listing."""
    is_ask = listing.kind == "request"
    helps = {
        one.listing_id: Help(
            giver_id=one.party_id if is_ask else listing.party_id,
            receiver_id=listing.party_id if is_ask else one.party_id,
            skill=one.skill,
            is_at_home=listing.is_at_home or one.is_at_home,
        )
        for one in found
    }
    if not helps:
        return []
    unfit = await homes.unfit(session, listing.bank_id, helps.values(), day=day)
    return [
        one
        for one in found
        if (helps[one.listing_id].giver_id, helps[one.listing_id].receiver_id) not in unfit
    ]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """Everything in a bank that keeps two parties, a listing or a kind of help from being put together."""

    pairs: set[frozenset[UUID]]
    """Walls, and 'not me' to a person: never together, whichever helps."""
    listings: set[tuple[UUID, UUID]]
    """(party, somebody else's listing)."""
    skills: set[tuple[UUID, str]]
    """(party, kind of help)."""
    helpers: set[tuple[UUID, str]] = field(default_factory=set)
    """(party, kind of help that they may not give now, though they may have it)."""
    at_home: Kept = field(default_factory=Kept)
    """Who may not be helped at home by whom."""


async def forbidden(
    session: AsyncSession, bank_id: UUID, *, givers: Collection[UUID], receivers: Collection[UUID], day: date
) -> Forbidden:
    """The whole bank's on a day, for putting many together at once; the rule of homes for those named."""
    grounded = await clearances.may_not_drive(session, bank_id, day=day)
    walls = await session.execute(
        select(col(Block.member_id), col(Block.other_id)).where(col(Block.bank_id) == bank_id)
    )
    said = list((await session.scalars(select(NotMe).where(col(NotMe.bank_id) == bank_id))).all())
    pairs = {frozenset((row.member_id, row.other_id)) for row in walls}
    return Forbidden(
        pairs=pairs | {frozenset((n.party_id, n.other_id)) for n in said if n.other_id},
        listings={(n.party_id, n.listing_id) for n in said if n.listing_id},
        skills={(n.party_id, n.skill) for n in said if n.skill},
        at_home=await homes.kept_apart_at_home(session, bank_id, givers, receivers, day=day),
        helpers={(who, skill) for who in grounded for skill in clearances.DRIVING_SKILLS},
    )
