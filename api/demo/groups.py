"""The village's groups: held weekly for two months by its organisations, one that is on now, ideas and rooms.

Nothing here names an illness or a service that would betray one. What must never happen: a person who
comes to a group before they joined, or after they left.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import NamedTuple

from api.demo.dice import ZONE, die, key_of, moment
from api.demo.stories import Story
from api.demo.town import VOICE_OF, Town
from exchange.activities import bookings, checking_in, moments, places, proposing, resources, sessions
from exchange.activities.proposing import Proposal
from exchange.membership.viewer import Viewer

WEEKS_MAX = 8
NEVER_COME = ("derek", "nell")
SETTLES_IN = timedelta(days=7)


class Held(NamedTuple):
    """Something weekly: `usual` is how many come; minutes earned or taken; places or none."""

    key: str
    host: str
    title: str
    weekday: int
    hour: int
    minutes: int
    earns: int
    costs: int
    limit: int | None
    usual: int
    lifts: str | None = None
    access: tuple[str, ...] = ()


HELD = (
    Held("table", "holm", "Setting the table, and lunch", 1, 11, 120, 60, 0, None, 6, "A minibus goes round.",
         ("Step-free", "A hearing loop")),
    Held("plants", "holm", "Watering the plants", 3, 10, 30, 30, 0, 6, 3),
    Held("yoga", "holm", "Yoga on chairs", 2, 10, 60, 0, 30, 12, 5, None, ("Step-free", "Chairs with arms")),
    Held("music", "holm", "Music appreciation", 4, 14, 90, 0, 30, None, 5, "Leon drives two people."),
    Held("swim", "quay", "A swimming lane", 0, 14, 60, 0, 60, 8, 4, None, ("A hoist",)),
    Held("garden", "garden", "Weeding and watering", 5, 10, 120, 120, 0, None, 5),
    Held("cinema", "cinema", "Afternoon picture", 1, 14, 120, 0, 60, 10, 3),
    Held("coffee", "clwb", "Welsh over coffee", 4, 11, 60, 0, 0, None, 4),
)  # fmt: skip
ABOUT = {
    "table": "Lay the long table together and stay for lunch.",
    "swim": "A lane of our own while it is quiet.",
    "coffee": "For beginners too. Dewch!",
}
LENT = (
    ("garden-room", "holm", "room", "The garden room", "Holm Road", 30),
    ("upstairs", "library", "room", "The room upstairs", "Lantern Street Library", 30),
    ("cleaner", "ferry", "equipment", "Carpet cleaner", "The Ferrybridge kitchen", 60),
    ("gazebo", "hall", "equipment", "Party tent", "St Teilo's Hall", 60),
)


def stories(town: Town, weeks: int, seed: str, at: datetime) -> Iterator[Story]:
    """Every group, what is on right now, what is lent, and an idea that waits for the coordinator."""
    weeks = min(WEEKS_MAX, weeks - 3)
    yield from (_holding(town, held, weeks, die(seed, f"group/{held.key}"), at) for held in HELD)
    yield _open_door(town, at)
    yield _lending(town, at)
    yield _idea(town, at)


async def _holding(town: Town, held: Held, weeks: int, rng: Random, at: datetime) -> Story:
    """Proposed by who speaks for the place, approved by a coordinator, and held each week since."""
    begins = moment(at, days_ago=7 * weeks, hour=8)
    yield begins
    voice, decider = _voice_and_decider(town, held.host)
    first = begins.astimezone(ZONE).date()
    first += timedelta(days=(held.weekday - first.weekday()) % 7)
    proposal = Proposal(
        activity_id=key_of(town.bank_id, "group", held.key),
        host_id=town.ids[held.host],
        title=held.title,
        location=_location(held.host),
        first_on=first,
        starts=time(held.hour),
        minutes=held.minutes,
        repeats="weekly",
        about=ABOUT.get(held.key),
        access=held.access,
        lifts=held.lifts,
        places=held.limit,
        companions_max=1,
        earns_minutes=held.earns,
        earns_from="host",
        costs_minutes=held.costs,
        costs_to="host",
    )
    await proposing.propose(town.session, voice, proposal, at=begins)
    await proposing.approve(town.session, decider, proposal.activity_id, at=begins)
    for week in range(weeks + 1):
        day = first + timedelta(days=7 * week)
        now = datetime.combine(day, time(held.hour, 10), tzinfo=ZONE).astimezone(at.tzinfo)
        if now + timedelta(minutes=held.minutes) > at:
            break
        yield now
        await _come(town, voice, proposal, held.usual, rng, now)
    yield at
    await _book_ahead(town, proposal, rng, at)


def _voice_and_decider(town: Town, host: str) -> tuple[Viewer, Viewer]:
    voice = town.viewers[VOICE_OF[host]]
    decider = town.coordinator(VOICE_OF[host])
    assert decider is not None
    return voice, decider


def _location(host: str) -> str:
    return {"holm": "Holm Road", "quay": "The Quayside pool", "garden": "Mill Lane"}.get(
        host, "Lantern Street"
    )


def _there(town: Town, now: datetime, *, but: Viewer) -> list[str]:
    """Who might come today."""
    return sorted(
        key
        for key, who in town.villagers.items()
        if who.joins_at + SETTLES_IN < now
        and (who.leaves_at is None or now + SETTLES_IN < who.leaves_at)
        and key not in NEVER_COME
        and town.ids[key] != but.member_id
    )


async def _come(
    town: Town, voice: Viewer, proposal: Proposal, usual: int, rng: Random, now: datetime
) -> None:
    able = _there(town, now, but=voice)
    keys = rng.sample(able, min(len(able), max(1, usual + rng.choice((-1, 0, 0, 1)))))
    await checking_in.tick(
        town.session,
        voice,
        sessions.key(proposal.activity_id, now.astimezone(ZONE).date()),
        [town.ids[key] for key in keys],
        way="roster",
        moment=moments.read(None, is_kept=False, at=now),
        at=now,
    )


async def _book_ahead(town: Town, proposal: Proposal, rng: Random, at: datetime) -> None:
    """The clock has written further sessions meanwhile; a few have said that they will come to the next."""
    await sessions.plan_due(town.session, town.bank_id, at=at)
    day = proposal.first_on
    today = at.astimezone(ZONE).date()
    while day <= today:
        day += timedelta(days=7)
    voice = town.viewers[VOICE_OF[_host_key(town, proposal)]]
    able = _there(town, at, but=voice)
    for key in rng.sample(able, min(len(able), 3)):
        await places.book(
            town.session,
            town.viewers[key],
            sessions.key(proposal.activity_id, day),
            place_id=key_of(town.bank_id, "place", proposal.title, key),
            at=at,
        )


def _host_key(town: Town, proposal: Proposal) -> str:
    return next(key for key in VOICE_OF if town.ids.get(key) == proposal.host_id)


async def _open_door(town: Town, at: datetime) -> Story:
    """Something that is on whenever the village is looked at, so that its poster can be tried."""
    yield at
    voice, decider = _voice_and_decider(town, "orchard")
    now = at.astimezone(ZONE)
    proposal = Proposal(
        activity_id=key_of(town.bank_id, "group", "open-door"),
        host_id=town.ids["orchard"],
        title="Open door, tea and cards",
        location="The Orchard Room",
        first_on=now.date(),
        starts=time(now.hour),
        minutes=240,
        earns_minutes=60,
        earns_from="host",
        companions_max=2,
    )
    await proposing.propose(town.session, voice, proposal, at=at)
    await proposing.approve(town.session, decider, proposal.activity_id, at=at)


async def _lending(town: Town, at: datetime) -> Story:
    """Rooms by the hour and things by the day, and one booking to come."""
    yield at
    for key, owner, kind, title, location, costs in LENT:
        offered = resources.Offer(
            resource_id=key_of(town.bank_id, "lent", key),
            owner_id=town.ids[owner],
            kind=kind,
            title=title,
            location=location,
            costs_minutes=costs,
            late_hours=24,
            late_keeps=True,
        )
        await resources.offer(town.session, town.viewers[VOICE_OF[owner]], offered, at=at)
    await bookings.book(
        town.session,
        town.viewers["bronwen"],
        key_of(town.bank_id, "lent", "cleaner"),
        booking_id=key_of(town.bank_id, "booking", "cleaner"),
        day=at.astimezone(ZONE).date() + timedelta(days=4),
        at=at,
    )


async def _idea(town: Town, at: datetime) -> Story:
    """A member's idea, on the coordinator's desk since this morning."""
    yield at
    soon = at.astimezone(ZONE).date() + timedelta(days=7)
    idea = Proposal(
        activity_id=key_of(town.bank_id, "group", "walk"),
        host_id=town.ids["olu"],
        title="Sunday walk by the water",
        location="The bench at Ferry Wharf",
        first_on=soon + timedelta(days=6 - soon.weekday()),
        starts=time(14),
        minutes=90,
        repeats="fortnightly",
        about="Slowly, with stops. Dogs welcome.",
        leader_ids=[town.ids["olu"]],
    )
    await proposing.propose(town.session, town.viewers["olu"], idea, at=at)
