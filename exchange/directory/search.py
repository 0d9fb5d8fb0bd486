"""Finding offers and asks by what somebody typed: their words, and the skills their words speak of.

Any text gives an ordinary answer: two letters, typing errors, other scripts, signs, ten thousand characters.
What must never happen: a listing shown across a wall between two people, or of somebody who is not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory import index, own_words, taxonomy, times, tokens, understanding
from exchange.directory.listings import ListingView, views
from exchange.directory.tables import Listing, ListingSkill, ListingWords
from exchange.directory.understanding import Guess
from exchange.membership import parties
from exchange.membership.tables import Member, Party
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

FOUND_MAX = 50
AREAS_MAX = 200
WORDS_MAX = 8
SKILLS_MAX = 3
SKILL_SCORE_MIN = 0.25
SUGGESTIONS = 8
FIND = text(
    "select listing_id from search_listings(:bank_id, cast(cast(:best as text) as tsquery),"
    " cast(cast(:wide as text) as tsquery), :skills, :kind, :small_area, :times, :languages, :access,"
    " :setting, :is_at_home, :hidden, :found_max)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What a search leaves out. `when` names parts of the week; listings for any time always stay."""

    kind: str | None = None
    small_area: str | None = None
    when: Sequence[str] = ()
    languages: Sequence[str] = ()
    access: Sequence[str] = ()
    setting: str | None = None
    is_at_home: bool | None = None

    @property
    def says_something(self) -> bool:
        """Whether it asks for more than a kind: enough to look around without any words."""
        return bool(self.small_area or self.when or self.languages or self.access)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """What was found, best first, what the words were understood as, and what else one may ask for."""

    listings: list[ListingView]
    understood: list[Guess]
    suggestions: list[str] = field(default_factory=list)
    """Skills that people here often ask for; given when nothing was found."""


async def search(
    session: AsyncSession,
    viewer: Viewer,
    typed: str,
    narrowing: Narrowing | None = None,
    *,
    limit: int = 20,
) -> SearchResult:
    """Open listings that speak of what was typed, best first; all that fit when only where or when was said.

    Raises:
        UnknownTime: a part of the week that is none.
    """
    require(viewer.roles, "listing.read", [Relation.BANK])
    guesses = understanding.understand(typed, own_words=await own_words.pairs(session, viewer.bank_id))
    found = await _find(session, viewer, typed, guesses, narrowing or Narrowing(), limit)
    return SearchResult(
        listings=found,
        understood=guesses,
        suggestions=[] if found else await often_asked(session, viewer),
    )


async def _find(
    session: AsyncSession,
    viewer: Viewer,
    typed: str,
    guesses: Sequence[Guess],
    narrowing: Narrowing,
    limit: int,
) -> list[ListingView]:
    best, wide, skills = queries(typed, guesses)
    hidden = (
        set() if viewer.is_staff else await parties.hidden_from(session, viewer.bank_id, viewer.member_id)
    )
    if not wide:
        return await _around(session, viewer, narrowing, hidden, limit) if narrowing.says_something else []
    rows = await session.execute(
        FIND,
        {
            "bank_id": viewer.bank_id,
            "best": best,
            "wide": wide,
            "skills": skills,
            "kind": narrowing.kind,
            "small_area": narrowing.small_area,
            "times": times.bits(narrowing.when),
            "languages": list(narrowing.languages),
            "access": list(narrowing.access),
            "setting": narrowing.setting,
            "is_at_home": narrowing.is_at_home,
            "hidden": list(hidden),
            "found_max": min(limit, FOUND_MAX),
        },
    )
    return await in_order(session, viewer, [row.listing_id for row in rows])


async def _around(
    session: AsyncSession, viewer: Viewer, narrowing: Narrowing, hidden: set[UUID], limit: int
) -> list[ListingView]:
    """The newest that fit where and when, whatever they are about."""
    said, listing, party = times.bits(narrowing.when), ListingWords, Party
    wished = [
        (narrowing.kind, col(listing.kind) == narrowing.kind),
        (narrowing.small_area, col(listing.small_area) == narrowing.small_area),
        (said, or_(col(listing.times) == 0, col(listing.times).op("&")(said) != 0)),
    ]
    rows = await session.scalars(
        select(col(listing.listing_id))
        .join(
            party,
            and_(col(party.bank_id) == col(listing.bank_id), col(party.party_id) == col(listing.party_id)),
        )
        .outerjoin(
            Member,
            and_(col(Member.bank_id) == col(party.bank_id), col(Member.member_id) == col(party.party_id)),
        )
        .where(
            col(listing.bank_id) == viewer.bank_id,
            col(listing.party_id).not_in(hidden),
            col(party.is_active),
            func.coalesce(col(Member.status), "active") == "active",
            *(rule for wish, rule in wished if wish),
            *(func.array_position(col(listing.languages), code).is_not(None) for code in narrowing.languages),
            *(func.array_position(col(listing.access), code).is_not(None) for code in narrowing.access),
        )
        .order_by(col(listing.listing_id).desc())
        .limit(min(limit, FOUND_MAX))
    )
    return await in_order(session, viewer, list(rows.all()))


async def known_areas(session: AsyncSession, viewer: Viewer) -> list[str]:
    """The small areas that open offers and asks here name, by their alphabet: where one may look."""
    require(viewer.roles, "listing.read", [Relation.BANK])
    rows = await session.scalars(
        select(col(ListingWords.small_area))
        .where(col(ListingWords.bank_id) == viewer.bank_id, col(ListingWords.small_area).is_not(None))
        .distinct()
        .limit(AREAS_MAX)
    )
    return sorted((area for area in rows.all() if area), key=str.casefold)


async def in_order(session: AsyncSession, viewer: Viewer, keys: Sequence[UUID]) -> list[ListingView]:
    """These listings as the viewer sees them, in the order of their keys."""
    rows = await session.scalars(
        select(Listing).where(col(Listing.bank_id) == viewer.bank_id, col(Listing.listing_id).in_(keys))
    )
    known = {row.listing_id: row for row in rows}
    return await views(session, viewer, [known[key] for key in keys if key in known])


def queries(typed: str, guesses: Sequence[Guess]) -> tuple[str, str, list[str]]:
    """What to look for: a `tsquery` of all the words, one of all that may do, and the likely skills in order.

    Both are empty when nothing was typed that can be looked for.
    """
    said = _telling(tokens.stems(typed))[:WORDS_MAX]
    skills = [g.skill for g in guesses if g.score >= SKILL_SCORE_MIN][:SKILLS_MAX]
    stems = [f"{index.quoted(stem)}:*" for stem in said]
    every = " & ".join(stems)
    either = [index.quoted(index.skill_lexeme(skill)) for skill in skills] or stems
    return every, " | ".join(part for part in (f"({every})" if every else "", *either) if part), skills


def _telling(stems: Sequence[str]) -> list[str]:
    """The stems that tell something; all of them when none does."""
    known = taxonomy.load()
    quiet = {tokens.stem(word) for word in (*known.silent, *known.common)}
    return list(dict.fromkeys(s for s in stems if s not in quiet)) or list(dict.fromkeys(stems))


async def often_asked(session: AsyncSession, viewer: Viewer, *, limit: int = SUGGESTIONS) -> list[str]:
    """The skills that open asks here name most: people who see what others ask dare to ask."""
    require(viewer.roles, "listing.read", [Relation.BANK])
    count = func.count()
    rows = await session.execute(
        select(col(ListingSkill.skill), count)
        .where(col(ListingSkill.bank_id) == viewer.bank_id, col(ListingSkill.kind) == "request")
        .group_by(col(ListingSkill.skill))
        .order_by(count.desc(), col(ListingSkill.skill))
        .limit(limit)
    )
    return [row.skill for row in rows]
