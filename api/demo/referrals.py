"""A practice in the village, and a few people it sent: one in each state, written through the verbs.

Their names and reasons are invented and ordinary. What must never happen: a story here that somebody could
take for their own.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from api.demo import caring
from api.demo.dice import key_of, moment
from api.demo.stories import Story
from api.demo.town import Town
from exchange.membership import viewer
from exchange.prescribing import chase, joining, practices, sending, steps, suggestions
from exchange.prescribing.checking import Consent, NewReferral, Who, Why
from exchange.prescribing.practices import NewStaff
from exchange.prescribing.suggestions import NewSuggestion

PRACTICE = "Larkspur Surgery"
ODS_CODE = "Z99001"
"""Invented: real codes of practices begin with other letters."""
MAILBOX = "inbox@larkspur.example.org"
STAFF = (
    ("dr-rao", "Dr Rao", "gp"),
    ("nurse-bell", "Nurse Bell", "nurse"),
    ("lena", "Lena", "link_worker"),
    ("reception", "Front desk", "receptionist"),
)
OFFERED = (
    ("garden", "Mill Lane Garden: pottering and tea", "Sundays at 10", "Mill Lane Garden", True),
    ("open-door", "The open door at the Orchard Room", "Thursdays at 2", "The Orchard Room", True),
    ("bench", "The Repair Bench: mending together", "Wednesdays at 6", "The Repair Bench", False),
    ("ballroom", "Ballroom for beginners", "Saturdays at 6", "St Teilo's Hall", False),
    ("clwb", "Clwb Cymraeg, for beginners too", "Mondays at 11", "Clwb Cymraeg", False),
)
"""Key, words, when, where, and whether the practice likes it."""


class Sent(NamedTuple):
    """Somebody who was sent: how long ago, how far it came, and what may be told."""

    key: str
    name: str
    born_on: date
    telephone: str
    days_ago: int
    way: tuple[str, ...]
    back: str
    needs: tuple[str, ...]
    hope: str
    what: str = "garden"
    carries_minutes: int = 0


SENT = (
    Sent("s1", "Mabel Thistlewood", date(1944, 3, 2), "07700 900501", 1, (), "notes", ("company",), ""),
    Sent(
        "s2",
        "Idris Penhallow",
        date(1971, 8, 19),
        "07700 900502",
        9,
        (),
        "codes",
        ("purpose",),
        "To mend things",
        "bench",
    ),
    Sent(
        "s3",
        "Orla Fairweather",
        date(1988, 1, 30),
        "07700 900503",
        12,
        ("accept", "nobody"),
        "notes",
        ("new-here",),
        "",
    ),
    Sent(
        "s4",
        "Basil Nightingale",
        date(1952, 11, 5),
        "07700 900504",
        20,
        ("accept", "spoke"),
        "notes",
        ("bereaved", "company"),
        "To hear music again",
        "open-door",
    ),
    Sent(
        "s5",
        "Zelda Marchbanks",
        date(1966, 6, 14),
        "07700 900505",
        40,
        ("accept", "spoke", "join", "start"),
        "notes",
        ("active",),
        "To dance",
        "ballroom",
        carries_minutes=120,
    ),
    Sent(
        "s6",
        "Percy Goldfinch",
        date(1939, 9, 9),
        "07700 900506",
        75,
        ("accept", "spoke", "join", "start", "six_weeks", "going_well"),
        "notes",
        ("company", "practical"),
        "Somebody to have tea with",
        "open-door",
    ),
    Sent(
        "s7",
        "Hattie Lovelock",
        date(1979, 4, 25),
        "07700 900507",
        60,
        ("accept", "spoke", "person_said_no"),
        "nothing",
        ("mood",),
        "",
    ),
    Sent(
        "s8",
        "Rowan Applegarth",
        date(1995, 12, 1),
        "07700 900508",
        3,
        ("full",),
        "codes",
        ("learning",),
        "Welsh",
        "clwb",
    ),
)
AFTER_DAYS = {
    "accept": 1,
    "spoke": 2,
    "nobody": 2,
    "join": 3,
    "start": 5,
    "six_weeks": 38,
    "going_well": 2,
    "person_said_no": 4,
    "full": 2,
}
ENDINGS = {"going_well": "He goes by himself now and brings a friend.", "person_said_no": None}


async def opening(town: Town, at: datetime) -> Story:
    """The practice joins, with who works there and what it likes to suggest."""
    yield at
    session, josie = town.session, town.viewers["josie"]
    practice = await practices.add(
        session, josie, PRACTICE, ods_code=ODS_CODE, practice_id=place(town), at=at
    )
    await practices.change(
        session, josie, practice.practice_id, {"mailbox": MAILBOX, "is_mailbox_secure": True}
    )
    for key, name, job in STAFF:
        new = NewStaff(name=name, email=f"{key}@larkspur.example.org", job=job)
        member_id = key_of(town.bank_id, "member", key)
        await practices.add_staff(session, josie, practice.practice_id, new, member_id=member_id, at=at)
        found = await viewer.load(session, town.bank_id, member_id)
        assert found is not None
        town.viewers[key] = found
    await caring.fill_the_fund(town, practice.practice_id, at)
    for key, words, when, where, is_liked in OFFERED:
        suggestion_id = key_of(town.bank_id, "suggestion", key)
        offer = NewSuggestion(words=words, when_words=when, place=where)
        await suggestions.add(session, josie, offer, suggestion_id=suggestion_id)
        await suggestions.like(session, josie, practice.practice_id, suggestion_id, is_liked=is_liked)


def place(town: Town) -> UUID:
    return key_of(town.bank_id, "place", "larkspur")


async def one(town: Town, sent: Sent, until: datetime) -> Story:
    """One person's way, as far as it came."""
    at = moment(until, days_ago=sent.days_ago, hour=11)
    yield at
    key = key_of(town.bank_id, "referral", sent.key)
    await sending.send(town.session, town.viewers["dr-rao"], _referral(town, sent, key), at=at)
    for act in sent.way:
        at = min(until, at + timedelta(days=AFTER_DAYS[act]))
        yield at
        await _act(town, key, act, at, sent)
    yield until
    await chase.chase(town.session, town.bank_id, at=until)


def _referral(town: Town, sent: Sent, key: UUID) -> NewReferral:
    return NewReferral(
        referral_id=key,
        route="practice",
        referrer_id=place(town),
        who=Who(
            name=sent.name,
            born_on=sent.born_on,
            address="Lantern Street",
            telephone=sent.telephone,
            may_text=True,
        ),
        why=Why(needs=sent.needs, aspiration=sent.hope or None),
        what=[key_of(town.bank_id, "suggestion", sent.what)],
        consent=Consent(consents=True, basis="health_care", back=sent.back),
        carries_minutes=sent.carries_minutes,
        pledge_minutes=sent.carries_minutes // 2,
        invites=True,
    )


async def _act(town: Town, key: UUID, act: str, at: datetime, sent: Sent) -> None:
    session, josie = town.session, town.viewers["josie"]
    match act:
        case "accept":
            await steps.accept(session, josie, key, tier="activity", at=at)
        case "spoke" | "nobody":
            await steps.contact(session, josie, key, has_answered=act == "spoke", at=at)
        case "join":
            said = "Asked me at the open door"
            member = await joining.become_member(session, josie, key, evidence=said, at=at)
            town.ids[sent.key] = member.member_id
            await caring.ask_at_first(town, member.member_id, sent.hope, at)
        case "start":
            await steps.start(session, josie, key, at=at)
        case "six_weeks":
            await caring.ask_again(town, town.ids[sent.key], at)
        case "full":
            await steps.decline(session, josie, key, reason=act, at=at)
        case _:
            await steps.close(session, josie, key, reason=act, words=ENDINGS[act], at=at)
