"""A group that is there, otherwise: who may, what stands, and who hears of it."""

from datetime import time, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from exchange.activities import changing, hosting, resources, sessions
from exchange.activities.errors import (
    ActivityInWrongState,
    BadActivity,
    FixedOnceApproved,
    SomebodyBooked,
)
from exchange.activities.tables import ActivitySession
from exchange.errors import NotAllowed
from exchange.hours import leaving
from exchange.membership import members, organisations
from exchange.outbox import Event
from tests.exchange.activities.group import Group, available_of, hold_a_group
from tests.exchange.activities.test_notes_and_rooms import a_room
from tests.exchange.activities.test_notes_and_rooms import book as book_a_room
from tests.exchange.activities.test_places import book
from tests.small_bank import Small

WEEK = timedelta(days=7)


async def the_voice(small: Small, name: str = "Cyd"):
    await organisations.represent(small.session, small["admin"], small.organisation_id, small[name].member_id)
    return await small.reload(name)


async def change(small: Small, by, group: Group, **changes):
    async with small.session.begin_nested():
        key = group.activity.activity_id
        return await changing.change(small.session, by, key, changes, at=small.at)


def next_week(small: Small, group: Group):
    return sessions.key(group.activity.activity_id, (small.at + WEEK).date())


async def told(small: Small, kind: str) -> list[tuple[str, str]]:
    found = select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == kind)
    return sorted(
        (e.payload["member_id"], e.payload["starts_at"]) for e in await small.session.scalars(found)
    )


async def test_another_time_moves_what_is_to_come_and_tells_who_booked_once(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=30)
    later = sessions.key(group.activity.activity_id, (small.at + 2 * WEEK).date())
    for key in (later, next_week(small, group)):
        await book(small, "Ann", key)
    await book(small, "Ben", later)
    cyd = await the_voice(small)
    for _ in range(2):
        await change(small, cyd, group, starts=time(15), minutes=90, about="Soup first.")
    meeting = await small.session.get_one(ActivitySession, (small.bank_id, later))
    assert meeting.ends_at - meeting.starts_at == timedelta(minutes=90)
    assert meeting.starts_at.hour == 14, "three o'clock in the summer"
    assert await told(small, "activity.changed") == sorted(
        [
            (str(small["Ann"].member_id), (small.at + WEEK + timedelta(hours=2)).isoformat()),
            (str(small["Ben"].member_id), meeting.starts_at.isoformat()),
        ]
    ), "once for each, about their next one"
    with pytest.raises(NotAllowed):
        await change(small, small["Ann"], group, starts=time(16))


async def test_other_words_tell_nobody(small: Small) -> None:
    """The control."""
    group = await hold_a_group(small)
    await book(small, "Ann", next_week(small, group))
    await change(
        small, await the_voice(small), group, about="Soup first.", access=["No steps"], lifts="Ring us"
    )
    assert await told(small, "activity.changed") == []
    assert (group.activity.about, group.activity.access) == ("Soup first.", ["No steps"])


async def test_what_it_earns_stands_once_others_said_yes(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    cyd = await the_voice(small)
    for wish in ({"earns_minutes": 120}, {"leaders_earn_minutes": 60}, {"has_check_out": True}):
        with pytest.raises(FixedOnceApproved):
            await change(small, cyd, group, **wish)
        with pytest.raises(FixedOnceApproved):
            await change(small, small["Cora"], group, **wish)
    with pytest.raises(NotAllowed):
        await change(small, cyd, group, leader_ids=[cyd.member_id])
    await change(small, small["Cora"], group, leader_ids=[cyd.member_id], title="Lunch for all")
    assert group.activity.title == "Lunch for all"


async def test_a_leader_who_had_booked_pays_nothing(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60)
    await book(small, "Ann", next_week(small, group))
    await change(small, small["Cora"], group, leader_ids=[small["Ann"].member_id])
    assert await available_of(small, small["Ann"].member_id) == 0


async def test_nobody_who_booked_is_worse_off(small: Small) -> None:
    group = await hold_a_group(
        small, costs_minutes=30, places=4, late_hours=48, late_keeps=True, companions_max=2
    )
    cyd = await the_voice(small)
    await book(small, "Ann", next_week(small, group), companions=2)
    for worse in ({"late_hours": 72}, {"places": 2}):
        with pytest.raises(SomebodyBooked):
            await change(small, cyd, group, **worse)
    await change(small, cyd, group, late_hours=24, places=3)
    waits = await book(small, "Ben", next_week(small, group))
    assert waits.state == "waiting"
    await change(small, cyd, group, places=5, late_keeps=False)
    assert waits.state == "booked"


async def test_an_earlier_last_day_calls_the_rest_off(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=30)
    for weeks in (1, 2):
        await book(small, "Ann", sessions.key(group.activity.activity_id, (small.at + weeks * WEEK).date()))
    await change(small, await the_voice(small), group, ends_on=(small.at + WEEK).date())
    assert await available_of(small, small["Ann"].member_id) == -30
    assert [who for who, _ in await told(small, "session.called_off")] == [str(small["Ann"].member_id)]
    await change(small, small["Cora"], group, ends_on=None)
    assert group.activity.plan_at is not None


async def test_no_session_of_today_begins_before_now(small: Small) -> None:
    group = await hold_a_group(small, starts=time(20))
    with pytest.raises(BadActivity):
        await change(small, small["Cora"], group, starts=time(9))


async def test_what_is_over_is_not_changed(small: Small) -> None:
    group = await hold_a_group(small)
    group.activity.state = "ended"
    with pytest.raises(ActivityInWrongState):
        await change(small, small["Cora"], group, about="No")


async def test_who_waits_has_the_place_of_somebody_who_goes_for_good(small: Small) -> None:
    group = await hold_a_group(small, places=1)
    key = next_week(small, group)
    await book(small, "Ann", key)
    waits = await book(small, "Ben", key)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "deceased", at=small.at)
    assert waits.state == "booked"


# What an organisation sees of its own.


async def test_its_voice_sees_what_is_to_come_and_nobody_else_does(small: Small) -> None:
    group = await hold_a_group(small, places=2, companions_max=1)
    key = next_week(small, group)
    await book(small, "Ann", key, companions=1)
    await book(small, "Ben", key)
    room = await a_room(small)
    made = await book_a_room(small, "Ann", room)
    cyd = await the_voice(small)
    ask = small.session, cyd, small.organisation_id
    coming = {c.session.session_id: c for c in await hosting.sessions_to_come(*ask, at=small.at)}
    assert (coming[key].booked, coming[key].companions, coming[key].waiting) == (1, 1, 1)
    assert [(lent.booking, lent.name) for lent in await hosting.booked(*ask)] == [(made, "Ann")]
    await members.block(small.session, small["Ann"], small["Ann"].member_id, cyd.member_id, at=small.at)
    assert [lent.name for lent in await hosting.booked(*ask)] == [None], "no name from behind a wall"
    with pytest.raises(NotAllowed):
        await hosting.booked(small.session, small["Ben"], small.organisation_id)


async def test_a_room_is_said_otherwise_and_what_is_booked_keeps_its_price(small: Small) -> None:
    room = await a_room(small, late_hours=24, late_keeps=True)
    made = await book_a_room(small, "Ann", room)
    cyd = await the_voice(small)
    ask = small.session, cyd, room.resource_id
    await resources.change(*ask, {"costs_minutes": 60, "title": "The green room"}, at=small.at)
    assert (made.minutes, room.costs_minutes, room.title) == (30, 60, "The green room")
    with pytest.raises(SomebodyBooked):
        await resources.change(*ask, {"late_hours": 48}, at=small.at)
    await resources.change(*ask, {"late_hours": 12}, at=small.at)
    with pytest.raises(BadActivity):
        await resources.change(*ask, {"opens": time(22)}, at=small.at)
