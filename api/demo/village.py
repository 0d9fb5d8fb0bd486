"""Writing the demo village, whole or not at all, and finding it again.

One transaction holds two years, so that a start broken off leaves nothing half written and the next one
begins again. What must never happen: a second village beside the first, or old news sent as if it were new.
"""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.database import Database
from api.demo import caring, goings_on, groups, helping, referrals, stories, today
from api.demo.cast import ADMINISTRATOR
from api.demo.dice import ZONE, key_of, moment
from api.demo.people import asking, villagers
from api.demo.plans import Planner
from api.demo.stories import Story
from api.demo.town import POT, Town
from exchange.membership import banks, contacts, members, organisations, parties
from exchange.membership.sign_in import Token, make_link
from exchange.membership.tables import Bank
from exchange.outbox import Event

NAME = "Lantern Street Time Bank"
SEED = "lantern-street"
VILLAGE_ID = UUID("1a27e125-7000-7000-8000-1a27e1257000")
ADMINISTRATOR_MOBILE = "07700 900010"
TELEPHONE = "020 7946 0010"
RULES = {"first_exchange": (0, 30), "over_minutes": (120, 30), "at_home": (0, 30), "same_pair": (8, 30)}
LINK_LIFE = timedelta(days=3650)
NEWS_LIFE = timedelta(days=2)
"""Older events of a village that was just written are history, and told to nobody."""

PRESENTED = (
    ("member", "grace"),
    ("member", "tom"),
    ("coordinator", "josie"),
    ("assistant", "marcus"),
    ("administrator", "ruth"),
    ("representative", "sian"),
    ("approver", "winston"),
    ("auditor", "priya"),
    ("practice", "dr-rao"),
)
"""Whom a newcomer may sign in as; all of them may be texted, but the practice, which has no mobile."""

SHOWN_EVERY = 10
FIRST_REPLAN = 50
"""Stories told before PostgreSQL plans anew for the first time; then at twice as many, and so on."""

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How big a village: members (never fewer than the cast), and weeks of history."""

    people: int = 120
    weeks: int = 104


FULL = Size()


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Somebody whom a newcomer may sign in as, with a link that does it."""

    role: str
    name: str
    phone: str
    member_id: UUID
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Village:
    """The bank that was written or found, and a few of its people."""

    bank_id: UUID
    people: list[Neighbour]
    is_new: bool


def _quietly(done: int, total: int, what: str) -> None:
    """Nobody watches."""


async def write_village(
    database: Database,
    *,
    at: datetime,
    progress: Progress = _quietly,
    size: Size = FULL,
    bank_id: UUID = VILLAGE_ID,
) -> Village:
    """The demo village as of `at`, written now unless the database has it already; always with fresh links.

    `progress` is called with how many stories are told, of how many, and the month that is being written.
    """
    async with database.transaction(bank_id) as session:
        known = await session.get(Bank, (bank_id,))
        if known is None:
            await _write(session, bank_id, at, size, progress)
            await let_old_news_rest(session, bank_id, before=at - NEWS_LIFE, at=at)
        people = [await _present(session, bank_id, role, key, at) for role, key in PRESENTED]
    return Village(bank_id=bank_id, people=people, is_new=known is None)


async def let_old_news_rest(session: AsyncSession, bank_id: UUID, *, before: datetime, at: datetime) -> int:
    """Mark a bank's events from `before` as handled without telling anybody; returns how many.

    A history that is written in one go records every event of two years as if it had just happened, and the
    worker would send thousands of texts about hours long agreed. In a living bank each was told in its time;
    here nobody was there to be told. So the events stay in the outbox, marked as handled `at` the moment of
    writing with no attempt made, and only the last days' news is left for the worker.
    """
    rested = await session.execute(
        update(Event)
        .where(
            col(Event.bank_id) == bank_id, col(Event.recorded_at) < before, col(Event.handled_at).is_(None)
        )
        .values(handled_at=at)
        .returning(col(Event.event_id))
    )
    return len(rested.all())


async def _write(session: AsyncSession, bank_id: UUID, at: datetime, size: Size, progress: Progress) -> None:
    opens_at = moment(at, days_ago=size.weeks * 7, hour=9)
    town = await _found(session, bank_id, opens_at)
    told = list(_stories(town, size, opens_at, at))
    await _run(session, told, until=at, progress=progress)


async def _found(session: AsyncSession, bank_id: UUID, opens_at: datetime) -> Town:
    """The bank, its administrator and its policy."""
    made = await banks.create(session, NAME, admin=ADMINISTRATOR_MOBILE, bank_id=bank_id, at=opens_at)
    town = Town(session, await banks.get(session, bank_id))
    town.ids |= {"ruth": made.admin_id, POT: town.bank.pot_id}
    await town.look_again("ruth")
    ruth = town.viewers["ruth"]
    await members.change(session, ruth, made.admin_id, {"name": ADMINISTRATOR})
    await town.meet("ruth", made.admin_id)
    policy = {"languages": ["en", "cy", "bn"], "telephone": TELEPHONE}
    await banks.set_policy(session, ruth, policy)
    await banks.set_approval_rules(session, ruth, RULES)
    return town


def _stories(town: Town, size: Size, opens_at: datetime, at: datetime) -> Iterator[Story]:
    people = villagers(SEED, town.bank_id, size.people, opens_at, at)
    yield from (goings_on.joining(town, who) for who in people)
    yield goings_on.opening(town, opens_at + timedelta(days=7))
    yield referrals.opening(town, opens_at + timedelta(days=8))
    yield from (
        referrals.one(town, sent, at) for sent in referrals.SENT if sent.days_ago < (at - opens_at).days - 10
    )
    yield from (goings_on.leaving(town, who) for who in people if who.leaves_at)
    yield from (goings_on.asking_to_join(town, *request) for request in asking(SEED, town.bank_id, at))
    yield from (goings_on.giving(town, *gift) for gift in today.gift_plans(SEED, people, opens_at, at))
    planner = Planner(SEED, people, opens_at + timedelta(days=7), at)
    plans = [plan for plan in planner.hours() if planner.is_kept(plan)]
    for plan in [*plans, *today.open_hours(at)]:
        yield stories.BY_FATE[plan.fate](town, plan)
    yield from groups.stories(town, size.weeks, SEED, at)
    yield from helping.stories(town, at)
    yield from caring.stories(town, at)
    yield goings_on.reminding(town, opens_at + timedelta(days=9), at)


async def _run(session: AsyncSession, told: list[Story], *, until: datetime, progress: Progress) -> None:
    """Let every story go on when its moment has come, until the village's present.

    PostgreSQL keeps the plans it made while the tables were empty, and those read whole tables; so it is
    asked to plan anew whenever the village has grown.
    """
    waiting = [(await anext(story), number) for number, story in enumerate(told)]
    heapq.heapify(waiting)
    done, replan_at, shown = 0, FIRST_REPLAN, ""
    while waiting and waiting[0][0] <= until:
        now, number = heapq.heappop(waiting)
        if done == replan_at:
            await session.execute(text("discard plans"))
            replan_at *= 2
        if (month := f"{now.astimezone(ZONE):%B %Y}") != shown or done % SHOWN_EVERY == 0:
            progress(done, len(told), shown := month)
        try:
            heapq.heappush(waiting, (await anext(told[number]), number))
        except StopAsyncIteration:
            done += 1
    for _, number in waiting:
        await told[number].aclose()
    progress(len(told), len(told), f"{until.astimezone(ZONE):%B %Y}")


async def _present(session: AsyncSession, bank_id: UUID, role: str, key: str, at: datetime) -> Neighbour:
    member_id = key_of(bank_id, "member", key)
    if role == "administrator":
        member_id = min(await organisations.holders_of(session, bank_id, role))
    party = await parties.get(session, bank_id, member_id)
    reach = await contacts.of_member(session, bank_id, member_id)
    token = await make_link(session, bank_id, member_id, at=at, life=LINK_LIFE, is_reusable=True)
    return Neighbour(
        role=role,
        name=party.name,
        phone=reach[0].value if reach[0].kind == "mobile" else "",
        member_id=member_id,
        token=token,
    )
