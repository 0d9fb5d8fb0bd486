"""One offer or ask: written in own words, looked at, changed, taken down, and who fits it.

The words travel in forms and never in an address. What must never happen: anybody told of a match before a
person asks them.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.directory import listings, matches, reviews
from exchange.errors import ExchangeError
from mobile_web import help_words, scenes
from mobile_web.answers import Unread
from mobile_web.because import skill
from mobile_web.pages import listing_form
from mobile_web.pages.helping import KINDS, look_of
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
FIELDS = ("words", "reach", "minutes", "times", "starts_on", "ends_on", "review_on", "skills", "small_area")
SAME_FIELD = {"description": "words", "radius_metres": "reach"}


@router.get("/listings/new")
async def new(seen: Visiting) -> Response:
    """In own words: what is it?"""
    asked = seen.request.query_params
    kind = asked.get("kind") if asked.get("kind") in KINDS else "request"
    form = await listing_form.start(seen, str(kind), seen.viewer.member_id)
    known = [code for code, _ in listing_form.every_skill(seen.speaks) if code == asked.get("skill")]
    words = skill(seen.speaks, known[0]) if known and known[0] else ""
    return await _words(seen, {**form, "words": words}, {})


async def _words(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    status = UNPROCESSABLE if errors else 200
    return await seen.page("help/words.html", here="help", status=status, form=form, errors=errors)


@router.post("/listings/look")
async def look(seen: Visiting, form: Form) -> Response:
    """What we understood, to say yes to; when, where and how long. Nothing is written yet."""
    if not form.get("words"):
        return await _words(seen, form, {"words": sentence(seen.speaks, "choose_words")})
    return await _look(seen, form, uuid7(), {})


async def _look(seen: Visit, form: Mapping[str, str], listing_id: UUID, errors: dict[str, str]) -> Response:
    return await seen.page(
        "help/look.html",
        here="help",
        status=UNPROCESSABLE if errors else 200,
        id=listing_id,
        form=form,
        errors=errors,
        action="/listings",
        voices=await scenes.voices(seen),
        **await listing_form.context(seen, seen.speaks, form),
    )


@router.post("/listings")
async def write(seen: Visiting, form: Form) -> Response:
    """Write it down; sent twice, it is one."""
    listing_id = key(form.get("id", ""))
    voice = scenes.voice(seen, form.get("on_behalf_of"))
    try:
        draft = listing_form.draft(form, on_behalf_of=voice)
        async with seen.attempt():
            await listings.create(seen.session, seen.viewer, draft, listing_id=listing_id, at=seen.at)
    except (Unread, ExchangeError) as wrong:
        return await _look(seen, form, listing_id, errors_of(seen, wrong))
    return go(f"/listings/{listing_id}?done=written")


def errors_of(seen: Visit, wrong: Unread | ExchangeError) -> dict[str, str]:
    """The sentence beside the answer it is about."""
    if isinstance(wrong, Unread):
        return {wrong.field: sentence(seen.speaks, wrong.code)}
    if wrong.code in ("not_found", "not_allowed"):
        raise wrong
    found = of_rule(seen.speaks, wrong)
    return {
        name if (name := SAME_FIELD.get(field, field)) in FIELDS else "": said
        for field, said in found.items()
    }


@router.get("/listings/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    """One's own with what may be done; somebody's with how to ask for it, or to offer help."""
    view = await listings.get(seen.session, seen.viewer, item)
    shown = look_of(seen)
    return await seen.page(
        "help/listing.html",
        here="help",
        view=view,
        card=help_words.listing_card(shown, view),
        week=help_words.week(seen.speaks, view.listing.times),
        found=await _matches(seen, item) if view.is_own and view.listing.state == "open" else [],
        needs=[seen.speaks.say(help_words.ACCESS[need]) for need in view.listing.access],
        done=seen.request.query_params.get("done"),
    )


async def _matches(seen: Visit, item: UUID) -> list[Any]:
    found = await matches.for_listing(seen.session, seen.viewer, item, at=seen.at)
    return [help_words.match_card(seen.speaks, match) for match in found]


@router.get("/listings/{item}/change")
async def change(seen: Visiting, item: ItemKey) -> Response:
    view = await listings.get(seen.session, seen.viewer, item)
    if not view.is_own:
        return go(f"/listings/{item}")
    return await _change(seen, item, listing_form.as_form(view.listing), {})


async def _change(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    return await seen.page(
        "help/look.html",
        here="help",
        status=UNPROCESSABLE if errors else 200,
        id=item,
        form=form,
        errors=errors,
        action=f"/listings/{item}/change",
        voices=[],
        **await listing_form.context(seen, seen.speaks, form),
    )


@router.post("/listings/{item}/change")
async def changed(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await listings.get(seen.session, seen.viewer, item)
    try:
        listing_form.draft(form)
        async with seen.attempt():
            await listings.change(seen.session, seen.viewer, item, listing_form.said(form), at=seen.at)
    except (Unread, ExchangeError) as wrong:
        return await _change(seen, item, form, errors_of(seen, wrong))
    return go(f"/listings/{item}?done=changed")


@router.post("/listings/{item}/{verb}")
async def act(seen: Visiting, item: ItemKey, verb: str, form: Form) -> Response:
    """Take it down, put it up again, or say that it still stands; a repeat changes nothing."""
    del form
    await listings.get(seen.session, seen.viewer, item)
    match verb:
        case "close":
            await listings.close(seen.session, seen.viewer, item, at=seen.at)
        case "reopen":
            await listings.reopen(seen.session, seen.viewer, item, at=seen.at)
        case "publish":
            await listings.publish(seen.session, seen.viewer, item, at=seen.at)
        case "keep":
            await reviews.answer(seen.session, seen.viewer, item, still=True, at=seen.at)
        case _:
            return go(f"/listings/{item}")
    return go(f"/listings/{item}?done={verb}")
