"""Finding by meaning: search, what words are understood as, and a bank's own words for skills."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.door import Limit, Visiting
from api.routes.listings import ListingOut
from exchange.directory import own_words, search, taxonomy
from exchange.directory.search import Narrowing
from exchange.directory.understanding import Guess, understand
from exchange.permissions import Relation, require

router = APIRouter(tags=["offers and asks"])
QUERY_CHARACTERS_READ = 10_000


class GuessOut(BaseModel):
    """A skill that words speak of: how strongly, and whether it needs a coordinator."""

    skill: str
    name: str
    score: float
    safety: str

    @classmethod
    def of(cls, guess: Guess) -> "GuessOut":
        known = taxonomy.get(guess.skill)
        return cls(skill=guess.skill, name=known.name, score=guess.score, safety=known.safety)


class SearchOut(BaseModel):
    """What was found, what the words were taken for, and what people here often ask for."""

    items: list[ListingOut]
    understood: list[GuessOut]
    suggestions: list[str]


class SkillOut(BaseModel):
    """A skill of the taxonomy."""

    skill: str
    name: str
    group: str
    safety: str


class SkillsOut(BaseModel):
    """All skills; with words, those they speak of."""

    items: list[SkillOut]
    understood: list[GuessOut]


class OwnWordIn(BaseModel):
    """What people here say for a skill."""

    word: str = Field(max_length=200)
    skill: str = Field(max_length=60)


class OwnWords(BaseModel):
    """The bank's own words."""

    items: list[OwnWordIn]


@router.get("/search")
async def look(
    visit: Visiting,
    q: Annotated[str, Query(max_length=QUERY_CHARACTERS_READ * 2)] = "",
    kind: Literal["offer", "request"] | None = None,
    small_area: Annotated[str | None, Query(max_length=200)] = None,
    when: Annotated[list[str] | None, Query(max_length=21)] = None,
    at_home: bool | None = None,
    languages: Annotated[list[str] | None, Query(max_length=12)] = None,
    access: Annotated[list[str] | None, Query(max_length=12)] = None,
    setting: Literal["one_to_one", "group"] | None = None,
    limit: Limit = 20,
) -> SearchOut:
    """Open offers and asks that speak of what was typed; any text gets an ordinary answer."""
    narrowing = Narrowing(
        kind=kind,
        small_area=small_area,
        when=when or (),
        languages=languages or (),
        access=access or (),
        setting=setting,
        is_at_home=at_home,
    )
    typed = q[:QUERY_CHARACTERS_READ]
    found = await search.search(visit.session, visit.viewer, typed, narrowing, limit=limit)
    return SearchOut(
        items=[ListingOut.of(view) for view in found.listings],
        understood=[GuessOut.of(guess) for guess in found.understood],
        suggestions=found.suggestions,
    )


@router.get("/skills")
async def skills(visit: Visiting, q: Annotated[str, Query(max_length=2000)] = "") -> SkillsOut:
    """Every skill there is; with `q`, also what those words speak of."""
    require(visit.viewer.roles, "listing.read", [Relation.BANK])
    own = await own_words.pairs(visit.session, visit.viewer.bank_id) if q else []
    return SkillsOut(
        items=[
            SkillOut(skill=s.code, name=s.name, group=s.group, safety=s.safety)
            for s in taxonomy.load().skills.values()
        ],
        understood=[GuessOut.of(guess) for guess in understand(q, own_words=own)],
    )


@router.get("/skills/words")
async def words(visit: Visiting) -> OwnWords:
    """What people of this bank say for skills; for staff."""
    known = await own_words.every(visit.session, visit.viewer)
    return OwnWords(items=[OwnWordIn(word=word, skill=skill) for word, skill in known])


@router.post("/skills/words", status_code=201)
async def teach(visit: Visiting, taught: OwnWordIn) -> OwnWordIn:
    """People here say this for a skill; it counts at once."""
    kept = await own_words.add(visit.session, visit.viewer, taught.word, taught.skill, at=visit.at)
    return OwnWordIn(word=kept.word, skill=kept.skill)


@router.delete("/skills/words", status_code=204)
async def unteach(
    visit: Visiting,
    word: Annotated[str, Query(max_length=200)],
    skill: Annotated[str, Query(max_length=60)],
) -> None:
    """People here no longer say that; a repeat changes nothing."""
    await own_words.remove(visit.session, visit.viewer, word, skill)
