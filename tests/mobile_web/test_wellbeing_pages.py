"""How are you: one question on a page, any of them refused, a bleak answer on a desk the same day."""

from collections.abc import Callable
from typing import Any

import pytest

from api import paper
from api.database import Database
from exchange.prescribing import asking, scales
from mobile_web import wellbeing_words
from mobile_web.languages import language
from tests.mobile_web.pages import Pages, Street, hidden_fields

ONS4 = "/how-are-you/ons4/start"


@pytest.fixture
async def asked(app: Any, street: Street, database: Database) -> None:
    app.state.paper = paper
    async with database.transaction(street.bank_id) as session:
        me = street["Ann"].member_id
        await asking.begin(session, street["Ann"], me, at=street.at)
        await asking.allow(session, street["Ann"], me, "my_own_use", is_given=True, at=street.at)


async def answers(who: Pages, *numbers: int) -> Any:
    """Each question on a page of its own."""
    page = await who.get(ONS4)
    for number in numbers:
        page = await who.press(page, ONS4, answer=str(number), press="next")
    return page


@pytest.mark.usefixtures("asked")
async def test_a_bleak_answer_is_on_the_desk_at_once_and_an_ordinary_one_is_not(
    as_person: Callable[[str], Pages],
) -> None:
    ann, cora = as_person("Ann"), as_person("Cora")
    page = await ann.get("/")
    assert "A few questions, if you like" in page.text
    page = await answers(ann, 7, 7)
    assert "Question 3 of 4" in page.text
    page = await ann.press(page, ONS4, press="next")
    assert page.status_code == 422
    assert "would rather not" in page.text
    page = await ann.press(page, ONS4, press="back")
    assert "Question 2 of 4" in page.text
    assert "Ring today" not in (await cora.get("/desk")).text, "the control: nothing was kept yet"
    await answers(ann, 7, 7, 1, 5)
    desk = await cora.get("/desk")
    assert "Ring today" in desk.text
    for never in ("happy", "ons4", "lonel"):
        assert never not in desk.text.lower()
    rung = next(a for a in desk.text.split('"') if a.endswith("/wellbeing/rung"))
    assert "Ring today" not in (await cora.press(desk, rung)).text


@pytest.mark.usefixtures("asked")
async def test_each_use_is_a_yes_of_its_own_and_a_no_ends_it(as_person: Callable[[str], Pages]) -> None:
    ann, ben = as_person("Ann"), as_person("Ben")
    page = await ann.press(await ann.get(ONS4), ONS4, press="refuse")
    assert "Nothing follows from it" in page.text
    assert (await ann.get(ONS4)).status_code == 404
    page = await ann.press(page, "/how-are-you/uses", totals="yes")
    assert page.text.count("checked") == 1
    page = await ann.press(page, "/how-are-you/goals", words="sing again", score="3")
    assert "At first 3 of 10" in page.text
    assert "Nothing is asked at the moment" in (await ben.get("/how-are-you")).text
    for code in ("cy", "bn"):
        spoken = {**wellbeing_words.PAPER, **wellbeing_words.TITLES}
        tongue = wellbeing_words.on_paper(language(code))
        assert tongue["free"] != spoken["free"]
    made = await ann.get("/how-are-you.pdf")
    assert made.content.startswith(b"%PDF")


@pytest.mark.usefixtures("asked")
async def test_the_coordinator_asks_together_and_nobody_else_does(
    as_person: Callable[[str], Pages], street: Street
) -> None:
    cora, ben = as_person("Cora"), as_person("Ben")
    base = f"/desk/members/{street['Ann'].member_id}/wellbeing"
    page = await cora.get(base)
    page = await cora.press(page, f"{base}/lonely/start", q_0="5", way="paper", press="keep")
    assert "= 5.0" in page.text
    page = await cora.press(page, f"{base}/ucla3/start", q_0="1", way="paper", press="keep")
    assert page.status_code == 422
    assert (await ben.get(base)).status_code in (403, 404)
    assert "Ann" in (await cora.get("/desk/wellbeing")).text


async def test_uses_are_asked_before_the_first_question(
    as_person: Callable[[str], Pages], street: Street
) -> None:
    ben, cora, lonely = as_person("Ben"), as_person("Cora"), "/how-are-you/lonely/start"
    await ben.press(await ben.get("/how-are-you"), "/how-are-you/begin")
    desk = f"/desk/members/{street['Ben'].member_id}/wellbeing"
    first, together = await ben.get(lonely), await cora.get(desk)
    for page in (first, together):
        assert "How often do you feel lonely" not in page.text
    assert "Before the first question" in first.text
    assert "Ask this first" in together.text
    skipped = await ben.press(first, "/how-are-you/uses", answer="2", press="next")
    assert "Nothing follows from it" in skipped.text
    skipped = await ben.client.post(lonely, data=hidden_fields(first, "/how-are-you/uses") | {"answer": "2"})
    assert "Before the first question" in skipped.text, "an answer alone is not kept"
    page = await ben.press(first, "/how-are-you/uses", referrer="yes", press="next")
    assert "How often do you feel lonely" in page.text
    assert "How often do you feel lonely" in (await cora.get(desk)).text


async def test_a_licensed_measure_is_asked_once_its_items_are_entered(
    as_person: Callable[[str], Pages],
) -> None:
    admin, ann = as_person("admin"), as_person("Ann")
    items = {f"item_{number}": f"Item number {number}" for number in range(7)}
    page = await admin.press(await admin.get("/desk/wellbeing"), "/desk/wellbeing/licence", number="L-1")
    assert page.status_code == 422
    page = await ann.press(await ann.get("/how-are-you"), "/how-are-you/begin")
    assert "The last two weeks" not in page.text, "the control: without a licence it is not asked"
    await admin.press(await admin.get("/desk/wellbeing"), "/desk/wellbeing/licence", number="L-1", **items)
    cora = as_person("Cora")
    assert "Enter the licence" not in (await cora.get("/desk/wellbeing")).text
    ben = as_person("Ben")
    page = await ben.press(await ben.get("/how-are-you"), "/how-are-you/begin")
    assert "The last two weeks" in page.text
    page = await ben.press(page, "/how-are-you/uses", totals="yes")
    assert "Item number 0" in (await ben.get("/how-are-you/swemwbs/start")).text


def test_every_question_has_its_words_in_each_language() -> None:
    for questions in scales.SHIPPED.values():
        for question in questions:
            assert {question.words, *question.labels} <= set(wellbeing_words.SAID)
    assert set(scales.SWEMWBS_LABELS) <= set(wellbeing_words.SAID)
