"""Printed notes and lent rooms: set aside, used once, given back, and never twice at one time."""

import asyncio
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from api.database import Database
from exchange.activities import bookings, clockwork, notes, notes_out, resources, sheets
from exchange.activities.errors import (
    BadActivity,
    BadNotes,
    BookingInWrongState,
    NoteNotUsable,
    NotEnoughForPlace,
    OutsideHours,
    OwnNote,
    SlotTaken,
    TooManyTries,
)
from exchange.activities.opening import Tries
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours import gifts, read
from exchange.hours.errors import PotEmpty
from exchange.membership import banks, organisations
from exchange.outbox import Event
from tests.exchange.activities.group import available_of, balance_of
from tests.small_bank import Small, make

SECRET = b"a secret for tests only"
DAY = timedelta(days=1)
LAST_DAY = date(2026, 6, 30)


async def a_sheet(small: Small, by: str = "Cora", **more):
    plain = {
        "sheet_id": uuid7(),
        "payer_id": small.organisation_id,
        "minutes": 60,
        "notes": 3,
        "expires_on": LAST_DAY,
        "secret": SECRET,
        "at": small.at,
    }
    sheet = await notes.issue(small.session, small[by], **(plain | more))
    printed = await sheets.notes(small.session, small[by], sheet.sheet_id, secret=SECRET)
    return sheet, [note.code for note in printed.notes]


async def use(small: Small, who: str, code: str, *, at=None, **more):
    tries = Tries.of(SECRET, member=small[who].member_id)
    return await notes.use(small.session, small[who], code, tries, at=at or small.at, **more)


async def test_a_sheet_is_set_aside_and_a_note_is_used_once(small: Small) -> None:
    sheet, codes = await a_sheet(small)
    assert (
        await available_of(small, small.organisation_id),
        await balance_of(small, small.organisation_id),
    ) == (
        -180,
        0,
    )
    assert (await use(small, "Ann", codes[0])).require().minutes == 60
    assert (await use(small, "Ann", codes[0].lower())).require().minutes == 60, "the same answer"
    assert await balance_of(small, small["Ann"].member_id) == 60
    assert await balance_of(small, small.organisation_id) == -60
    second = await use(small, "Ben", codes[0])
    assert second.trouble == "used"
    with pytest.raises(NoteNotUsable):
        second.require()
    (out,) = await notes_out.report(small.session, small["Cora"])
    assert (out.out, out.used, out.gone_back, out.out_minutes) == (2, 1, 0, 120)
    assert out.sheet is sheet


async def test_printed_again_a_sheet_has_the_same_codes_less_those_used(small: Small) -> None:
    sheet, codes = await a_sheet(small)
    await use(small, "Ann", codes[1])
    again = await sheets.notes(small.session, small["Cora"], sheet.sheet_id, secret=SECRET)
    assert [note.code for note in again.notes] == [codes[0], codes[2]]
    with pytest.raises(NotAllowed):
        await sheets.notes(small.session, small["Ann"], sheet.sheet_id, secret=SECRET)


async def test_the_pot_gives_no_more_than_it_has(small: Small) -> None:
    bank = await banks.get(small.session, small.bank_id)
    with pytest.raises(PotEmpty):
        async with small.session.begin_nested():
            await a_sheet(small, payer_id=bank.pot_id)
    assert await available_of(small, bank.pot_id) == 0
    cyd = await speak_for_the_day_centre(small, "Cyd")
    await gifts.give(
        small.session,
        cyd,
        uuid7(),
        from_id=small.organisation_id,
        to_id=bank.pot_id,
        minutes=180,
        at=small.at,
    )
    await a_sheet(small, payer_id=bank.pot_id)
    assert await available_of(small, bank.pot_id) == 0


async def speak_for_the_day_centre(small: Small, name: str):
    await organisations.represent(small.session, small["admin"], small.organisation_id, small[name].member_id)
    return await small.reload(name)


async def test_what_is_left_goes_back_after_the_last_day(small: Small) -> None:
    _, codes = await a_sheet(small)
    await use(small, "Ann", codes[0])
    last_evening = small.at.replace(month=6, day=30, hour=22, minute=30)
    assert (await use(small, "Ben", codes[1], at=last_evening)).require()
    next_morning = last_evening + timedelta(hours=8)
    assert (await use(small, "Ben", codes[2], at=next_morning)).trouble == "over"
    assert await clockwork.run(small.session, small.bank_id, at=next_morning) == 1
    assert await available_of(small, small.organisation_id) == -120
    assert (await notes_out.report(small.session, small["Cora"]))[0].gone_back == 1
    assert (await use(small, "Cyd", codes[2], at=next_morning)).trouble == "over"


async def test_a_spoilt_sheet_is_taken_back_and_its_codes_are_dead(small: Small) -> None:
    sheet, codes = await a_sheet(small)
    for _ in range(2):
        await notes.void(small.session, small["Cora"], sheet.sheet_id, at=small.at)
    assert await available_of(small, small.organisation_id) == 0
    assert (await use(small, "Ann", codes[0])).trouble == "dead"


async def test_at_a_partners_desk_somebody_uses_it_for_a_member(small: Small) -> None:
    _, codes = await a_sheet(small)
    other = await organisations.add(small.session, small["admin"], "Leisure centre", at=small.at)
    await organisations.represent(
        small.session, small["admin"], other.organisation_id, small["Ben"].member_id
    )
    await small.reload("Ben")
    done = await use(small, "Ben", codes[0], member_id=small["Ann"].member_id, desk_id=other.organisation_id)
    assert done.require().note.desk_id == other.organisation_id
    assert await balance_of(small, small["Ann"].member_id) == 60
    with pytest.raises(NotAllowed):
        await use(small, "Cyd", codes[1], member_id=small["Ann"].member_id)


async def test_whoever_gave_them_out_cannot_use_them(small: Small) -> None:
    _, codes = await a_sheet(small)
    with pytest.raises(OwnNote):
        await use(small, "Cora", codes[0])
    await speak_for_the_day_centre(small, "Ben")
    with pytest.raises(OwnNote):
        await use(small, "Ben", codes[0])


async def test_guessing_ends_after_ten(small: Small) -> None:
    _, codes = await a_sheet(small)
    for _ in range(10):
        assert (await use(small, "Ann", "N123-4567-89AB")).trouble in ("bad", "unknown")
        await small.session.flush()
    stopped = await use(small, "Ann", codes[0])
    with pytest.raises(TooManyTries):
        stopped.require()
    assert (await use(small, "Ann", codes[0], at=small.at + timedelta(hours=2))).require()


@pytest.mark.parametrize(
    "more", [{"minutes": 0}, {"notes": 0}, {"notes": 201}, {"expires_on": date(2026, 5, 11)}], ids=str
)
async def test_what_is_no_sheet_is_refused(small: Small, more) -> None:
    with pytest.raises(BadNotes):
        await a_sheet(small, **more)


async def test_a_sheet_told_twice_is_one(small: Small) -> None:
    key = uuid7()
    await a_sheet(small, sheet_id=key)
    await a_sheet(small, sheet_id=key)
    assert await available_of(small, small.organisation_id) == -180
    with pytest.raises(SameIdOtherContents):
        await a_sheet(small, sheet_id=key, notes=4)
    with pytest.raises(NotAllowed):
        await a_sheet(small, by="Ann")


async def test_two_phones_at_once_use_a_note_once(database: Database, at) -> None:
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        _, codes = await a_sheet(small)

    async def one(name: str):
        async with database.transaction(bank_id) as session:
            tries = Tries.of(SECRET, member=small[name].member_id)
            return (await notes.use(session, small[name], codes[0], tries, at=at)).note is not None

    assert sorted(await asyncio.gather(*(one(name) for name in ("Ann", "Ben", "Cyd")))) == [
        False,
        False,
        True,
    ]
    async with database.transaction(bank_id) as session:
        assert (await ledger.audit(session, bank_id)).findings == []


async def test_the_statement_says_what_it_was(small: Small) -> None:
    _, codes = await a_sheet(small)
    await use(small, "Ann", codes[0])
    lines = (await read.statement(small.session, small["Ann"])).lines
    assert [(line.kind, line.minutes) for line in lines] == [("time_note", 60)]


# Rooms and things.


async def a_room(small: Small, **more):
    plain = {
        "resource_id": uuid7(),
        "owner_id": small.organisation_id,
        "kind": "room",
        "title": "The garden room",
        "location": "Lantern Hall",
        "costs_minutes": 30,
    }
    return await resources.offer(small.session, small["Cora"], resources.Offer(**(plain | more)), at=small.at)


async def book(small: Small, who: str, room, *, at=None, **more):
    plain = {"booking_id": uuid7(), "day": date(2026, 5, 14), "starts": time(10)}
    if room.unit == "day":
        plain.pop("starts")
    return await bookings.book(
        small.session, small[who], room.resource_id, at=at or small.at, **(plain | more)
    )


async def test_a_room_is_booked_by_the_hour_and_used(small: Small) -> None:
    room = await a_room(small)
    made = await book(small, "Ann", room, units=2)
    assert (made.minutes, await available_of(small, small["Ann"].member_id)) == (60, -60)
    assert made.ends_at - made.starts_at == timedelta(hours=2)
    ben = await speak_for_the_day_centre(small, "Ben")
    with pytest.raises(BookingInWrongState):
        await bookings.check_in(small.session, ben, made.booking_id, at=small.at)
    for _ in range(2):
        await bookings.check_in(small.session, ben, made.booking_id, at=made.starts_at)
    assert await balance_of(small, small.organisation_id) == 60
    lines = (await read.statement(small.session, small["Ann"])).lines
    assert [(line.kind, line.skill) for line in lines] == [("booking", "The garden room")]


async def test_nobody_has_an_hour_that_somebody_has(small: Small) -> None:
    room = await a_room(small)
    await book(small, "Ann", room, units=2)
    with pytest.raises(SlotTaken):
        await book(small, "Ben", room, starts=time(11))
    assert (await book(small, "Ben", room, starts=time(12))).state == "booked"
    assert await available_of(small, small["Ben"].member_id) == -30, "only for the hour they got"


async def test_twenty_at_once_for_one_hour(database: Database, at) -> None:
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        room = await a_room(small)

    async def one(number: int) -> bool:
        who = small[("Ann", "Ben", "Cyd", "Cora")[number % 4]]
        try:
            async with database.transaction(bank_id) as session:
                await bookings.book(
                    session,
                    who,
                    room.resource_id,
                    booking_id=uuid7(),
                    day=date(2026, 5, 14),
                    starts=time(10),
                    at=at,
                )
        except SlotTaken:
            return False
        return True

    assert sum(await asyncio.gather(*(one(number) for number in range(20)))) == 1


async def test_giving_up_in_time_or_late(small: Small) -> None:
    room = await a_room(small, late_hours=24, late_keeps=True)
    early, late = await book(small, "Ann", room), await book(small, "Ben", room, starts=time(12))
    for _ in range(2):
        await bookings.cancel(small.session, small["Ann"], early.booking_id, at=small.at)
    await bookings.cancel(
        small.session, small["Ben"], late.booking_id, at=late.starts_at - timedelta(hours=2)
    )
    assert await balance_of(small, small["Ann"].member_id) == 0
    assert (late.kept_minutes, await balance_of(small, small["Ben"].member_id)) == (30, -30)
    assert (await book(small, "Cyd", room)).state == "booked", "the hour is free again"


async def test_the_owner_takes_a_day_back_and_everybody_is_told(small: Small) -> None:
    room = await a_room(small, late_hours=24, late_keeps=True)
    made = await book(small, "Ann", room)
    morning = made.starts_at - timedelta(hours=2)
    ended = await bookings.call_off(
        small.session,
        small["Cora"],
        room.resource_id,
        from_day=date(2026, 5, 14),
        until_day=date(2026, 5, 14),
        at=morning,
    )
    assert [row.booking_id for row in ended] == [made.booking_id]
    assert await available_of(small, small["Ann"].member_id) == 0
    told = select(Event).where(col(Event.bank_id) == small.bank_id, col(Event.kind) == "booking.called_off")
    assert [event.payload["party_id"] for event in await small.session.scalars(told)] == [
        str(small["Ann"].member_id)
    ]


async def test_a_thing_is_booked_by_the_day_across_the_change_of_clocks(small: Small) -> None:
    cleaner = await a_room(small, kind="equipment", title="Carpet cleaner")
    made = await book(small, "Ann", cleaner, day=date(2026, 10, 24), units=2)
    assert made.ends_at - made.starts_at == timedelta(hours=49), "the night of the change is longer"
    with pytest.raises(SlotTaken):
        await book(small, "Ben", cleaner, day=date(2026, 10, 25))
    assert (await book(small, "Ben", cleaner, day=date(2026, 10, 26))).state == "booked"


@pytest.mark.parametrize(
    "more",
    [
        {"starts": time(8)},
        {"starts": time(20, 30)},
        {"starts": time(10, 10)},
        {"starts": time(20), "units": 2},
        {"units": 0},
        {"units": 99},
        {"day": date(2026, 5, 11)},
        {"day": date(2028, 5, 11)},
    ],
    ids=str,
)
async def test_outside_its_hours_a_room_is_not_booked(small: Small, more) -> None:
    room = await a_room(small)
    with pytest.raises(OutsideHours):
        await book(small, "Ann", room, **more)


async def test_below_the_limit_is_a_clear_no(small: Small) -> None:
    room = await a_room(small, costs_minutes=601)
    with pytest.raises(NotEnoughForPlace):
        await book(small, "Ann", room)


async def test_bookings_nobody_came_to_are_settled(small: Small) -> None:
    room = await a_room(small)
    made = await book(small, "Ann", room)
    assert await clockwork.run(small.session, small.bank_id, at=made.ends_at + 3 * DAY) == 1
    assert (made.state, await available_of(small, small["Ann"].member_id)) == ("missed", 0)


async def test_only_an_organisation_lends_and_only_it_changes(small: Small) -> None:
    with pytest.raises(BadActivity):
        await a_room(small, owner_id=small["Cyd"].member_id)
    room = await a_room(small)
    made = await book(small, "Ann", room)
    with pytest.raises(NotAllowed):
        await bookings.check_in(small.session, small["Ann"], made.booking_id, at=made.starts_at)
    with pytest.raises(NotFound):
        await bookings.cancel(small.session, small["Ben"], made.booking_id, at=small.at)
    with pytest.raises(NotFound):
        await resources.get(small.session, small["Ann"], uuid7())
    await bookings.withdraw(small.session, small["Cora"], room.resource_id, at=small.at)
    with pytest.raises(OutsideHours):
        await book(small, "Ann", room)
    assert made.state == "called_off"
