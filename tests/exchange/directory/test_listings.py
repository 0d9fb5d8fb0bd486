"""Offers and asks: who may write them, who sees them, and that none ends unasked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from uuid_utils.compat import uuid7

from exchange.directory import listings, times
from exchange.directory.drafts import NewListing
from exchange.directory.errors import (
    DatesCrossed,
    LastDayOver,
    ListingInWrongState,
    RadiusOutOfRange,
    ReviewTooFar,
    UnknownTime,
)
from exchange.errors import NotAllowed, NotFound, SameIdOtherContents, TextMissing, UnknownChoice
from exchange.hours.errors import MinutesOutOfRange
from exchange.membership import members, organisations
from exchange.membership.errors import MemberNotActive
from tests.small_bank import Small

OFFER = NewListing(kind="offer", description="I can change light bulbs", minutes=30, times=["tue_morning"])


async def offer(small: Small, name: str = "Ann", **more):
    return await listings.create(small.session, small[name], replace(OFFER, **more), at=small.at)


async def seen_by(small: Small, name: str, **more):
    return [v.listing.listing_id for v in await listings.find(small.session, small[name], **more)]


async def test_an_offer_is_open_at_once_and_others_see_it(small: Small) -> None:
    made = await offer(small)
    assert (made.state, times.words(made.times)) == ("open", ["tue_morning"])
    assert await seen_by(small, "Ben", kind="offer") == [made.listing_id]
    assert await seen_by(small, "Ben", kind="request") == []


async def test_the_same_listing_twice_is_one(small: Small) -> None:
    key = uuid7()
    for _ in range(2):
        made = await listings.create(small.session, small["Ann"], OFFER, listing_id=key, at=small.at)
        assert made.listing_id == key
    with pytest.raises(SameIdOtherContents):
        await listings.create(
            small.session, small["Ann"], replace(OFFER, minutes=45), listing_id=key, at=small.at
        )


async def test_only_those_who_chose_the_directory_are_named_in_it(small: Small) -> None:
    made = await offer(small)
    assert (await listings.get(small.session, small["Ben"], made.listing_id)).owner is None
    assert (await listings.get(small.session, small["Cora"], made.listing_id)).owner == "Ann"
    await members.change(small.session, small["Ann"], small["Ann"].member_id, {"is_listed": True})
    assert (await listings.get(small.session, small["Ben"], made.listing_id)).owner == "Ann"


async def test_a_coordinator_writes_for_somebody_who_is_told(small: Small) -> None:
    made = await offer(small, "Cora", on_behalf_of=small["Ann"].member_id)
    assert (made.party_id, made.made_by) == (small["Ann"].member_id, small["Cora"].member_id)
    with pytest.raises(NotAllowed):
        await offer(small, "Ben", on_behalf_of=small["Ann"].member_id)


async def test_a_representative_writes_for_the_organisation(small: Small) -> None:
    with pytest.raises(NotAllowed):
        await offer(small, "Ann", on_behalf_of=small.organisation_id)
    await organisations.represent(small.session, small["Cora"], small.organisation_id, small["Ann"].member_id)
    await small.reload("Ann")
    made = await offer(small, "Ann", on_behalf_of=small.organisation_id)
    assert (await listings.get(small.session, small["Ben"], made.listing_id)).owner == "Day centre"


async def test_a_wall_hides_listings_both_ways(small: Small) -> None:
    made = await offer(small)
    await members.block(
        small.session, small["Ann"], small["Ann"].member_id, small["Ben"].member_id, at=small.at
    )
    assert await seen_by(small, "Ben") == []
    assert await seen_by(small, "Cyd") == [made.listing_id]
    with pytest.raises(NotFound):
        await listings.get(small.session, small["Ben"], made.listing_id)


async def test_a_paused_members_listing_rests(small: Small) -> None:
    made = await offer(small)
    await members.set_status(small.session, small["Cora"], small["Ann"].member_id, "paused")
    assert await seen_by(small, "Ben") == []
    with pytest.raises(NotFound):
        await listings.get(small.session, small["Ben"], made.listing_id)
    with pytest.raises(MemberNotActive):
        await offer(small)


async def test_a_draft_is_its_owners_business_until_it_is_published(small: Small) -> None:
    made = await offer(small, is_draft=True)
    assert made.state == "draft"
    assert await seen_by(small, "Ben", state="draft") == []
    assert await seen_by(small, "Ann", state="draft") == [made.listing_id]
    for _ in range(2):
        await listings.publish(small.session, small["Ann"], made.listing_id, at=small.at)
    assert await seen_by(small, "Ben") == [made.listing_id]


async def test_a_closed_listing_can_be_opened_again(small: Small) -> None:
    made = await offer(small)
    for _ in range(2):
        await listings.close(small.session, small["Ann"], made.listing_id, because="done", at=small.at)
    assert await seen_by(small, "Ben") == []
    with pytest.raises(NotFound):
        await listings.reopen(small.session, small["Ben"], made.listing_id, at=small.at)
    with pytest.raises(ListingInWrongState):
        await listings.clear(small.session, small["Cora"], made.listing_id, at=small.at)
    later = small.at + timedelta(days=30)
    await listings.reopen(small.session, small["Ann"], made.listing_id, at=later)
    assert await seen_by(small, "Ben") == [made.listing_id]
    assert made.review_on == date(2026, 12, 8)


async def test_changing_keeps_what_was_not_changed(small: Small) -> None:
    made = await offer(small)
    await listings.change(small.session, small["Ann"], made.listing_id, {"minutes": 60}, at=small.at)
    assert (made.minutes, made.description) == (60, OFFER.description)
    with pytest.raises(UnknownChoice):
        await listings.change(
            small.session, small["Ann"], made.listing_id, {"party_id": uuid7()}, at=small.at
        )
    with pytest.raises(NotAllowed):
        await listings.change(small.session, small["Ben"], made.listing_id, {"minutes": 5}, at=small.at)


@pytest.mark.parametrize(
    ("choice", "rule"),
    [
        ({"description": " \x00 "}, TextMissing),
        ({"times": ["someday"]}, UnknownTime),
        ({"starts_on": date(2026, 6, 2), "ends_on": date(2026, 6, 1)}, DatesCrossed),
        ({"ends_on": date(2026, 5, 11)}, LastDayOver),
        ({"radius_metres": -1}, RadiusOutOfRange),
        ({"minutes": 0}, MinutesOutOfRange),
        ({"access": ["lift"]}, UnknownChoice),
        ({"languages": ["<script>"]}, UnknownChoice),
        ({"review_on": date(2030, 1, 1)}, ReviewTooFar),
    ],
)
async def test_impossible_listings_are_refused_with_the_rule(small: Small, choice, rule) -> None:
    with pytest.raises(rule):
        await offer(small, **choice)


async def test_a_listing_past_its_last_day_can_still_be_changed(small: Small) -> None:
    made = await offer(small, ends_on=date(2026, 5, 12))
    later = small.at + timedelta(days=3)
    changes = {"description": "I change light bulbs", "ends_on": date(2026, 5, 12)}
    await listings.change(small.session, small["Ann"], made.listing_id, changes, at=later)
    with pytest.raises(LastDayOver):
        await listings.change(
            small.session, small["Ann"], made.listing_id, {"ends_on": date(2026, 5, 13)}, at=later
        )


def test_parts_of_the_week_are_words_outside_and_bits_inside() -> None:
    assert times.words(times.bits(["tue", "sat_evening"])) == [
        "tue_morning",
        "tue_afternoon",
        "tue_evening",
        "sat_evening",
    ]
    assert times.overlap(times.bits(["weekend"]), times.bits(["sat"]))
    assert not times.overlap(times.bits(["weekend"]), times.bits(["weekdays"]))
    assert times.overlap(times.bits([]), times.bits(["sun"]))
