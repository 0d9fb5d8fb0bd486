"""Going: what is left goes to the pot or to a named member, and nobody is told or asked."""

from datetime import timedelta

import pytest

import ledger
from exchange.errors import NotFound
from exchange.hours import leaving, log, verbs
from exchange.membership import banks, contacts, parties
from exchange.membership.errors import AlreadyDecided, MemberNotActive
from tests.small_bank import Small, gave


async def minutes_of(small: Small, party_id) -> int:
    party = await parties.get(small.session, small.bank_id, party_id)
    return (await ledger.balance(small.session, small.bank_id, party.account_id)).posted


async def ann_gives_ben(small: Small, minutes: int) -> None:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"], minutes), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)


async def test_a_leavers_hours_go_to_the_pot(small: Small) -> None:
    await ann_gives_ben(small, 90)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "left", at=small.at)
    bank = await banks.get(small.session, small.bank_id)
    assert (await minutes_of(small, small["Ann"].member_id), await minutes_of(small, bank.pot_id)) == (0, 90)


async def test_or_to_a_named_member(small: Small) -> None:
    await ann_gives_ben(small, 90)
    cyd = small["Cyd"].member_id
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "left", heir_id=cyd, at=small.at)
    assert await minutes_of(small, cyd) == 90


async def test_a_debt_is_met_from_the_pot_as_far_as_it_goes_and_never_asked_for(small: Small) -> None:
    await ann_gives_ben(small, 90)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "left", at=small.at)
    later = small.at + timedelta(minutes=1)
    await leaving.end(small.session, small["Cora"], small["Ben"].member_id, "deceased", at=later)
    assert await minutes_of(small, small["Ben"].member_id) == 0
    assert await contacts.reach(small.session, small.bank_id, small["Ben"].member_id) is None


async def test_hours_that_wait_for_somebody_who_died_go_to_the_desk_and_on(small: Small) -> None:
    given = await log.log(small.session, small["Ben"], gave(small["Ann"], 45), at=small.at)
    had = await log.log(small.session, small["Cyd"], gave(small["Ann"], 30), at=small.at)
    mine = await log.log(small.session, small["Ann"], gave(small["Ben"], 120), at=small.at)
    cora, ann, cyd = small["Cora"], small["Ann"].member_id, small["Cyd"].member_id
    await leaving.end(small.session, cora, ann, "deceased", heir_id=cyd, at=small.at)
    await small.session.refresh(given)
    assert (given.is_with_coordinator, given.chase_at) == (True, None)
    await verbs.confirm(small.session, small["Ben"], mine.hours_id, at=small.at)
    for hours in (given, had):
        await verbs.confirm(small.session, cora, hours.hours_id, evidence="her son", at=small.at)
    assert await minutes_of(small, ann) <= 0, "nothing is left with somebody who is gone"
    assert await minutes_of(small, cyd) == 120 + 30, "what she gave goes where the rest went"


async def test_what_is_undone_after_somebody_left_is_met_from_the_pot(small: Small) -> None:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"], 90), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    await leaving.end(small.session, small["Cora"], small["Ann"].member_id, "left", at=small.at)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, at=small.at)
    assert await minutes_of(small, small["Ann"].member_id) == 0
    assert await minutes_of(small, small["Ben"].member_id) == 0


async def test_a_repeat_changes_nothing_and_the_dead_do_not_leave(small: Small) -> None:
    ben = small["Ben"].member_id
    for _ in range(2):
        await leaving.end(small.session, small["Cora"], ben, "deceased", at=small.at)
    with pytest.raises(AlreadyDecided):
        await leaving.end(small.session, small["Cora"], ben, "left", at=small.at)


async def test_nobody_inherits_who_has_gone_and_members_do_not_decide_it(small: Small) -> None:
    await ann_gives_ben(small, 30)
    ann, ben = small["Ann"].member_id, small["Ben"].member_id
    with pytest.raises(NotFound):
        await leaving.end(small.session, small["Cyd"], ann, "left", at=small.at)
    await leaving.end(small.session, small["Cora"], ben, "left", at=small.at)
    with pytest.raises(MemberNotActive):
        await leaving.end(small.session, small["Cora"], ann, "left", heir_id=ben, at=small.at)
