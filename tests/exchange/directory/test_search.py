"""Search answers any text with an ordinary page, and never across a wall."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from exchange.directory import listings, own_words
from exchange.directory.drafts import NewListing
from exchange.directory.errors import SkillNotAllowed, UnknownTime
from exchange.directory.search import Narrowing, often_asked, search
from exchange.errors import NotAllowed, TextMissing
from exchange.membership import members
from tests.small_bank import Small


async def write(small: Small, said: str, name: str = "Ann", kind: str = "offer", **more):
    draft = NewListing(kind=kind, description=said, **more)
    return await listings.create(small.session, small[name], draft, at=small.at)


async def found(small: Small, typed: str, name: str = "Ben", **narrowing) -> list[str]:
    result = await search(small.session, small[name], typed, Narrowing(**narrowing))
    return [view.listing.description for view in result.listings]


async def test_words_find_listings_and_skills_find_other_words_for_them(small: Small) -> None:
    await write(small, "I change light bulbs")
    await write(small, "Plumbing and taps")
    await write(small, "Tai chi in the park")
    assert await found(small, "bulbs") == ["I change light bulbs"]
    assert await found(small, "my lamp is broken, the light has gone") == ["I change light bulbs"]
    assert await found(small, "leaky faucet") == ["Plumbing and taps"]
    assert await found(small, "plumer") == ["Plumbing and taps"]
    assert await found(small, "garddio") == []


async def test_the_words_themselves_come_before_their_like(small: Small) -> None:
    await write(small, "Knitting socks")
    await write(small, "Crochet lessons")
    assert (await found(small, "crochet"))[0] == "Crochet lessons"
    assert (await found(small, "knitting"))[0] == "Knitting socks"


@pytest.mark.parametrize(
    "typed", ["", "a", "ta", "🙂", "' or 1=1 --", "(((:*&|!", "\x00\\'", "x" * 10_000, "রান্না", "مرحبا"]
)
async def test_any_text_gets_an_ordinary_answer(small: Small, typed: str) -> None:
    await write(small, "Tai chi in the park")
    result = await search(small.session, small["Ben"], typed)
    assert len(result.listings) <= 1


async def test_two_letters_find_what_begins_with_them(small: Small) -> None:
    await write(small, "Tai chi in the park")
    assert await found(small, "ta") == ["Tai chi in the park"]
    assert await found(small, "qq") == []


async def test_other_languages_find_the_same_help(small: Small) -> None:
    await write(small, "Gardening, weeding")
    await write(small, "I cook curry")
    assert await found(small, "chwynnu yn yr ardd a garddio") == ["Gardening, weeding"]
    assert await found(small, "রান্না") == ["I cook curry"]


async def test_a_search_can_be_narrowed(small: Small) -> None:
    await write(small, "Piano lessons on Tuesdays", times=["tue"], languages=["cy"], small_area="North")
    await write(small, "Piano for fun", kind="request")
    assert await found(small, "piano", kind="request") == ["Piano for fun"]
    assert await found(small, "piano", when=["wed"]) == ["Piano for fun"]
    assert await found(small, "piano", small_area="North") == ["Piano lessons on Tuesdays"]
    assert await found(small, "piano", languages=["cy"]) == ["Piano lessons on Tuesdays"]
    assert await found(small, "piano", setting="group", is_at_home=True) == []
    said = {"languages": ["cy"], "small_area": "North", "kind": "offer"}
    assert await found(small, "", **said) == ["Piano lessons on Tuesdays"], "where and when do without words"
    assert await found(small, "", **said | {"access": ["quiet"]}) == await found(small, "") == []
    with pytest.raises(UnknownTime):
        await found(small, "piano", when=["noon"])


@pytest.mark.parametrize(("typed", "more"), [("piano", {}), ("", {"when": ["mon"]})])
async def test_search_does_not_reach_across_a_wall_or_to_who_is_away(
    small: Small, typed: str, more: dict[str, Any]
) -> None:
    await write(small, "Piano lessons")
    await members.block(
        small.session, small["Ann"], small["Ann"].member_id, small["Ben"].member_id, at=small.at
    )
    assert await found(small, typed, "Ben", **more) == []
    assert await found(small, typed, "Cyd", **more) == ["Piano lessons"]
    await members.set_status(small.session, small["Cora"], small["Ann"].member_id, "paused")
    assert await found(small, typed, "Cyd", **more) == []


async def test_what_is_closed_is_not_found(small: Small) -> None:
    made = await write(small, "Piano lessons")
    await listings.close(small.session, small["Ann"], made.listing_id, at=small.at)
    assert await found(small, "piano") == []
    await listings.reopen(small.session, small["Ann"], made.listing_id, at=small.at)
    await listings.change(
        small.session, small["Ann"], made.listing_id, {"description": "Violin"}, at=small.at
    )
    assert (await found(small, "violin"), await found(small, "piano")) == (["Violin"], [])


async def test_nothing_found_suggests_what_people_here_ask(small: Small) -> None:
    await write(small, "Dog walking please", kind="request")
    result = await search(small.session, small["Ben"], "zzzz")
    assert (result.listings, result.suggestions) == ([], ["dog_walking"])
    assert await often_asked(small.session, small["Ben"]) == ["dog_walking"]


async def test_an_own_word_takes_effect_at_once(small: Small) -> None:
    await write(small, "Packing and moving")
    assert await found(small, "flitting") == []
    for _ in range(2):
        await own_words.add(small.session, small["Cora"], " Flitting! ", "moving_house", at=small.at)
    assert await found(small, "flitting") == ["Packing and moving"]
    assert (await write(small, "help with my flitting", kind="request")).skills == ["moving_house"]
    await own_words.remove(small.session, small["Cora"], "flitting", "moving_house")
    assert await own_words.every(small.session, small["Cora"]) == []
    with pytest.raises(NotAllowed):
        await own_words.add(small.session, small["Ann"], "flitting", "moving_house", at=small.at)
    with pytest.raises(TextMissing):
        await own_words.add(small.session, small["Cora"], "🙂", "moving_house", at=small.at)


async def test_a_skill_that_needs_a_coordinator_waits_for_one(small: Small) -> None:
    made = await write(small, "Childcare in the evenings")
    assert (made.state, made.skills) == ("with_coordinator", ["childcare"])
    assert await found(small, "childcare") == []
    with pytest.raises(NotAllowed):
        await listings.clear(small.session, small["Ann"], made.listing_id, at=small.at)
    await listings.clear(small.session, small["Cora"], made.listing_id, note="groups only", at=small.at)
    assert await found(small, "childcare") == ["Childcare in the evenings"]
    theirs = await write(small, "Childcare too", "Cora", on_behalf_of=small["Cyd"].member_id)
    assert (theirs.state, theirs.cleared_by) == ("open", small["Cora"].member_id)


async def test_work_for_professionals_never_opens(small: Small) -> None:
    with pytest.raises(SkillNotAllowed):
        await write(small, "Boilers", skills=["gas_work"])
    made = await write(small, "I service gas boilers")
    assert made.state == "with_coordinator"
    with pytest.raises(SkillNotAllowed):
        await listings.clear(small.session, small["Cora"], made.listing_id, at=small.at)
    for_staff = NewListing(
        kind="offer", description="I service gas boilers", on_behalf_of=small["Ann"].member_id
    )
    same = await listings.create(small.session, small["Cora"], for_staff, at=small.at)
    assert same.state == "with_coordinator"
    chosen = await listings.create(
        small.session, small["Cora"], replace(for_staff, skills=["small_repairs"]), at=small.at
    )
    assert chosen.state == "open"


async def test_low_confidence_is_flagged_for_a_person(small: Small) -> None:
    assert (await write(small, "Painting")).is_unsure
    assert not (await write(small, "Dog walking")).is_unsure
    assert not (await write(small, "Painting", skills=["painting_decorating"])).is_unsure


async def test_the_search_function_serves_its_own_bank_only(small: Small) -> None:
    statement = text(
        "select * from search_listings(:bank_id, 'a', 'a', '{}', null, null,"
        " 0, '{}', '{}', null, null, '{}', 5)"
    )
    await small.session.execute(statement, {"bank_id": small.bank_id})
    with pytest.raises(DBAPIError, match="not the bank"):
        await small.session.execute(statement, {"bank_id": uuid7()})
