"""How are you: one question on a page, each may be left, and a person's own goals and first times.

Answers travel in the form and never in an address, where a browser would keep them. What must never happen:
a question that cannot be refused, or a word that makes refusing feel wrong.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.prescribing import asking, goals, rounds
from exchange.prescribing.errors import NoUseAllowed
from exchange.prescribing.rounds import Asked
from mobile_web import wellbeing_words
from mobile_web.answers import whole
from mobile_web.door import Door
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, inside, key

router = APIRouter()
HOME = "/how-are-you"


@router.get(HOME)
async def overview(seen: Visiting) -> Response:
    return await _overview(seen, {}, {})


async def _overview(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    me = seen.viewer.member_id
    return await seen.page(
        "wellbeing.html",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        id=form.get("id") or uuid7(),
        form=form,
        asked=await rounds.of_member(seen.session, seen.viewer, me, at=seen.at),
        titles=wellbeing_words.TITLES,
        rounds=wellbeing_words.ROUNDS,
        purposes=wellbeing_words.PURPOSES,
        consents=await rounds.consents(seen.session, seen.viewer, me),
        goals=await goals.of_member(seen.session, seen.viewer, me),
        steps=await goals.steps_taken(seen.session, seen.viewer, me),
        done=seen.request.query_params.get("done"),
        errors=errors,
    )


@router.post(f"{HOME}/begin", dependencies=OURS)
async def begin(seen: Visiting) -> Response:
    """Somebody wishes to be asked."""
    await asking.begin(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)
    return go(HOME)


@router.post(f"{HOME}/uses")
async def allow(seen: Visiting, form: Form) -> Response:
    """A yes or no to each use of the answers; on to the first question once there is a yes."""
    refuses = form.get("press") == "refuse"
    await keep_uses(seen, seen.viewer.member_id, {} if refuses else form)
    is_yes = await asking.allows_any(seen.session, seen.viewer.bank_id, seen.viewer.member_id)
    if "next" in form:
        return go(inside(form["next"]) if is_yes else f"{HOME}?done=refused")
    return go(f"{HOME}?done=uses")


async def keep_uses(seen: Visit, member_id: UUID, form: Mapping[str, str]) -> None:
    """Keep each tick of a form as a yes, and each that is off as a no."""
    for purpose in asking.PURPOSES:
        is_given = form.get(purpose) == "yes"
        await asking.allow(seen.session, seen.viewer, member_id, purpose, is_given=is_given, at=seen.at)


@router.post(f"{HOME}/goals")
async def set_goal(seen: Visiting, form: Form) -> Response:
    """I want to …; or how far it feels now."""
    try:
        async with seen.attempt():
            await keep_goal(seen, seen.viewer.member_id, form)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _overview(seen, form, of_rule(seen.speaks, broken, ("words", "score")))
    return go(f"{HOME}?done=goal")


async def keep_goal(seen: Visit, member_id: UUID, form: Mapping[str, str]) -> None:
    """Keep a goal of a form, or its new score."""
    score = whole(form.get("score"))
    await goals.set_goal(
        seen.session,
        seen.viewer,
        member_id,
        form.get("words", ""),
        -1 if score is None else score,
        goal_id=key(form.get("id", "")),
        at=seen.at,
    )


@router.post(f"{HOME}/goals/{{item}}/done", dependencies=OURS)
async def let_go(seen: Visiting, item: ItemKey) -> Response:
    await goals.let_go(seen.session, seen.viewer, seen.viewer.member_id, item, at=seen.at)
    return go(f"{HOME}?done=goal")


@router.get("/how-are-you.pdf")
async def on_paper(seen: Visiting) -> Response:
    """What is asked, to answer with a pen."""
    paper = Door(seen.request).paper
    made = await paper.questions(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get(f"{HOME}/{{measure}}/{{part}}")
async def first(seen: Visiting, measure: str, part: str) -> Response:
    return await _question(seen, await _asked(seen, measure, part), [], {})


async def _asked(seen: Visit, measure: str, part: str) -> Asked:
    found = await rounds.of_member(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)
    for one in found:
        if (one.sheet.measure, one.sheet.round) == (measure, part):
            return one
    raise NotFound


async def _question(seen: Visit, asked: Asked, given: Sequence[int], errors: dict[str, str]) -> Response:
    uses = await rounds.consents(seen.session, seen.viewer, seen.viewer.member_id)
    if not any(uses.values()):
        return await seen.page(
            "wellbeing_uses.html",
            here="settings",
            asked=asked,
            purposes=wellbeing_words.PURPOSES,
            consents=uses,
        )
    question = asked.questions[len(given)]
    return await seen.page(
        "wellbeing_question.html",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        asked=asked,
        title=wellbeing_words.TITLES[asked.sheet.measure],
        number=len(given) + 1,
        given=",".join(map(str, given)),
        words=wellbeing_words.question(seen.speaks, question),
        choices=wellbeing_words.choices(seen.speaks, question),
        is_ladder=wellbeing_words.is_ladder(question),
        ends=wellbeing_words.ends(seen.speaks, question),
        errors=errors,
    )


@router.post(f"{HOME}/{{measure}}/{{part}}")
async def next_one(seen: Visiting, measure: str, part: str, form: Form) -> Response:
    """One more answer, one back, or none at all."""
    who = seen.viewer.member_id
    if form.get("press") == "refuse":
        await asking.refuse(seen.session, seen.viewer, who, measure, part, at=seen.at)
        return go(f"{HOME}?done=refused")
    given = _given(form)
    if await _is_repeat(seen, measure, part, given, form):
        return go(f"{HOME}?done=answered")
    asked = await _asked(seen, measure, part)
    if form.get("press") == "back":
        return await _question(seen, asked, given[:-1], {})
    answer = whole(form.get("answer"))
    question = asked.questions[min(len(given), len(asked.questions) - 1)]
    if answer is None or not question.low <= answer <= question.high or len(given) >= len(asked.questions):
        wrong: dict[str, Any] = {"answer": sentence(seen.speaks, "choose_answer")}
        return await _question(seen, asked, given[: len(asked.questions) - 1], wrong)
    given = [*given, answer]
    if len(given) < len(asked.questions):
        return await _question(seen, asked, given, {})
    return await _keep(seen, asked, given)


async def _keep(seen: Visit, asked: Asked, given: Sequence[int]) -> Response:
    who, sheet = seen.viewer.member_id, asked.sheet
    try:
        async with seen.attempt():
            await asking.answer(
                seen.session, seen.viewer, who, sheet.measure, sheet.round, given, way="page", at=seen.at
            )
    except NoUseAllowed:
        return await _question(seen, asked, [], {})
    return go(f"{HOME}?done=answered")


def _given(form: Mapping[str, str]) -> list[int]:
    found = [whole(part) for part in form.get("given", "").split(",") if part]
    return [number for number in found if number is not None]


async def _is_repeat(
    seen: Visit, measure: str, part: str, given: Sequence[int], form: Mapping[str, str]
) -> bool:
    """Whether just this was kept already: the last page was sent twice."""
    answer = whole(form.get("answer"))
    known = await rounds.answered(seen.session, seen.viewer, seen.viewer.member_id)
    return any(
        (one.sheet.measure, one.sheet.round, one.sheet.answers) == (measure, part, [*given, answer])
        for one in known
    )
