"""Answers and goals in the message back: as figures, with words, or not at all, as their owner allowed."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.prescribing import asking, goals, joining, letters, read, steps
from exchange.prescribing.tables import Referral, ReferralLetter
from tests.small_practice import Surgery

GOAL = "sing in the choir again"
WEEKS = timedelta(weeks=6)


async def ended(surgery: Surgery, back: str, *, is_allowed: bool = True) -> tuple[Referral, ReferralLetter]:
    """A referral of somebody who answered twice and has a goal, up to its end."""
    small, cora = surgery.small, surgery.small["Cora"]
    session, key = small.session, (await surgery.send(consent={"back": back})).referral_id
    await steps.accept(session, cora, key, at=small.at)
    member = await joining.become_member(session, cora, key, evidence="said so", at=small.at)
    who = member.member_id
    for purpose, is_given in (("my_own_use", True), ("referrer", is_allowed)):
        await asking.allow(session, cora, who, purpose, is_given=is_given, at=small.at)
    for days, round_, ucla in ((timedelta(), "start", [3, 3, 2]), (WEEKS, "6_weeks", [2, 1, 1])):
        at = small.at + days
        for measure, given in (("ucla3", ucla), ("ons4", [5, 6, 7, 4])):
            await asking.answer(session, cora, who, measure, round_, given, way="paper", at=at)
    goal = await goals.set_goal(session, cora, who, GOAL, 2, at=small.at)
    await goals.set_goal(session, cora, who, "", 7, goal_id=goal.goal_id, at=small.at + WEEKS)
    await steps.close(session, cora, key, reason="finished", words="She sings.", at=small.at + WEEKS)
    letter = await session.get_one(ReferralLetter, (small.bank_id, key))
    return await session.get_one(Referral, (small.bank_id, key)), letter


def by_code(told: Any) -> dict[str, list[float]]:
    return {entry["code"]: [value for _, value in entry["values"]] for entry in told or ()}


@pytest.mark.parametrize("back", ["notes", "codes", "nothing"])
async def test_the_letter_tells_how_they_were_as_far_as_they_agreed(surgery: Surgery, back: str) -> None:
    small = surgery.small
    referral, letter = await ended(surgery, back)
    views = {
        name: await read.view(small.session, small[name], referral.referral_id, at=small.at + WEEKS)
        for name in ("Gita", "Rex")
    }
    assert views["Rex"].measures is None, "reception reads no answers"
    found = by_code(letter.facts.get("measures"))
    assert by_code(views["Gita"].measures) == found
    if back == "nothing":
        assert found == {}
        return
    assert found["ucla3"] == [8.0, 4.0]
    assert found["ons4-1"] == [5.0, 5.0], "four items, never one figure"
    assert found["own-goal"] == [2.0, 7.0]
    assert (GOAL in str(letter.facts)) == (back == "notes"), "a goal's words are words"


async def test_without_their_yes_or_after_a_no_nothing_is_told(surgery: Surgery) -> None:
    small = surgery.small
    _, letter = await ended(surgery, "notes", is_allowed=False)
    assert "measures" not in letter.facts
    referral, letter = await ended(surgery, "notes")
    assert "measures" in await letters.as_allowed(small.session, referral, letter.facts), "the control"
    assert referral.member_id
    await asking.allow(
        small.session, small["Cora"], referral.member_id, "referrer", is_given=False, at=small.at + WEEKS
    )
    assert "measures" not in await letters.as_allowed(small.session, referral, letter.facts)
    view = await read.view(small.session, small["Gita"], referral.referral_id, at=small.at + WEEKS)
    assert view.measures is None
    assert GOAL not in str(view.letter)
