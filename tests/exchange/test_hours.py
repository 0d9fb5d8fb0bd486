"""An hour's way: told by one side, agreed by the other, looked at by a coordinator where a rule asks."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

import ledger
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents
from exchange.hours import chase, gifts, log, read, relations, steps, verbs
from exchange.hours.errors import (
    BelowFloor,
    DayInFuture,
    DayTooLongAgo,
    EvidenceMissing,
    MinutesOutOfRange,
    ObjectionTooLate,
    PotEmpty,
    ReasonMissing,
    WrongState,
)
from exchange.hours.tables import Hours
from exchange.membership import banks, members, organisations, parties
from exchange.membership.errors import MemberNotActive, ReminderTooLate, WithOneself
from exchange.membership.tables import Party
from tests.small_bank import Small, gave


async def balance(small: Small, name: str) -> int:
    party = await parties.get(small.session, small.bank_id, small[name].member_id)
    return (await ledger.balance(small.session, small.bank_id, party.account_id)).posted


async def told(small: Small, minutes: int = 60, **more):
    return await log.log(small.session, small["Ann"], gave(small["Ben"], minutes, **more), at=small.at)


async def confirmed(small: Small, minutes: int = 60, **more):
    hours = await told(small, minutes, **more)
    return await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)


async def test_an_hour_told_waits_for_the_other_side(small: Small) -> None:
    hours = await told(small)
    assert hours.state == "awaiting_confirmation"
    assert [v.hours.hours_id for v in await read.waiting_for(small.session, small["Ben"])] == [hours.hours_id]
    assert await read.waiting_for(small.session, small["Ann"]) == []
    assert await balance(small, "Ann") == 0


async def test_the_other_sides_yes_moves_the_minutes(small: Small) -> None:
    hours = await confirmed(small, 90)
    assert hours.state == "posted"
    assert (await balance(small, "Ann"), await balance(small, "Ben")) == (90, -90)


async def test_a_repeated_confirmation_pays_once(small: Small) -> None:
    hours = await confirmed(small)
    again = await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    assert again.state == "posted"
    assert await balance(small, "Ann") == 60


async def test_the_same_telling_twice_is_one_hour(small: Small) -> None:
    telling = gave(small["Ben"])
    first = await log.log(small.session, small["Ann"], telling, at=small.at)
    again = await log.log(small.session, small["Ann"], telling, at=small.at)
    assert first.hours_id == again.hours_id
    with pytest.raises(SameIdOtherContents):
        await log.log(small.session, small["Ann"], replace(telling, minutes=61), at=small.at)


@pytest.mark.parametrize("minutes", [0, -1, 1441, 1.5, True])
async def test_impossible_times_are_refused(small: Small, minutes) -> None:
    with pytest.raises(MinutesOutOfRange):
        await told(small, minutes)


@pytest.mark.parametrize(
    ("day", "rule"), [(date(2026, 5, 13), DayInFuture), (date(2026, 1, 1), DayTooLongAgo)]
)
async def test_days_outside_what_the_bank_looks_at_are_refused(small: Small, day, rule) -> None:
    with pytest.raises(rule):
        await told(small, done_on=day)


async def test_the_day_is_the_banks_own(small: Small) -> None:
    late = small.at.replace(hour=23, minute=30)  # half past midnight in London, in summer
    telling = gave(small["Ben"], done_on=date(2026, 5, 13))
    assert (await log.log(small.session, small["Ann"], telling, at=late)).done_on == date(2026, 5, 13)


async def test_the_books_keep_the_banks_day_wherever_it_is(small: Small) -> None:
    await banks.set_policy(small.session, small["admin"], {"time_zone": "Pacific/Auckland"})
    hours = await told(small, done_on=date(2026, 5, 13))  # noon in London is past midnight there
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    assert hours.state == "posted"


async def test_nobody_gives_hours_to_themselves(small: Small) -> None:
    with pytest.raises(WithOneself):
        await log.log(small.session, small["Ann"], gave(small["Ann"]), at=small.at)


async def test_departed_and_paused_people_take_no_part(small: Small) -> None:
    await members.set_status(small.session, small["Cora"], small["Ben"].member_id, "paused")
    with pytest.raises(MemberNotActive):
        await told(small)


async def test_a_wall_between_two_people_looks_like_nobody_there(small: Small) -> None:
    await members.block(
        small.session, small["Ben"], small["Ben"].member_id, small["Ann"].member_id, at=small.at
    )
    with pytest.raises(NotFound):
        await told(small)


async def test_other_minutes_go_back_to_the_one_who_told_us(small: Small) -> None:
    hours = await told(small, 60)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, minutes=45, at=small.at)
    assert (hours.state, hours.minutes, hours.awaited_id) == (
        "awaiting_confirmation",
        45,
        small["Ann"].member_id,
    )
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, minutes=45, at=small.at)
    assert hours.state == "awaiting_confirmation", "saying it twice does not answer for the other side"
    await verbs.confirm(small.session, small["Ann"], hours.hours_id, at=small.at)
    assert (hours.state, await balance(small, "Ann")) == ("posted", 45)


async def test_the_one_who_told_us_cannot_say_yes_to_it(small: Small) -> None:
    hours = await told(small)
    with pytest.raises(NotAllowed):
        await verbs.confirm(small.session, small["Ann"], hours.hours_id, at=small.at)


async def test_other_members_do_not_know_it_exists(small: Small) -> None:
    hours = await told(small)
    for verb in (verbs.confirm, verbs.decline, verbs.withdraw, verbs.object_to):
        with pytest.raises(NotFound):
            await verb(small.session, small["Cyd"], hours.hours_id, at=small.at)


async def test_a_no_goes_to_the_coordinator_with_its_reason_and_to_nobody_else(small: Small) -> None:
    hours = await told(small)
    await verbs.decline(small.session, small["Ben"], hours.hours_id, reason="He never came", at=small.at)
    with pytest.raises(WrongState):
        await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    desk = await read.desk(small.session, small["Cora"])
    assert desk.declined[0].private_reasons == ("He never came",)
    assert (await read.view(small.session, small["Ann"], hours.hours_id)).private_reasons == ()


async def test_a_no_is_no_dead_end(small: Small) -> None:
    hours = await told(small)
    await verbs.decline(small.session, small["Ben"], hours.hours_id, at=small.at)
    await verbs.object_to(small.session, small["Ann"], hours.hours_id, reason="I did", at=small.at)
    await verbs.approve(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert (hours.state, await balance(small, "Ann")) == ("posted", 60)


async def test_what_was_told_may_be_taken_back_before_the_yes_only(small: Small) -> None:
    hours = await told(small)
    await verbs.withdraw(small.session, small["Ann"], hours.hours_id, at=small.at)
    assert hours.state == "withdrawn"
    later = await confirmed(small)
    with pytest.raises(WrongState):
        await verbs.withdraw(small.session, small["Ann"], later.hours_id, at=small.at)


RULES = [
    ("first_exchange", 0, {}, True),
    ("over_minutes", 59, {}, True),
    ("over_minutes", 60, {}, False),
    ("at_home", 0, {"is_at_home": True}, True),
    ("at_home", 0, {}, False),
    ("same_pair", 0, {}, True),
    ("same_pair", 1, {}, False),
]


@pytest.mark.parametrize(("kind", "threshold", "more", "asks"), RULES)
async def test_the_banks_rules_ask_for_a_coordinator(small: Small, kind, threshold, more, asks) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {kind: (threshold, 30)})
    hours = await confirmed(small, **more)
    always = ["unaccompanied"] if more.get("is_at_home") else []
    assert hours.approval_reasons == always + ([kind] if asks else [])
    assert hours.state == ("awaiting_approval" if asks else "posted")


async def test_a_coordinator_approves_what_waits(small: Small) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {"first_exchange": (0, 30)})
    hours = await confirmed(small)
    with pytest.raises(NotAllowed):
        await verbs.approve(small.session, small["Ann"], hours.hours_id, at=small.at)
    await verbs.approve(small.session, small["Cora"], hours.hours_id, at=small.at)
    await verbs.approve(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert (hours.state, await balance(small, "Ann")) == ("posted", 60)


async def test_nobody_approves_hours_they_took_part_in(small: Small) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {"first_exchange": (0, 30)})
    hours = await log.log(small.session, small["Ann"], gave(small["Cora"]), at=small.at)
    await verbs.confirm(small.session, small["Cora"], hours.hours_id, at=small.at)
    with pytest.raises(NotAllowed):
        await verbs.approve(small.session, small["Cora"], hours.hours_id, at=small.at)
    await verbs.approve(small.session, small["admin"], hours.hours_id, at=small.at)
    assert hours.state == "posted"


async def test_a_named_member_decides_when_every_coordinator_took_part(small: Small) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {"first_exchange": (0, 30)})
    await banks.set_policy(
        small.session, small["admin"], {"deputy": "named", "named_approver_id": small["Cyd"].member_id}
    )
    await organisations.revoke(
        small.session, await _second_administrator(small), small["admin"].member_id, "coordinator"
    )
    theirs = await log.log(small.session, small["Ann"], gave(small["Cora"]), at=small.at)
    await verbs.confirm(small.session, small["Cora"], theirs.hours_id, at=small.at)
    others = await confirmed(small)
    assert [v.hours.hours_id for v in (await read.desk(small.session, small["Cyd"])).approvals] == [
        theirs.hours_id
    ]
    with pytest.raises(NotFound):
        await verbs.approve(small.session, small["Cyd"], others.hours_id, at=small.at)
    await verbs.approve(small.session, small["Cyd"], theirs.hours_id, at=small.at)
    assert theirs.state == "posted"


async def _second_administrator(small: Small):
    await small.add("Dee")
    await organisations.grant(small.session, small["admin"], small["Dee"].member_id, "administrator")
    return await small.reload("Dee")


async def test_hours_already_given_are_never_refused_for_the_floor(small: Small) -> None:
    await banks.set_policy(small.session, small["admin"], {"floor_minutes": -600})
    hours = await confirmed(small, 700)
    assert (hours.state, hours.approval_reasons) == ("awaiting_approval", ["floor"])
    with pytest.raises(BelowFloor):
        await verbs.approve(small.session, small["Cora"], hours.hours_id, at=small.at)
    with pytest.raises(PotEmpty):
        await verbs.approve(small.session, small["Cora"], hours.hours_id, floor="pot", at=small.at)
    await verbs.approve(small.session, small["Cora"], hours.hours_id, floor="raise", at=small.at)
    assert (await balance(small, "Ann"), await balance(small, "Ben")) == (700, -700)


async def test_the_banks_limit_is_everybodys_but_of_whom_it_was_raised(small: Small) -> None:
    async def floor_of(name: str) -> int | None:
        party = await parties.get(small.session, small.bank_id, small[name].member_id)
        return (await ledger.balance(small.session, small.bank_id, party.account_id)).floor

    bens = (await parties.get(small.session, small.bank_id, small["Ben"].member_id)).account_id
    await ledger.set_limits(small.session, small.bank_id, bens, floor=-900, ceiling=None)
    await confirmed(small, 300)
    for minutes in (-60, -1200):
        await banks.set_policy(small.session, small["admin"], {"floor_minutes": minutes})
        assert [await floor_of(name) for name in ("Ann", "Cyd", "Ben")] == [minutes, minutes, -900]
    assert (await ledger.audit(small.session, small.bank_id)).is_clean


async def test_the_banks_own_accounts_are_locked_after_everybodys(small: Small) -> None:
    bank = await banks.get(small.session, small.bank_id)
    rows = await small.session.scalars(select(Party).where(col(Party.bank_id) == small.bank_id))
    in_order = [party.party_id for party in sorted(rows, key=lambda party: party.account_id)]
    assert len(in_order) > 4
    assert set(in_order[-2:]) == {bank.pot_id, bank.issuance_id}


async def test_the_pot_covers_what_the_receiver_lacks(small: Small) -> None:
    bank = await banks.get(small.session, small.bank_id)
    pot = await banks.pot(small.session, bank)
    issuance = await parties.get(small.session, small.bank_id, bank.issuance_id)
    seed = gave(small["Ben"]).hours_id
    await ledger.post(
        small.session,
        small.bank_id,
        [
            ledger.Transfer(
                transfer_id=seed,
                payer_id=issuance.account_id,
                payee_id=pot.account_id,
                amount_minor=500,
                happened_on=date(2026, 5, 1),
            )
        ],
        at=small.at,
    )
    hours = await confirmed(small, 700)
    await verbs.approve(small.session, small["Cora"], hours.hours_id, floor="pot", at=small.at)
    assert (await balance(small, "Ann"), await balance(small, "Ben")) == (700, -600)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, reason="wrong day", at=small.at)
    assert (await balance(small, "Ann"), await balance(small, "Ben")) == (0, 0)
    assert (await ledger.balance(small.session, small.bank_id, pot.account_id)).posted == 500


async def test_a_coordinator_tells_for_a_member_with_reason_and_evidence(small: Small) -> None:
    telling = gave(small["Ben"], on_behalf_of=small["Ann"].member_id)
    with pytest.raises(ReasonMissing):
        await log.log(small.session, small["Cora"], telling, at=small.at)
    with pytest.raises(EvidenceMissing):
        await log.log(small.session, small["Cora"], replace(telling, reason="no phone"), at=small.at)
    full = replace(telling, reason="no phone", evidence="signed slip 14")
    hours = await log.log(small.session, small["Cora"], full, at=small.at)
    assert (hours.logger_id, hours.awaited_id) == (small["Ann"].member_id, small["Ben"].member_id)
    with pytest.raises(NotFound):
        await log.log(
            small.session, small["Cyd"], replace(full, hours_id=gave(small["Ben"]).hours_id), at=small.at
        )


async def test_a_spoken_yes_is_recorded_with_who_heard_it(small: Small) -> None:
    hours = await told(small)
    with pytest.raises(EvidenceMissing):
        await verbs.confirm(small.session, small["Cora"], hours.hours_id, at=small.at)
    await verbs.confirm(small.session, small["Cora"], hours.hours_id, evidence="on the phone", at=small.at)
    step = (await verbs.steps.of_hours(small.session, hours))[-1]
    assert (step.by_id, step.for_id, step.evidence) == (
        small["Cora"].member_id,
        small["Ben"].member_id,
        "on the phone",
    )
    assert hours.state == "posted"


async def test_a_coordinators_repeat_is_not_the_yes_of_the_other_side(small: Small) -> None:
    hours = await told(small, 60)
    for _ in range(2):
        await verbs.confirm(
            small.session, small["Cora"], hours.hours_id, minutes=45, evidence="on the phone", at=small.at
        )
    assert (hours.state, hours.awaited_id) == ("awaiting_confirmation", small["Ann"].member_id)
    await verbs.confirm(
        small.session,
        small["Cora"],
        hours.hours_id,
        minutes=45,
        evidence="Ann rang back",
        on_behalf_of=small["Ann"].member_id,
        at=small.at,
    )
    assert hours.state == "posted"


async def test_whoever_speaks_for_both_sides_cannot_say_yes_to_themselves(small: Small) -> None:
    await organisations.represent(small.session, small["Cora"], small.organisation_id, small["Ann"].member_id)
    ann = await small.reload("Ann")
    hours = await log.log(small.session, ann, gave(small.organisation_id), at=small.at)
    with pytest.raises(NotAllowed):
        await verbs.confirm(small.session, ann, hours.hours_id, at=small.at)


async def test_either_side_may_object_within_the_window(small: Small) -> None:
    hours = await confirmed(small)
    late = small.at + timedelta(days=15)
    with pytest.raises(ObjectionTooLate):
        await verbs.object_to(small.session, small["Ben"], hours.hours_id, at=late)
    await verbs.object_to(small.session, small["Ben"], hours.hours_id, reason="it was half", at=small.at)
    assert (await read.desk(small.session, small["Cora"])).objections[0].private_reasons == ("it was half",)
    await verbs.dismiss(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert (hours.state, await balance(small, "Ann")) == ("posted", 60)


async def test_a_reversal_gives_back_and_deletes_nothing(small: Small) -> None:
    hours = await confirmed(small)
    await verbs.object_to(small.session, small["Ben"], hours.hours_id, at=small.at)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert (hours.state, await balance(small, "Ann")) == ("reversed", 0)
    lines = (await read.statement(small.session, small["Ann"])).lines
    assert [(line.kind, line.minutes) for line in lines] == [("reversal", -60), ("hours", 60)]


@pytest.mark.parametrize("floor", ["pot", "raise"])
async def test_hours_that_were_spent_since_can_still_be_undone(small: Small, floor: Any) -> None:
    hours = await confirmed(small, 120)
    bank = await banks.get(small.session, small.bank_id)
    spent = await log.log(small.session, small["Cyd"], gave(small["Ann"], 700), at=small.at)
    await verbs.confirm(small.session, small["Ann"], spent.hours_id, at=small.at)
    assert await balance(small, "Ann") == 120 - 700
    with pytest.raises(BelowFloor):
        await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    cyd = small["Cyd"]
    await gifts.give(
        small.session, cyd, uuid7(), from_id=cyd.member_id, to_id=bank.pot_id, minutes=200, at=small.at
    )
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, floor=floor, at=small.at)
    assert hours.state == "reversed"
    assert await balance(small, "Ann") == {"pot": -600, "raise": -700}[floor]


async def test_an_objection_for_somebody_names_the_side_and_a_reason(small: Small) -> None:
    hours = await confirmed(small)
    ann, cora = small["Ann"].member_id, small["Cora"]
    for more in ({"reason": "she rang"}, {"on_behalf_of": ann}, {"on_behalf_of": ann, "reason": "  "}):
        with pytest.raises(ReasonMissing):
            await verbs.object_to(small.session, cora, hours.hours_id, at=small.at, **more)
    with pytest.raises(NotAllowed):
        await verbs.object_to(
            small.session, small["Ben"], hours.hours_id, on_behalf_of=ann, reason="x", at=small.at
        )
    await verbs.object_to(
        small.session, cora, hours.hours_id, on_behalf_of=ann, reason="she rang", at=small.at
    )
    assert (await steps.of_hours(small.session, hours))[-1].for_id == ann


@pytest.mark.parametrize(
    ("deputy", "may"), [("administrator", "admin"), ("named", "Cyd"), ("coordinator", None)]
)
async def test_the_bank_says_who_decides_where_every_coordinator_took_part(
    small: Small, deputy: str, may: str | None
) -> None:
    await organisations.grant(small.session, small["admin"], small["Ben"].member_id, "administrator")
    await organisations.revoke(
        small.session, await small.reload("Ben"), small["admin"].member_id, "coordinator"
    )
    await small.reload("admin")
    changes = {"deputy": deputy, "named_approver_id": small["Cyd"].member_id}
    await banks.set_policy(small.session, small["admin"], changes)
    await banks.set_approval_rules(small.session, small["admin"], {"at_home": (0, 30)})
    hours = await log.log(small.session, small["Cora"], gave(small["Ann"], is_at_home=True), at=small.at)
    await verbs.confirm(small.session, small["Ann"], hours.hours_id, at=small.at)
    for name in {"admin", "Cyd", "Ann", "Cora"} - {may}:
        with pytest.raises((NotAllowed, NotFound)):
            await verbs.approve(small.session, small[name], hours.hours_id, at=small.at)
    if may is not None:
        assert (await verbs.approve(small.session, small[may], hours.hours_id, at=small.at)).state == "posted"


async def test_who_wrote_both_sides_down_is_not_the_one_who_checks(small: Small) -> None:
    await banks.set_approval_rules(small.session, small["admin"], {"over_minutes": (30, 30)})
    cora, ann = small["Cora"], small["Ann"].member_id
    spoken = {"on_behalf_of": ann, "reason": "No phone", "evidence": "Rang us"}

    async def written(*, heard_by: str) -> Hours:
        hours = await log.log(small.session, cora, gave(small["Ben"], **spoken), at=small.at)
        more = {"evidence": "On the phone"} if heard_by != "Ben" else {}
        return await verbs.confirm(small.session, small[heard_by], hours.hours_id, **more, at=small.at)

    for heard_by in ("Ben", "admin"):
        control = await written(heard_by=heard_by)
        await verbs.approve(small.session, cora, control.hours_id, at=small.at)
    both = await written(heard_by="Cora")
    with pytest.raises(NotAllowed):
        await verbs.approve(small.session, cora, both.hours_id, at=small.at)
    bank = await banks.get(small.session, small.bank_id)
    assert not await relations.has_nobody_else(small.session, bank)
    await organisations.revoke(
        small.session, await _second_administrator(small), small["admin"].member_id, "coordinator"
    )
    await verbs.approve(small.session, await small.reload("admin"), both.hours_id, at=small.at)
    alone = await written(heard_by="Cora")
    await banks.set_policy(small.session, small["admin"], {"deputy": "coordinator"})
    assert await relations.has_nobody_else(small.session, bank)
    await verbs.approve(small.session, cora, alone.hours_id, at=small.at)


async def test_unanswered_hours_are_reminded_twice_and_then_handed_over(small: Small) -> None:
    hours = await told(small)
    days = []
    for day in range(1, 30):
        if await chase.chase(small.session, small.bank_id, at=small.at + timedelta(days=day)):
            days.append((day, hours.reminders, hours.is_with_coordinator))
    assert days == [(2, 1, False), (5, 2, False), (7, 2, True)]
    assert hours.state == "awaiting_confirmation", "they never expire silently"
    assert len((await read.desk(small.session, small["Cora"])).unanswered) == 1


async def test_no_reminder_comes_when_a_coordinator_has_the_hours_already(small: Small) -> None:
    admin = small["admin"]
    for changes in ({"coordinator_after_days": 5}, {"reminder_days": [2, 7]}):
        with pytest.raises(ReminderTooLate):
            async with small.session.begin_nested():
                await banks.set_policy(small.session, admin, changes)
    await banks.set_policy(small.session, admin, {"coordinator_after_days": 4, "reminder_days": [1, 3]})
    hours = await told(small)
    days = [
        day
        for day in range(1, 9)
        if await chase.chase(small.session, small.bank_id, at=small.at + timedelta(days=day))
    ]
    assert (days, hours.reminders, hours.is_with_coordinator) == ([1, 3, 4], 2, True)


async def test_the_books_of_all_this_are_clean(small: Small) -> None:
    await confirmed(small, 45)
    report = await ledger.audit(small.session, small.bank_id)
    assert report.is_clean
