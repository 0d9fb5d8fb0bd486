"""Activities from the idea to a place at one: proposed, approved, booked, waited for, called off."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.activities import places, proposing, sessions, sheets, standing
from exchange.activities.errors import (
    ActivityInWrongState,
    BadActivity,
    NotEnoughForPlace,
    PlaceInWrongState,
    TooManyCompanions,
)
from exchange.activities.tables import Activity, ActivitySession, Seat
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, members, organisations
from exchange.outbox import Event
from tests.exchange.activities.group import TUESDAY, available_of, balance_of, hold_a_group, lunch
from tests.small_bank import Small, make

DAY = timedelta(days=1)


async def book(small: Small, who: str, session_id, **more):
    return await places.book(
        small.session, small[who], session_id, place_id=uuid7(), **({"at": small.at - 2 * DAY} | more)
    )


async def test_a_member_proposes_and_a_coordinator_approves(small: Small) -> None:
    ann = small["Ann"]
    idea = lunch(small, host_id=ann.member_id, title="Knit and natter")
    made = await proposing.propose(small.session, ann, idea, at=small.at)
    assert made.state == "proposed"
    with pytest.raises(NotAllowed):
        await proposing.approve(small.session, ann, made.activity_id, at=small.at)
    with pytest.raises(NotFound):
        await standing.activity_of(small.session, small["Ben"], made.activity_id)
    await proposing.approve(small.session, small["Cora"], made.activity_id, at=small.at)
    assert made.state == "approved"
    again = await proposing.approve(small.session, small["Cora"], made.activity_id, at=small.at)
    assert again.decided_by == small["Cora"].member_id
    kinds = (
        await small.session.scalars(select(col(Event.kind)).where(col(Event.bank_id) == small.bank_id))
    ).all()
    assert kinds.count("activity.approved") == 1


async def test_nobody_decides_on_their_own_proposal(small: Small) -> None:
    cora = small["Cora"]
    idea = lunch(small, host_id=cora.member_id)
    made = await proposing.propose(small.session, cora, idea, at=small.at)
    with pytest.raises(NotAllowed):
        await proposing.approve(small.session, cora, made.activity_id, at=small.at)
    for_someone = await proposing.propose(small.session, cora, lunch(small), at=small.at)
    with pytest.raises(NotAllowed):
        await proposing.approve(small.session, cora, for_someone.activity_id, at=small.at)
    led = lunch(small, leader_ids=[cora.member_id])
    made = await proposing.propose(small.session, small["admin"], led, at=small.at)
    with pytest.raises(NotAllowed):
        await proposing.approve(small.session, cora, made.activity_id, at=small.at)


async def test_a_proposal_told_twice_is_one(small: Small) -> None:
    idea = lunch(small)
    first = await proposing.propose(small.session, small["Cora"], idea, at=small.at)
    again = await proposing.propose(small.session, small["Cora"], idea, at=small.at)
    assert again is first
    other = lunch(small, activity_id=idea.activity_id, title="Another")
    with pytest.raises(SameIdOtherContents):
        await proposing.propose(small.session, small["Cora"], other, at=small.at)


@pytest.mark.parametrize(
    "choices",
    [
        {"minutes": 0},
        {"repeats": "daily"},
        {"first_on": TUESDAY - DAY},
        {"ends_on": TUESDAY - DAY},
        {"places": 0},
        {"companions_max": 21},
        {"earns_minutes": -1},
        {"earns_minutes": 60, "costs_minutes": 60},
        {"earns_from": "thin air"},
    ],
    ids=str,
)
async def test_what_no_activity_can_be_is_refused(small: Small, choices) -> None:
    with pytest.raises(BadActivity):
        await proposing.propose(small.session, small["Cora"], lunch(small, **choices), at=small.at)


async def test_two_months_of_sessions_are_written_and_later_ones_follow(small: Small) -> None:
    group = await hold_a_group(small)
    count = select(func.count()).where(
        col(ActivitySession.bank_id) == small.bank_id,
        col(ActivitySession.activity_id) == group.activity.activity_id,
    )
    assert await small.session.scalar(count) == 9
    later = small.at + timedelta(days=30)
    assert await sessions.plan_due(small.session, small.bank_id, at=later) == 1
    assert await small.session.scalar(count) == 14
    assert await sessions.plan_due(small.session, small.bank_id, at=later) == 0


async def test_the_last_place_goes_once_and_the_next_waits(small: Small) -> None:
    group = await hold_a_group(small, places=1)
    assert (await book(small, "Ann", group.session_id)).state == "booked"
    waits = await book(small, "Ben", group.session_id)
    assert waits.state == "waiting"
    assert (await book(small, "Ben", group.session_id)) is waits, "asked twice, one turn"
    await places.leave(small.session, small["Ann"], group.session_id, at=small.at - DAY)
    assert waits.state == "booked"
    again = await places.leave(small.session, small["Ann"], group.session_id, at=small.at - DAY)
    assert again.state == "left"


async def test_companions_have_chairs_and_cost_nothing(small: Small) -> None:
    group = await hold_a_group(small, places=3, companions_max=1, costs_minutes=60)
    with pytest.raises(TooManyCompanions):
        await book(small, "Ann", group.session_id, companions=2)
    await book(small, "Ann", group.session_id, companions=1)
    assert await available_of(small, small["Ann"].member_id) == -60
    assert (await book(small, "Ben", group.session_id, companions=1)).state == "waiting"
    assert (await book(small, "Cyd", group.session_id)).state == "booked"
    seats = select(func.count()).where(col(Seat.bank_id) == small.bank_id)
    assert await small.session.scalar(seats) == 3


async def test_booking_sets_aside_and_leaving_in_time_gives_back(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, late_hours=24, late_keeps=True)
    ann = small["Ann"].member_id
    place = await book(small, "Ann", group.session_id)
    assert (place.is_held, await available_of(small, ann), await balance_of(small, ann)) == (True, -60, 0)
    await places.leave(small.session, small["Ann"], group.session_id, at=small.at - 25 * DAY / 24)
    assert (await available_of(small, ann), await balance_of(small, ann)) == (0, 0)


async def test_leaving_late_follows_the_organisations_rule(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host", late_hours=24, late_keeps=True)
    await book(small, "Ann", group.session_id)
    left = await places.leave(small.session, small["Ann"], group.session_id, at=small.at - DAY / 2)
    assert left.kept_minutes == 60
    assert await balance_of(small, small["Ann"].member_id) == -60
    assert await balance_of(small, small.organisation_id) == 60


async def test_without_such_a_rule_leaving_late_costs_nothing(small: Small) -> None:
    """The control."""
    group = await hold_a_group(small, costs_minutes=60, costs_to="host")
    await book(small, "Ann", group.session_id)
    left = await places.leave(small.session, small["Ann"], group.session_id, at=small.at - DAY / 24)
    assert left.kept_minutes == 0
    assert await balance_of(small, small["Ann"].member_id) == 0


async def test_below_the_limit_is_a_clear_no(small: Small) -> None:
    await banks.set_policy(small.session, small["admin"], {"floor_minutes": 0})
    poor = await small.add("Dee")
    group = await hold_a_group(small, costs_minutes=60)
    with pytest.raises(NotEnoughForPlace):
        async with small.session.begin_nested():
            await book(small, "Dee", group.session_id)
    assert await places.of_member(small.session, small.bank_id, group.session_id, poor.member_id) is None


async def test_called_off_gives_back_and_tells_everybody_booked(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, places=1)
    await book(small, "Ann", group.session_id)
    await book(small, "Ben", group.session_id)
    await organisations.represent(
        small.session, small["admin"], small.organisation_id, small["Cyd"].member_id
    )
    cyd = await small.reload("Cyd")
    with pytest.raises(NotAllowed):
        await sessions.call_off(small.session, small["Ann"], group.session_id, at=small.at)
    for _ in range(2):
        await sessions.call_off(small.session, cyd, group.session_id, reason="The boiler", at=small.at)
    told = select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == "session.called_off")
    people = {event.payload["member_id"] for event in await small.session.scalars(told)}
    assert people == {str(small["Ann"].member_id), str(small["Ben"].member_id)}
    assert await available_of(small, small["Ann"].member_id) == 0
    with pytest.raises(ActivityInWrongState):
        await book(small, "Cyd", group.session_id)


async def test_ending_an_activity_calls_its_sessions_off(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60)
    await book(small, "Ann", group.session_id)
    await proposing.end(small.session, small["Cora"], group.activity.activity_id, at=small.at - DAY)
    assert await available_of(small, small["Ann"].member_id) == 0
    assert group.activity.state == "ended"


async def test_after_the_session_those_who_stayed_away_are_settled(small: Small) -> None:
    kept = await hold_a_group(small, costs_minutes=60, late_keeps=True, title="Swimming")
    free = await hold_a_group(small, costs_minutes=30, title="Cinema")
    for group in (kept, free):
        await book(small, "Ann", group.session_id)
    late = small.at + timedelta(days=3)
    assert await sessions.close(small.session, small.bank_id, at=late) == 2
    assert await balance_of(small, small["Ann"].member_id) == -60
    assert await available_of(small, small["Ann"].member_id) == -60, "nothing is left set aside"
    with pytest.raises(PlaceInWrongState):
        await places.leave(small.session, small["Ann"], kept.session_id, at=late)


async def test_whoever_goes_for_good_gets_back_what_was_set_aside(small: Small) -> None:
    from exchange.hours import leaving

    group = await hold_a_group(small, costs_minutes=60)
    await book(small, "Ann", group.session_id)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "left", at=small.at)
    assert await available_of(small, small["Ann"].member_id) == 0


async def test_a_wall_hides_a_group_from_whats_on_and_from_booking(small: Small) -> None:
    group = await hold_a_group(small, host_id=small["Ben"].member_id, costs_to="pot")
    seen = await sheets.whats_on(small.session, small.bank_id, viewer=small["Ann"], at=small.at - DAY)
    assert {line.activity_id for line in seen.lines} == {group.activity.activity_id}
    await members.block(
        small.session, small["Ann"], small["Ann"].member_id, small["Ben"].member_id, at=small.at
    )
    seen = await sheets.whats_on(small.session, small.bank_id, viewer=small["Ann"], at=small.at - DAY)
    assert seen.lines == ()
    with pytest.raises(NotFound):
        await book(small, "Ann", group.session_id)


async def test_strangers_see_public_groups_and_no_members_name(small: Small) -> None:
    await hold_a_group(small, host_id=small["Ben"].member_id)
    await hold_a_group(small, title="For members", is_public=False)
    seen = await sheets.whats_on(small.session, small.bank_id, viewer=None, at=small.at - DAY, days=7)
    assert {line.title for line in seen.lines} == {"Lunch together"}
    assert {(line.host, line.location) for line in seen.lines} == {("Lantern Street", "")}, "it may be a home"


async def test_a_hundred_at_once_for_the_last_place(database: Database, at: datetime) -> None:
    """One wins, ninety-nine are on the list, in one order without gaps."""
    bank_id = uuid7()
    people = 100
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        for number in range(people):
            await small.add(f"Guest {number}")
        group = await hold_a_group(small, places=1, costs_minutes=30)

    async def one(number: int) -> tuple[str, int]:
        async with database.transaction(bank_id) as session:
            place = await places.book(
                session, small[f"Guest {number}"], group.session_id, place_id=uuid7(), at=at - DAY
            )
            return place.state, place.turn

    found = await asyncio.gather(*(one(number) for number in range(people)))
    assert sorted(turn for _, turn in found) == list(range(1, people + 1))
    assert [turn for state, turn in found if state == "booked"] == [1]
    assert sum(state == "waiting" for state, _ in found) == people - 1
    async with database.transaction(bank_id) as session:
        assert await session.scalar(select(func.count()).where(col(Seat.bank_id) == bank_id)) == 1


async def test_two_chairs_with_one_number_are_refused_by_the_database(small: Small) -> None:
    from sqlalchemy.exc import IntegrityError

    group = await hold_a_group(small)
    one = await book(small, "Ann", group.session_id)
    other = await book(small, "Ben", group.session_id)
    taken = await small.session.scalar(
        select(col(Seat.seat)).where(col(Seat.bank_id) == small.bank_id, col(Seat.place_id) == one.place_id)
    )
    small.session.add(
        Seat(bank_id=small.bank_id, session_id=group.session_id, seat=taken, place_id=other.place_id)
    )
    with pytest.raises(IntegrityError):
        async with small.session.begin_nested():
            await small.session.flush()


async def test_another_banks_activity_is_not_found(small: Small) -> None:
    with pytest.raises(NotFound):
        await standing.activity_of(small.session, small["admin"], uuid7())
    assert await small.session.get(Activity, (small.bank_id, uuid7())) is None
