"""Who could help whom: never across a wall or against anybody's word, whatever the bank looks like."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.directory import areas, flow
from exchange.directory.barriers import Forbidden
from exchange.directory.sides import Side
from exchange.directory.tables import Area
from exchange.directory.town import town
from exchange.prescribing.homes import Kept

PEOPLE = [UUID(int=n) for n in range(1, 7)]
PLACES = {"North": (51.50, -0.10), "South": (51.48, -0.10)}
SKILLS = ("baking", "guitar", "sewing_mending")
people = st.sampled_from(PEOPLE)


@st.composite
def sides(draw: st.DrawFn, first: int) -> list[Side]:
    return [
        Side(
            listing_id=UUID(int=first + n),
            party_id=draw(people),
            skill=draw(st.sampled_from(SKILLS)),
            times=draw(st.sampled_from([0, 1, 2, 3])),
            setting=draw(st.sampled_from(["one_to_one", "group", "either"])),
            small_area=draw(st.sampled_from([None, "North", "South", "Unknown"])),
            radius_metres=draw(st.sampled_from([None, 0, 500, 3000])),
            minutes=draw(st.sampled_from([30, 60, 120])),
            is_at_home=draw(st.booleans()),
            languages=draw(st.sampled_from([(), ("cy",), ("bn", "en")])),
            language=draw(st.sampled_from([None, "en", "cy"])),
        )
        for n in range(draw(st.integers(0, 12)))
    ]


@st.composite
def rules(draw: st.DrawFn) -> Forbidden:
    listings = st.sampled_from([UUID(int=n) for n in (*range(100, 112), *range(200, 212))])
    return Forbidden(
        pairs={frozenset(pair) for pair in draw(st.sets(st.tuples(people, people), max_size=6))},
        listings=draw(st.sets(st.tuples(people, listings), max_size=4)),
        skills=draw(st.sets(st.tuples(people, st.sampled_from(SKILLS)), max_size=3)),
        at_home=Kept(draw(st.frozensets(people, max_size=3)), draw(st.frozensets(people, max_size=3))),
    )


def is_near(one: Side, other: Side) -> bool:
    """Neither has further to go than they said; North and South are two kilometres apart."""
    if one.small_area == other.small_area and one.small_area:
        return True
    bound = [s.radius_metres for s in (one, other) if s.small_area and s.radius_metres is not None]
    metres = metres_between(str(one.small_area), str(other.small_area))
    return all(metres <= most for most in bound)


def metres_between(one: str, other: str) -> int:
    """As the crow flies; a step where nobody knows."""
    if not {one, other} <= set(PLACES):
        return 1
    first, second = (Area(small_area=n, latitude=PLACES[n][0], longitude=PLACES[n][1]) for n in (one, other))
    return areas.metres(first, second)


@settings(max_examples=200, deadline=None)
@given(sides(first=100), sides(first=200), rules(), st.integers(1, 4))
def test_no_rule_is_broken_by_any_circle(asks, offers, forbidden: Forbidden, helpers_max: int) -> None:
    here = town(asks, offers, forbidden, seed=7, helpers_max=helpers_max, places=PLACES)
    problem = here.problem(quota_minutes=120, quiet=set(PEOPLE[:2]), busy_minutes={PEOPLE[0]: 60})
    for ring in flow.circles(problem, flow.solve(problem)):
        for number in ring.helps:
            ask = asks[int(here.ask_of[number])]
            offer = offers[int(here.offer_of[number])]
            assert ask.skill == offer.skill
            assert ask.party_id != offer.party_id
            assert frozenset((ask.party_id, offer.party_id)) not in forbidden.pairs
            assert not forbidden.listings & {
                (ask.party_id, offer.listing_id),
                (offer.party_id, ask.listing_id),
            }
            assert not forbidden.skills & {(ask.party_id, ask.skill), (offer.party_id, ask.skill)}
            assert not (
                (ask.is_at_home or offer.is_at_home)
                and ask.party_id in forbidden.at_home.receivers
                and offer.party_id in forbidden.at_home.givers
            )
            assert not ask.times or not offer.times or ask.times & offer.times
            assert "either" in (ask.setting, offer.setting) or ask.setting == offer.setting
            assert is_near(ask, offer)
            assert not ask.languages or {*ask.languages} & {*offer.languages, offer.language}
            assert not offer.languages or {*offer.languages} & {*ask.languages, ask.language}


def test_the_same_seed_draws_the_same_lots() -> None:
    offers = [
        Side(UUID(int=100 + n), UUID(int=n + 1), "baking", 0, "either", None, None, 60) for n in range(50)
    ]
    asks = [Side(UUID(int=900), UUID(int=99), "baking", 0, "either", None, None, 60)]
    nothing = Forbidden(pairs=set(), listings=set(), skills=set())
    drawn = [town(asks, offers, nothing, seed=seed, helpers_max=5).offer_of.tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 5


def test_a_quiet_member_may_take_part_in_more() -> None:
    ann, ben = PEOPLE[:2]
    asks = [Side(UUID(int=900), ann, "baking", 0, "either", None, None, 60)]
    offers = [Side(UUID(int=901), ben, "baking", 0, "either", None, None, 60)]
    here = town(asks, offers, Forbidden(set(), set(), set()), seed=1, helpers_max=5)
    found = here.problem(quota_minutes=120, quiet={ben}, busy_minutes={ben: 60}, quiet_extra_minutes=60)
    assert dict(zip(here.members, found.quotas.tolist(), strict=True)) == {ann: 2, ben: 2}
