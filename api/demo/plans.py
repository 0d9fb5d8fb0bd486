"""Two years of hours as they will be told: who gave whom what, when, and what becomes of it.

Groups more than pairs, a few people far more than most. Pure planning: nothing here touches a database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from api.demo.dice import ZONE, die
from api.demo.people import Villager
from api.demo.places import FAVOURS, NOTES, PLACES, SESSIONS, Session

PAIRS_A_WEEK = 7.0
FIRST_WEEKS_SHARE = 0.3
"""How busy the first week is beside the last."""
LOW_MINUTES = -240
"""Nobody plans to ask for more when they have had this much more than they gave."""
SETTLED = ("grace", "tom", "josie")
"""Those whom newcomers sign in as: nothing of theirs waits for an answer."""
NEVER = ("derek",)
SETTLED_DAYS = 3
SETTLES_IN = timedelta(days=3)
STAYS = timedelta(days=30)

FATES = {
    "ordinary": 0.945,
    "amended": 0.015,
    "declined": 0.009,
    "withdrawn": 0.009,
    "unanswered": 0.007,
    "dismissed": 0.005,
    "upheld": 0.004,
    "reversed": 0.004,
    "refused": 0.002,
}
"""What becomes of an hour that was told, and how often."""

DELAYS_HOURS = ((0.55, 0.2, 4.0), (0.30, 14.0, 26.0), (0.11, 30.0, 90.0), (0.04, 110.0, 150.0))
"""How soon the other side says yes: share, and between how many hours."""


@dataclass(frozen=True, slots=True)
class HourPlan:
    """One hour as it will be told. Parties are keys of villagers or places."""

    key: str
    giver: str
    receiver: str
    minutes: int
    skill: str
    told_at: datetime
    answered_at: datetime
    is_told_by_giver: bool = True
    is_at_home: bool = False
    note: str | None = None
    fate: str = "ordinary"

    @property
    def teller(self) -> str:
        return self.giver if self.is_told_by_giver else self.receiver

    @property
    def other(self) -> str:
        return self.receiver if self.is_told_by_giver else self.giver


class Planner:
    """Draws hours week by week, and keeps in mind about how much everybody has had."""

    def __init__(self, seed: str, people: Sequence[Villager], opens_at: datetime, at: datetime) -> None:
        self.rng = die(seed, "hours")
        self.opens_at, self.at = opens_at, at
        self.people = [p for p in people if p.energy > 0 and p.key not in NEVER]
        self.minutes = dict.fromkeys((p.key for p in people), 0)
        self.voice_of = {place.key: place.voice for place in PLACES}
        self.size = len(people) / 120
        self.count = 0

    def hours(self) -> Iterator[HourPlan]:
        """Every hour of every week, the last week ending at `at`."""
        weeks = max(1, (self.at - self.opens_at).days // 7)
        for week in range(weeks):
            begins_at = self.at - timedelta(weeks=weeks - week)
            busy = FIRST_WEEKS_SHARE + (1 - FIRST_WEEKS_SHARE) * week / weeks
            present = [p for p in self.people if _is_there(p, begins_at)]
            if len(present) > 1:
                yield from self._week(begins_at, busy * self.size, present)

    def _week(self, begins_at: datetime, busy: float, present: list[Villager]) -> Iterator[HourPlan]:
        for number, session in enumerate(SESSIONS):
            for who in self._attending(number, session, _about(self.rng, session.usual * busy), present):
                yield self._attendance(session, who, _weekday(begins_at, session.weekday, session.hour))
        for _ in range(_about(self.rng, PAIRS_A_WEEK * busy)):
            yield from self._favour(begins_at, present)

    def _attending(
        self, number: int, session: Session, count: int, present: list[Villager]
    ) -> list[Villager]:
        able = [p for p in present if p.key != self.voice_of[session.place]]
        if session.way == "receive":
            able = [p for p in able if self.minutes[p.key] > LOW_MINUTES]
        weights = [p.energy * (8.0 if number in p.favourites else 1.0) for p in able]
        return _several(self.rng, able, weights, count)

    def _attendance(self, session: Session, who: Villager, done_at: datetime) -> HourPlan:
        gives = session.way == "give"
        self._count(who.key, session.minutes if gives else -session.minutes)
        return self._plan(
            giver=who.key if gives else session.place,
            receiver=session.place if gives else who.key,
            minutes=session.minutes,
            skill=session.skill,
            done_at=done_at + timedelta(minutes=session.minutes),
            is_told_by_giver=self.rng.random() < (0.75 if gives else 0.6),
        )

    def _favour(self, begins_at: datetime, present: list[Villager]) -> Iterator[HourPlan]:
        receivers = [p for p in present if self.minutes[p.key] > LOW_MINUTES]
        drawn = _several(self.rng, receivers, [p.energy for p in receivers], 1)
        givers = [p for p in present if p not in drawn]
        if not drawn or not givers:
            return
        giver = _several(self.rng, givers, [p.energy for p in givers], 1)[0]
        favour = self.rng.choice(FAVOURS)
        minutes = self.rng.choice(favour.minutes)
        self._count(giver.key, minutes)
        self._count(drawn[0].key, -minutes)
        yield self._plan(
            giver=giver.key,
            receiver=drawn[0].key,
            minutes=minutes,
            skill=favour.skill,
            done_at=_weekday(begins_at, self.rng.randrange(7), self.rng.randrange(9, 18)),
            is_told_by_giver=self.rng.random() < 0.7,  # noqa: PLR2004  # most of those who give tell
            is_at_home=favour.is_at_home,
        )

    def _count(self, key: str, minutes: int) -> None:
        self.minutes[key] += minutes

    def _plan(self, *, done_at: datetime, giver: str, receiver: str, **more: object) -> HourPlan:
        self.count += 1
        told_at = done_at + timedelta(minutes=self.rng.randrange(5, 240))
        settled = giver in SETTLED or receiver in SETTLED
        plan = HourPlan(
            key=f"hours/{self.count}",
            giver=giver,
            receiver=receiver,
            told_at=told_at,
            answered_at=told_at + _delay(self.rng, is_prompt=settled),
            note=self.rng.choice(NOTES) if self.rng.random() < 0.08 else None,  # noqa: PLR2004  # a few
            fate=self.rng.choices(list(FATES), weights=list(FATES.values()))[0],
            **more,  # type: ignore[arg-type]
        )
        return _as_settled(plan) if settled else plan

    def is_kept(self, plan: HourPlan) -> bool:
        """Whether it is past, and leaves nothing open for those whom newcomers sign in as."""
        settled = plan.giver in SETTLED or plan.receiver in SETTLED
        latest = self.at - timedelta(days=SETTLED_DAYS) if settled else self.at
        return plan.told_at < latest


def _is_there(who: Villager, begins_at: datetime) -> bool:
    """Whether somebody has settled in by that week, and stays long enough to answer for it."""
    stays = who.leaves_at is None or begins_at + STAYS < who.leaves_at
    return who.joins_at + SETTLES_IN < begins_at and stays


def _as_settled(plan: HourPlan) -> HourPlan:
    values = {name: getattr(plan, name) for name in HourPlan.__dataclass_fields__}
    return HourPlan(**{**values, "fate": "ordinary", "is_at_home": False, "minutes": min(plan.minutes, 120)})


def _weekday(begins_at: datetime, weekday: int, hour: int) -> datetime:
    """That weekday and hour within the seven days from `begins_at`."""
    local = begins_at.astimezone(ZONE)
    day = local + timedelta(days=(weekday - local.weekday()) % 7)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(begins_at.tzinfo)


def _about(rng: Random, mean: float) -> int:
    """A whole number that is `mean` on average."""
    return int(mean) + (rng.random() < mean % 1) + rng.choice((-1, 0, 0, 1) if mean >= 2 else (0,))  # noqa: PLR2004


def _several(rng: Random, people: list[Villager], weights: list[float], count: int) -> list[Villager]:
    """At most `count` different people, the energetic more often."""
    keyed = [(rng.random() ** (1 / weight), number) for number, weight in enumerate(weights)]
    return [people[number] for _, number in sorted(keyed, reverse=True)[:count]]


def _delay(rng: Random, *, is_prompt: bool) -> timedelta:
    _, low, high = rng.choices(DELAYS_HOURS, weights=[share for share, _, _ in DELAYS_HOURS])[0]
    return timedelta(minutes=30) if is_prompt else timedelta(hours=rng.uniform(low, high))
