"""Check-in, five ways and one result: late, twice, by the wrong clock, by the hundred."""

import time as clock
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from exchange.activities import (
    checking_in,
    codes,
    deciding,
    moments,
    opening,
    places,
    sessions,
    sheets,
    troubles,
)
from exchange.activities.errors import CameByReason, CheckInInWrongState, NotToday
from exchange.activities.opening import Opened, Tries
from exchange.activities.tables import CheckIn, CodeTrouble
from exchange.activities.troubles import Trouble
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.membership import banks, members, organisations
from tests.exchange.activities.group import available_of, balance_of, hold_a_group, now
from tests.small_bank import Small

SECRET = b"a secret for tests only"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def arrive(small: Small, who: str, group, *, at=None, moment=None, **more):
    at = at or small.at
    moment = moment or moments.read(None, is_kept=False, at=at)
    ask = {"check_in_id": uuid7(), "way": "poster"} | more
    return await checking_in.arrive(small.session, small[who], group.session_id, moment=moment, at=at, **ask)


async def tick(small: Small, by: str, group, *people, way="roster", at=None, moment=None, **more):
    at = at or small.at
    moment = moment or moments.read(None, is_kept=False, at=at)
    keys = [small[name].member_id for name in people]
    return await checking_in.tick(
        small.session, small[by], group.session_id, keys, way=way, moment=moment, at=at, **more
    )


async def speak_for_the_day_centre(small: Small, name: str):
    ask = small.session, small["admin"], small.organisation_id
    await organisations.represent(*ask, small[name].member_id)
    return await small.reload(name)


async def test_a_scan_waits_for_a_helpers_nod_and_then_pays(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    said = await arrive(small, "Ann", group)
    assert (said.state, await balance_of(small, small["Ann"].member_id)) == ("waiting", 0)
    await speak_for_the_day_centre(small, "Ben")
    for _ in range(2):
        nodded = await deciding.nod(small.session, small["Ben"], said.check_in_id, at=small.at)
        assert nodded.state == "counted"
        assert await balance_of(small, small["Ann"].member_id) == 60


async def test_where_the_bank_trusts_the_poster_the_scan_counts(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60, is_trusted=True)
    assert (await arrive(small, "Ann", group)).state == "counted"
    assert await balance_of(small, small["Ann"].member_id) == 60


@pytest.mark.parametrize("way", ["poster", "typed", "text"])
async def test_every_way_of_ones_own_gives_one_check_in(small: Small, way: str) -> None:
    group = await hold_a_group(small, earns_minutes=60, is_trusted=True)
    first = await arrive(small, "Ann", group, way=way)
    again = await arrive(small, "Ann", group)
    assert again.check_in_id == first.check_in_id
    answer = await tick(small, "Cora", group, "Ann", way="card")
    assert [row.check_in_id for row in answer.check_ins] == [first.check_in_id]
    assert await balance_of(small, small["Ann"].member_id) == 60


async def test_one_id_for_two_people_is_refused(small: Small) -> None:
    group = await hold_a_group(small)
    key = uuid7()
    await arrive(small, "Ann", group, check_in_id=key)
    with pytest.raises(SameIdOtherContents):
        await arrive(small, "Ben", group, check_in_id=key)


async def test_nobody_nods_to_themselves(small: Small) -> None:
    group = await hold_a_group(small, leaders_earn_minutes=90, leader_ids=[small["Ann"].member_id])
    said = await arrive(small, "Ann", group)
    assert said.state == "waiting"
    with pytest.raises(NotAllowed):
        await deciding.nod(small.session, small["Ann"], said.check_in_id, at=small.at)
    with pytest.raises(NotAllowed):
        await tick(small, "Ann", group, "Ann")
    with pytest.raises(NotAllowed):
        await tick(small, "Ben", group, "Cyd")
    await deciding.nod(small.session, small["Cora"], said.check_in_id, at=small.at)
    assert await balance_of(small, small["Ann"].member_id) == 90, "leaders earn too"


async def test_a_leader_ticks_the_roster(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=45, leader_ids=[small["Ann"].member_id])
    answer = await tick(small, "Ann", group, "Ben", "Cyd")
    assert {row.state for row in answer.check_ins} == {"counted"}
    assert await balance_of(small, small["Ben"].member_id) == 45


async def test_credits_come_from_the_organisation_that_holds_it(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60, earns_from="host")
    await tick(small, "Cora", group, "Ann")
    assert await balance_of(small, small.organisation_id) == -60


async def test_coming_uses_what_was_set_aside(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host")
    await places.book(small.session, small["Ann"], group.session_id, place_id=uuid7(), at=small.at - DAY)
    await tick(small, "Cora", group, "Ann", "Ben")
    for name in ("Ann", "Ben"):
        assert await balance_of(small, small[name].member_id) == -60
        assert await available_of(small, small[name].member_id) == -60
    assert await balance_of(small, small.organisation_id) == 120
    assert await places.of_member(small.session, small.bank_id, group.session_id, small["Ann"].member_id)
    assert await sessions.close(small.session, small.bank_id, at=small.at + 3 * DAY) == 1
    assert await balance_of(small, small["Ann"].member_id) == -60


async def test_a_full_organisation_never_refuses_a_swimmer(small: Small) -> None:
    pool = await hold_a_group(small, costs_minutes=600, costs_to="host")
    names = [f"Swimmer {number}" for number in range(8)]
    for name in names:
        await small.add(name)
    await tick(small, "Cora", pool, *names)
    assert await balance_of(small, small.organisation_id) == 4800, "twice a ceiling"


async def test_who_cannot_pay_waits_and_those_beside_them_come_in(small: Small) -> None:
    await tick(small, "Cora", await hold_a_group(small, earns_minutes=60), "Ann")
    await banks.set_policy(small.session, small["admin"], {"floor_minutes": 0})
    await small.add("Dee")
    group = await hold_a_group(small, costs_minutes=60)
    answer = await tick(small, "Cora", group, "Dee", "Ann")
    states = {row.member_id: (row.state, row.flags) for row in answer.check_ins}
    assert states[small["Dee"].member_id] == ("waiting", ["floor"])
    assert states[small["Ann"].member_id] == ("counted", [])


async def test_going_early_pays_the_minutes(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60, has_check_out=True, is_trusted=True)
    said = await arrive(small, "Ann", group, at=small.at + timedelta(minutes=10))
    assert (said.state, said.is_paid) == ("counted", False)
    for later in (35, 50):
        at = small.at + timedelta(minutes=later)
        moment = moments.read(None, is_kept=False, at=at)
        gone = await checking_in.check_out(
            small.session, small["Ann"], group.session_id, moment=moment, at=at
        )
        assert gone.minutes == 25
        assert await balance_of(small, small["Ann"].member_id) == 25


async def test_who_never_checked_out_is_flagged_and_not_lost(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60, has_check_out=True, is_trusted=True)
    said = await arrive(small, "Ann", group)
    await sessions.close(small.session, small.bank_id, at=small.at + 3 * DAY)
    await small.session.refresh(said)
    assert said.flags == ["no_check_out"]
    late = small.at + 3 * DAY
    moment = moments.read((small.at + HOUR).isoformat(), is_kept=True, at=late)
    await checking_in.check_out(
        small.session, small["Cora"], group.session_id, member_id=said.member_id, moment=moment, at=late
    )
    assert (said.minutes, "no_check_out" in said.flags) == (60, False)


@pytest.mark.parametrize(("hours", "flags"), [(2, []), (20, ["late"]), (24 * 30, ["late"])])
async def test_a_scan_kept_without_signal_counts_from_when_it_was_made(small: Small, hours, flags) -> None:
    group = await hold_a_group(small, earns_minutes=60, is_trusted=True)
    at = small.at + timedelta(hours=hours)
    moment = moments.read(small.at.isoformat(), is_kept=True, at=at)
    said = await arrive(small, "Ann", group, at=at, moment=moment)
    assert (said.came_at, said.flags) == (small.at, flags)
    assert said.state == ("waiting" if flags else "counted"), "late ones wait for a person, and are there"


@pytest.mark.parametrize("device", ["2027-05-12T12:00:00Z", "2026-05-09T12:00:00Z", "nonsense", "", None])
async def test_a_wrong_clock_is_flagged_and_never_refused(small: Small, device) -> None:
    group = await hold_a_group(small, earns_minutes=60, is_trusted=True)
    moment = moments.read(device, is_kept=True, at=small.at)
    said = await arrive(small, "Ann", group, moment=moment)
    assert (said.state, said.flags) == ("waiting", ["clock"])


async def test_a_clock_that_is_wrong_while_there_is_signal_is_flagged_too(small: Small) -> None:
    group = await hold_a_group(small, is_trusted=True)
    moment = moments.read((small.at + HOUR).isoformat(), is_kept=False, at=small.at)
    said = await arrive(small, "Ann", group, moment=moment)
    assert (said.came_at, said.flags) == (small.at, ["clock"])


@pytest.mark.parametrize("off", [timedelta(hours=-2), timedelta(hours=3)])
async def test_with_signal_a_session_that_is_not_on_is_refused(small: Small, off) -> None:
    group = await hold_a_group(small)
    with pytest.raises(NotToday):
        await arrive(small, "Ann", group, at=small.at + off)


async def test_afterwards_takes_a_reason_and_tells_the_member(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    later = small.at + 5 * DAY
    await sessions.close(small.session, small.bank_id, at=later)
    with pytest.raises(CameByReason):
        await tick(small, "Cora", group, "Ann", way="afterwards", at=later)
    answer = await tick(small, "Cora", group, "Ann", way="afterwards", at=later, reason="Her slip")
    assert (answer.check_ins[0].minutes, answer.check_ins[0].reason) == (60, "Her slip")
    with pytest.raises(NotToday):
        await tick(small, "Cora", group, "Ben", way="afterwards", at=small.at - HOUR, reason="Early")


async def test_the_tills_day_list_is_entered_later(small: Small) -> None:
    group = await hold_a_group(small, costs_minutes=60, costs_to="host")
    await speak_for_the_day_centre(small, "Ben")
    answer = await tick(small, "Ben", group, "Ann", "Cyd", way="day_list", at=small.at + DAY)
    assert [row.state for row in answer.check_ins] == ["counted", "counted"]
    with pytest.raises(NotAllowed):
        await tick(small, "Ben", group, "Ann", way="afterwards", at=small.at + DAY, reason="Why not")


async def test_who_left_or_died_is_for_the_coordinator_only(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    code = await codes.issue(small.session, small.bank_id, "card", small["Ben"].member_id, at=small.at)
    opened = Opened(code=code, subject_id=small["Ben"].member_id)
    assert await opening.card_holder(small.session, small["Cora"], opened) is not None
    await members.set_status(small.session, small["Cora"], small["Ben"].member_id, "deceased")
    answer = await tick(small, "Cora", group, "Ann", "Ben", way="card")
    assert answer.ask_coordinator == [small["Ben"].member_id]
    assert [row.member_id for row in answer.check_ins] == [small["Ann"].member_id]
    assert await opening.card_holder(small.session, small["Cora"], opened) is None


async def test_what_was_refused_or_undone(small: Small) -> None:
    group = await hold_a_group(small, earns_minutes=60)
    said = await arrive(small, "Ann", group)
    await deciding.refuse(small.session, small["Cora"], said.check_in_id, at=small.at)
    await deciding.nod(small.session, small["Cora"], said.check_in_id, at=small.at)
    assert await balance_of(small, small["Ann"].member_id) == 60
    with pytest.raises(CheckInInWrongState):
        await deciding.refuse(small.session, small["Cora"], said.check_in_id, at=small.at)
    for _ in range(2):
        await deciding.undo(small.session, small["Cora"], said.check_in_id, reason="Another Ann", at=small.at)
    assert (said.state, await balance_of(small, small["Ann"].member_id)) == ("undone", 0)


async def test_a_key_of_another_bank_is_not_found(small: Small) -> None:
    group = await hold_a_group(small)
    with pytest.raises(NotFound):
        await checking_in.tick(
            small.session,
            small["Cora"],
            group.session_id,
            [uuid7()],
            way="roster",
            moment=now(small),
            at=small.at,
        )
    with pytest.raises(NotFound):
        await deciding.nod(small.session, small["Cora"], uuid7(), at=small.at)


# Codes that do not open.


def tries(small: Small, name: str = "Ann") -> Tries:
    return Tries.of(SECRET, member=small[name].member_id, network="192.0.2.7")


async def test_a_posters_code_opens_its_session_while_it_is_on(small: Small) -> None:
    group = await hold_a_group(small)
    printed = await sheets.poster(small.session, small["Cora"], group.session_id, at=small.at)
    opened = await opening.open_code(
        small.session, small["Ann"], printed.code.lower(), tries(small), at=small.at
    )
    assert isinstance(opened, Opened)
    ask = (small.session, small["Ann"], opened, tries(small))
    found = await opening.poster(*ask, opening.now(small.at), at=small.at)
    assert not isinstance(found, Trouble)
    for off, trouble in ((-2 * HOUR, "early"), (3 * HOUR, "over")):
        told = await opening.poster(*ask, opening.now(small.at + off), at=small.at + off)
        assert isinstance(told, Trouble)
        assert told.trouble == trouble
    kept = moments.read((small.at + 3 * HOUR).isoformat(), is_kept=True, at=small.at + DAY)
    assert not isinstance(await opening.poster(*ask, kept, at=small.at + DAY), Trouble)


async def test_every_bad_code_has_its_name_and_is_logged(small: Small) -> None:
    group = await hold_a_group(small)
    printed = await sheets.poster(small.session, small["Cora"], group.session_id, at=small.at)
    old = await sheets.cards(small.session, small["Cora"], [small["Ben"].member_id], at=small.at)
    await sheets.replace_card(small.session, small["Cora"], small["Ben"].member_id, at=small.at)
    await sessions.call_off(small.session, small["Cora"], group.session_id, at=small.at)
    wrong = {
        printed.code: "called_off",
        printed.code[:-2]: "bad",
        codes.make("note", bytes(16)).shown: "unknown",
        old[0].code: "dead",
    }
    for text, trouble in wrong.items():
        told = await opening.open_code(small.session, small["Ann"], text, tries(small), at=small.at)
        assert told.trouble == trouble, text
    await small.session.flush()
    seen = await troubles.recent(small.session, small["Cora"])
    assert sorted(row.trouble for row in seen) == ["bad", "called_off", "dead", "unknown"]
    assert all(printed.code not in str(row.model_dump()) for row in seen)
    await troubles.settle(small.session, small["Cora"], at=small.at)
    assert await troubles.recent(small.session, small["Cora"]) == []


async def test_guessing_is_slowed_down_by_member_and_by_network(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(troubles.TRIES_MAX):
        await opening.open_code(small.session, small["Ann"], "N12", tries(small), at=small.at)
        await small.session.flush()
    group = await hold_a_group(small)
    printed = await sheets.poster(small.session, small["Cora"], group.session_id, at=small.at)
    told = await opening.open_code(small.session, small["Ann"], printed.code, tries(small), at=small.at)
    assert told.trouble == "too_many"
    told = await opening.open_code(
        small.session, small["Ben"], printed.code, tries(small, "Ben"), at=small.at
    )
    assert isinstance(told, Opened), "others in the same hall come in"
    monkeypatch.setattr(troubles, "NETWORK_TRIES_MAX", 10)
    told = await opening.open_code(
        small.session, small["Ben"], printed.code, tries(small, "Ben"), at=small.at
    )
    assert told.trouble == "too_many", "until the network has had its share too"
    elsewhere = Tries.of(SECRET, member=small["Ben"].member_id, network="198.51.100.1")
    told = await opening.open_code(small.session, small["Ben"], printed.code, elsewhere, at=small.at)
    assert isinstance(told, Opened)
    told = await opening.open_code(
        small.session, small["Ann"], printed.code, tries(small), at=small.at + 2 * HOUR
    )
    assert isinstance(told, Opened)
    hashes = (await small.session.scalars(select(col(CodeTrouble.who)))).all()
    assert all(len(who) == 64 for who in hashes)


# Sheets.


async def test_the_roster_has_everybody_expected_and_nobody_behind_a_wall(small: Small) -> None:
    group = await hold_a_group(small, leader_ids=[small["Cyd"].member_id], companions_max=2, places=2)
    for name, companions in (("Ann", 1), ("Ben", 0)):
        await places.book(
            small.session,
            small[name],
            group.session_id,
            place_id=uuid7(),
            companions=companions,
            at=small.at - DAY,
        )
    printed = await sheets.roster(small.session, small["Cyd"], group.session_id, at=small.at)
    assert [(line.name, line.is_waiting, line.companions) for line in printed.lines] == [
        ("Ann", False, 1),
        ("Cyd", False, 0),
        ("Ben", True, 0),
    ]
    await members.block(
        small.session, small["Ann"], small["Ann"].member_id, small["Cyd"].member_id, at=small.at
    )
    printed = await sheets.roster(small.session, small["Cyd"], group.session_id, at=small.at)
    assert [line.name for line in printed.lines] == ["Cyd", "Ben"]
    assert printed.hidden == 1
    assert len((await sheets.roster(small.session, small["Cora"], group.session_id, at=small.at)).lines) == 3


async def test_the_day_sheet_is_for_those_who_speak_for_the_place(small: Small) -> None:
    group = await hold_a_group(small)
    await places.book(small.session, small["Ann"], group.session_id, place_id=uuid7(), at=small.at - DAY)
    day = small.at.date()
    printed = await sheets.day(small.session, small["Cora"], small.organisation_id, day)
    assert [line.names for line in printed.lines] == [("Ann",)]
    with pytest.raises(NotAllowed):
        await sheets.day(small.session, small["Ben"], small.organisation_id, day)


async def test_a_card_has_no_more_than_what_is_printed(small: Small) -> None:
    (card,) = await sheets.cards(small.session, small["Cora"], [small["Ann"].member_id], at=small.at)
    again = await sheets.cards(small.session, small["Cora"], [small["Ann"].member_id], at=small.at)
    assert again == [card]
    assert codes.read(card.code).path == card.path
    with pytest.raises(NotAllowed):
        await sheets.cards(small.session, small["Ann"], [small["Ann"].member_id], at=small.at)


# Five hundred at once.


async def crowd(small: Small, count: int) -> list:
    """Members written straight into their tables: signing each up is not what is measured here."""
    from exchange.membership import parties
    from exchange.membership.tables import Member

    keys = [uuid7() for _ in range(count)]
    for key in keys:
        await parties.create(
            small.session, small.bank_id, key, kind="member", name="Guest", floor=-600, at=small.at
        )
        small.session.add(
            Member(
                bank_id=small.bank_id,
                member_id=key,
                full_name="Guest",
                is_adult=True,
                joined_on=small.at.date(),
            )
        )
    await small.session.flush()
    return keys


async def test_five_hundred_at_once_are_one_posting_and_faster_than_fifty_single_ones(small: Small) -> None:
    people = await crowd(small, 550)
    group = await hold_a_group(small, earns_minutes=60)
    ask = {"way": "roster", "moment": now(small), "at": small.at}
    begun = clock.perf_counter()
    for person in people[500:]:
        await checking_in.tick(small.session, small["Cora"], group.session_id, [person], **ask)
    single = clock.perf_counter() - begun
    begun = clock.perf_counter()
    answer = await checking_in.tick(small.session, small["Cora"], group.session_id, people[:500], **ask)
    whole = clock.perf_counter() - begun
    print(f"500 at once {whole:.3f} s, 50 single ones {single:.3f} s")
    assert len(answer.check_ins) == 500
    paid = select(func.count()).where(col(CheckIn.bank_id) == small.bank_id, col(CheckIn.is_paid))
    assert await small.session.scalar(paid) == 550
    issuance = (await banks.get(small.session, small.bank_id)).issuance_id
    assert await balance_of(small, issuance) == -550 * 60
    report = await ledger.audit(small.session, small.bank_id)
    assert report.findings == []
    again = await checking_in.tick(small.session, small["Cora"], group.session_id, people, **ask)
    assert len(again.check_ins) == 550
    assert await balance_of(small, issuance) == -550 * 60, "told again, nothing moves"
