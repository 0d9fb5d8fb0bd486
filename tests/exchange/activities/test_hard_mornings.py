"""What goes wrong at the door: wrong ids and clocks, people who went, sessions that are off after all."""

import asyncio
from datetime import date, time, timedelta
from itertools import product
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from exchange.activities import (
    bookings,
    checking_in,
    coming,
    deciding,
    moments,
    places,
    resources,
    sessions,
    sheets,
    troubles,
    whats_on,
)
from exchange.activities.errors import AskCoordinator, NotToday, OutsideHours, SomebodyBooked
from exchange.activities.opening import Tries
from exchange.activities.tables import Booking, CheckIn
from exchange.activities.troubles import Trouble
from exchange.derived import derived
from exchange.errors import NotFound, ReservedId, SameIdOtherContents
from exchange.hours import leaving
from exchange.hours.errors import BelowFloor
from exchange.membership import banks, members, parties
from exchange.outbox import Event
from tests.exchange.activities.group import Group, available_of, balance_of, hold_a_group
from tests.exchange.activities.test_checking_in import arrive, crowd, speak_for_the_day_centre, tick
from tests.exchange.activities.test_notes_and_rooms import a_room
from tests.small_bank import Small, make

SECRET = b"a secret for tests only"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def place_of(small: Small, who: str, group: Group, **more):
    plain = {"place_id": uuid7(), "at": small.at - 2 * DAY}
    return await places.book(small.session, small[who], group.session_id, **(plain | more))


async def nod(small: Small, by: str, row: CheckIn, *, at=None) -> CheckIn:
    return await deciding.nod(small.session, small[by], row.check_in_id, at=at or small.at)


# Ids.


async def test_nobody_takes_the_id_that_anothers_check_in_will_need(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    bens = checking_in.key(group.session_id, small["Ben"].member_id)
    for taken in (bens, derived(uuid7(), "reverse")):
        with pytest.raises(ReservedId):
            await arrive(small, "Ann", group, check_in_id=taken)
    own = checking_in.key(group.session_id, small["Ann"].member_id)
    assert (await arrive(small, "Ann", group, check_in_id=own)).check_in_id == own
    # With the id of a transfer a check-in would else hold up everybody who is ticked with it.
    group = await hold_a_group(small, earns_minutes=60)
    bank, known = await banks.get(small.session, small.bank_id), uuid7()
    ann, pot = [
        (await parties.get(small.session, small.bank_id, key)).account_id
        for key in (small["Ann"].member_id, bank.pot_id)
    ]
    five = {"payer_id": ann, "payee_id": pot, "amount_minor": 5, "happened_on": small.at.date()}
    spent = ledger.Transfer(transfer_id=known, **five)
    await ledger.post(small.session, small.bank_id, [spent], at=small.at)
    await arrive(small, "Ann", group, check_in_id=known)
    answer = await tick(small, "Cora", group, "Ann", "Ben")
    assert [row.state for row in answer.check_ins] == ["counted", "counted"]
    assert await balance_of(small, small["Ann"].member_id) == 55
    group, room = await hold_a_group(small, costs_minutes=60), await a_room(small)
    place = await place_of(small, "Ann", group)
    ask = {"booking_id": place.place_id, "day": date(2026, 5, 14), "starts": time(10), "at": small.at}
    with pytest.raises(SameIdOtherContents):
        await bookings.book(small.session, small["Ann"], room.resource_id, **ask)


# Clocks.


@pytest.mark.parametrize(
    ("fast", "kept_for", "came"),
    [(40, 30, -30), (-40, 30, -30), (60 * 24 * 200, 30, -30), (40, -5, 0)],
)
def test_a_clock_that_was_wrong_when_it_sent_tells_how_long_it_kept(at, fast, kept_for, came) -> None:
    sent = at + timedelta(minutes=fast)
    said = sent - timedelta(minutes=kept_for)
    moment = moments.read(said.isoformat(), is_kept=True, at=at, sent_at=sent.isoformat())
    assert (moment.came_at - at, moment.is_clock_wrong) == (timedelta(minutes=came), True)
    right = moments.read((at - HOUR).isoformat(), is_kept=True, at=at, sent_at=at.isoformat())
    assert (right.came_at, right.is_clock_wrong) == (at - HOUR, False), "the control: a clock that is right"


async def test_what_a_telephone_tells_of_a_session_to_come_waits_and_pays_nothing(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    early = small.at - DAY
    kept = moments.read((early - HOUR).isoformat(), is_kept=True, at=early)
    answer = await tick(small, "Cora", group, "Ann", at=early, moment=kept)
    (row,) = answer.check_ins
    assert (row.state, row.flags, row.is_paid) == ("waiting", ["clock"], False)
    for again in (kept, moments.read(early.isoformat(), is_kept=True, at=early)):
        await tick(small, "Cora", group, "Ann", at=early, moment=again)
    assert row.state == "waiting"
    with pytest.raises(NotToday):
        await nod(small, "Cora", row, at=early)
    assert (await nod(small, "Cora", row)).state == "counted"
    assert await balance_of(small, small["Ann"].member_id) == 60
    # Who comes before midnight to what begins after it, came today.
    group = await hold_a_group(small, earns_minutes=60, first_on=small.at.date() + DAY, starts=time(0, 30))
    late = small.at.replace(hour=22, minute=50)
    answer = await tick(small, "Cora", group, "Ben", at=late)
    assert [row.state for row in answer.check_ins] == ["counted"]
    assert await balance_of(small, small["Ben"].member_id) == 60


# Who has a part in it, and who has gone.


async def test_whoever_holds_a_group_is_nodded_to_where_its_poster_is_trusted(small: Small) -> None:
    group = await hold_a_group(small, host_id=small["Ben"].member_id, earns_minutes=60, is_trusted=True)
    assert (await arrive(small, "Ben", group)).state == "waiting"
    assert (await arrive(small, "Ann", group)).state == "counted"


async def test_who_died_before_the_nod_is_the_coordinators_and_nothing_stays_with_them(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60, leader_ids=[small["Cyd"].member_id])
    said = await arrive(small, "Ann", group)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "deceased", at=small.at)
    with pytest.raises(AskCoordinator):
        await nod(small, "Cyd", said)
    bank = await banks.get(small.session, small.bank_id)
    assert (await nod(small, "Cora", said)).is_paid
    assert await balance_of(small, small["Ann"].member_id) == 0
    assert await balance_of(small, bank.pot_id) == 60, "it goes where the rest of theirs went"
    led = await hold_a_group(small, leader_ids=[small["Ben"].member_id, small["Cyd"].member_id])
    await members.set_status(small.session, small["Cora"], small["Ben"].member_id, "deceased")
    printed = await sheets.roster(small.session, small["Cora"], led.session_id, at=small.at)
    assert [line.name for line in printed.lines] == ["Cyd"]


async def test_a_wall_stands_before_one_group_and_before_a_list_of_who_came(small: Small) -> None:
    group = await hold_a_group(small, leader_ids=[small["Cyd"].member_id])
    key = group.activity.activity_id
    assert await whats_on.one(small.session, small["Ann"], key) is group.activity
    await tick(small, "Cora", group, "Ann", "Ben")
    await members.block(
        small.session, small["Ann"], small["Ann"].member_id, small["Cyd"].member_id, at=small.at
    )
    with pytest.raises(NotFound):
        await whats_on.one(small.session, small["Ann"], key)
    for name in ("Cyd", "Cora"):
        assert await whats_on.one(small.session, small[name], key) is group.activity
    seen = await coming.check_ins(small.session, small["Cyd"], group.session_id)
    assert [row.member_id for row in seen] == [small["Ben"].member_id]


async def test_a_card_without_a_session_is_of_the_one_where_one_helps(small: Small) -> None:
    group = await hold_a_group(small, leader_ids=[small["Cyd"].member_id])
    (card,) = await sheets.cards(small.session, small["Cora"], [small["Ann"].member_id], at=small.at)

    async def scan(who: str):
        tries = Tries.of(SECRET, member=small[who].member_id)
        kept = moments.read(small.at.isoformat(), is_kept=True, at=small.at + 3 * HOUR)
        ask = {"check_in_id": uuid7(), "moment": kept, "at": small.at + 3 * HOUR}
        return await coming.by_code(small.session, small[who], card.code, tries, **ask)

    told = await scan("Ben")
    assert isinstance(told, Trouble)
    assert (told.trouble, told.trouble in troubles.GUESSES) == ("not_theirs", False)
    await hold_a_group(small, title="Choir", host_id=small["Cyd"].member_id)
    assert isinstance(await scan("Cyd"), Trouble), "of two sessions, neither is sure"
    await sessions.call_off(small.session, small["Cora"], group.session_id, at=small.at)
    answer = await scan("Cyd")
    assert not isinstance(answer, Trouble)
    assert [row.member_id for row in answer.check_ins] == [small["Ann"].member_id]


# Called off, undone, and what was set aside.


async def test_called_off_before_it_begins_is_as_if_nobody_had_come(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host", is_trusted=True)
    for name in ("Ann", "Ben"):
        await place_of(small, name, group)
    before = small.at - timedelta(minutes=30)
    await arrive(small, "Ann", group, at=before)
    assert await balance_of(small, small["Ann"].member_id) == -60
    await sessions.call_off(small.session, small["Cora"], group.session_id, at=before)
    for name in ("Ann", "Ben"):
        assert await available_of(small, small[name].member_id) == 0
    told = select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == "session.called_off")
    people = {event.payload["member_id"] for event in await small.session.scalars(told)}
    assert people == {str(small[name].member_id) for name in ("Ann", "Ben")}
    assert (await ledger.audit(small.session, small.bank_id)).findings == []
    # The control: in the middle, those who came, came.
    group = await hold_a_group(small, earns_minutes=60, is_trusted=True)
    await arrive(small, "Cyd", group)
    later = small.at + timedelta(minutes=10)
    await sessions.call_off(small.session, small["Cora"], group.session_id, at=later)
    assert await balance_of(small, small["Cyd"].member_id) == 60


async def test_an_undone_check_in_leaves_nothing_set_aside(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, has_check_out=True)
    await place_of(small, "Ann", group)
    (row,) = (await tick(small, "Cora", group, "Ann")).check_ins
    assert (row.is_paid, await available_of(small, small["Ann"].member_id)) == (False, -60)
    await deciding.undo(small.session, small["Cora"], row.check_in_id, reason="Another Ann", at=small.at)
    assert await available_of(small, small["Ann"].member_id) == 0
    group = await hold_a_group(small, earns_minutes=60)
    (row,) = (await tick(small, "Cora", group, "Ben")).check_ins
    bank = await banks.get(small.session, small.bank_id)
    room = await a_room(small, costs_minutes=60 - bank.floor_minutes)
    ask = {"booking_id": uuid7(), "day": date(2026, 5, 14), "starts": time(10), "at": small.at}
    await bookings.book(small.session, small["Ben"], room.resource_id, **ask)
    with pytest.raises(BelowFloor):
        async with small.session.begin_nested():
            await deciding.undo(small.session, small["Cora"], row.check_in_id, reason="Not her", at=small.at)
    await small.session.refresh(row)
    assert row.state == "counted"


async def test_what_was_set_aside_too_long_ago_is_paid_like_anything_else(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host")
    await place_of(small, "Ann", group)
    await place_of(small, "Ben", group)
    anns, bens = await arrive(small, "Ann", group), await arrive(small, "Ben", group)
    much_later = small.at + 70 * DAY
    await sessions.close(small.session, small.bank_id, at=small.at + 3 * DAY)
    await ledger.expire_holds(small.session, small.bank_id, at=much_later)
    assert (await nod(small, "Cora", anns, at=much_later)).is_paid
    assert await balance_of(small, small["Ann"].member_id) == -60
    await deciding.refuse(small.session, small["Cora"], bens.check_in_id, at=much_later)
    assert await available_of(small, small["Ben"].member_id) == 0


async def test_a_place_that_was_paid_for_late_is_not_paid_for_again(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host", late_hours=24, late_keeps=True)
    await place_of(small, "Ann", group)
    await places.leave(small.session, small["Ann"], group.session_id, at=small.at - HOUR)
    (row,) = (await tick(small, "Cora", group, "Ann")).check_ins
    assert await balance_of(small, small["Ann"].member_id) == -60
    await deciding.undo(small.session, small["Cora"], row.check_in_id, reason="Another Ann", at=small.at)
    assert await balance_of(small, small["Ann"].member_id) == -60, "leaving late still cost it"


async def test_of_twenty_of_whom_half_cannot_pay_the_others_come_in(small: Small) -> None:
    people = await crowd(small, 20)
    group = await hold_a_group(small, costs_minutes=600, title="The theatre")
    room = await a_room(small, costs_minutes=1)
    for number, who in enumerate(people[::2]):
        ask = {"booking_id": uuid7(), "day": date(2026, 5, 14) + number * DAY, "starts": time(10)}
        await bookings.book(small.session, small["Cora"], room.resource_id, party_id=who, at=small.at, **ask)
    answer = await checking_in.tick(
        small.session,
        small["Cora"],
        group.session_id,
        people,
        way="roster",
        moment=moments.read(None, is_kept=False, at=small.at),
        at=small.at,
    )
    found = [(row.state, row.flags) for row in answer.check_ins]
    assert found == [("waiting", ["floor"]), ("counted", [])] * 10


# Rooms.


async def test_a_booking_told_otherwise_under_the_same_id_is_refused(small: Small) -> None:
    room, key = await a_room(small), uuid7()
    ask = {"booking_id": key, "day": date(2026, 5, 14), "starts": time(10), "at": small.at}
    first = await bookings.book(small.session, small["Ann"], room.resource_id, **ask)
    assert await bookings.book(small.session, small["Ann"], room.resource_id, **ask) is first
    for other in ({"day": date(2026, 5, 15)}, {"starts": time(11)}, {"units": 2}):
        with pytest.raises(SameIdOtherContents):
            await bookings.book(small.session, small["Ann"], room.resource_id, **(ask | other))
    # Hours that begin at another minute would let two bookings share one.
    made = await bookings.book(
        small.session,
        small["Ann"],
        room.resource_id,
        booking_id=uuid7(),
        day=date(2026, 5, 18),
        starts=time(10),
        at=small.at,
    )
    half_past = {"opens": time(9, 30)}
    ask = small.session, small["Cora"], room.resource_id
    with pytest.raises(SomebodyBooked):
        await resources.change(*ask, half_past, at=small.at)
    for each in (made, first):
        await bookings.cancel(small.session, small["Ann"], each.booking_id, at=small.at)
    assert (await resources.change(*ask, half_past, at=small.at)).opens == time(9, 30)


async def test_a_day_of_another_age_is_a_plain_no(small: Small) -> None:
    things = [await a_room(small, kind=kind) for kind in ("room", "equipment")]
    for room, day in product(things, (date.max, date.min)):
        with pytest.raises(OutsideHours):
            await bookings.book(
                small.session,
                small["Ann"],
                room.resource_id,
                booking_id=uuid4(),
                day=day,
                units=2,
                at=small.at,
            )


async def test_a_press_sent_twice_at_once_is_one_booking_and_one_answer(database: Database, at) -> None:
    bank_id, key = uuid7(), uuid7()
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        room = await a_room(small)
        await speak_for_the_day_centre(small, "Ben")

    async def press() -> Booking:
        ask = {"booking_id": key, "day": date(2026, 5, 14), "starts": time(10), "at": at}
        async with database.transaction(bank_id) as session:
            return await bookings.book(session, small["Ann"], room.resource_id, **ask)

    async def withdraw() -> None:
        async with database.transaction(bank_id) as session:
            await bookings.withdraw(session, small["Ben"], room.resource_id, at=at)

    found = await asyncio.gather(*(press() for _ in range(4)))
    assert {made.booking_id for made in found} == {key}
    key = uuid7()
    await asyncio.gather(withdraw(), press(), return_exceptions=True)
    async with database.transaction(bank_id) as session:
        stands = select(Booking).where(col(Booking.bank_id) == bank_id, col(Booking.state) == "booked")
        assert (await session.scalars(stands)).all() == [], "nothing is booked of what is not lent"
