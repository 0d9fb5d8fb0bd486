"""Tell us about an hour: one question on a page, or one tap when it was as last time, then a look and send.

Answers travel in the address until the last page, which carries the hour's id: pressing twice pays once.
What must never happen: a note or a reason in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, cast
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.hours import log, read
from exchange.hours.log import Telling
from exchange.membership import banks, find, parties
from exchange.membership.tables import Party
from mobile_web import answers, scenes
from mobile_web.answers import Unread
from mobile_web.problem import error_page
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, Visit, Visiting, go, key

router = APIRouter()
SPECIMENS_MAX = 30
QUESTIONS = ("with", "direction", "minutes", "day")
PAGE_OF = {"done_on": "day"}
CARRIED = (*QUESTIONS, "other_hours", "other_minutes", "done_on", "skill")
HELD = ("id", "note", "is_at_home", "on_behalf_of")
"""What was written on the last page: kept through a question asked again, and never in an address."""


@dataclass(frozen=True, slots=True)
class Told:
    """What has been answered so far, in the bank's words."""

    party_id: UUID
    name: str
    direction: Literal["gave", "received"]
    minutes: int
    done_on: date


@router.get("/hours/new")
async def ask(seen: Visiting) -> Response:
    """The first question without an answer; after the last, everything once more to look at."""
    given = {
        name: seen.request.query_params[name][:200] for name in CARRIED if name in seen.request.query_params
    }
    asked = seen.request.query_params.get("asked")
    try:
        await _told(seen, given)
    except Unread as unread:
        question = PAGE_OF.get(unread.field, unread.field)
        errors = {unread.field: sentence(seen.speaks, unread.code)} if asked == question else {}
        return await _question(seen, question, given, errors)
    return await _look(seen, given, uuid7(), errors={})


async def _question(
    seen: Visit,
    question: str,
    given: dict[str, str],
    errors: dict[str, str],
    held: Mapping[str, str] | None = None,
) -> Response:
    earlier = tuple(q for q in QUESTIONS if q != question) if held else QUESTIONS[: QUESTIONS.index(question)]
    shown: dict[str, Any] = {"given": given, "errors": errors, "back": _back(given, question)}
    if question == "with":
        shown |= await _people(seen, (held or {}).get("q") or seen.request.query_params.get("q", ""))
    else:
        shown |= {"name": (await _with(seen, given)).name, "yesterday": seen.today - timedelta(days=1)}
    kept = {name: given[name] for name in CARRIED if name in given and _belongs(name, earlier)}
    return await seen.page(
        f"tell_{question}.html",
        here="tell",
        kept=kept | {name: value for name, value in (held or {}).items() if name != "q"},
        is_again=held is not None,
        status=UNPROCESSABLE if errors else 200,
        step=QUESTIONS.index(question) + 1,
        steps=len(QUESTIONS) + 1,
        **shown,
    )


def _belongs(name: str, earlier: tuple[str, ...]) -> bool:
    owner = {"other_hours": "minutes", "other_minutes": "minutes", "done_on": "day", "skill": "skill"}
    return owner.get(name, name) in (*earlier, "skill")


def _back(given: Mapping[str, str], question: str) -> str:
    """The page before: the same answers without the last one."""
    position = QUESTIONS.index(question)
    if position == 0:
        return "/"
    kept = {name: value for name, value in given.items() if _belongs(name, QUESTIONS[: position - 1])}
    return f"/hours/new?{urlencode(kept)}" if kept else "/hours/new"


async def _people(seen: Visit, typed: str) -> dict[str, Any]:
    typed = typed.strip()
    found = []
    if typed:
        everyone = await find.find(seen.session, seen.viewer, typed, limit=SPECIMENS_MAX)
        found = [(one.party_id, one.name) for one in everyone if one.party_id not in seen.viewer.party_ids]
    return {"again": await scenes.again(seen), "typed": typed, "found": found}


async def _look(
    seen: Visit,
    given: Mapping[str, str],
    hours_id: UUID,
    *,
    errors: dict[str, str],
    form: Mapping[str, str] | None = None,
) -> Response:
    told = await _told(seen, given)
    return await seen.page(
        "tell_look.html",
        here="tell",
        status=UNPROCESSABLE if errors else 200,
        told=told,
        day=seen.speaks.day(told.done_on, today=seen.today),
        id=hours_id,
        voices=await scenes.voices(seen),
        form={"skill": given.get("skill", ""), **(form or {})},
        errors=errors,
        kept=given,
        change={question: _without(given, question) for question in QUESTIONS},
        step=len(QUESTIONS) + 1,
        steps=len(QUESTIONS) + 1,
    )


def _without(given: Mapping[str, str], question: str) -> str:
    kept = {
        name: value
        for name, value in given.items()
        if _belongs(name, tuple(q for q in QUESTIONS if q != question))
    }
    return f"/hours/new?{urlencode(kept)}"


async def _told(seen: Visit, given: Mapping[str, str]) -> Told:
    person = await _with(seen, given)
    return Told(
        party_id=person.party_id,
        name=person.name,
        direction=_direction(given),
        minutes=answers.minutes(given),
        done_on=_day(seen, given),
    )


async def _with(seen: Visit, given: Mapping[str, str]) -> Party:
    try:
        chosen = await parties.get(seen.session, seen.viewer.bank_id, key(given.get("with", "")))
    except NotFound:
        raise Unread("with", "choose_person") from None
    hidden = await parties.hidden_from(seen.session, seen.viewer.bank_id, seen.viewer.member_id)
    if chosen.kind not in ("member", "organisation") or chosen.party_id in hidden:
        raise Unread("with", "choose_person")
    if chosen.party_id == seen.viewer.member_id:
        raise Unread("with", "with_oneself")
    return chosen


def _direction(given: Mapping[str, str]) -> Literal["gave", "received"]:
    if given.get("direction") not in ("gave", "received"):
        raise Unread("direction", "choose_direction")
    return cast(Literal["gave", "received"], given["direction"])


def _day(seen: Visit, given: Mapping[str, str]) -> date:
    pressed_at = answers.pressed_at(given, now=seen.at)
    day = answers.day(given, today=banks.today(seen.bank, pressed_at))
    try:
        log.check_day(seen.bank, day, seen.at)
    except ExchangeError as broken:
        raise Unread("done_on", broken.code) from None
    return day


@router.post("/hours")
async def send(seen: Visiting, form: Form) -> Response:
    """Write it down; the other side is asked. Sent again after a lost reply, it is the same hour."""
    hours_id = key(form.get("id", ""))
    try:
        told = await _told(seen, form)
        telling = Telling(
            hours_id=hours_id,
            direction=told.direction,
            with_id=told.party_id,
            minutes=told.minutes,
            done_on=told.done_on,
            skill=form.get("skill") or None,
            note=form.get("note") or None,
            is_at_home=form.get("is_at_home") == "yes",
            on_behalf_of=scenes.voice(seen, form.get("on_behalf_of")),
        )
        async with seen.attempt():
            await log.log(seen.session, seen.viewer, telling, at=seen.at)
    except Unread as unread:
        if "kept" in form:
            return await error_page(seen.request, code=unread.code, status=UNPROCESSABLE)
        return await _again(seen, form, unread)
    except ExchangeError as broken:
        errors = of_rule(seen.speaks, broken, ("skill", "note"))
        given = {name: form[name] for name in CARRIED if name in form}
        return await _look(seen, given, hours_id, errors=errors, form=form)
    return go(f"/hours/{hours_id}/told")


async def _again(seen: Visit, form: Mapping[str, str], unread: Unread) -> Response:
    """Ask the one question whose answer cannot be taken; everything else that was written stays."""
    given, held = ({name: form[name] for name in names if name in form} for names in (CARRIED, (*HELD, "q")))
    said = {unread.field: sentence(seen.speaks, unread.code)}
    return await _question(seen, PAGE_OF.get(unread.field, unread.field), given, said, held)


@router.get("/hours/by-name")
async def ask_by_name(seen: Visiting) -> Response:
    """One page without a look at the directory: a phone has it at hand for hours with somebody new."""
    return await seen.page("tell_by_name.html", here="tell", id=uuid7(), errors={})


@router.post("/hours/by-name")
async def send_by_name(seen: Visiting, form: Form) -> Response:
    """As `send`, once the name is somebody's; a name of nobody's or of several asks who it was."""
    typed = form.get("q", "")
    everyone = await find.find(seen.session, seen.viewer, typed, limit=SPECIMENS_MAX) if typed else []
    found = [one.party_id for one in everyone if one.name.casefold() == typed.casefold()]
    return await send(seen, {**form, "with": str(found[0])} if len(found) == 1 else form)


@router.post("/hours/again")
async def look_again(seen: Visiting, form: Form) -> Response:
    """The question was answered anew: everything once more to look at, under the same id."""
    try:
        given = {name: form[name] for name in CARRIED if name in form}
        return await _look(seen, given, key(form.get("id", "")), errors={}, form=form)
    except Unread as unread:
        return await _again(seen, form, unread)


@router.get("/hours/{item}/told")
async def told(seen: Visiting, item: str) -> Response:
    """Thanks, and what happens next."""
    view = await read.view(seen.session, seen.viewer, key(item))
    return await seen.page("told.html", here="tell", view=view)
