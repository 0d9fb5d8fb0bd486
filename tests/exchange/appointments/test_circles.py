"""Circles from suggestion to appointments: nobody is asked before a person accepts, or across a wall."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from exchange.appointments import circles, steps
from exchange.appointments.errors import PeopleChanged
from exchange.appointments.tables import Appointment
from exchange.directory import barriers, circle_rounds, circle_views, listings
from exchange.directory.drafts import NewListing
from exchange.directory.errors import CircleDecided
from exchange.directory.tables import Listing
from exchange.errors import NotAllowed, NotFound
from exchange.membership import members
from exchange.prescribing import clearances
from exchange.prescribing.clearances import NewClearance
from tests.small_bank import Small, make
from tests.small_practice import open_surgery

RING = {"Ann": ("guitar", "baking"), "Ben": ("baking", "sewing_mending"), "Cyd": ("sewing_mending", "guitar")}
"""Who offers and asks what: Ann helps Cyd, Cyd helps Ben, Ben helps Ann."""


async def write(small: Small, name: str, kind: str, skill: str, **more):
    draft = NewListing(kind=kind, description=skill, skills=[skill], minutes=60, **more)
    return await listings.create(small.session, small[name], draft, at=small.at)


async def ring(small: Small) -> dict[str, list]:
    return {
        name: [await write(small, name, "offer", offers), await write(small, name, "request", asks)]
        for name, (offers, asks) in RING.items()
    }


async def suggested(small: Small):
    await circle_rounds.propose(small.session, small["Cora"], at=small.at)
    found = await circle_views.newest(small.session, small["Cora"])
    assert found
    return found


async def asked_for(small: Small) -> int:
    count = await small.session.scalar(select(func.count()).where(col(Appointment.bank_id) == small.bank_id))
    return count or 0


async def test_a_ring_of_three_is_found_where_no_two_could_swap(small: Small) -> None:
    await ring(small)
    made, [shown] = await suggested(small)
    pairs = {(leg.giver, leg.receiver) for leg in shown.legs}
    assert pairs == {("Ann", "Cyd"), ("Cyd", "Ben"), ("Ben", "Ann")}
    assert (made.minutes, made.greedy_minutes, made.fairness_cost_minutes) == (180, 0, 0)
    assert await asked_for(small) == 0, "nobody is asked before a person accepts"


async def test_an_accepted_circle_asks_both_sides_of_every_help(small: Small) -> None:
    await ring(small)
    _, [shown] = await suggested(small)
    for _ in range(2):
        await circles.accept(small.session, small["Cora"], shown.circle.circle_id, at=small.at)
    assert await asked_for(small) == 3
    leg = next(item.leg for item in shown.legs if item.giver == "Ann")
    key = leg.appointment_id
    assert key
    made = await steps.agree(small.session, small["Ann"], key, at=small.at)
    assert made.state == "asked", "the one to be helped has a say too"
    await steps.agree(small.session, small["Cyd"], key, at=small.at)
    assert (made.state, made.giver_id) == ("agreed", small["Ann"].member_id)


async def test_one_no_of_the_helped_ends_that_help(small: Small) -> None:
    await ring(small)
    _, [shown] = await suggested(small)
    await circles.accept(small.session, small["Cora"], shown.circle.circle_id, at=small.at)
    leg = next(item.leg for item in shown.legs if item.giver == "Ann")
    assert leg.appointment_id
    made = await steps.decline(small.session, small["Cyd"], leg.appointment_id, at=small.at)
    assert made.state == "cancelled"


APART = "Ann and Cyd can no longer be put together"
CHANGED = {
    "wall": APART,
    "pause": "Cyd is away or has left.",
    "hold": "Cyd can no longer be put together",
    "close": "Cyd's ask (Guitar) was taken down or changed.",
    "not me": APART,
}


@pytest.mark.parametrize("change", list(CHANGED))
async def test_a_circle_whose_people_changed_is_refused_whole(small: Small, change: str) -> None:
    written = await ring(small)
    _, [shown] = await suggested(small)
    ann, cyd = small["Ann"].member_id, small["Cyd"].member_id
    match change:
        case "wall":
            await members.block(small.session, small["Cyd"], cyd, ann, at=small.at)
        case "pause":
            await members.set_status(small.session, small["Cora"], cyd, "paused")
        case "hold":
            await barriers.hold(small.session, small["Cora"], cyd, at=small.at)
        case "close":
            await listings.close(small.session, small["Cyd"], written["Cyd"][1].listing_id, at=small.at)
        case _:
            await barriers.not_me(small.session, small["Ann"], ann, other_id=cyd, at=small.at)
    with pytest.raises(PeopleChanged) as refused:
        await circles.accept(small.session, small["Cora"], shown.circle.circle_id, at=small.at)
    assert CHANGED[change] in str(refused.value), "the coordinator reads what changed"
    assert await asked_for(small) == 0
    _, again = await suggested(small)
    assert again == [], "and it is not suggested any more"


async def test_nobody_without_references_is_in_a_circle_at_a_referred_members_home(small: Small) -> None:
    """The same rule as in matching: by the time of a suggestion, and again when it is accepted."""
    session, cora, cyd = small.session, small["Cora"], small["Cyd"].member_id
    await ring(small)
    asked = await session.scalar(
        select(Listing).where(
            col(Listing.bank_id) == small.bank_id,
            col(Listing.party_id) == cyd,
            col(Listing.kind) == "request",
        )
    )
    assert asked
    asked.is_at_home = True
    _, [shown] = await suggested(small)
    surgery = await open_surgery(small)
    sent = await surgery.send()
    sent.member_id = cyd
    await session.flush()
    with pytest.raises(PeopleChanged):
        await circles.accept(session, cora, shown.circle.circle_id, at=small.at)
    _, none = await suggested(small)
    assert none == []
    for kind in ("reference", "reference", "conduct"):
        seen = NewClearance(kind=kind, words="seen", done_on=small.at.date())
        await clearances.add(session, cora, small["Ann"].member_id, uuid7(), seen, at=small.at)
    _, [again] = await suggested(small)
    await circles.accept(session, cora, again.circle.circle_id, at=small.at)


async def test_a_broken_help_of_an_accepted_circle_is_seen(small: Small) -> None:
    await ring(small)
    _, [shown] = await suggested(small)
    await circles.accept(small.session, small["Cora"], shown.circle.circle_id, at=small.at)
    legs = {item.giver: item.leg.appointment_id for item in shown.legs}
    await steps.agree(small.session, small["Ben"], legs["Ben"], at=small.at)
    await steps.agree(small.session, small["Ann"], legs["Ben"], at=small.at)
    await steps.decline(small.session, small["Ann"], legs["Ann"], at=small.at)
    accepted = await circle_views.accepted(small.session, small["Cora"], since=small.at)
    found = await circles.standing(small.session, small["Cora"], accepted)
    assert {name: found[key] for name, key in legs.items()} == {
        "Ann": "broken",
        "Ben": "stands",
        "Cyd": "waits",
    }


async def test_two_suggestions_at_once_put_no_ask_into_two_circles(database: Database, at) -> None:
    bank_id = uuid7()
    async with database.transaction(bank_id) as session:
        small = await make(session, bank_id, at)
        await ring(small)

    async def press() -> None:
        async with database.transaction(bank_id) as session:
            await circle_rounds.propose(session, small["Cora"], at=at)

    await asyncio.gather(press(), press())
    async with database.transaction(bank_id) as session:
        found = await circle_views.newest(session, small["Cora"])
        assert found
        assert [view.circle.state for view in found[1]] == ["proposed"]


async def test_circles_can_be_pinned_and_dropped(small: Small) -> None:
    await ring(small)
    _, [shown] = await suggested(small)
    key = shown.circle.circle_id
    await circle_rounds.pin(small.session, small["Cora"], key, at=small.at)
    _, kept = await suggested(small)
    assert [(v.circle.circle_id, v.circle.state) for v in kept] == [(key, "pinned")]
    await circle_rounds.drop(small.session, small["Cora"], key, at=small.at)
    with pytest.raises(CircleDecided):
        await circles.accept(small.session, small["Cora"], key, at=small.at)
    _, fresh = await suggested(small)
    assert [v.circle.state for v in fresh] == ["proposed"]


async def test_a_broken_link_shows_whom_to_ask_instead(small: Small) -> None:
    await ring(small)
    await small.add("Dee")
    _, [shown] = await suggested(small)
    await write(small, "Dee", "offer", "guitar")
    place = next(item.leg.place for item in shown.legs if item.giver == "Ann")
    found = await circle_rounds.instead(
        small.session, small["Cora"], shown.circle.circle_id, place, at=small.at
    )
    assert [match.name for match in found] == ["Dee"]
    with pytest.raises(NotFound):
        await circle_rounds.instead(small.session, small["Cora"], shown.circle.circle_id, 9, at=small.at)


async def test_circles_are_the_coordinators_to_see_and_decide(small: Small) -> None:
    await ring(small)
    _, [shown] = await suggested(small)
    with pytest.raises(NotAllowed):
        await circle_rounds.propose(small.session, small["Ann"], at=small.at)
    with pytest.raises(NotAllowed):
        await circle_views.newest(small.session, small["Ann"])
    with pytest.raises(NotAllowed):
        await circles.accept(small.session, small["Ann"], shown.circle.circle_id, at=small.at)


async def test_a_bank_without_asks_gets_an_empty_round(small: Small) -> None:
    made, found = await suggested(small)
    assert (made.minutes, found) == (0, [])
