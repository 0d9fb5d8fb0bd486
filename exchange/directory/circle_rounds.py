"""A weekly suggestion of circles for the coordinator: gathered, solved, kept, and decided one by one.

What two people would not be matched for is not gathered. What must never happen: a circle that asks anybody
before a person accepted it, or one half-accepted.
"""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.directory import apart, areas, barriers, circle_views, flow, matches
from exchange.directory.errors import CircleDecided
from exchange.directory.flow import UNIT_MINUTES, Problem, Round
from exchange.directory.matches import Match
from exchange.directory.sides import Side
from exchange.directory.tables import Circle, CircleLeg, CircleRound
from exchange.directory.town import Town, town
from exchange.errors import NotFound
from exchange.membership import banks
from exchange.membership.viewer import Viewer
from exchange.permissions import Relation, require

QUOTA_MINUTES = 120
"""What one member would give, and receive, in a round at most."""
QUIET_EXTRA_MINUTES = 60
"""How much more a quiet member may, so that those who had fewer hours catch up and nobody loses any."""
HELPERS_MAX = 30
"""How many possible helpers are weighed for each ask."""
QUIET_DAYS = 60

SIDE = """
select l.listing_id, l.party_id, s.skill, l.times, l.setting, l.small_area, l.radius_metres,
    coalesce(l.minutes, :unit_minutes) as minutes, l.is_at_home, l.languages, m.language
from listing_skill s
join listing l on l.bank_id = s.bank_id and l.listing_id = s.listing_id
join member m on m.bank_id = l.bank_id and m.member_id = l.party_id and m.status = 'active'
where s.bank_id = :bank_id and s.kind = :kind
  and (l.ends_on is null or l.ends_on >= :day) and (l.starts_on is null or l.starts_on <= :day + 7)
  and not exists (select from matching_hold x where x.bank_id = s.bank_id and x.party_id = s.party_id)
  and not exists (select from circle_leg g join circle c
      on c.bank_id = g.bank_id and c.circle_id = g.circle_id
      where g.bank_id = s.bank_id and s.listing_id = g.request_id and c.state in ('pinned', 'accepted'))
order by l.listing_id, s.skill
"""
GATHER = text(SIDE)

ONE_AT_A_TIME = text(
    "select pg_advisory_xact_lock(hashtext('circles'), hashtext(cast(cast(:bank_id as uuid) as text)))"
)
"""Two suggestions of one bank at once would put the same ask into circles of both."""

QUIET = text("""
select m.member_id from member m
where m.bank_id = :bank_id and m.status = 'active' and not exists (
    select from hours h where h.bank_id = m.bank_id and h.giver_id = m.member_id
      and h.state = 'posted' and h.done_on > cast(:day as date) - cast(:quiet_days as int))
""")

BUSY = text("""
select g.giver_id, sum(c.minutes) as minutes from circle c
join circle_leg g on g.bank_id = c.bank_id and g.circle_id = c.circle_id
where c.bank_id = :bank_id and c.state = 'pinned'
group by g.giver_id
""")


async def gather(session: AsyncSession, bank_id: UUID, *, seed: int, day: date) -> Town:
    """Everybody's open asks and offers, with the helps that both sides' words allow and no rule forbids."""
    here = {"bank_id": bank_id, "unit_minutes": UNIT_MINUTES, "day": day}
    asks = [Side(*row) for row in await session.execute(GATHER, {**here, "kind": "request"})]
    offers = [Side(*row) for row in await session.execute(GATHER, {**here, "kind": "offer"})]
    forbidden = await barriers.forbidden(
        session,
        bank_id,
        givers={offer.party_id for offer in offers},
        receivers={ask.party_id for ask in asks},
        day=day,
    )
    places = await areas.places(session, bank_id)
    return await asyncio.to_thread(
        town, asks, offers, forbidden, seed=seed, helpers_max=HELPERS_MAX, places=places
    )


async def propose(
    session: AsyncSession, viewer: Viewer, *, round_id: UUID | None = None, at: datetime
) -> CircleRound:
    """Suggest circles for this week; earlier ones that nobody decided on make room.

    A repeat under the same id returns the first; of two at once, the second waits and sees the first.
    """
    require(viewer.roles, "circle.propose", [Relation.BANK])
    round_id = round_id or uuid7()
    await session.execute(ONE_AT_A_TIME, {"bank_id": viewer.bank_id})
    known = await session.get(CircleRound, (viewer.bank_id, round_id))
    if known is not None:
        return known
    bank = await banks.get(session, viewer.bank_id)
    day = banks.today(bank, at)
    here = await gather(session, viewer.bank_id, seed=round_id.int % 2**32, day=day)
    found = await problem(session, viewer.bank_id, here, at=at)
    solved = await apart.solved(found, weighs_fairness=len(here.members) <= FAIRNESS_MEMBERS_MAX)
    units, plain = int(solved.flows.sum()), solved.plain_units
    made = CircleRound(
        bank_id=viewer.bank_id,
        round_id=round_id,
        made_by=viewer.member_id,
        made_at=at,
        minutes=units * UNIT_MINUTES,
        greedy_minutes=solved.pairs_units * UNIT_MINUTES,
        fairness_cost_minutes=None if plain is None else (plain - units) * UNIT_MINUTES,
    )
    session.add(made)
    await _make_room(session, viewer, at)
    await session.flush()
    await _keep(session, made, here, await asyncio.to_thread(flow.circles, found, solved.flows))
    return made


FAIRNESS_MEMBERS_MAX = 3000
"""Above this the second solving that shows what fairness cost is left to the bench."""


async def problem(session: AsyncSession, bank_id: UUID, here: Town, *, at: datetime) -> Problem:
    """The week's problem: who is quiet, and what pinned circles already ask of members."""
    quiet = await session.scalars(QUIET, {"bank_id": bank_id, "day": at.date(), "quiet_days": QUIET_DAYS})
    busy = await session.execute(BUSY, {"bank_id": bank_id})
    return here.problem(
        quota_minutes=QUOTA_MINUTES,
        quiet_extra_minutes=QUIET_EXTRA_MINUTES,
        quiet=set(quiet.all()),
        busy_minutes={row.giver_id: int(row.minutes) for row in busy},
    )


async def _make_room(session: AsyncSession, viewer: Viewer, at: datetime) -> None:
    await session.execute(
        update(Circle)
        .where(col(Circle.bank_id) == viewer.bank_id, col(Circle.state) == "proposed")
        .values(state="dropped", decided_by=viewer.member_id, decided_at=at)
    )


async def _keep(session: AsyncSession, made: CircleRound, here: Town, rings: Sequence[Round]) -> None:
    circles, legs = [], []
    for ring in rings:
        key = {"bank_id": made.bank_id, "circle_id": uuid7()}
        minutes = ring.units * UNIT_MINUTES
        circles.append(key | {"round_id": made.round_id, "state": "proposed", "minutes": minutes})
        for place, number in enumerate(ring.helps):
            legs.append(key | here.leg(number) | {"place": place, "appointment_id": None})
    if circles:
        await session.execute(insert(Circle), circles)
        await session.execute(insert(CircleLeg), legs)


async def lock(session: AsyncSession, viewer: Viewer, circle_id: UUID) -> Circle:
    """The circle, held for this transaction by somebody who may decide on it.

    Raises:
        NotFound, NotAllowed
    """
    require(viewer.roles, "circle.decide", [Relation.BANK])
    circle = await session.get(
        Circle, (viewer.bank_id, circle_id), with_for_update=True, populate_existing=True
    )
    if circle is None:
        raise NotFound
    return circle


async def pin(session: AsyncSession, viewer: Viewer, circle_id: UUID, *, at: datetime) -> Circle:
    """Keep a circle when new ones are suggested; a repeat changes nothing.

    Raises:
        CircleDecided, NotFound, NotAllowed
    """
    return await _decide(session, viewer, circle_id, "pinned", ("proposed",), at)


async def drop(session: AsyncSession, viewer: Viewer, circle_id: UUID, *, at: datetime) -> Circle:
    """Do not do this one; a repeat changes nothing.

    Raises:
        CircleDecided, NotFound, NotAllowed
    """
    return await _decide(session, viewer, circle_id, "dropped", ("proposed", "pinned"), at)


async def _decide(
    session: AsyncSession, viewer: Viewer, circle_id: UUID, to: str, of: tuple[str, ...], at: datetime
) -> Circle:
    circle = await lock(session, viewer, circle_id)
    if circle.state == to:
        return circle
    if circle.state not in of:
        raise CircleDecided
    circle.state, circle.decided_by, circle.decided_at = to, viewer.member_id, at
    await session.flush()
    return circle


async def instead(
    session: AsyncSession, viewer: Viewer, circle_id: UUID, place: int, *, at: datetime
) -> list[Match]:
    """When a link is broken: who else could help there, without those already in the circle.

    Raises:
        NotFound
    """
    shown = await circle_views.view(session, viewer, circle_id)
    leg = next((item.leg for item in shown.legs if item.leg.place == place), None)
    if leg is None:
        raise NotFound
    inside = {item.leg.giver_id for item in shown.legs}
    found = await matches.for_listing(session, viewer, leg.request_id, at=at, limit=matches.MATCHES * 2)
    return [match for match in found if match.party_id not in inside][: matches.MATCHES]
