"""Words to skills without a model: phrases people use, weighed by how much each word tells.

A word that belongs to one skill tells more than a word that belongs to many. A word that nobody wrote down is
taken for the nearest one by its letters, so typing errors cost a little and not everything. Nothing here
learns from anybody's data.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from exchange.directory import tokens

COMMON_WEIGHT = 0.3
"""Of a word that is said about every kind of help."""
OTHER_PHRASES_SHARE = 0.3
PARTIAL_POWER = 2.0
POSITION_DECAY = 0.95
NEAR_ENOUGH = 0.62
"""Share of letter triples in common below which a word is not taken for another."""
TYPO_CHARACTERS_MIN = 4
COMPOUND_PART_CHARACTERS_MIN = 3


@dataclass(frozen=True, slots=True)
class Phrase:
    """What somebody calls a skill, as stems."""

    skill: str
    stems: tuple[str, ...]
    weight: float
    """Sum of its stems' weights."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases by their stems, what each stem tells, and the stems by their letter triples."""

    phrases: Mapping[str, tuple[Phrase, ...]]
    weights: Mapping[str, float]
    triples: Mapping[str, frozenset[str]]
    silent: frozenset[str]
    cache: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def scores(self, text: str) -> dict[str, float]:
        """How strongly the text speaks of each skill; skills it does not speak of are left out."""
        heard = self.hear(text)
        evidence: dict[str, list[float]] = defaultdict(list)
        for phrase in {p for stem in heard for p in self.phrases[stem]}:
            matched = sum(heard.get(stem, 0.0) * self.weights[stem] for stem in phrase.stems)
            evidence[phrase.skill].append(matched * (matched / phrase.weight) ** PARTIAL_POWER)
        return {skill: _sum(found) for skill, found in evidence.items()}

    def hear(self, text: str) -> dict[str, float]:
        """The lexicon's stems that the text has, each with how surely and how early, in (0, 1]."""
        heard: dict[str, float] = {}
        for place, stem in enumerate(s for s in tokens.stems(text) if s not in self.silent):
            for known, likeness in self.near(stem):
                sure = likeness * POSITION_DECAY**place
                heard[known] = max(heard.get(known, 0.0), sure)
        return heard

    def near(self, stem: str) -> tuple[tuple[str, float], ...]:
        """The stem itself when it is known, else its parts, else the ones with nearly the same letters."""
        if stem in self.weights:
            return ((stem, 1.0),)
        if stem not in self.cache:
            if len(self.cache) > 20_000:  # noqa: PLR2004  # a bound, so that odd texts cannot fill the memory
                self.cache.clear()
            self.cache[stem] = self._parts(stem) or self._misspelt(stem)
        return self.cache[stem]

    def _parts(self, stem: str) -> tuple[tuple[str, float], ...]:
        """`dogwalk` is `dog` and `walk`."""
        least = COMPOUND_PART_CHARACTERS_MIN
        for cut in range(len(stem) - least, least - 1, -1):
            one, other = tokens.stem(stem[:cut]), tokens.stem(stem[cut:])
            if one in self.weights and other in self.weights:
                return ((one, 0.9), (other, 0.9))
        return ()

    def _misspelt(self, stem: str) -> tuple[tuple[str, float], ...]:
        if len(stem) < TYPO_CHARACTERS_MIN:
            return ()
        mine = triples(stem)
        counts: dict[str, int] = defaultdict(int)
        for triple in mine:
            for known in self.triples.get(triple, ()):
                counts[known] += 1
        likeliest = sorted(counts, key=lambda k: (-_dice(counts[k], mine, k), k))[:12]
        found = [(known, _likeness(stem, known, counts[known])) for known in likeliest]
        best = max((likeness for _, likeness in found), default=0.0)
        return tuple((k, likeness) for k, likeness in found if likeness >= max(NEAR_ENOUGH, best * 0.95))


def _sum(found: list[float]) -> float:
    best = max(found)
    return best + OTHER_PHRASES_SHARE * min(best * 2, sum(found) - best)


@lru_cache(maxsize=20_000)
def triples(word: str) -> frozenset[str]:
    """The letter triples of a word with its edges marked."""
    padded = f"  {word} "
    return frozenset(padded[n : n + 3] for n in range(len(padded) - 2))


def _dice(shared: int, mine: frozenset[str], known: str) -> float:
    return 2 * shared / (len(mine) + len(triples(known)))


def _likeness(stem: str, known: str, shared: int) -> float:
    """Triples in common, or one letter wrong, missing, doubled or swapped in a word long enough."""
    likeness = _dice(shared, triples(stem), known)
    slips = distance(stem, known)
    if slips <= (1 if len(stem) < 7 else 2) and len(known) >= TYPO_CHARACTERS_MIN:  # noqa: PLR2004  # longer words bear two
        likeness = max(likeness, 1 - slips / len(stem))
    return likeness


def distance(one: str, other: str) -> int:
    """The fewest letters to change, add, drop or swap with a neighbour; more than 2 is 3."""
    if abs(len(one) - len(other)) > 2:  # noqa: PLR2004
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row, last = row, [i], before
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], 3)


def build(
    terms: Iterable[tuple[str, str]], *, common: Iterable[str] = (), silent: Iterable[str] = ()
) -> Lexicon:
    """A lexicon of (what people say, skill)."""
    quiet = frozenset(tokens.stem(word) for text in silent for word in tokens.words(text))
    worn = {stem for text in common for stem in tokens.stems(text)}
    said: dict[tuple[str, tuple[str, ...]], None] = {}
    for text, skill in terms:
        kept = tuple(dict.fromkeys(s for s in tokens.stems(text) if s not in quiet))
        if kept:
            said[skill, kept] = None
    weights = _weights(said, worn)
    phrases: dict[str, list[Phrase]] = defaultdict(list)
    for skill, kept in said:
        phrase = Phrase(skill, kept, sum(weights[stem] for stem in kept))
        for stem in kept:
            phrases[stem].append(phrase)
    index: dict[str, set[str]] = defaultdict(set)
    for stem in weights:
        for triple in triples(stem):
            index[triple].add(stem)
    return Lexicon(
        phrases={stem: tuple(found) for stem, found in phrases.items()},
        weights=weights,
        triples={triple: frozenset(found) for triple, found in index.items()},
        silent=quiet,
    )


def _weights(said: Iterable[tuple[str, tuple[str, ...]]], worn: set[str]) -> dict[str, float]:
    """What each stem tells: less, the more skills it belongs to; part of a phrase is part of belonging."""
    belongs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for skill, kept in said:
        share = 1 / max(1, sum(stem not in worn for stem in kept))
        for stem in kept:
            belongs[stem][skill] = max(belongs[stem][skill], share)
    return {
        stem: (COMMON_WEIGHT if stem in worn else 1.0) / (1 + math.log(max(1.0, sum(skills.values()))))
        for stem, skills in belongs.items()
    }
