"""What waits in the village right now: one of everything that a coordinator's day may bring."""

from datetime import datetime, timedelta

from api.demo.dice import die, moment
from api.demo.people import Villager
from api.demo.plans import HourPlan

OPEN: tuple[tuple[str, str, int, str, float, float, str, bool], ...] = (
    # giver, receiver, minutes, what, told days ago, answered days ago, fate, told by giver
    ("grace", "tom", 60, "Form filling", 33, 33, "ordinary", True),
    ("tom", "grace", 45, "Bicycle repair", 19, 19, "ordinary", True),
    ("grace", "tom", 90, "Cooking together", 8, 8, "ordinary", False),
    ("olu", "derek", 110, "Moving boxes", 34, 34, "ordinary", True),
    ("bea", "derek", 110, "Cooking together", 30, 30, "ordinary", True),
    ("bronwen", "derek", 110, "Painting a fence", 24, 24, "ordinary", True),
    ("sian", "derek", 110, "Painting a fence", 17, 17, "ordinary", True),
    ("olu", "derek", 110, "Painting a fence", 11, 11, "ordinary", True),
    ("bea", "derek", 90, "Cooking together", 1.4, 1.1, "unlooked", True),
    ("olu", "bea", 150, "Gardening", 1.6, 0.9, "unlooked", True),
    ("josie", "ruth", 150, "Folding the newsletter", 2.2, 1.8, "unlooked", True),
    ("hari", "edith", 60, "Help with a telephone", 10, 99, "silent", True),
    ("uma", "bronwen", 45, "Language practice", 8.5, 99, "silent", True),
    ("olu", "farida", 60, "Company on a walk", 1.5, 99, "silent", True),
    ("bea", "megan", 30, "Letters and parcels to the post", 1.2, 99, "silent", True),
    ("winston", "stan", 45, "Form filling", 1.8, 99, "silent", True),
    ("rafiq", "holm", 60, "Setting the table", 1.1, 99, "silent", True),
    ("library", "bronwen", 90, "Local history talk", 0.9, 99, "silent", True),
    ("olu", "hari", 60, "Bicycle repair", 5.2, 5.0, "disputed", True),
    ("bea", "frank", 60, "Sewing and mending", 1.9, 1.0, "contested", True),
    ("bronwen", "sian", 60, "Dog walking", 1.3, 0.6, "amended_open", True),
)
"""Hours of the last weeks that stories depend on, and those that are open now."""


def open_hours(at: datetime) -> list[HourPlan]:
    """The table above as plans that end at `at`."""
    found = []
    for number, (giver, receiver, minutes, what, told, answered, fate, by_giver) in enumerate(OPEN):
        told_at = moment(at, days_ago=told, hour=15, minute=number)
        answered_at = moment(at, days_ago=answered, hour=18) if answered <= told else at
        found.append(
            HourPlan(
                key=f"today/{number}",
                giver=giver,
                receiver=receiver,
                minutes=minutes,
                skill=what,
                told_at=told_at,
                answered_at=max(answered_at, told_at + timedelta(minutes=40)),
                is_told_by_giver=by_giver,
                fate="amended" if fate == "amended_open" else fate,
            )
        )
    return found


GIVERS = ("holm", "quay", "library", "ferry", "garden", "larder")
GIFT_NOTES = (
    "For whoever needs it most.",
    "Happy birthday!",
    "Thank you for the spring fair.",
    "From us all.",
)
POT_NOTE = "A hard week; the street helps."
FIRST_POT_MINUTES = 1200
GIFT_EVERY_DAYS = 12


def gift_plans(
    seed: str, people: list[Villager], opens_at: datetime, at: datetime
) -> list[tuple[datetime, str, str, str, int, str]]:
    """Gifts through the years: organisations fill the pot, people pass hours on, the pot helps."""
    rng = die(seed, "gifts")
    first = opens_at + timedelta(days=8)
    plans = [
        (
            first + timedelta(hours=number),
            f"gift/pot/{number}",
            giver,
            "pot",
            FIRST_POT_MINUTES,
            GIFT_NOTES[3],
        )
        for number, giver in enumerate(GIVERS)
    ]
    able = [p for p in people if p.energy >= 1 and p.leaves_at is None]
    weights = [p.energy for p in able]
    for number in range(max(1, (at - opens_at).days // GIFT_EVERY_DAYS)):
        given_at = first + timedelta(days=3 + number * GIFT_EVERY_DAYS, hours=rng.randrange(7))
        present = [
            w if p.joins_at + timedelta(days=30) < given_at else 0 for p, w in zip(able, weights, strict=True)
        ]
        if given_at >= at or not any(present):
            continue
        giver = rng.choices(able, weights=present)[0].key
        to = rng.choices(able, weights=[bool(w) for w in present])[0].key
        way = rng.choice((("pot", to), (giver, "pot"), (giver, to), (giver, to)))
        if way[0] != way[1]:
            note = POT_NOTE if way[0] == "pot" else rng.choice(GIFT_NOTES)
            plans.append((given_at, f"gift/{number}", *way, rng.choice((30, 60, 60, 120)), note))
    return plans
