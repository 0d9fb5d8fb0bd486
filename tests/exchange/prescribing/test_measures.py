"""Wellbeing questions: scored as their owners say, asked on their days, refused freely, seen to at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from exchange.errors import NotAllowed, NotFound
from exchange.hours import log, verbs
from exchange.outbox import Event
from exchange.prescribing import asking, goals, scales
from exchange.prescribing.errors import BadAnswers, NotAskedNow, NoUseAllowed, UnknownReason
from exchange.prescribing.measure_tables import MEASURES, ROUNDS
from tests.small_bank import Small, gave


def test_the_metric_of_every_raw_sum_is_as_published() -> None:
    published = (
        "7.00 9.51 11.25 12.40 13.33 14.08 14.75 15.32 15.84 16.36 16.88 17.43 17.98 18.59 19.25 19.98 20.73 "
        "21.54 22.35 23.21 24.11 25.03 26.02 27.03 28.13 29.31 30.70 32.55 35.00"
    )
    for raw, metric in zip(range(7, 36), published.split(), strict=True):
        answers = [min(5, 1 + max(0, raw - 7 - 4 * n)) for n in range(7)]
        assert sum(answers) == raw
        assert scales.score("swemwbs", answers) == float(metric)


def test_sums_and_single_items() -> None:
    assert scales.score("ucla3", [1, 2, 3]) == 6
    assert scales.score("lonely", [4]) == 4
    assert scales.score("ons4", [5, 5, 5, 5]) is None, "four items, never one figure"


@pytest.mark.parametrize(
    ("measure", "answers", "is_bleak"),
    [
        ("ons4", [2, 7, 7, 3], True),
        ("ons4", [3, 7, 7, 8], False),
        ("ons4", [7, 7, 7, 9], True),
        ("ucla3", [3, 3, 3], True),
        ("ucla3", [3, 3, 2], False),
        ("lonely", [5], True),
        ("lonely", [4], False),
        ("swemwbs", [2, 2, 2, 2, 2, 2, 1], True),
        ("swemwbs", [3] * 7, False),
    ],
)
def test_the_lowest_answers_ask_for_a_person(measure: str, answers: list[int], is_bleak: bool) -> None:
    assert scales.is_bleak(measure, answers) is is_bleak


async def begun(small: Small) -> None:
    ben = small["Ben"]
    await asking.begin(small.session, ben, ben.member_id, at=small.at)
    await asking.allow(small.session, ben, ben.member_id, "my_own_use", is_given=True, at=small.at)


async def test_uses_are_asked_before_anything_else_and_a_no_to_all_keeps_nothing(small: Small) -> None:
    ben = small["Ben"]
    await asking.begin(small.session, ben, ben.member_id, at=small.at)
    said: list[dict[str, bool]] = [{}, {"totals": False}, {"totals": True}, {"totals": False}]
    for uses in said:
        for purpose, is_given in uses.items():
            await asking.allow(small.session, ben, ben.member_id, purpose, is_given=is_given, at=small.at)
        answer = asking.answer(
            small.session, ben, ben.member_id, "lonely", "start", [1], way="page", at=small.at
        )
        if any(uses.values()):
            assert (await answer).answers == [1]
        else:
            with pytest.raises(NoUseAllowed):
                await answer


async def test_it_is_asked_four_times_and_never_by_text(small: Small) -> None:
    await begun(small)
    ben = small["Ben"]
    days = {"start": 0, "6_weeks": 42, "3_months": 91, "6_months": 182}
    for name, after in days.items():
        now = await asking.due(small.session, ben, ben.member_id, at=small.at + timedelta(days=after))
        assert name in {sheet.round for sheet in now}
        before = await asking.due(small.session, ben, ben.member_id, at=small.at + timedelta(days=after - 1))
        assert name not in {sheet.round for sheet in before}
    events = await small.session.scalars(select(Event).where(col(Event.bank_id) == small.bank_id))
    assert not [event.kind for event in events if "measure" in event.kind], "nothing about it is ever sent"
    with pytest.raises(UnknownReason):
        await asking.answer(
            small.session, ben, ben.member_id, "lonely", "start", [1], way="text", at=small.at
        )


async def test_a_bleak_answer_is_on_the_desk_at_once_and_off_it_once_seen_to(small: Small) -> None:
    await begun(small)
    ben, cora = small["Ben"], small["Cora"]
    await asking.answer(
        small.session, ben, ben.member_id, "ons4", "start", [7, 7, 7, 2], way="page", at=small.at
    )
    assert await asking.to_ring_today(small.session, cora) == [], "the control: an ordinary one is not"
    await asking.answer(
        small.session, ben, ben.member_id, "ucla3", "start", [3, 3, 3], way="page", at=small.at
    )
    ((sheet, name),) = await asking.to_ring_today(small.session, cora)
    assert (sheet.measure, name) == ("ucla3", "Ben")
    await asking.see_to(small.session, cora, ben.member_id, at=small.at)
    small.session.expire_all()
    assert await asking.to_ring_today(small.session, cora) == []
    with pytest.raises(NotAllowed):
        await asking.to_ring_today(small.session, small["Ann"])


async def test_a_no_has_no_consequence(small: Small) -> None:
    await begun(small)
    ben = small["Ben"]
    await asking.refuse(small.session, ben, ben.member_id, "lonely", "start", at=small.at)
    with pytest.raises(NotAskedNow):
        await asking.answer(
            small.session, ben, ben.member_id, "lonely", "start", [1], way="page", at=small.at
        )
    hours = await log.log(small.session, ben, gave(small["Ann"]), at=small.at)
    assert (await verbs.confirm(small.session, small["Ann"], hours.hours_id, at=small.at)).state == "posted"


async def test_what_is_no_answer_is_refused(small: Small) -> None:
    await begun(small)
    ben = small["Ben"]
    for wrong in ([], [11, 5, 5, 5], [1, 2, 3], [1, 2, 3, True]):
        with pytest.raises(BadAnswers):
            await asking.answer(
                small.session, ben, ben.member_id, "ons4", "start", wrong, way="paper", at=small.at
            )
    with pytest.raises(NotAskedNow):
        await asking.answer(
            small.session, ben, ben.member_id, "lonely", "6_weeks", [1], way="page", at=small.at
        )


async def test_rounds_nobody_answered_are_over_without_a_word(small: Small) -> None:
    await begun(small)
    late = small.at + timedelta(days=21)
    assert await asking.close_missed(small.session, small.bank_id, at=late) == 3
    small.session.expire_all()
    assert await asking.due(small.session, small["Ben"], small["Ben"].member_id, at=late) == []


async def test_only_oneself_and_staff_answer(small: Small) -> None:
    await begun(small)
    me = small["Ben"].member_id
    with pytest.raises(NotFound):
        await asking.due(small.session, small["Ann"], me, at=small.at)
    sheet = await asking.answer(
        small.session, small["Cora"], me, "lonely", "start", [2], way="coordinator", at=small.at
    )
    assert sheet.way == "coordinator"


async def test_each_use_is_allowed_by_itself_and_silence_is_a_no(small: Small) -> None:
    ben = small["Ben"]
    assert not await asking.allows(small.session, small.bank_id, ben.member_id, "totals")
    await asking.allow(small.session, ben, ben.member_id, "totals", is_given=True, at=small.at)
    assert await asking.allows(small.session, small.bank_id, ben.member_id, "totals")
    assert not await asking.allows(small.session, small.bank_id, ben.member_id, "referrer")
    await asking.allow(small.session, ben, ben.member_id, "totals", is_given=False, at=small.at)
    assert not await asking.allows(small.session, small.bank_id, ben.member_id, "totals")


async def test_licensed_words_come_from_the_operator_alone(small: Small) -> None:
    assert set(scales.SHIPPED) == set(MEASURES) - {"swemwbs"}
    with pytest.raises(NotFound):
        await asking.questions(small.session, small.bank_id, "swemwbs")
    items = [f"Item {n}" for n in range(7)]
    with pytest.raises(BadAnswers):
        await asking.license_items(small.session, small["admin"], "swemwbs", number="L1", items=items[:6])
    await asking.license_items(small.session, small["admin"], "swemwbs", number="L1", items=items)
    assert len(await asking.questions(small.session, small.bank_id, "swemwbs")) == 7
    await begun(small)
    due = await asking.due(small.session, small["Ben"], small["Ben"].member_id, at=small.at)
    assert {sheet.measure for sheet in due} == set(MEASURES)
    assert len(ROUNDS) == 4


async def test_a_goal_is_scored_by_its_owner(small: Small) -> None:
    ben = small["Ben"]
    goal = await goals.set_goal(small.session, ben, ben.member_id, "I want to sing again", 2, at=small.at)
    await goals.set_goal(small.session, ben, ben.member_id, "", 7, goal_id=goal.goal_id, at=small.at)
    (found,) = await goals.of_member(small.session, ben, ben.member_id)
    assert (found.words, found.first_score, found.score) == ("I want to sing again", 2, 7)
    with pytest.raises(BadAnswers):
        await goals.set_goal(small.session, ben, ben.member_id, "x", 11, at=small.at)


async def test_steps_taken_come_from_the_hours(small: Small) -> None:
    ben = small["Ben"]
    none = await goals.steps_taken(small.session, ben, ben.member_id)
    assert (none.first_group_on, none.first_hour_given_on) == (None, None)
    hours = await log.log(small.session, ben, gave(small["Ann"]), at=small.at)
    await verbs.confirm(small.session, small["Ann"], hours.hours_id, at=small.at)
    taken = await goals.steps_taken(small.session, ben, ben.member_id)
    assert taken.first_hour_given_on == date(2026, 5, 11)
