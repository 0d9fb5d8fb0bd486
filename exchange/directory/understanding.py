"""What somebody means: `understand("can someone fix my leaky tap")` → skills, the likeliest first.

It guesses and says how surely; a person always decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from exchange.directory import lexicon, taxonomy, tokens
from exchange.directory.lexicon import Lexicon
from exchange.errors import UnknownChoice

GUESSES_MAX = 10
RANK_SHARES = (1.0, 0.3, 0.2)
"""How much of a skill's score goes to its first, second and third group in another scheme."""
SHARPNESS = 1.2
"""Above 1, one skill well understood counts for more than several half understood."""
HINT_SCORE = 0.3
USUAL_SCORE = 0.1
"""What the most used group of a scheme has when words say nothing; the least used has none of it."""
SURE_SCORE = 0.8
SURE_LEAD = 1.15


@dataclass(frozen=True, slots=True)
class Guess:
    """A skill and how strongly the words speak of it: 1 for one telling word that is all of a phrase."""

    skill: str
    score: float


@cache
def plain() -> Lexicon:
    """The lexicon that comes with the service, before any bank's own words."""
    known = taxonomy.load()
    terms = [(word, skill.code) for skill in known.skills.values() for word in skill.words]
    return lexicon.build(terms, common=known.common, silent=known.silent)


def understand(text: str, *, own_words: Iterable[tuple[str, str]] = ()) -> list[Guess]:
    """The skills that a text speaks of, likeliest first; empty when it speaks of none we know.

    `own_words` are a bank's own (what people say, skill); they stand beside the lexicon's.
    """
    scores = plain().scores(text)
    own = list(own_words)
    if own:
        for skill, score in lexicon.build(own, silent=taxonomy.load().silent).scores(text).items():
            scores[skill] = scores.get(skill, 0.0) + score
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Guess(skill, round(score, 4)) for skill, score in ranked[:GUESSES_MAX]]


def is_sure(guesses: Sequence[Guess]) -> bool:
    """Whether a machine may keep the first guess without asking a person to look."""
    if not guesses or guesses[0].score < SURE_SCORE:
        return False
    return len(guesses) == 1 or guesses[0].score >= SURE_LEAD * guesses[1].score


def understand_groups(text: str, scheme: str) -> list[str]:
    """All groups of another system's scheme, likeliest first.

    Raises:
        UnknownChoice: no such scheme.
    """
    known = taxonomy.load()
    if scheme not in known.schemes:
        raise UnknownChoice(field="scheme")
    groups = known.schemes[scheme].groups
    scores = {group: USUAL_SCORE * (1 - place / len(groups)) for place, group in enumerate(groups)}
    for guess in understand(text):
        for group, share in zip(
            known.skills[guess.skill].groups_by_scheme[scheme], RANK_SHARES, strict=False
        ):
            scores[group] += guess.score**SHARPNESS * share
    for group in _hinted(text, scheme):
        scores[group] += HINT_SCORE
    return sorted(groups, key=lambda group: -scores[group])


def _hinted(text: str, scheme: str) -> set[str]:
    said = set(tokens.stems(text))
    return {group for group, stems in _hints(scheme) if said & stems}


@cache
def _hints(scheme: str) -> tuple[tuple[str, frozenset[str]], ...]:
    hints = taxonomy.load().schemes[scheme].hints
    return tuple(
        (group, frozenset(s for word in words for s in tokens.stems(word))) for group, words in hints
    )
