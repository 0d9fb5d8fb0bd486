"""Hours set aside: spent first, back to the fund at the end, nobody's debt, and seen by nobody else."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

import ledger
from exchange.errors import NotAllowed, NotFound
from exchange.hours import log, read, verbs
from exchange.membership import parties
from exchange.prescribing import purses
from exchange.prescribing.errors import ExpiryInPast, FundEmpty
from exchange.prescribing.tables import ReferralPerson
from tests.small_bank import Small, gave
from tests.small_practice import Surgery

SOON = date(2026, 6, 12)


async def minutes_of(small: Small, party_id: UUID) -> int:
    party = await parties.get(small.session, small.bank_id, party_id)
    return (await ledger.balance(small.session, small.bank_id, party.account_id)).posted


async def granted(surgery: Surgery, minutes: int = 120, **more: Any) -> Any:
    """Five hours in the practice's fund, of which some are set aside for Ben."""
    small = surgery.small
    await purses.fill(small.session, small["Cora"], surgery.practice_id, 300, fill_id=uuid7(), at=small.at)
    return await purses.grant(
        small.session,
        small["Cora"],
        uuid7(),
        funder_id=surgery.practice_id,
        member_id=small["Ben"].member_id,
        minutes=minutes,
        expires_on=SOON,
        at=small.at,
        **more,
    )


async def ann_helps_ben(small: Small, minutes: int) -> Any:
    hours = await log.log(small.session, small["Ann"], gave(small["Ben"], minutes), at=small.at)
    return await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)


async def test_what_is_set_aside_is_spent_first_and_the_rest_is_their_own(surgery: Surgery) -> None:
    small = surgery.small
    purse = await granted(surgery)
    await ann_helps_ben(small, 90)
    assert await minutes_of(small, purse.purse_id) == 30
    assert await minutes_of(small, small["Ben"].member_id) == 0
    await ann_helps_ben(small, 60)
    assert await minutes_of(small, purse.purse_id) == 0
    assert await minutes_of(small, small["Ben"].member_id) == -30
    assert await minutes_of(small, small["Ann"].member_id) == 150
    assert (await ledger.audit(small.session, small.bank_id)).is_clean


async def test_to_the_giver_it_is_an_hour_like_any_other(surgery: Surgery) -> None:
    small = surgery.small
    await ann_helps_ben(small, 60)
    await granted(surgery)
    await ann_helps_ben(small, 60)
    lines = (await read.statement(small.session, small["Ann"])).lines
    plain = [(line.kind, line.counterpart, line.minutes, line.note, line.skill) for line in lines]
    assert plain[0] == plain[1]
    for name in ("Ann", "Cyd"):
        with pytest.raises((NotAllowed, NotFound)):
            await purses.of_member(small.session, small[name], small["Ben"].member_id)


async def test_what_is_left_goes_back_to_the_fund_on_its_day(surgery: Surgery) -> None:
    small = surgery.small
    purse = await granted(surgery)
    await ann_helps_ben(small, 30)
    assert await purses.expire(small.session, small.bank_id, at=small.at + timedelta(days=31)) == 0
    over = small.at + timedelta(days=32)
    assert await purses.expire(small.session, small.bank_id, at=over) == 1
    assert await purses.expire(small.session, small.bank_id, at=over) == 0
    assert await minutes_of(small, purse.purse_id) == 0
    assert await minutes_of(small, purse.fund_id) == 270
    await ann_helps_ben(small, 30)
    assert await minutes_of(small, small["Ben"].member_id) == -30, "from then on they spend their own"


async def test_an_hour_undone_puts_back_what_was_set_aside(surgery: Surgery) -> None:
    small = surgery.small
    purse = await granted(surgery)
    hours = await ann_helps_ben(small, 60)
    await verbs.object_to(small.session, small["Ben"], hours.hours_id, reason="no", at=small.at)
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, reason="no", at=small.at)
    assert await minutes_of(small, purse.purse_id) == 120
    assert await minutes_of(small, small["Ben"].member_id) == 0


async def test_an_hour_undone_after_the_last_day_puts_the_minutes_back_into_the_fund(
    surgery: Surgery,
) -> None:
    small = surgery.small
    purse = await granted(surgery)
    hours = await ann_helps_ben(small, 60)
    over = small.at + timedelta(days=32)
    await purses.expire(small.session, small.bank_id, at=over)
    assert await minutes_of(small, purse.fund_id) == 240, "the control: an hour of it was spent"
    await verbs.reverse(small.session, small["Cora"], hours.hours_id, reason="no", at=over)
    assert await minutes_of(small, purse.fund_id) == 300
    assert await minutes_of(small, purse.purse_id) == 0
    for name in ("Ann", "Ben"):
        assert await minutes_of(small, small[name].member_id) == 0, "neither keeps anything of it"
    assert (await ledger.audit(small.session, small.bank_id)).is_clean


async def test_at_the_limit_what_is_set_aside_still_pays(surgery: Surgery) -> None:
    small = surgery.small
    await ann_helps_ben(small, 600)
    hours = await ann_helps_ben(small, 60)
    assert hours.state == "awaiting_approval", "the control: without a purse a coordinator is asked"
    await granted(surgery)
    hours = await ann_helps_ben(small, 60)
    assert hours.state == "posted"


async def test_a_wish_to_give_back_is_never_a_debt(surgery: Surgery) -> None:
    small = surgery.small
    await granted(surgery, pledge_minutes=120)
    (view,) = await purses.of_member(small.session, small["Ben"], small["Ben"].member_id)
    assert (view.pledge_minutes, view.given_minutes, view.left_minutes) == (120, 0, 120)
    await purses.expire(small.session, small.bank_id, at=small.at + timedelta(days=90))
    assert await minutes_of(small, small["Ben"].member_id) == 0


async def test_a_fund_gives_no_more_than_it_has(surgery: Surgery) -> None:
    small = surgery.small
    with pytest.raises(FundEmpty):
        await granted(surgery, minutes=301)
    with pytest.raises(ExpiryInPast):
        await purses.grant(
            small.session,
            small["Cora"],
            uuid7(),
            funder_id=surgery.practice_id,
            member_id=small["Ben"].member_id,
            minutes=60,
            expires_on=date(2026, 5, 11),
            at=small.at,
        )


async def test_a_repeat_grants_once_and_nobody_grants_themselves(surgery: Surgery) -> None:
    small = surgery.small
    purse = await granted(surgery)
    again = await purses.grant(
        small.session,
        small["Cora"],
        purse.purse_id,
        funder_id=surgery.practice_id,
        member_id=small["Ben"].member_id,
        minutes=120,
        expires_on=SOON,
        at=small.at,
    )
    assert again is purse
    for name, to in (("Cora", "Cora"), ("Ann", "Ben")):
        with pytest.raises((NotAllowed, NotFound)):
            await purses.grant(
                small.session,
                small[name],
                uuid7(),
                funder_id=surgery.practice_id,
                member_id=small[to].member_id,
                minutes=60,
                expires_on=SOON,
                at=small.at,
            )
    assert await small.session.get(ReferralPerson, (small.bank_id, purse.purse_id)) is None
