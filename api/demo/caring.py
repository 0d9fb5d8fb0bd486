"""What the desk's pages about care show in the village: hours set aside, answers, a visit, papers, a concern.

All invented and mild, written through the verbs. What must never happen: a word here that leaves its own
record.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.dice import key_of, moment
from api.demo.stories import Story
from api.demo.town import Town
from exchange.prescribing import asking, clearances, concerns, goals, purses, visits
from exchange.prescribing.clearances import NewClearance
from exchange.prescribing.visits import NewVisit

FUND_MINUTES = 20 * 60
Answers = Mapping[str, Sequence[int]]
AT_FIRST: Answers = {"ons4": (5, 6, 5, 5), "ucla3": (3, 2, 2), "lonely": (4,)}
SIX_WEEKS_ON: Answers = {"ons4": (7, 8, 7, 3), "ucla3": (2, 1, 1), "lonely": (2,)}
WEEKS = timedelta(weeks=6)


async def fill_the_fund(town: Town, funder_id: UUID, at: datetime) -> None:
    """The practice has hours to give."""
    fill_id = key_of(town.bank_id, "fund", "first")
    await purses.fill(town.session, town.viewers["josie"], funder_id, FUND_MINUTES, fill_id=fill_id, at=at)


async def ask_at_first(town: Town, member_id: UUID, hope: str, at: datetime) -> None:
    """Somebody who has just joined says what their answers may be used for, and answers with Josie."""
    session, josie = town.session, town.viewers["josie"]
    for purpose in asking.PURPOSES:
        await asking.allow(session, josie, member_id, purpose, is_given=purpose != "totals", at=at)
    await _answer(town, member_id, "start", AT_FIRST, at)
    goal_id = key_of(town.bank_id, "goal", member_id)
    await goals.set_goal(session, josie, member_id, hope, 2, goal_id=goal_id, at=at)


async def ask_again(town: Town, member_id: UUID, at: datetime) -> None:
    """Six weeks on it is a little lighter."""
    await _answer(town, member_id, "6_weeks", SIX_WEEKS_ON, at)
    goal_id = key_of(town.bank_id, "goal", member_id)
    await goals.set_goal(town.session, town.viewers["josie"], member_id, "", 6, goal_id=goal_id, at=at)


async def _answer(town: Town, member_id: UUID, round_: str, answers: Answers, at: datetime) -> None:
    for measure, given in answers.items():
        await asking.answer(
            town.session, town.viewers["josie"], member_id, measure, round_, given, way="coordinator", at=at
        )


def stories(town: Town, until: datetime) -> Iterator[Story]:
    """Everything here that is nobody's referral."""
    yield _duty(town, moment(until, days_ago=30, hour=9))
    yield _papers(town, moment(until, days_ago=20, hour=9))
    yield _visits(town, until)
    yield _worry(town, moment(until, days_ago=6, hour=15))
    yield _low_day(town, moment(until, days_ago=1, hour=10))


async def _duty(town: Town, at: datetime) -> Story:
    yield at
    leads = [town.ids["josie"], town.ids["ruth"]]
    await concerns.set_leads(town.session, town.viewers["ruth"], leads)


async def _papers(town: Town, at: datetime) -> Story:
    """Olu may visit people at home; Grace drives, and one of her papers runs out soon."""
    yield at
    day = at.date()
    kept = (
        ("olu", NewClearance(kind="reference", words="A neighbour of ten years", done_on=day)),
        ("olu", NewClearance(kind="reference", words="Somebody from his choir", done_on=day)),
        ("olu", NewClearance(kind="conduct", words="Read and signed", done_on=day)),
        ("grace", NewClearance(kind="licence", done_on=day, expires_on=day + timedelta(days=900))),
        ("grace", NewClearance(kind="mot", done_on=day, expires_on=day + timedelta(days=32))),
    )
    for number, (key, new) in enumerate(kept):
        clearance_id = key_of(town.bank_id, "clearance", number)
        await clearances.add(town.session, town.viewers["josie"], town.ids[key], clearance_id, new, at=at)


async def _visits(town: Town, until: datetime) -> Story:
    """Olu went to Edith with Marcus last week, and goes again the day after tomorrow."""
    at = moment(until, days_ago=7, hour=14)
    yield at
    session, olu = town.session, town.viewers["olu"]
    first = _visit(town, "first", at)
    await visits.plan(session, town.viewers["josie"], first)
    await visits.check_in(session, olu, first.visit_id, at=at)
    at += timedelta(minutes=50)
    yield at
    await visits.check_out(session, olu, first.visit_id, at=at)
    yield moment(until, days_ago=2, hour=12)
    again = _visit(town, "again", moment(until, days_ago=0, hour=14) + timedelta(days=2))
    await visits.plan(session, town.viewers["josie"], again)


def _visit(town: Town, name: str, at: datetime) -> NewVisit:
    return NewVisit(
        visit_id=key_of(town.bank_id, "visit", name),
        visitor_id=town.ids["olu"],
        host_id=town.ids["edith"],
        starts_at=at,
        minutes=60,
        company_id=town.ids["marcus"],
    )


async def _worry(town: Town, at: datetime) -> Story:
    yield at
    await concerns.raise_concern(
        town.session,
        town.viewers["bronwen"],
        key_of(town.bank_id, "concern", "derek"),
        about_id=town.ids["derek"],
        words="His post has been on the mat since Sunday and he did not come to the door.",
        at=at,
    )


async def _low_day(town: Town, at: datetime) -> Story:
    """Frank wished to be asked, and one of his answers wants a person to ring."""
    yield at
    session, frank = town.session, town.viewers["frank"]
    await asking.begin(session, frank, frank.member_id, at=at)
    await asking.allow(session, frank, frank.member_id, "my_own_use", is_given=True, at=at)
    await asking.answer(session, frank, frank.member_id, "lonely", "start", [5], way="page", at=at)
