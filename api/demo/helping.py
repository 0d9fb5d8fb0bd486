"""What the village offers and asks, in people's own words, and the help that is arranged right now.

Nobody whom a newcomer may sign in as waits for anything here: a first YES by text must mean the first hour.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.dice import key_of, moment
from api.demo.stories import Story
from api.demo.town import VOICE_OF, Town
from exchange.appointments import steps
from exchange.appointments.ask import Helper, NewAppointment, ask
from exchange.directory import areas, listings
from exchange.directory.drafts import NewListing
from exchange.hours import verbs
from exchange.membership.tables import Member

HOUR = timedelta(hours=1)
PLACES_ON_EARTH = {
    "Lantern Street": (51.4471, -0.0189),
    "Ferry Wharf": (51.4532, -0.0141),
    "Chapel Rise": (51.4440, -0.0260),
    "Mill Lane": (51.4409, -0.0127),
    "Station Terrace": (51.4506, -0.0246),
    "Orchard Walk": (51.4353, -0.0205),
}
"""Where the village's streets lie, so that near and far can be told."""

OFFERS: tuple[tuple[str, str, str], ...] = (
    # who, in their words, when
    ("grace", "Filling in forms and writing letters with you", "mornings"),
    ("grace", "Cooking together, Nigerian food", "weekend"),
    ("tom", "I change light bulbs and fix a shelf", "weekdays"),
    ("tom", "Mending bicycles, punctures and brakes", ""),
    ("bronwen", "Welsh conversation for beginners", "evenings"),
    ("bronwen", "Walking dogs, also early", "mornings"),
    ("olu", "Carrying and moving boxes, I am strong", ""),
    ("olu", "Changing bulbs, batteries in smoke alarms", "tue"),
    ("bea", "Sewing and mending clothes", ""),
    ("bea", "Teaching Portuguese", "evenings"),
    ("rafiq", "Help with a mobile or a tablet", "weekend"),
    ("hari", "A game of chess or cards", "afternoons"),
    ("uma", "Cooking Gujarati food", ""),
    ("winston", "Growing vegetables, advice on an allotment", "mornings"),
    ("frank", "Small repairs, bulbs and door hinges", ""),
    ("joan", "A friendly phone call in the evening", "evenings"),
    ("edith", "Knitting, I can teach you", "afternoons"),
    ("sian", "Singing, I lead a small choir", "evenings"),
    ("farida", "Interpreting Bengali and English", "weekdays"),
    ("leon", "Guitar for beginners", "weekend"),
    ("stan", "Reading aloud in Polish or English", ""),
    ("library", "A quiet room for a small group", "weekdays"),
    ("garden", "A raised bed to grow food in", ""),
)
ASKS: tuple[tuple[str, str, str], ...] = (
    ("grace", "Somebody to look at my bike brakes", "weekend"),
    ("tom", "A few words of Welsh for my grandson", "evenings"),
    ("bronwen", "Help carrying a cupboard downstairs", ""),
    ("olu", "My jacket needs a new zip", ""),
    ("bea", "Show me how to make a video call", "weekend"),
    ("rafiq", "English conversation for my job", "evenings"),
    ("edith", "The bulb in my hall has gone and I can't reach", "mornings"),
    ("megan", "Company on a short walk", "mornings"),
    ("winston", "Mend the lining of my coat", ""),
    ("hari", "Fill in a form with me", "weekdays"),
    ("uma", "Guitar lessons", "weekend"),
    ("farida", "Somebody to walk our dog on Fridays", "fri"),
    ("stan", "Help with my new telephone", ""),
    ("joan", "Hang two pictures", "afternoons"),
    ("frank", "A chess partner", ""),
    ("leon", "Interpreting for a letter in Bengali", ""),
    ("nell", "Grow tomatoes on a balcony", ""),
    ("derek", "Somebody to phone me now and then", "evenings"),
    ("larder", "Two people to sort tins on Thursdays", "thu"),
)
WITH_A_LOOK = (
    ("olu", "offer", "A lift in my van to the tip"),
    ("megan", "request", "A lift to the hospital"),
)
"""These wait for the coordinator, who looks first."""

ARRANGED: tuple[tuple[str, str, tuple[str, ...], float, str], ...] = (
    # who is helped, with what, who was asked, in how many days, how it stands
    ("grace", "bike_repair", ("tom",), -16, "happened"),
    ("edith", "light_bulbs", ("frank", "olu"), 2, "asked"),
    ("winston", "sewing_mending", ("bea",), -9, "happened"),
    ("bronwen", "hauling", ("olu",), 3, "agreed"),
    ("uma", "guitar", ("leon",), 5, "agreed"),
    ("stan", "phone_tablet_help", ("rafiq",), -1, "silent"),
    ("joan", "pictures_and_curtains", ("frank",), 4, "refused"),
    ("frank", "games", ("hari",), -3, "missed"),
)


def stories(town: Town, at: datetime) -> Iterator[Story]:
    """Every offer and ask of people who are there, the streets, and what is arranged."""
    yield _streets(town, moment(at, days_ago=45, hour=9))
    said = [(who, "offer", words, when) for who, words, when in OFFERS]
    said += [(who, "request", words, when) for who, words, when in ASKS]
    said += [(who, kind, words, "") for who, kind, words in WITH_A_LOOK]
    for number, (who, kind, words, when) in enumerate(said):
        yield _saying(
            town, who, kind, words, when, moment(at, days_ago=22 - number % 20, hour=10, minute=number)
        )
    for number, plan in enumerate(ARRANGED):
        yield _arranging(town, at, number, *plan)


async def _streets(town: Town, at: datetime) -> Story:
    yield at
    await areas.put(town.session, town.viewers["ruth"], PLACES_ON_EARTH)


async def _saying(town: Town, who: str, kind: str, words: str, when: str, at: datetime) -> Story:
    """Somebody says what they could do or would like; the desk writes it down for those told by voice."""
    yield at
    if who not in town.ids:
        return  # the village is young, and they have not come yet
    party_id = town.ids[who]
    member = await town.session.get(Member, (town.bank_id, party_id))
    draft = NewListing(
        kind="offer" if kind == "offer" else "request",
        description=words,
        small_area=member.small_area if member else None,
        times=[when] if when else [],
        is_at_home="my hall" in words or "pictures" in words,
        on_behalf_of=None if not _is_spoken_for(town, who) else party_id,
    )
    listing_id = listing_key(town.bank_id, who, words)
    await listings.create(town.session, town.speaker(who), draft, listing_id=listing_id, at=at)


def _is_spoken_for(town: Town, who: str) -> bool:
    return who in VOICE_OF or town.is_spoken_for(who)


def listing_key(bank_id: UUID, who: str, words: str) -> UUID:
    """The id of what somebody said."""
    return key_of(bank_id, "listing", who, words)


async def _arranging(
    town: Town,
    at: datetime,
    number: int,
    helped: str,
    skill: str,
    asked: tuple[str, ...],
    days: float,
    stands: str,
) -> Story:
    """Asked by the one who is helped or by the desk, answered, and perhaps over."""
    asked_at = moment(at, days_ago=max(0.0, -days) + 1.5, hour=11, minute=number)
    yield asked_at
    if not {helped, *asked} <= town.ids.keys():
        return
    starts_at = moment_ahead(at, days)
    made = await ask(
        town.session,
        town.speaker(helped, helped, *asked),
        NewAppointment(
            appointment_id=key_of(town.bank_id, "appointment", number),
            helpers=[Helper(party_id=town.ids[who], reasons=(f"skill:{skill}",)) for who in asked],
            minutes=45,
            starts_at=starts_at,
            skill=skill,
            is_at_home=skill in ("light_bulbs", "pictures_and_curtains"),
            on_behalf_of=town.ids[helped],
        ),
        at=asked_at,
    )
    if stands == "asked":
        return
    said_at = asked_at + timedelta(hours=2)
    yield said_at
    key, helper = made.appointment_id, town.viewers[asked[0]]
    if stands == "refused":
        await steps.decline(town.session, helper, key, reason="I am away that week", at=said_at)
        return
    await steps.agree(town.session, helper, key, at=said_at)
    over_at = starts_at + timedelta(hours=3)
    if stands in ("happened", "missed"):
        yield over_at
        await (_happened if stands == "happened" else _missed)(town, key, asked[0], helped, over_at)


async def _happened(town: Town, key: UUID, helper: str, helped: str, at: datetime) -> None:
    """The helper tells the hour, the other says yes, and a coordinator looks where a rule asks."""
    made = await steps.happened(town.session, town.viewers[helper], key, at=at)
    assert made.hours_id is not None
    hours = await verbs.confirm(town.session, town.viewers[helped], made.hours_id, at=at + HOUR)
    coordinator = town.coordinator(helper, helped)
    if hours.state == "awaiting_approval" and coordinator is not None:
        await verbs.approve(town.session, coordinator, made.hours_id, floor="raise", at=at + 2 * HOUR)


async def _missed(town: Town, key: UUID, helper: str, helped: str, at: datetime) -> None:
    del helper
    await steps.did_not_happen(
        town.session, town.viewers[helped], key, reason="We each waited somewhere else", at=at
    )


def moment_ahead(at: datetime, days: float) -> datetime:
    """Eleven in the morning, some days after (or before) `at`."""
    return (at + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
