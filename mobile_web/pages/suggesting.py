"""Suggesting a group: one short page, looked at by a coordinator before anybody else sees it.

What must never happen: answers lost because one of them was wrong.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import proposing
from exchange.activities.proposing import Proposal
from exchange.errors import ExchangeError
from mobile_web import answers, scenes
from mobile_web.answers import Unread, whole
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, Visit, Visiting, go, key
from mobile_web.words import N_

router = APIRouter()
REPEATS = {
    "once": N_("Once"),
    "weekly": N_("Every week"),
    "fortnightly": N_("Every two weeks"),
    "monthly": N_("Every month, on the same weekday"),
}
FIELDS = (
    "title",
    "location",
    "first_on",
    "starts",
    "minutes",
    "places",
    "about",
    "access",
    "lifts",
    "repeats",
)


@router.get("/activities/new")
async def ask(seen: Visiting) -> Response:
    return await _page(seen, uuid7(), {}, {})


async def _page(seen: Visit, activity_id: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    return await seen.page(
        "suggest.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        id=activity_id,
        form=form,
        voices=await scenes.voices(seen),
        repeats=[(code, seen.speaks.say(words), None) for code, words in REPEATS.items()],
        errors=errors,
    )


@router.post("/activities")
async def send(seen: Visiting, form: Form) -> Response:
    """Write it down for a coordinator; pressed twice, it is one suggestion."""
    activity_id = key(form.get("id", ""))
    try:
        proposal = _proposal(seen, activity_id, form)
        async with seen.attempt():
            await proposing.propose(seen.session, seen.viewer, proposal, at=seen.at)
    except Unread as unread:
        return await _page(seen, activity_id, form, {unread.field: sentence(seen.speaks, unread.code)})
    except ExchangeError as broken:
        return await _page(seen, activity_id, form, of_rule(seen.speaks, broken, FIELDS))
    return go(f"/activities/{activity_id}?done=proposed")


def _proposal(seen: Visit, activity_id: UUID, form: Mapping[str, str]) -> Proposal:
    starts = answers.clock(form.get("starts"))
    if starts is None:
        raise Unread("starts", "text_missing")
    host_id = scenes.voice(seen, form.get("host"))
    is_own = host_id == seen.viewer.member_id
    return Proposal(
        activity_id=activity_id,
        host_id=host_id,
        title=form.get("title", ""),
        location=form.get("location", ""),
        first_on=_day(form),
        starts=starts,
        minutes=answers.minutes(form),
        repeats=form.get("repeats", "once"),
        about=form.get("about") or None,
        access=[line for line in form.get("access", "").splitlines() if line.strip()][:12],
        lifts=form.get("lifts") or None,
        places=whole(form.get("places")) if form.get("places") else None,
        leader_ids=[seen.viewer.member_id] if is_own else [],
        **_credits(form),
    )


def _credits(form: Mapping[str, str]) -> dict[str, Any]:
    """What coming earns or costs: an organisation or the desk says so, in minutes."""
    earns, costs = whole(form.get("earns")) or 0, whole(form.get("costs")) or 0
    return {"earns_minutes": earns, "costs_minutes": costs}


def _day(form: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(form.get("first_on", ""))
    except ValueError:
        raise Unread("first_on", "choose_day") from None
