"""What may be named on a prescription: groups that are on, lifts, and anything else with a time; and likes.

A practice puts first what it likes. What must never happen: a group offered here under a name that says why
people come.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import whats_on
from exchange.errors import ExchangeError, NotFound
from exchange.prescribing import suggestions
from exchange.prescribing.suggestions import NewSuggestion
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
KINDS = (("suggestion", "Something to do"), ("lift", "A lift"))
DAYS = 62
FIELDS = ("words", "when_words", "place", "kind")


@router.get("/desk/suggestions")
async def every(seen: Visiting) -> Response:
    must(seen, "practice.manage")
    return await _every(seen, {}, {})


async def _every(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    on = await whats_on.whats_on(seen.session, seen.viewer.bank_id, viewer=seen.viewer, at=seen.at, days=DAYS)
    groups: dict[UUID, list[Any]] = {}
    for line in on.lines:
        groups.setdefault(line.activity_id, []).append(line)
    known = await suggestions.every(seen.session, seen.viewer)
    return await desk_page(
        seen,
        "desk/suggestions.html",
        here="referrals",
        status=UNPROCESSABLE if errors else 200,
        known=known,
        named={one.activity_id for one in known if one.activity_id},
        groups=[(str(k), lines[0].title, _when(seen, lines)) for k, lines in groups.items()],
        kinds=KINDS,
        id=form.get("id") or uuid7(),
        form=form,
        errors=errors,
    )


def _when(seen: Visit, lines: list[Any]) -> str:
    """Its weekday where it comes again, else its day."""
    zone = seen.bank.time_zone
    local = ENGLISH.local(lines[0].starts_at, zone)
    if len(lines) == 1:
        return ENGLISH.moment(lines[0].starts_at, zone)
    return f"{local:%A}s at {ENGLISH.clock(local)}"


@router.post("/desk/suggestions")
async def add(seen: Visiting, form: Form) -> Response:
    """A group that is on, as it stands there; or something written by hand."""
    activity_id = key(form["activity"]) if form.get("activity") else None
    new = NewSuggestion(
        words=form.get("words", ""),
        kind=form.get("kind") or "suggestion",
        when_words=form.get("when_words"),
        place=form.get("place"),
        activity_id=activity_id,
    )
    try:
        async with seen.attempt():
            wanted = key(form.get("id", ""))
            await suggestions.add(seen.session, seen.viewer, new, suggestion_id=wanted)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _every(seen, form, of_rule(ENGLISH, broken, FIELDS))
    return go("/desk/suggestions")


@router.post("/desk/suggestions/{item}")
async def shut(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """It is full or over, or may be chosen again."""
    is_open = form.get("open") == "yes"
    await suggestions.shut(seen.session, seen.viewer, item, is_open=is_open)
    return go("/desk/suggestions")


@router.get("/practice/likes")
async def likes(seen: Visiting) -> Response:
    """What a practice likes to suggest stands first on its third screen."""
    practice_id = _practice(seen)
    return await seen.page(
        "practice_likes.html",
        area="practice",
        here="practice",
        liked=await suggestions.liked(seen.session, seen.viewer.bank_id, practice_id),
        offered=await suggestions.offered(seen.session, seen.viewer, practice_id, at=seen.at),
    )


def _practice(seen: Visit) -> UUID:
    if not seen.viewer.practice_ids:
        raise NotFound
    return min(seen.viewer.practice_ids)


@router.post("/practice/likes/{item}")
async def like(seen: Visiting, item: ItemKey, form: Form) -> Response:
    is_liked = form.get("like") == "yes"
    await suggestions.like(seen.session, seen.viewer, _practice(seen), item, is_liked=is_liked)
    return go("/practice/likes")
