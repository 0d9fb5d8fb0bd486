"""The few among thousands who could be a match: one question to the database, with every hard rule in it.

However many offer the same, only some hundreds are read: neighbours first, and of both neighbours and others
those whose lot is drawn today, so that in the largest banks everybody has their day.

Walls between people, a coordinator's hold, 'not me, thanks' and being away are rules here and never weights:
whom they exclude is not in the answer at all.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zlib import crc32

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exchange.directory.tables import Listing
from exchange.directory.turns import ENOUGH_TIMES, WINDOW

SHORTLIST = 80
NEIGHBOURS_MAX = 400
"""How many with a skill in the same area are weighed …"""
OTHERS_MAX = 200
"""… and how many elsewhere."""

DRAWN = """
        (select s.* from listing_skill s
        where s.bank_id = :bank_id and s.skill = wanted.skill and s.kind = :kind and {where}
          and s.lot {side} :lot and s.party_id <> :owner_id
          and (:times = 0 or s.times = 0 or s.times & :times <> 0)
          and (s.setting = 'either' or :setting = 'either' or s.setting = :setting)
          and (s.small_area is null or not (s.small_area = any(:far)))
        order by s.lot limit {most})"""
"""Some listings with a skill, in the order of their lots: an index gives them without reading the others."""


def _drawn(where: str, most: int) -> str:
    """Those from today's place in the lots on, and after the last one those from the first on."""
    halves = [DRAWN.format(where=where, side=side, most=most) for side in (">=", "<")]
    return f"(select * from ({' union all '.join(halves)}) as lots limit {most})"  # noqa: S608  # our own words


SAME_AREA = _drawn("s.small_area = cast(:small_area as text)", NEIGHBOURS_MAX)
ELSEWHERE = _drawn("s.small_area is distinct from coalesce(cast(:small_area as text), '')", OTHERS_MAX)

FIND = text(f"""
with drawn as materialized (
    select one.listing_id, one.skill, one.small_area, one.times, one.is_at_home, one.lot,
        coalesce((
            select t.asked_times from turn t
            where t.bank_id = :bank_id and t.party_id = one.party_id and t.last_asked_at >= :asked_since
        ), 0) as asked_times
    from unnest(cast(:skills as text[])) as wanted(skill)
    cross join lateral ({SAME_AREA} union all {ELSEWHERE}) as one
), shortlist as (
    select s.listing_id, s.skill, s.asked_times from drawn s
    order by
        s.asked_times >= :enough,
        (case when s.small_area = cast(:small_area as text) then 20
              when s.small_area = any(:near) then 10 else 0 end)
            + (case when s.times & :times <> 0 then 10 else 0 end)
            + (case when s.is_at_home and :is_at_home then 5 else 0 end)
            - 8 * s.asked_times desc,
        s.lot # :lot
    limit :shortlist
)
select l.listing_id, l.party_id, found.skill, found.asked_times, l.small_area, l.radius_metres, l.times,
    l.languages, l.access, l.is_at_home, l.ends_on, p.name, p.kind as party_kind, m.is_listed, m.joined_on,
    m.language,
    (select max(h.done_on) from hours h
        where h.bank_id = l.bank_id and h.giver_id = l.party_id and h.state = 'posted') as last_gave_on,
    exists (select from hours h where h.bank_id = l.bank_id and h.giver_id = l.party_id
        and h.receiver_id = :owner_id and h.state = 'posted')
    or exists (select from hours h where h.bank_id = l.bank_id and h.receiver_id = l.party_id
        and h.giver_id = :owner_id and h.state = 'posted') as have_met,
    array(select distinct a.skill from listing_skill a
        where a.bank_id = l.bank_id and a.party_id = l.party_id
          and a.skill in (select i.skill from listing_skill i
              where i.bank_id = :bank_id and i.party_id = :owner_id)
          and not (a.skill = any(:skills))) as shared_interests
from shortlist found
join listing l on l.bank_id = :bank_id and l.listing_id = found.listing_id
join party p on p.bank_id = l.bank_id and p.party_id = l.party_id
left join member m on m.bank_id = l.bank_id and m.member_id = l.party_id
where p.is_active and coalesce(m.status, 'active') = 'active'
  and not exists (select from block b where b.bank_id = l.bank_id
      and b.member_id = l.party_id and b.other_id = :owner_id)
  and not exists (select from block b where b.bank_id = l.bank_id
      and b.member_id = :owner_id and b.other_id = l.party_id)
  and not exists (select from matching_hold x where x.bank_id = l.bank_id
      and x.party_id in (l.party_id, :owner_id))
  and not exists (select from not_me n where n.bank_id = l.bank_id and n.party_id = l.party_id
      and (n.other_id = :owner_id or n.listing_id = :listing_id or n.skill = found.skill))
  and not exists (select from not_me n where n.bank_id = l.bank_id and n.party_id = :owner_id
      and (n.other_id = l.party_id or n.listing_id = l.listing_id or n.skill = found.skill))
""")  # noqa: S608  # our own words

PLANS = text("select set_config('plan_cache_mode', :mode, true)")
"""One plan serves every listing here: making one anew each time takes longer than most of the answers."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whom no rule excludes, with what can speak for asking them."""

    listing_id: UUID
    party_id: UUID
    skill: str
    asked_times: int
    small_area: str | None
    radius_metres: int | None
    times: int
    languages: list[str]
    access: list[str]
    is_at_home: bool
    ends_on: date | None
    name: str
    party_kind: str
    is_listed: bool | None
    joined_on: date | None
    language: str | None
    last_gave_on: date | None
    have_met: bool
    shared_interests: list[str]


async def candidates(
    session: AsyncSession,
    listing: Listing,
    *,
    distances: dict[str, int],
    day: date,
    at: datetime,
) -> list[Candidate]:
    """Who could answer this listing: offers for an ask, asks for an offer; at most `SHORTLIST`."""
    reach = listing.radius_metres
    far = [area for area, metres in distances.items() if reach is not None and metres > reach]
    await session.execute(PLANS, {"mode": "force_generic_plan"})
    rows = await session.execute(
        FIND,
        {
            "bank_id": listing.bank_id,
            "listing_id": listing.listing_id,
            "owner_id": listing.party_id,
            "skills": listing.skills,
            "kind": "offer" if listing.kind == "request" else "request",
            "times": listing.times,
            "setting": listing.setting,
            "small_area": listing.small_area,
            "near": [area for area in distances if area not in far],
            "far": far,
            "is_at_home": listing.is_at_home,
            "asked_since": at - WINDOW,
            "enough": ENOUGH_TIMES,
            "lot": crc32(day.isoformat().encode()) - 2**31,
            "shortlist": SHORTLIST,
        },
    )
    await session.execute(PLANS, {"mode": "auto"})
    return [Candidate(*row) for row in rows]
