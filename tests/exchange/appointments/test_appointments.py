"""Agreed help: asked in turn, the first yes wins, and 'it happened' fills in the hour."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.appointments import chase, read, states, steps
from exchange.appointments.ask import Helper, NewAppointment, ask, ask_more
from exchange.appointments.errors import (
    AppointmentInWrongState,
    NobodyToAsk,
    NotAsked,
    NotYet,
    PeopleChanged,
    SomebodyElseSaidYes,
    StartsInPast,
    StartsTooFar,
    TooManyAsked,
)
from exchange.appointments.offer import NewOffer, offer
from exchange.appointments.tables import STATES, Appointment
from exchange.directory import barriers, listings
from exchange.directory.drafts import NewListing
from exchange.directory.errors import CoordinatorFirst
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours import read as hours_read
from exchange.hours import verbs as hours_verbs
from exchange.hours.errors import EvidenceMissing, ReasonMissing
from exchange.membership import members
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import MemberNotActive, WithOneself
from exchange.outbox import Event
from tests.small_bank import Small, make

TUESDAY = timedelta(days=7)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def wish(small: Small, *helpers: str, **more) -> NewAppointment:
    return NewAppointment(
        appointment_id=more.pop("appointment_id", None) or uuid7(),
        helpers=[
            Helper(party_id=small[name].member_id, reasons=["skill:light_bulbs", "near"]) for name in helpers
        ],
        minutes=more.pop("minutes", 30),
        starts_at=more.pop("starts_at", small.at + TUESDAY),
        skill="light_bulbs",
        **more,
    )


async def asked(small: Small, *helpers: str, **more) -> Appointment:
    """Ben asks for his bulb to be changed."""
    return await ask(small.session, small["Ben"], wish(small, *helpers, **more), at=small.at)


async def agreed(small: Small, **more) -> Appointment:
    made = await asked(small, "Ann", **more)
    return await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)


async def told(small: Small) -> list[tuple[str, list[str]]]:
    rows = await small.session.scalars(
        select(Event)
        .where(col(Event.bank_id) == small.bank_id, col(Event.kind).startswith("appointment."))
        .order_by(col(Event.event_id))
    )
    names = {str(viewer.member_id): name for name, viewer in small.people.items()}
    return [(e.kind.split(".")[1], sorted(names[key] for key in e.payload["to"])) for e in rows]


async def test_the_first_yes_wins_and_the_others_are_thanked(small: Small) -> None:
    made = await asked(small, "Ann", "Cyd")
    for _ in range(2):
        await steps.agree(small.session, small["Cyd"], made.appointment_id, at=small.at)
    assert (made.state, made.giver_id) == ("agreed", small["Cyd"].member_id)
    with pytest.raises(SomebodyElseSaidYes):
        await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)
    assert await told(small) == [
        ("asked", ["Ann", "Cyd"]),
        ("agreed", ["Ben", "Cyd"]),
        ("thanked", ["Ann"]),
    ]
    assert (await read.view(small.session, small["Ann"], made.appointment_id)).giver is None


async def test_two_yeses_at_once_make_one_helper(database: Database, at) -> None:
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        made = await asked(small, "Ann", "Cyd", "Cora")

    async def say_yes(name: str) -> str:
        async with database.transaction(bank_id) as session:
            try:
                await steps.agree(session, small[name], made.appointment_id, at=at)
            except SomebodyElseSaidYes:
                return "too late"
            return name

    answers = await asyncio.gather(*(say_yes(name) for name in ("Ann", "Cyd", "Cora")))
    assert sorted(answers)[1:] == ["too late", "too late"]
    async with database.transaction(bank_id) as session:
        stored = await session.get_one(Appointment, (bank_id, made.appointment_id))
        assert small[min(answers)].member_id == stored.giver_id


async def test_the_same_asking_twice_is_one(small: Small) -> None:
    wanted = wish(small, "Ann")
    for _ in range(2):
        await ask(small.session, small["Ben"], wanted, at=small.at)
    assert [kind for kind, _ in await told(small)] == ["asked"]
    with pytest.raises(SameIdOtherContents):
        await ask(small.session, small["Ben"], replace(wanted, minutes=45), at=small.at)


async def test_helpers_are_asked_in_turn(small: Small) -> None:
    made = await asked(small, "Ann")
    await steps.decline(small.session, small["Ann"], made.appointment_id, reason="my back", at=small.at)
    assert made.is_with_coordinator, "nobody is left who could say yes"
    both = [Helper(party_id=small["Ann"].member_id), Helper(party_id=small["Cyd"].member_id)]
    await ask_more(small.session, small["Ben"], made.appointment_id, both, at=small.at)
    await steps.agree(small.session, small["Cyd"], made.appointment_id, at=small.at)
    assert made.giver_id == small["Cyd"].member_id
    assert [to for kind, to in await told(small) if kind == "asked"] == [["Ann"], ["Cyd"]]


async def test_a_reason_for_no_is_the_coordinators_only(small: Small) -> None:
    made = await asked(small, "Ann", "Cyd")
    await steps.decline(small.session, small["Ann"], made.appointment_id, reason="my back", at=small.at)
    seen = {
        name: await read.view(small.session, small[name], made.appointment_id) for name in ("Ben", "Cora")
    }
    assert seen["Ben"].private_reasons == ()
    assert seen["Ben"].asks == (("Ann", "no"), ("Cyd", "waiting"))
    assert seen["Cora"].private_reasons == ("my back",)


async def test_it_happened_fills_in_the_hour_and_the_other_side_confirms(small: Small) -> None:
    made = await agreed(small)
    with pytest.raises(NotYet):
        await steps.happened(small.session, small["Ann"], made.appointment_id, at=small.at)
    after = small.at + TUESDAY + HOUR
    for _ in range(2):
        await steps.happened(small.session, small["Ann"], made.appointment_id, minutes=40, at=after)
    waiting = await hours_read.waiting_for(small.session, small["Ben"])
    assert [(v.hours.minutes, v.hours.skill, v.hours.done_on) for v in waiting] == [
        (40, "Changing light bulbs", date(2026, 5, 19))
    ]
    assert waiting[0].hours.appointment_id == made.appointment_id
    await hours_verbs.confirm(small.session, small["Ben"], waiting[0].hours.hours_id, at=after)
    assert waiting[0].hours.state == "posted"


async def test_the_receiver_may_say_that_it_happened(small: Small) -> None:
    made = await agreed(small)
    await steps.happened(small.session, small["Ben"], made.appointment_id, at=small.at + TUESDAY + HOUR)
    waiting = await hours_read.waiting_for(small.session, small["Ann"])
    assert (waiting[0].is_giver, waiting[0].hours.minutes) == (True, 30)


async def test_a_coordinator_arranges_it_all_by_telephone(small: Small) -> None:
    wanted = wish(small, "Ann", on_behalf_of=small["Ben"].member_id)
    made = await ask(small.session, small["Cora"], wanted, at=small.at)
    key, ann = made.appointment_id, small["Ann"].member_id
    with pytest.raises(NotAsked):
        await steps.agree(small.session, small["Cora"], key, at=small.at)
    with pytest.raises(EvidenceMissing):
        await steps.agree(small.session, small["Cora"], key, party_id=ann, at=small.at)
    await steps.agree(small.session, small["Cora"], key, party_id=ann, evidence="by telephone", at=small.at)
    after = small.at + TUESDAY + HOUR
    with pytest.raises(ReasonMissing):
        await steps.happened(small.session, small["Cora"], key, at=after)
    await steps.happened(small.session, small["Cora"], key, reason="no phone", evidence="Ann rang", at=after)
    assert made.state == "happened"


async def test_who_has_nothing_to_do_with_it_does_not_know_of_it(small: Small) -> None:
    made = await agreed(small)
    for verb in (steps.cancel, steps.happened, steps.did_not_happen, steps.agree, steps.decline):
        with pytest.raises(NotFound):
            await verb(small.session, small["Cyd"], made.appointment_id, at=small.at)
    with pytest.raises(NotFound):
        await read.view(small.session, small["Cyd"], made.appointment_id)
    with pytest.raises(NotAllowed):
        await ask(
            small.session, small["Cyd"], wish(small, "Ann", on_behalf_of=small["Ben"].member_id), at=small.at
        )


async def test_another_time_needs_the_other_sides_yes(small: Small) -> None:
    made = await agreed(small)
    later = small.at + TUESDAY + HOUR
    await steps.move(small.session, small["Ben"], made.appointment_id, starts_at=later, at=small.at)
    await steps.agree(small.session, small["Ben"], made.appointment_id, at=small.at)
    assert (made.state, made.moves) == ("moved", 1), "one's own yes does not answer for the other"
    assert (await read.view(small.session, small["Ann"], made.appointment_id)).waits_for_me
    await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)
    assert (made.state, made.starts_at) == ("agreed", later)


async def test_it_can_be_called_off_and_asked_anew(small: Small) -> None:
    made = await agreed(small)
    for _ in range(2):
        await steps.cancel(small.session, small["Ann"], made.appointment_id, reason="ill", at=small.at)
    assert (await told(small))[-1] == ("cancelled", ["Ben"])
    with pytest.raises(AppointmentInWrongState):
        await steps.happened(small.session, small["Ann"], made.appointment_id, at=small.at + TUESDAY + HOUR)
    assert (await agreed(small)).state == "agreed"


async def test_contacts_are_shared_for_this_appointment_only(small: Small) -> None:
    await members.change(small.session, small["Ben"], small["Ben"].member_id, {"address": "2 Lantern Street"})
    made = await asked(small, "Ann", is_at_home=True)
    assert await read.shared_contacts(small.session, small["Ben"], made.appointment_id) == []
    with pytest.raises(NotFound):
        await read.shared_contacts(small.session, small["Ann"], made.appointment_id)
    await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)
    kinds = [c.kind for c in await read.shared_contacts(small.session, small["Ann"], made.appointment_id)]
    assert kinds == ["mobile", "address"]
    kinds = [c.kind for c in await read.shared_contacts(small.session, small["Ben"], made.appointment_id)]
    assert kinds == ["mobile"], "the helper's address is their own"
    with pytest.raises(NotFound):
        await read.shared_contacts(small.session, small["Cyd"], made.appointment_id)
    await steps.happened(small.session, small["Ann"], made.appointment_id, at=small.at + TUESDAY + HOUR)
    assert await read.shared_contacts(small.session, small["Ann"], made.appointment_id) == []


async def test_a_contact_that_others_may_read_is_not_shared(small: Small) -> None:
    await small.add("Dot", contacts=[ContactDraft(value="07700900321", is_discreet=True)])
    made = await asked(small, "Dot")
    await steps.agree(small.session, small["Dot"], made.appointment_id, at=small.at)
    assert await read.shared_contacts(small.session, small["Ben"], made.appointment_id) == []


async def test_what_changed_since_the_asking_refuses_the_yes(small: Small) -> None:
    ben, ann = small["Ben"].member_id, small["Ann"].member_id
    made = await asked(small, "Ann", "Cyd")
    await members.block(small.session, small["Ben"], ben, ann, at=small.at)
    with pytest.raises(PeopleChanged):
        await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)
    await barriers.hold(small.session, small["Cora"], small["Cyd"].member_id, at=small.at)
    with pytest.raises(PeopleChanged):
        await steps.agree(small.session, small["Cyd"], made.appointment_id, at=small.at)
    await barriers.lift(small.session, small["Cora"], small["Cyd"].member_id)
    await members.set_status(small.session, small["Cora"], ben, "paused")
    with pytest.raises(PeopleChanged):
        await steps.agree(small.session, small["Cyd"], made.appointment_id, at=small.at)
    assert (made.state, made.giver_id) == ("asked", None)


async def test_impossible_askings_are_refused_with_the_rule(small: Small) -> None:
    with pytest.raises(NobodyToAsk):
        await asked(small)
    with pytest.raises(WithOneself):
        await asked(small, "Ben")
    with pytest.raises(StartsInPast):
        await asked(small, "Ann", starts_at=small.at - HOUR)
    with pytest.raises(StartsTooFar):
        await asked(small, "Ann", starts_at=datetime.max.replace(tzinfo=UTC))
    with pytest.raises(NotFound):
        await asked(small, "Ann", listing_id=uuid7())
    crowd = [Helper(party_id=uuid7()) for _ in range(11)]
    with pytest.raises(TooManyAsked):
        await ask(small.session, small["Ben"], replace(wish(small), helpers=crowd), at=small.at)
    await members.set_status(small.session, small["Cora"], small["Ann"].member_id, "paused")
    with pytest.raises(MemberNotActive):
        await asked(small, "Ann")


async def test_the_clock_reminds_asks_and_hands_over(small: Small) -> None:
    made = await agreed(small)
    days = []
    for hour in range(24 * 20):
        if await chase.chase(small.session, small.bank_id, at=small.at + hour * HOUR):
            days.append(hour)
    starts = 24 * 7
    assert days == [starts - 24, starts + 3, starts + 3 + 24 * 7]
    assert [kind for kind, _ in (await told(small))[2:]] == ["reminder", "did_it_happen", "with_coordinator"]
    assert made.state == "agreed", "it never ends by itself"
    assert len(await read.desk(small.session, small["Cora"])) == 1


async def test_an_asking_that_nobody_answers_comes_to_the_desk_in_time(small: Small) -> None:
    made = await asked(small, "Ann", "Cyd")
    soon = await asked(small, "Ann", starts_at=small.at + 30 * HOUR)
    assert await chase.chase(small.session, small.bank_id, at=small.at + 5 * HOUR) == 0
    assert await chase.chase(small.session, small.bank_id, at=small.at + 6 * HOUR) == 1
    assert (soon.is_with_coordinator, made.is_with_coordinator) == (True, False)
    assert await chase.chase(small.session, small.bank_id, at=small.at + 3 * DAY) == 1
    assert made.is_with_coordinator
    await ask_more(
        small.session,
        small["Cora"],
        made.appointment_id,
        [Helper(party_id=small["Cora"].member_id)],
        at=small.at,
    )
    assert (made.is_with_coordinator, made.state) == (False, "asked")


async def test_a_yes_to_what_is_over_is_refused(small: Small) -> None:
    made = await asked(small, "Ann")
    with pytest.raises(StartsInPast):
        await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at + TUESDAY + HOUR)
    assert (made.state, made.giver_id) == ("asked", None)
    await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at + TUESDAY)
    later = small.at + TUESDAY + DAY
    await steps.move(small.session, small["Ben"], made.appointment_id, starts_at=later, at=small.at)
    with pytest.raises(StartsInPast):
        await steps.agree(small.session, small["Ann"], made.appointment_id, at=later + HOUR)
    assert made.state == "moved"


async def test_a_helper_who_withdraws_an_offer_leaves_nobody_waiting(small: Small) -> None:
    request = NewListing(kind="request", description="My bulb has gone")
    listing = await listings.create(small.session, small["Ben"], request, at=small.at)
    wanted = NewOffer(appointment_id=uuid7(), listing_id=listing.listing_id, minutes=30)
    made = await offer(small.session, small["Ann"], wanted, at=small.at)
    await steps.decline(small.session, small["Ann"], made.appointment_id, at=small.at)
    assert (made.giver_id, made.is_with_coordinator) == (None, True)
    assert (await told(small))[-1] == ("refused", ["Ben"])


@pytest.mark.parametrize("since", ["nothing", "wall", "hold", "left"])
async def test_what_comes_between_two_who_agreed_ends_what_they_know_of_each_other(
    small: Small, since: str
) -> None:
    made = await agreed(small)
    ann, ben = small["Ann"].member_id, small["Ben"].member_id
    match since:
        case "wall":
            await members.block(small.session, small["Ben"], ben, ann, at=small.at)
        case "hold":
            await barriers.hold(small.session, small["Cora"], ben, at=small.at)
        case "left":
            await members.set_status(small.session, small["Cora"], ben, "paused")
    reach = await read.shared_contacts(small.session, small["Ann"], made.appointment_id)
    await chase.chase(small.session, small.bank_id, at=small.at + TUESDAY - DAY)
    is_well = since == "nothing"
    assert (bool(reach), made.is_with_coordinator) == (is_well, not is_well)
    assert (await told(small))[-1] == (("reminder", ["Ann", "Ben"]) if is_well else ("with_coordinator", []))
    later = small.at + TUESDAY + DAY
    await steps.move(small.session, small["Ben"], made.appointment_id, starts_at=later, at=small.at)
    if is_well:
        await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)
    else:
        with pytest.raises(PeopleChanged):
            await steps.agree(small.session, small["Ann"], made.appointment_id, at=small.at)


async def test_what_a_coordinator_looks_at_first_cannot_be_asked_around_them(small: Small) -> None:
    lift = replace(wish(small, "Ann"), skill="lifts_to_health")
    with pytest.raises(CoordinatorFirst):
        await ask(small.session, small["Ben"], lift, at=small.at)
    request = NewListing(kind="request", description="a lift to hospital", skills=["lifts_to_health"])
    listing = await listings.create(small.session, small["Ben"], request, at=small.at)
    named = replace(lift, listing_id=listing.listing_id)
    for way in (named, replace(named, skill=None)):
        with pytest.raises(CoordinatorFirst):
            await ask(small.session, small["Ben"], way, at=small.at)
    await listings.clear(small.session, small["Cora"], listing.listing_id, note="her own car", at=small.at)
    assert (await ask(small.session, small["Ben"], named, at=small.at)).state == "asked"


async def test_two_at_once_are_said_kindly(small: Small) -> None:
    await agreed(small)
    again = await asked(small, "Ann", starts_at=small.at + TUESDAY + timedelta(minutes=15))
    assert await read.clashes(small.session, small["Ann"], again.appointment_id) == ["Ann", "Ben"]
    apart = await asked(small, "Ann", starts_at=small.at + TUESDAY + HOUR)
    assert await read.clashes(small.session, small["Ann"], apart.appointment_id) == []


async def test_an_ask_that_was_met_is_asked_about(small: Small) -> None:
    request = NewListing(kind="request", description="My bulb has gone")
    listing = await listings.create(small.session, small["Ben"], request, at=small.at)
    made = await agreed(small, listing_id=listing.listing_id)
    after = small.at + TUESDAY + HOUR
    await steps.happened(small.session, small["Ben"], made.appointment_id, at=after)
    assert (listing.state, listing.review_on) == ("open", date(2026, 5, 19))


async def test_mine_shows_what_waits_for_me(small: Small) -> None:
    made = await asked(small, "Ann")
    found = await read.mine(small.session, small["Ann"], since=small.at)
    assert [(v.appointment.appointment_id, v.waits_for_me, v.verbs) for v in found] == [
        (made.appointment_id, True, ("agree", "decline"))
    ]
    assert (await read.mine(small.session, small["Ben"], since=small.at))[0].verbs == ("ask", "cancel")
    assert await read.mine(small.session, small["Cyd"], since=small.at) == []


def test_no_state_is_a_dead_end() -> None:
    assert {t.to for t in states.TRANSITIONS} == set(STATES)
    leaving = {t.state for t in states.TRANSITIONS}
    assert set(STATES) - leaving == set(states.ENDS)
    assert states.drawing().startswith("stateDiagram-v2")
