"""The village's organisations, what happens in them each week, and what neighbours do for each other.

Tables only. Nothing here names an illness or a service that would betray one.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """An organisation of the bank; `voice` is the member of the cast who speaks for it.

    `text_name` is what texts call it, and tells whoever holds the phone nothing.
    """

    key: str
    name: str
    kind: str
    voice: str
    description: str
    text_name: str


PLACES: tuple[Place, ...] = (
    Place(
        "holm",
        "Holm Road Day Centre",
        "day centre",
        "leon",
        "Lunch, a garden room and something on daily.",
        "Holm Road",
    ),
    Place(
        "quay",
        "Quayside Leisure Centre",
        "leisure centre",
        "leon",
        "Lanes and courts when it is quiet.",
        "Quayside",
    ),
    Place(
        "library",
        "Lantern Street Library",
        "library",
        "sian",
        "Books, screens, and rooms upstairs.",
        "Lantern Street",
    ),
    Place(
        "ferry",
        "Ferrybridge Homes",
        "housing association",
        "leon",
        "Six blocks, one shared kitchen.",
        "Ferrybridge",
    ),
    Place(
        "orchard",
        "The Orchard Room",
        "community",
        "sian",
        "A front room for the whole street.",
        "Orchard Room",
    ),
    Place(
        "garden",
        "Mill Lane Garden",
        "garden",
        "sian",
        "Forty beds and a polytunnel behind the depot.",
        "Mill Lane",
    ),
    Place("hall", "St Teilo's Hall", "hall", "sian", "A hall with a stage and a tea urn.", "St Teilo's"),
    Place("shapla", "Shapla Women's Circle", "community", "farida", "Sewing, cooking and company.", "Shapla"),
    Place(
        "bench", "The Repair Bench", "workshop", "leon", "Lamps, kettles, bicycles and advice.", "The Bench"
    ),
    Place(
        "cinema",
        "Canal Street Cinema",
        "cinema",
        "farida",
        "Two screens, with seats spare by day.",
        "Canal Street",
    ),
    Place("clwb", "Clwb Cymraeg", "community", "sian", "Welsh over coffee, for beginners too.", "Clwb"),
    Place("larder", "The Corner Larder", "shop", "farida", "A food club with a long table.", "The Corner"),
)


class Session(NamedTuple):
    """Something weekly. People `give` to the place, or `receive` from it; `usual` is how many come."""

    place: str
    skill: str
    way: str
    weekday: int
    hour: int
    minutes: int
    usual: float


SESSIONS: tuple[Session, ...] = (
    Session("holm", "Setting the table", "give", 1, 11, 60, 2.0),
    Session("holm", "Watering the plants", "give", 3, 10, 30, 1.0),
    Session("holm", "Buying milk", "give", 0, 9, 30, 1.0),
    Session("holm", "Washing up after lunch", "give", 1, 14, 60, 1.2),
    Session("holm", "Leading yoga", "give", 2, 10, 60, 0.8),
    Session("holm", "Yoga", "receive", 2, 10, 60, 2.2),
    Session("holm", "Leading music appreciation", "give", 4, 14, 90, 0.7),
    Session("holm", "Music appreciation", "receive", 4, 14, 90, 1.4),
    Session("quay", "A swimming lane", "receive", 0, 14, 60, 1.6),
    Session("quay", "Badminton court", "receive", 5, 10, 60, 0.8),
    Session("quay", "Tidying the kit room", "give", 5, 9, 60, 0.5),
    Session("library", "Shelving books", "give", 5, 11, 90, 1.0),
    Session("library", "Helping at the screens", "give", 2, 14, 120, 0.8),
    Session("library", "Local history talk", "receive", 3, 18, 90, 0.8),
    Session("ferry", "Folding the newsletter", "give", 4, 10, 120, 0.8),
    Session("ferry", "Use of the shared kitchen", "receive", 6, 12, 120, 0.4),
    Session("orchard", "Making tea for the open door", "give", 3, 14, 120, 0.8),
    Session("garden", "Weeding and watering", "give", 6, 10, 120, 1.4),
    Session("hall", "Putting chairs out", "give", 5, 17, 45, 0.7),
    Session("hall", "Ballroom for beginners", "receive", 5, 18, 90, 0.9),
    Session("shapla", "Cooking for the circle", "give", 2, 11, 120, 0.7),
    Session("shapla", "Sewing class", "receive", 3, 13, 90, 0.7),
    Session("bench", "Mending at the bench", "give", 5, 10, 120, 0.7),
    Session("cinema", "A cinema seat", "receive", 1, 14, 120, 0.6),
    Session("clwb", "Leading Welsh over coffee", "give", 4, 11, 60, 0.5),
    Session("larder", "Packing the shelves", "give", 4, 9, 60, 1.0),
)


class Favour(NamedTuple):
    """Something neighbours do for each other."""

    skill: str
    minutes: tuple[int, ...]
    is_at_home: bool = False


FAVOURS: tuple[Favour, ...] = (
    Favour("Befriending visit", (60, 90), is_at_home=True),
    Favour("Company on a walk", (45, 60, 90)),
    Favour("Gardening", (60, 90, 120, 180), is_at_home=True),
    Favour("Form filling", (30, 60)),
    Favour("A lift to the station", (30, 40)),
    Favour("A lift to the garden centre", (60, 75)),
    Favour("Help with a telephone", (30, 45, 60)),
    Favour("Dog walking", (30, 45, 60)),
    Favour("Cooking together", (90, 120)),
    Favour("Sewing and mending", (60, 90)),
    Favour("Bicycle repair", (45, 60)),
    Favour("Language practice", (45, 60)),
    Favour("Putting up shelves", (60, 90, 150), is_at_home=True),
    Favour("Letters and parcels to the post", (20, 30)),
    Favour("Guitar for beginners", (45, 60)),
)

NOTES = (
    "We laughed a lot.",
    "Same again next week?",
    "Two cups of tea included.",
    "Done before the rain.",
    "Diolch yn fawr!",
    "ধন্যবাদ!",
)
SOURCES = ("word of mouth", "self", "care home", "housing association", "library", "project", "leaflet")
STREETS = ("Lantern Street", "Ferry Wharf", "Chapel Rise", "Mill Lane", "Station Terrace", "Orchard Walk")
NEEDS = (
    "Large print, please.",
    "Ground floor only.",
    "Speak clearly, on the left side.",
    "A chair with arms.",
    "Step-free way in.",
)
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-84", "85+")
