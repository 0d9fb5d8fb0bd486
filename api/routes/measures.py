"""Wellbeing questions, goals and steps taken: asked by page, on paper or together, and never by text."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api import paper
from api.door import CreatedId, Visiting
from exchange.prescribing import asking, goals, rounds
from exchange.prescribing.measure_tables import AnswerSheet, Goal
from exchange.prescribing.rounds import Asked

router = APIRouter(tags=["measures"])
NOBODY_ELSE = "a member, for staff who ask together with them; oneself when it is left out"


class QuestionOut(BaseModel):
    """A question, its smallest and largest answer, and what the ends or each answer mean."""

    words: str
    low: int
    high: int
    labels: list[str]


class SheetOut(BaseModel):
    """What is asked now: one measure in one round."""

    measure: str
    round: str
    due_on: date
    questions: list[QuestionOut]


class SheetPage(BaseModel):
    """Everything that is asked now."""

    items: list[SheetOut]
    next_cursor: str | None = None


class SheetKey(BaseModel):
    """Which sheet, and whose."""

    member_id: UUID | None = Field(default=None, description=NOBODY_ELSE)
    measure: str = Field(max_length=20)
    round: str = Field(max_length=20)


class Answering(SheetKey):
    """A number for each question, in their order, and the way they were given: never by text."""

    answers: list[int] = Field(max_length=20)
    way: str = Field(default="page", max_length=20)


class AnsweredOut(BaseModel):
    """What became of a sheet. `score` is null for ONS4, whose items are never put together."""

    measure: str
    round: str
    state: str
    answers: list[int] | None
    score: float | None
    answered_at: datetime | None


class AnsweredPage(BaseModel):
    """What was answered, the first first."""

    items: list[AnsweredOut]
    next_cursor: str | None = None


class Allowing(BaseModel):
    """A yes or no to one use of one's answers."""

    member_id: UUID | None = Field(default=None, description=NOBODY_ELSE)
    purpose: str = Field(max_length=20)
    is_given: bool


class Whose(BaseModel):
    """A member, or oneself."""

    member_id: UUID | None = Field(default=None, description=NOBODY_ELSE)


class GoalIn(BaseModel):
    """'I want to …', from 0 (not at all) to 10 (there); the id of one that is there scores it anew."""

    id: UUID | None = None
    member_id: UUID | None = Field(default=None, description=NOBODY_ELSE)
    words: str = Field(default="", max_length=1000)
    score: int = Field(strict=True)


class GoalOut(BaseModel):
    """A goal, how far it felt at first, and now."""

    id: UUID
    words: str
    first_score: int
    score: int


class GoalPage(BaseModel):
    """Open goals, the oldest first."""

    items: list[GoalOut]
    next_cursor: str | None = None


class StepsOut(BaseModel):
    """The day of each first time; null for what has not been yet."""

    first_group_on: date | None
    first_hour_given_on: date | None
    first_hour_had_on: date | None
    first_group_led_on: date | None


class LicenceIn(BaseModel):
    """The licence the operator holds for SWEMWBS, and its seven items."""

    number: str = Field(max_length=100)
    items: list[str] = Field(max_length=20)


class ToRing(BaseModel):
    """Somebody whose answer asks for a person today."""

    member_id: UUID
    name: str
    answered_at: datetime | None


class ToRingPage(BaseModel):
    """Whom to ring today, the longest waiting first."""

    items: list[ToRing]
    next_cursor: str | None = None


def _asked(one: Asked) -> SheetOut:
    questions = [
        QuestionOut(words=q.words, low=q.low, high=q.high, labels=list(q.labels)) for q in one.questions
    ]
    sheet = one.sheet
    return SheetOut(measure=sheet.measure, round=sheet.round, due_on=sheet.due_on, questions=questions)


def _answered(sheet: AnswerSheet, score: float | None) -> AnsweredOut:
    return AnsweredOut(
        measure=sheet.measure,
        round=sheet.round,
        state=sheet.state,
        answers=sheet.answers,
        score=score,
        answered_at=sheet.answered_at,
    )


def _goals(found: Sequence[Goal]) -> list[GoalOut]:
    return [GoalOut(id=g.goal_id, words=g.words, first_score=g.first_score, score=g.score) for g in found]


@router.get("/measures")
async def asked_now(visit: Visiting, member_id: UUID | None = None) -> SheetPage:
    """What is asked of somebody now, with the questions."""
    who = member_id or visit.viewer.member_id
    found = await rounds.of_member(visit.session, visit.viewer, who, at=visit.at)
    return SheetPage(items=[_asked(one) for one in found])


@router.post("/measures", status_code=201)
async def answer(visit: Visiting, given: Answering) -> AnsweredOut:
    """Keep answers; the same again changes nothing. A bleak answer is on a person's desk at once."""
    who = given.member_id or visit.viewer.member_id
    sheet = await asking.answer(
        visit.session,
        visit.viewer,
        who,
        given.measure,
        given.round,
        given.answers,
        way=given.way,
        at=visit.at,
    )
    score = next(
        (
            one.score
            for one in await rounds.answered(visit.session, visit.viewer, who)
            if (one.sheet.measure, one.sheet.round) == (given.measure, given.round)
        ),
        None,
    )
    return _answered(sheet, score)


@router.post("/measures/refuse")
async def refuse(visit: Visiting, given: SheetKey) -> AnsweredOut:
    """'I would rather not': nothing follows from it."""
    who = given.member_id or visit.viewer.member_id
    sheet = await asking.refuse(visit.session, visit.viewer, who, given.measure, given.round, at=visit.at)
    return _answered(sheet, None)


@router.post("/measures/begin")
async def begin(visit: Visiting, given: Whose) -> SheetPage:
    """Begin to be asked, at one's own wish or when a coordinator offers it; a repeat changes nothing."""
    who = given.member_id or visit.viewer.member_id
    await asking.begin(visit.session, visit.viewer, who, at=visit.at)
    return await asked_now(visit, who)


@router.get("/measures/answers")
async def answered(visit: Visiting, member_id: UUID | None = None) -> AnsweredPage:
    """What was answered before."""
    who = member_id or visit.viewer.member_id
    found = await rounds.answered(visit.session, visit.viewer, who)
    return AnsweredPage(items=[_answered(one.sheet, one.score) for one in found])


@router.get("/measures/consents")
async def consents(visit: Visiting, member_id: UUID | None = None) -> dict[str, bool]:
    """Each use of the answers, and whether it was said yes to; silence is a no."""
    return await rounds.consents(visit.session, visit.viewer, member_id or visit.viewer.member_id)


@router.post("/measures/consents")
async def allow(visit: Visiting, given: Allowing) -> dict[str, bool]:
    """Say yes or no to one use of the answers."""
    who = given.member_id or visit.viewer.member_id
    await asking.allow(visit.session, visit.viewer, who, given.purpose, is_given=given.is_given, at=visit.at)
    return await rounds.consents(visit.session, visit.viewer, who)


@router.get("/measures/goals")
async def list_goals(visit: Visiting, member_id: UUID | None = None) -> GoalPage:
    """A member's own goals."""
    who = member_id or visit.viewer.member_id
    return GoalPage(items=_goals(await goals.of_member(visit.session, visit.viewer, who)))


@router.post("/measures/goals", status_code=201)
async def set_goal(visit: Visiting, given: GoalIn, new_id: CreatedId) -> GoalOut:
    """Set a goal, or score it anew."""
    who = given.member_id or visit.viewer.member_id
    made = await goals.set_goal(
        visit.session, visit.viewer, who, given.words, given.score, goal_id=given.id or new_id, at=visit.at
    )
    return _goals([made])[0]


@router.get("/measures/steps")
async def steps(visit: Visiting, member_id: UUID | None = None) -> StepsOut:
    """First group, first hour given, first group led."""
    who = member_id or visit.viewer.member_id
    found = await goals.steps_taken(visit.session, visit.viewer, who)
    return StepsOut.model_validate(found, from_attributes=True)


@router.get("/measures/sheet.pdf", response_class=Response)
async def on_paper(visit: Visiting, member_id: UUID | None = None) -> Response:
    """What is asked now, to fill in with a pen."""
    who = member_id or visit.viewer.member_id
    made = await paper.questions(visit.session, visit.viewer, who, at=visit.at)
    return Response(made, media_type="application/pdf")


@router.put("/measures/licence", status_code=204)
async def license_items(visit: Visiting, given: LicenceIn) -> None:
    """Enter the operator's licence for SWEMWBS and its items: from then on it is asked too."""
    await asking.license_items(visit.session, visit.viewer, "swemwbs", number=given.number, items=given.items)


@router.get("/measures/to-ring")
async def to_ring(visit: Visiting) -> ToRingPage:
    """Whom to ring today, because an answer of theirs was bleak."""
    found = await asking.to_ring_today(visit.session, visit.viewer)
    return ToRingPage(
        items=[ToRing(member_id=s.member_id, name=name, answered_at=s.answered_at) for s, name in found]
    )


@router.post("/measures/to-ring/{member_id}", status_code=204)
async def rung(visit: Visiting, member_id: UUID) -> None:
    """They were rung; a repeat changes nothing."""
    await asking.see_to(visit.session, visit.viewer, member_id, at=visit.at)
