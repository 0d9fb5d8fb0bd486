"""Where an open listing can be found: its skills for matching, its words for search."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Text, cast, delete, literal
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from exchange.directory import own_words, taxonomy, tokens
from exchange.directory.tables import Listing, ListingSkill, ListingWords
from exchange.directory.understanding import Guess, is_sure, understand

SKILLS_MAX = 4
KEPT_SCORE = 0.5
KEPT_SHARE = 0.6


async def read_skills(session: AsyncSession, listing: Listing, chosen: Sequence[str] | None) -> None:
    """Give the listing the skills that somebody chose, or else those its words speak of.

    Raises:
        UnknownSkill, SkillNotAllowed: of the chosen ones.
    """
    if chosen is not None:
        listing.skills = sorted(set(chosen))
        taxonomy.check(listing.skills)
        listing.is_unsure = not listing.skills  # somebody should look what it is
        return
    guesses = understand(listing.description, own_words=await own_words.pairs(session, listing.bank_id))
    listing.skills = kept(guesses)
    listing.is_unsure = not is_sure(guesses)


def kept(guesses: Sequence[Guess]) -> list[str]:
    """The guesses worth writing down: the first, and those nearly as likely."""
    if not guesses:
        return []
    least = max(KEPT_SCORE, guesses[0].score * KEPT_SHARE)
    return sorted({guesses[0].skill, *(g.skill for g in guesses[:SKILLS_MAX] if g.score >= least)})


async def write(session: AsyncSession, listing: Listing) -> None:
    """Make the listing findable as it is now; one that is not open cannot be found at all."""
    await session.flush()
    key = (listing.bank_id, listing.listing_id)
    for table in (ListingSkill, ListingWords):
        await session.execute(
            delete(table).where(col(table.bank_id) == key[0], col(table.listing_id) == key[1])
        )
    if listing.state != "open":
        return
    near = {
        name: getattr(listing, name) for name in ("party_id", "small_area", "times", "setting", "is_at_home")
    }
    session.add_all(
        ListingSkill(bank_id=key[0], skill=skill, kind=listing.kind, listing_id=key[1], **near)
        for skill in listing.skills
    )
    session.add(
        ListingWords(
            bank_id=key[0],
            listing_id=key[1],
            document=cast(literal(document(listing.description, listing.skills), Text), TSVECTOR),
            kind=listing.kind,
            languages=listing.languages,
            access=listing.access,
            **near,
        )
    )
    await session.flush()


def skill_lexeme(skill: str) -> str:
    """A skill as a word of its own, which no folded text can contain."""
    return f"skill:{skill}"


def document(description: str, skills: Iterable[str]) -> str:
    """A listing's stems and skills as PostgreSQL writes a `tsvector`; skills weigh most."""
    spoken = [f"{quoted(stem)}:{place}B" for place, stem in enumerate(tokens.stems(description), 1)]
    return " ".join([*spoken, *(f"{quoted(skill_lexeme(skill))}:1A" for skill in skills)])


def quoted(lexeme: str) -> str:
    """A lexeme as it may stand in a `tsvector` or `tsquery`, whatever is in it."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
