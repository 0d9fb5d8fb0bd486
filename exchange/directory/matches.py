"""Who would be glad to help, or be helped: at most ten, each with its reasons, which both may hear.

Nobody has a score of their own: what is weighed is this ask on this day, and it is thrown away. Quiet and new
members rise, and who was asked often waits until others were. A person decides; nothing is sent from here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exchange.directory import areas, barriers, listings, taxonomy, times
from exchange.directory.candidates import Candidate, candidates
from exchange.directory.search import often_asked
from exchange.directory.tables import Listing
from exchange.directory.turns import ENOUGH_TIMES
from exchange.errors import NotFound, UnknownChoice
from exchange.membership import banks
from exchange.membership.viewer import Viewer
from exchange.permissions import may, require

MATCHES = 10
NEAR_METRES = 1500
QUIET = timedelta(days=60)
NEW = timedelta(days=60)
ASKED_WEIGHT = -0.8
OFFERS_LOOKED_AT = 5


REASONS = (
    "skill",
    "same_area",
    "near",
    "time",
    "at_home",
    "language",
    "access",
    "met",
    "interest",
    "new",
    "rested",
)
"""What may speak for a match; the doors have the words, in each language."""
REASON_CHARACTERS_MAX = 250


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a match: what kind (one of `REASONS`), and of what."""

    code: str
    of: str = ""
    """The skill, part of the week, language or need that it is about."""

    @property
    def written(self) -> str:
        """As one word, to be kept: `time:tue_morning`."""
        return f"{self.code}:{self.of}" if self.of else self.code

    @classmethod
    def read(cls, written: str) -> "Reason":
        """What `written` was.

        Raises:
            UnknownChoice: it is no reason of ours.
        """
        code, _, of = written.partition(":")
        if code not in REASONS or len(written) > REASON_CHARACTERS_MAX or not written.isprintable():
            raise UnknownChoice(field="reasons")
        if code in ("skill", "interest"):
            taxonomy.get(of)
        if code == "time" and of not in times.WEEK:
            raise UnknownChoice(field="reasons")
        return cls(code, of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Somebody to ask (for an ask), or somebody who asks (for an offer)."""

    listing_id: UUID
    party_id: UUID
    name: str | None
    """None when they did not choose to be in the directory and the viewer is no coordinator."""
    skill: str
    offers: bool
    """Whether they offer it; else they ask for it."""
    reasons: tuple[Reason, ...]
    """Why, the skill first; the doors say it in one sentence that could be read out to both."""
    to_check: tuple[str, ...] = ()
    """Access needs that nobody has said can be met: ask about them first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What a member might give and ask this week."""

    give: list[Match]
    ask: list[str]
    """Skills that people here often ask for, without those the member gives."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """The listing that is matched, and the day."""

    listing: Listing
    distances: dict[str, int]
    today: date


Weigher = Callable[[_Looked, Candidate], tuple[float, Reason] | None]


async def for_listing(
    session: AsyncSession, viewer: Viewer, listing_id: UUID, *, at: datetime, limit: int = MATCHES
) -> list[Match]:
    """For an ask, who could help; for an offer, who asks for it; best first, each with its reason.

    Raises:
        NotFound: no such listing, or none of the viewer's business.
        NotAllowed: somebody else's listing.
    """
    listing = await session.get(Listing, (viewer.bank_id, listing_id))
    if listing is None:
        raise NotFound
    relations = viewer.relations_to(listing.party_id)
    if not may(viewer.roles, "listing.match", relations):
        # Who may not even read it is told that there is none.
        await listings.get(session, viewer, listing_id)
        require(viewer.roles, "listing.match", relations)
    return await _matches(session, viewer, listing, at, limit)


async def _matches(
    session: AsyncSession, viewer: Viewer, listing: Listing, at: datetime, limit: int
) -> list[Match]:
    if listing.state != "open" or not listing.skills:
        return []
    bank = await banks.get(session, viewer.bank_id)
    looked = _Looked(
        listing,
        await areas.metres_from(session, viewer.bank_id, listing.small_area),
        banks.today(bank, at),
    )
    found = await candidates(session, listing, distances=looked.distances, day=looked.today, at=at)
    found = await barriers.fit(session, listing, found, day=looked.today)
    weighed = [_weigh(looked, candidate) for candidate in found if _fits(looked, candidate)]
    weighed.sort(key=lambda item: (item[1].asked_times >= ENOUGH_TIMES, -item[0]))
    chosen: dict[UUID, Match] = {}
    for _, candidate, reasons in weighed:
        if candidate.party_id not in chosen:
            chosen[candidate.party_id] = _match(viewer, looked, candidate, reasons)
    return list(chosen.values())[:limit]


def _fits(looked: _Looked, candidate: Candidate) -> bool:
    """The rules that need both listings: the reach of each, their own last day, a language that is needed."""
    if not _is_in_reach(looked, candidate):
        return False
    if candidate.ends_on is not None and candidate.ends_on < looked.today:
        return False
    return not looked.listing.languages or bool(_shared_languages(looked, candidate))


def _is_in_reach(looked: _Looked, candidate: Candidate) -> bool:
    """Neither further than they would go; 'only here' holds where nobody knows how far it is, too."""
    here, there = looked.listing.small_area, candidate.small_area
    if here is not None and here == there:
        return True
    if (here and looked.listing.radius_metres == 0) or (there and candidate.radius_metres == 0):
        return False
    metres = looked.distances.get(there or "")
    return metres is None or candidate.radius_metres is None or metres <= candidate.radius_metres


def _shared_languages(looked: _Looked, candidate: Candidate) -> list[str]:
    theirs = {*candidate.languages, candidate.language}
    return [code for code in looked.listing.languages if code in theirs]


def _weigh(looked: _Looked, candidate: Candidate) -> tuple[float, Candidate, tuple[Reason, ...]]:
    found = [weighed for weigher in WEIGHERS if (weighed := weigher(looked, candidate))]
    total = sum(weight for weight, _ in found) + ASKED_WEIGHT * candidate.asked_times
    return total, candidate, tuple(reason for _, reason in found)


def _near(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    if looked.listing.small_area is None or candidate.small_area is None:
        return None
    if candidate.small_area == looked.listing.small_area:
        return 2.0, Reason("same_area", candidate.small_area)
    metres = looked.distances.get(candidate.small_area)
    return (1.5, Reason("near")) if metres is not None and metres <= NEAR_METRES else None


def _time(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    shared = times.words(looked.listing.times & candidate.times)
    return (1.0, Reason("time", shared[0])) if shared else None


def _at_home(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    return (0.5, Reason("at_home")) if looked.listing.is_at_home and candidate.is_at_home else None


def _language(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    shared = [code for code in _shared_languages(looked, candidate) if code != "en"]
    return (1.0, Reason("language", shared[0])) if shared else None


def _access(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    needed, provided = _access_sides(looked, candidate)
    return (1.5, Reason("access", ",".join(needed))) if needed and set(needed) <= set(provided) else None


def _access_sides(looked: _Looked, candidate: Candidate) -> tuple[list[str], list[str]]:
    """(what is needed, what can be provided for), whichever side asks."""
    ours, theirs = looked.listing.access, candidate.access
    return (ours, theirs) if looked.listing.kind == "request" else (theirs, ours)


def _met(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    del looked
    return (1.0, Reason("met")) if candidate.have_met else None


def _interest(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    del looked
    shared = sorted(candidate.shared_interests)
    return (0.4 * min(2, len(shared)), Reason("interest", shared[0])) if shared else None


def _rested(looked: _Looked, candidate: Candidate) -> tuple[float, Reason] | None:
    """Quiet and new members rise."""
    if candidate.asked_times:
        return None
    if candidate.joined_on is not None and candidate.joined_on >= looked.today - NEW:
        return 1.2, Reason("new")
    is_quiet = candidate.last_gave_on is None or candidate.last_gave_on < looked.today - QUIET
    return (1.0, Reason("rested")) if is_quiet else None


WEIGHERS: Sequence[Weigher] = (_near, _time, _at_home, _language, _access, _met, _interest, _rested)


def _match(viewer: Viewer, looked: _Looked, candidate: Candidate, reasons: tuple[Reason, ...]) -> Match:
    is_named = viewer.is_staff or candidate.party_kind != "member" or bool(candidate.is_listed)
    name = candidate.name if is_named else None
    needed, provided = _access_sides(looked, candidate)
    return Match(
        listing_id=candidate.listing_id,
        party_id=candidate.party_id,
        name=name,
        skill=candidate.skill,
        offers=looked.listing.kind == "request",
        reasons=(Reason("skill", candidate.skill), *reasons),
        to_check=tuple(need for need in needed if need not in provided),
    )


async def for_party(session: AsyncSession, viewer: Viewer, party_id: UUID, *, at: datetime) -> Week:
    """What this member or organisation might give and ask this week.

    Raises:
        NotAllowed: somebody else's week.
    """
    require(viewer.roles, "listing.match", viewer.relations_to(party_id))
    mine = await listings.find(session, viewer, kind="offer", party_id=party_id, limit=OFFERS_LOOKED_AT)
    if party_id not in viewer.party_ids and not viewer.is_staff:
        raise NotFound
    given = {skill for view in mine for skill in view.listing.skills}
    give: dict[UUID, Match] = {}
    for view in mine:
        for match in await _matches(session, viewer, view.listing, at, MATCHES):
            give.setdefault(match.listing_id, match)
    often = await often_asked(session, viewer, limit=MATCHES)
    return Week(give=list(give.values())[:MATCHES], ask=[skill for skill in often if skill not in given])
