"""Wellbeing from the desk: whom to ask, together or from a sheet of paper, and the operator's licence.

The coordinator reads the question as it is and ticks what is said. What must never happen: an answer that
somebody guessed for somebody else.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import parties
from exchange.permissions import Relation, may
from exchange.prescribing import asking, goals, rounds
from mobile_web import wellbeing_words
from mobile_web.answers import whole
from mobile_web.door import Door
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.pages.wellbeing import keep_goal, keep_uses
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go

router = APIRouter()
ITEMS = 7
MANNERS = (("coordinator", "Together, just now"), ("paper", "From their sheet of paper"))


@router.get("/desk/wellbeing")
async def everybody(seen: Visiting) -> Response:
    must(seen, "measure.see_to")
    return await _everybody(seen, {}, {})


async def _everybody(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    licence = await rounds.licence(seen.session, seen.viewer, "swemwbs")
    known = {f"item_{number}": item for number, item in enumerate(licence.items)} if licence else {}
    return await desk_page(
        seen,
        "desk/wellbeing.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        waiting=await rounds.of_bank(seen.session, seen.viewer, at=seen.at),
        licence=licence,
        form=form or known | {"number": licence.number if licence else ""},
        may_license=may(seen.viewer.roles, "policy.change", [Relation.BANK]),
        items=range(ITEMS),
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


@router.post("/desk/wellbeing/licence")
async def license_items(seen: Visiting, form: Form) -> Response:
    """The operator's licence number, and the words they may use by it."""
    items = [form.get(f"item_{number}", "") for number in range(ITEMS)]
    try:
        async with seen.attempt():
            number = form.get("number", "")
            await asking.license_items(seen.session, seen.viewer, "swemwbs", number=number, items=items)
    except ExchangeError as broken:
        if broken.code == "not_allowed":
            raise
        return await _everybody(seen, form, of_rule(ENGLISH, broken, ("number",)))
    return go("/desk/wellbeing?done=licence")


@router.get("/desk/members/{item}/wellbeing")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {}, {})


async def _one(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    must(seen, "queue.read")
    session, viewer = seen.session, seen.viewer
    asked = await rounds.of_member(session, viewer, item, at=seen.at)
    consents = await rounds.consents(session, viewer, item)
    return await desk_page(
        seen,
        "desk/member_wellbeing.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        party=await parties.get(session, viewer.bank_id, item),
        asked=[(each.sheet, _questions(each)) for each in asked],
        answered=await rounds.answered(session, viewer, item),
        titles=wellbeing_words.TITLES,
        rounds=wellbeing_words.ROUNDS,
        purposes=wellbeing_words.PURPOSES,
        consents=consents,
        is_allowed=any(consents.values()),
        goals=await goals.of_member(session, viewer, item),
        steps=await goals.steps_taken(session, viewer, item),
        manners=MANNERS,
        id=form.get("id") or uuid7(),
        form=form,
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


def _questions(asked: rounds.Asked) -> list[tuple[str, Any]]:
    return [
        (
            " ".join(filter(None, (question.words, wellbeing_words.ends(ENGLISH, question)))),
            wellbeing_words.choices(ENGLISH, question),
        )
        for question in asked.questions
    ]


@router.get("/desk/members/{item}/wellbeing.pdf")
async def on_paper(seen: Visiting, item: ItemKey) -> Response:
    """The sheet to print for them, in their language."""
    made = await Door(seen.request).paper.questions(seen.session, seen.viewer, item, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.post("/desk/members/{item}/wellbeing/begin", dependencies=OURS)
async def begin(seen: Visiting, item: ItemKey) -> Response:
    await asking.begin(seen.session, seen.viewer, item, at=seen.at)
    return go(f"/desk/members/{item}/wellbeing")


@router.post("/desk/members/{item}/wellbeing/uses")
async def allow(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await keep_uses(seen, item, form)
    return go(f"/desk/members/{item}/wellbeing?done=uses")


@router.post("/desk/members/{item}/wellbeing/goals")
async def set_goal(seen: Visiting, item: ItemKey, form: Form) -> Response:
    try:
        async with seen.attempt():
            await keep_goal(seen, item, form)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, form, of_rule(ENGLISH, broken, ("words", "score")))
    return go(f"/desk/members/{item}/wellbeing?done=goal")


@router.post("/desk/members/{item}/wellbeing/rung", dependencies=OURS)
async def rung(seen: Visiting, item: ItemKey) -> Response:
    """A person has rung them: it is off the desk."""
    await asking.allow_for(seen.session, seen.viewer, item, "measure.answer")
    await asking.see_to(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk?done=rung#ring")


@router.post("/desk/members/{item}/wellbeing/{measure}/{part}")
async def answer(seen: Visiting, item: ItemKey, measure: str, part: str, form: Form) -> Response:
    """A whole sheet at once, or that they would rather not."""
    found = {name: whole(value) for name, value in form.items() if name.startswith("q_")}
    given = [found.get(f"q_{number}") for number in range(len(found) + 1)][: len(found)]
    try:
        async with seen.attempt():
            if form.get("press") == "refuse":
                await asking.refuse(seen.session, seen.viewer, item, measure, part, at=seen.at)
            else:
                numbers = [-1 if number is None else number for number in given]
                way = form.get("way", "")
                await asking.answer(
                    seen.session, seen.viewer, item, measure, part, numbers, way=way, at=seen.at
                )
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, form, of_rule(ENGLISH, broken, ()))
    return go(f"/desk/members/{item}/wellbeing?done=answered")
