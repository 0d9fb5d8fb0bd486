"""Who lives in the village: the cast, and a crowd drawn to make it the wanted size.

Most of the crowd are quiet and a few are very active, as in real time banks. Pure planning: nothing here
touches a database.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from api.demo.cast import ASKING, CAST, CROWD, Part
from api.demo.dice import ZONE, die, key_of
from api.demo.places import AGE_BANDS, NEEDS, SESSIONS, SOURCES, STREETS
from exchange.membership.contacts import ContactDraft
from exchange.membership.members import NewMember

QUIET_SHARE = 0.18
"""Members who joined and never exchanged."""
NEEDS_SHARE = 0.12
LISTED_SHARE = 0.85
SAID_SHARE = 0.5
"""Members who said something about themselves for the totals."""
ENERGY_MAX = 14.0
FAVOURITES_MAX = 3
MOBILES = "07700 900"
LANDLINES = "020 7946 0"
FOUNDING_DAYS = 70
"""Days after the opening within which the first of the crowd come."""
EARLY_SHARE = 0.35
LEAVING = ("left", "paused", "left", "deceased", "paused", "left", "paused", "left")
"""How some go; in a village of 120, all of these."""
LEAVERS_STAY_DAYS = 200
SHARED_MOBILE = f"{MOBILES}090"
REACHES_OF_CROWD = ("mobile", "landline", "post", "email")
REACH_WEIGHTS = (0.74, 0.12, 0.06, 0.08)
CAST_MOBILES = 100
CROWD_MOBILES = 200


@dataclass(frozen=True, slots=True)
class Villager:
    """A planned member: what is written down about them, when, and how often they take part."""

    key: str
    member_id: UUID
    draft: NewMember
    joins_at: datetime
    role: str = ""
    energy: float = 1.0
    """How often they take part, beside others; 0 for those who never do."""
    favourites: tuple[int, ...] = field(default_factory=tuple)
    """Places in the table of sessions that they go to."""
    leaves_at: datetime | None = None
    leaves_as: str = ""

    @property
    def asks_first(self) -> bool:
        """Came by the public page; the others were signed up at a table."""
        return not self.role and not self.says_it_by_voice and self.member_id.int % 5 == 0

    @property
    def says_it_by_voice(self) -> bool:
        """Somebody at the desk tells and confirms for them."""
        return self.draft.preferred_channel in ("call", "letter")


def villagers(seed: str, bank_id: UUID, people: int, opens_at: datetime, at: datetime) -> list[Villager]:
    """The cast first, then a crowd until there are `people` of them (never fewer than the cast)."""
    rng = die(seed, "people")
    found = [_cast_member(rng, bank_id, part, number, opens_at) for number, part in enumerate(CAST)]
    latest = at - timedelta(days=min(21.0, (at - opens_at).days / 3))
    wanted = people - len(CAST) - len(ASKING)
    for number, (name, full_name, language) in zip(range(wanted), _crowd_names(rng), strict=False):
        joins_at = _joining(rng, opens_at, latest)
        part = Part(f"crowd-{number}", name, full_name, language, _reach(rng), "", _energy(rng))
        found.append(_villager(rng, bank_id, part, CROWD_MOBILES + number, joins_at))
    return _some_leave(rng, found, at)


def _some_leave(rng: Random, people: list[Villager], at: datetime) -> list[Villager]:
    """A few of the crowd who came early are paused, departed or have died since."""
    early = [p for p in people[len(CAST) :] if p.joins_at < at - timedelta(days=LEAVERS_STAY_DAYS)]
    leavers = rng.sample(early, k=min(len(early), len(LEAVING) * len(people) // 120))
    by_key = {
        who.key: replace(who, leaves_at=at - timedelta(days=rng.randrange(4, 90)), leaves_as=status)
        for who, status in zip(leavers, LEAVING, strict=False)
    }
    return [by_key.get(p.key, p) for p in people]


def asking(seed: str, bank_id: UUID, at: datetime) -> list[tuple[datetime, UUID, NewMember]]:
    """People who asked to join lately: when, with which id, and what they wrote."""
    rng = die(seed, "asking")
    return [
        (
            at - timedelta(days=number + 1, hours=rng.randrange(8)),
            key_of(bank_id, "asking", number),
            NewMember(
                name=name,
                full_name=full_name,
                language=language,
                contacts=[ContactDraft(value=f"{MOBILES}{80 + number:03d}")],
                is_adult=True,
                source="self",
            ),
        )
        for number, (name, full_name, language) in enumerate(ASKING)
    ]


def _cast_member(rng: Random, bank_id: UUID, part: Part, number: int, opens_at: datetime) -> Villager:
    joins_at = opens_at + timedelta(days=1 + number // 4, hours=1, minutes=7 * number)
    return _villager(rng, bank_id, part, CAST_MOBILES + number, joins_at)


def _villager(rng: Random, bank_id: UUID, part: Part, number: int, joins_at: datetime) -> Villager:
    street = rng.choice(STREETS)
    address = f"{rng.randrange(1, 120)} {street}"
    contacts = _contacts(part, number, address)
    draft = NewMember(
        name=part.name,
        full_name=part.full_name,
        language=part.language,
        contacts=contacts,
        preferred_channel={"landline": "call", "voice": "call", "post": "letter", "email": "email"}.get(
            part.reach, "sms"
        ),
        is_adult=True,
        source=rng.choice(SOURCES),
        address=address,
        small_area=street,
        access_needs=rng.choice(NEEDS) if rng.random() < NEEDS_SHARE else None,
        is_listed=part.reach != "discreet" and rng.random() < LISTED_SHARE,
        characteristics=_characteristics(rng),
    )
    favourites = tuple(rng.sample(range(len(SESSIONS)), k=rng.randint(1, FAVOURITES_MAX)))
    return Villager(
        key=part.key,
        member_id=key_of(bank_id, "member", part.key),
        draft=draft,
        joins_at=joins_at,
        role=part.role,
        energy=part.energy,
        favourites=favourites,
    )


def _contacts(part: Part, number: int, address: str) -> list[ContactDraft]:
    mobile = f"{MOBILES}{number:03d}"
    by_reach = {
        "landline": ContactDraft(value=f"{LANDLINES}{number:03d}", may_leave_voicemail=number % 2 == 0),
        "post": ContactDraft(value=address, kind="post"),
        "email": ContactDraft(value=f"{part.full_name.lower().replace(' ', '.')}@example.org"),
        "shared": ContactDraft(value=SHARED_MOBILE),
        "voice": ContactDraft(value=mobile, may_write=False, safe_from=time(10), safe_until=time(16)),
        "discreet": ContactDraft(
            value=mobile, is_discreet=True, may_post=False, safe_from=time(9, 30), safe_until=time(14, 30)
        ),
    }
    return [by_reach.get(part.reach, ContactDraft(value=mobile))]


def _characteristics(rng: Random) -> dict[str, str]:
    """Half of them chose to say something."""
    said = {
        "age_band": rng.choice(AGE_BANDS),
        "ethnicity": rng.choice(("White", "Black", "Asian", "Mixed", "Other")),
        "disability": rng.choice(("yes", "no", "no")),
    }
    return said if rng.random() < SAID_SHARE else {}


def _crowd_names(rng: Random) -> Iterator[tuple[str, str, str]]:
    """Names nobody else has, in the shares of their communities; ends when all are used."""
    left = [(community, community.pairs()) for community in CROWD]
    for _, pairs in left:
        rng.shuffle(pairs)
    used = {part.name for part in CAST}
    while any(pairs for _, pairs in left):
        community, pairs = rng.choices(left, weights=[c.share if p else 0 for c, p in left])[0]
        given, family = pairs.pop()
        name = given if given not in used else f"{given} {family[0]}."
        used.add(given)
        yield name, f"{given} {family}", community.language


def _joining(rng: Random, opens_at: datetime, latest: datetime) -> datetime:
    span_days = max(2, (latest - opens_at).days)
    early = rng.random() < EARLY_SHARE
    day = rng.randrange(1, min(FOUNDING_DAYS, span_days)) if early else rng.randrange(1, span_days)
    local = (opens_at + timedelta(days=day)).astimezone(ZONE)
    return local.replace(hour=rng.randrange(10, 17), minute=rng.randrange(60)).astimezone(opens_at.tzinfo)


def _energy(rng: Random) -> float:
    if rng.random() < QUIET_SHARE:
        return 0.0
    return min(ENERGY_MAX, 0.35 * rng.paretovariate(1.05))


def _reach(rng: Random) -> str:
    return rng.choices(REACHES_OF_CROWD, weights=REACH_WEIGHTS)[0]
