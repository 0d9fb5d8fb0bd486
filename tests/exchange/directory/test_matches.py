"""Ten people likely to be glad to: hard rules first, then reasons that both may hear, and fairness."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert
from uuid_utils.compat import uuid7

from exchange.directory import areas, barriers, listings, matches, reviews, turns
from exchange.directory.candidates import SHORTLIST, candidates
from exchange.directory.drafts import NewListing
from exchange.directory.matches import Reason
from exchange.directory.tables import Listing, ListingSkill
from exchange.errors import ExchangeError, NotAllowed, UnknownChoice
from exchange.hours import log, verbs
from exchange.membership import members
from mobile_web.because import because
from mobile_web.languages import language
from tests.small_bank import Small, gave


async def write(small: Small, name: str, kind: str = "offer", skill: str = "light_bulbs", **more):
    said = more.pop("description", "Light bulbs")
    draft = NewListing(kind=kind, description=said, skills=[skill], **more)
    return await listings.create(small.session, small[name], draft, at=small.at)


async def asking(small: Small, **more):
    return await write(small, "Ben", "request", **more)


async def matched(small: Small, listing, viewer: str = "Cora", **more) -> list[matches.Match]:
    return await matches.for_listing(small.session, small[viewer], listing.listing_id, at=small.at, **more)


def said(match: matches.Match, code: str = "en") -> str:
    return because(language(code), match)


async def names(small: Small, listing) -> list[str | None]:
    return [match.name for match in await matched(small, listing)]


async def test_an_ask_finds_who_offers_it_and_an_offer_who_asks(small: Small) -> None:
    ask = await asking(small)
    offer = await write(small, "Ann")
    await write(small, "Cyd", skill="cooking")
    assert await names(small, ask) == ["Ann"]
    assert await names(small, offer) == ["Ben"]
    assert said((await matched(small, offer))[0]) == "Ben asks for changing light bulbs: new here."


async def test_the_reason_is_one_plain_sentence_in_each_language(small: Small) -> None:
    ask = await asking(small, small_area="North", times=["tue_morning"], languages=["cy"], is_at_home=True)
    await write(
        small, "Ann", small_area="North", times=["tue"], languages=["cy", "en"], is_at_home=True, minutes=30
    )
    [match] = await matched(small, ask)
    assert said(match) == (
        "Ann offers changing light bulbs: in the same area, free on Tuesday morning,"
        " comes to people's homes, speaks Welsh, new here."
    )
    assert not re.search("isolat|lonely|referred|score|rating", said(match))
    assert said(match, "cy").startswith("Mae Ann yn cynnig newid bylbiau: ")
    assert "বাল্ব বদলানো" in said(match, "bn")


async def test_reasons_are_kept_as_words_and_read_back(small: Small) -> None:
    ask = await asking(small, small_area="North", times=["tue_morning"])
    await write(small, "Ann", small_area="North", times=["tue"])
    [match] = await matched(small, ask)
    assert tuple(Reason.read(reason.written) for reason in match.reasons) == match.reasons
    for wrong in ("isolated", "time:someday", "skill", "near\n", "same_area:" + "x" * 300):
        with pytest.raises(ExchangeError):
            Reason.read(wrong)


async def test_nobody_is_matched_across_a_wall_in_either_direction(small: Small) -> None:
    ask = await asking(small)
    await write(small, "Ann")
    await write(small, "Cyd")
    ann, ben, cyd = (small[name].member_id for name in ("Ann", "Ben", "Cyd"))
    assert sorted(map(str, await names(small, ask))) == ["Ann", "Cyd"]
    await members.block(small.session, small["Ann"], ann, ben, at=small.at)
    assert await names(small, ask) == ["Cyd"]
    await members.block(small.session, small["Ben"], ben, cyd, at=small.at)
    assert await names(small, ask) == []


@pytest.mark.parametrize("who", ["Ann", "Ben"])
async def test_a_coordinators_hold_counts_at_once(small: Small, who: str) -> None:
    ask = await asking(small)
    await write(small, "Ann")
    await barriers.hold(small.session, small["Cora"], small[who].member_id, at=small.at)
    assert await names(small, ask) == []
    await barriers.lift(small.session, small["Cora"], small[who].member_id)
    assert await names(small, ask) == ["Ann"]
    with pytest.raises(NotAllowed):
        await barriers.hold(small.session, small["Ann"], small["Ben"].member_id, at=small.at)


@pytest.mark.parametrize("thing", ["person", "listing", "skill", "asker"])
async def test_not_me_thanks_is_heeded_and_never_told(small: Small, thing: str) -> None:
    ask = await asking(small)
    await write(small, "Ann")
    ann, ben = small["Ann"].member_id, small["Ben"].member_id
    said = {
        "person": (ann, {"other_id": ben}),
        "listing": (ann, {"listing_id": ask.listing_id}),
        "skill": (ann, {"skill": "light_bulbs"}),
        "asker": (ben, {"other_id": ann}),
    }[thing]
    by = small["Ann"] if said[0] == ann else small["Ben"]
    for _ in range(2):
        await barriers.not_me(small.session, by, said[0], **said[1], at=small.at)
    assert await names(small, ask) == []
    with pytest.raises(UnknownChoice):
        await barriers.not_me(small.session, by, said[0], at=small.at)


async def test_who_is_away_or_elsewhere_or_busy_is_not_asked(small: Small) -> None:
    ask = await asking(small, times=["mon_morning"], languages=["cy"], setting="one_to_one")
    await write(small, "Ann", times=["sat"], languages=["cy"])
    await write(small, "Cyd", languages=["bn"])
    assert await names(small, ask) == []
    await write(small, "Cora", languages=["cy"], setting="group")
    assert await names(small, ask) == []
    await small.add("Dee")
    await write(small, "Dee", languages=["cy"])
    assert await names(small, ask) == ["Dee"]
    await members.set_status(small.session, small["Cora"], small["Dee"].member_id, "paused")
    assert await names(small, ask) == []


async def test_distance_is_a_rule_where_it_is_known(small: Small) -> None:
    await areas.put(
        small.session,
        small["Cora"],
        {"North": (51.50, -0.10), "East": (51.50, -0.09), "Far": (51.60, -0.10)},
    )
    ask = await asking(small, small_area="North", radius_metres=3000)
    await write(small, "Ann", small_area="East")
    await write(small, "Cyd", small_area="Far")
    await write(small, "Cora", small_area="East", radius_metres=100)
    [match] = await matched(small, ask)
    assert (match.name, "near by" in said(match)) == ("Ann", True)


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_radius_of_zero_means_only_here_for_either_side(small: Small, is_known: bool) -> None:
    if is_known:
        places = {"North": (51.50, -0.10), "East": (51.50, -0.09)}
        await areas.put(small.session, small["Cora"], places)
    await write(small, "Ann", small_area="North", radius_metres=0)
    await write(small, "Cyd", small_area="East")
    await small.add("Dee")
    await write(small, "Dee", small_area="East", radius_metres=0)
    here = await asking(small, small_area="North", radius_metres=0)
    assert await names(small, here) == ["Ann"]
    anywhere = await asking(small, small_area="North")
    assert sorted(await names(small, anywhere)) == ["Ann", "Cyd"], "the control: only Dee would not come"
    nowhere = await asking(small, radius_metres=0)
    assert await names(small, nowhere) == ["Cyd"], "only here says nothing where nobody said where"


async def test_nobody_is_asked_again_and_again_while_others_wait(small: Small) -> None:
    ask = await asking(small, small_area="North")
    await write(small, "Ann", small_area="North", times=["any"])
    await write(small, "Cyd", small_area="South")
    assert await names(small, ask) == ["Ann", "Cyd"]
    for _ in range(turns.ENOUGH_TIMES):
        await turns.take(small.session, small.bank_id, small["Ann"].member_id, at=small.at)
    assert await names(small, ask) == ["Cyd", "Ann"]
    later = small.at + turns.WINDOW + timedelta(days=1)
    found = await matches.for_listing(small.session, small["Cora"], ask.listing_id, at=later)
    assert [match.name for match in found] == ["Ann", "Cyd"]
    await turns.take(small.session, small.bank_id, small["Ann"].member_id, at=later)
    times = await turns.asked_times(small.session, small.bank_id, [small["Ann"].member_id], at=later)
    assert times == {small["Ann"].member_id: 1}


async def test_a_tie_and_shared_interests_speak_for_somebody(small: Small) -> None:
    ask = await asking(small)
    await write(small, "Ann")
    await write(small, "Cyd")
    await write(small, "Ben", skill="knitting_crochet", description="Knitting")
    await write(small, "Cyd", skill="knitting_crochet", description="Knitting")
    hours = await log.log(small.session, small["Cyd"], gave(small["Ben"]), at=small.at)
    await verbs.confirm(small.session, small["Ben"], hours.hours_id, at=small.at)
    [first, _] = await matched(small, ask)
    assert (first.name, {"met", "interest"} <= {r.code for r in first.reasons}) == ("Cyd", True)


async def test_access_that_nobody_has_thought_of_is_asked_about(small: Small) -> None:
    ask = await asking(small, access=["wheelchair"])
    await write(small, "Ann")
    await write(small, "Cyd", access=["wheelchair", "quiet"])
    [first, second] = await matched(small, ask)
    assert (first.name, first.to_check) == ("Cyd", ())
    assert (second.name, second.to_check) == ("Ann", ("wheelchair",))


async def test_a_member_sees_names_of_those_in_the_directory_only(small: Small) -> None:
    ask = await asking(small)
    await write(small, "Ann")
    [match] = await matched(small, ask, "Ben")
    assert (match.name, said(match).split(" offers")[0]) == (None, "This member")
    await members.change(small.session, small["Ann"], small["Ann"].member_id, {"is_listed": True})
    assert [m.name for m in await matched(small, ask, "Ben")] == ["Ann"]
    with pytest.raises(NotAllowed):
        await matched(small, ask, "Cyd")


async def test_at_most_ten_and_each_person_once(small: Small) -> None:
    ask = await asking(small)
    for n in range(12):
        await small.add(f"Helper {n}")
        await write(small, f"Helper {n}")
    await write(small, "Helper 0", description="More bulbs")
    found = await matched(small, ask)
    assert len({m.party_id for m in found}) == len(found) == 10
    everybody = await matched(small, ask, limit=50)
    assert len({m.party_id for m in everybody}) == len(everybody) == 12


async def test_a_week_says_what_to_give_and_what_to_dare_to_ask(small: Small) -> None:
    await asking(small)
    await write(small, "Cyd", "request", skill="dog_walking")
    await write(small, "Ann")
    week = await matches.for_party(small.session, small["Ann"], small["Ann"].member_id, at=small.at)
    assert [match.skill for match in week.give] == ["light_bulbs"]
    assert week.ask == ["dog_walking"]
    with pytest.raises(NotAllowed):
        await matches.for_party(small.session, small["Ann"], small["Ben"].member_id, at=small.at)


async def test_a_skill_nobody_has_gets_an_empty_answer(small: Small) -> None:
    assert await names(small, await asking(small, skill="welsh")) == []


async def test_a_review_asks_and_silence_decides_nothing(small: Small) -> None:
    offer = await write(small, "Ann", review_on=small.at.date() + timedelta(days=3))
    due = small.at + timedelta(days=3)
    assert await reviews.ask_due(small.session, small.bank_id, at=small.at) == 0
    assert await reviews.ask_due(small.session, small.bank_id, at=due) == 1
    assert await reviews.ask_due(small.session, small.bank_id, at=due) == 0
    assert len(await reviews.asked_of(small.session, small["Ann"])) == 1
    year = small.at + timedelta(days=365)
    assert offer.state == "open", "it never ends by itself"
    assert [v.owner for v in await reviews.desk(small.session, small["Cora"], at=year)] == ["Ann"]
    await reviews.answer(small.session, small["Ann"], offer.listing_id, still=True, at=due)
    assert await reviews.asked_of(small.session, small["Ann"]) == []
    for _ in range(2):
        await reviews.answer(small.session, small["Ann"], offer.listing_id, still=False, at=due)
    assert offer.state == "closed"


async def test_where_hundreds_offer_the_same_each_day_draws_others_and_neighbours_always(
    small: Small,
) -> None:
    ask = await asking(small, small_area="North")
    near = await write(small, "Cyd", small_area="North")
    far = await write(small, "Ann", small_area="South")
    await multiply(small, far, 300)
    drawn = [
        {
            found.listing_id
            for found in await candidates(small.session, ask, distances={"North": 0}, day=day, at=small.at)
        }
        for day in (small.at.date(), small.at.date(), small.at.date() + timedelta(days=1))
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert all(near.listing_id in some and len(some) == SHORTLIST for some in drawn)


async def multiply(small: Small, listing: Listing, times: int) -> None:
    """So many more of the same listing, straight into the tables."""
    rows = [listing.model_dump() | {"listing_id": uuid7()} for _ in range(times)]
    await small.session.execute(insert(Listing), rows)
    same = {"bank_id", "party_id", "listing_id", "kind", "small_area", "times", "setting", "is_at_home"}
    skills = [{key: row[key] for key in same} | {"skill": "light_bulbs"} for row in rows]
    await small.session.execute(insert(ListingSkill), skills)
