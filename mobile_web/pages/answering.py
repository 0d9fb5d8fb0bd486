"""Hours as their two sides see them: a list, one record, and yes, something else, no, take back, object.

A reason for no is asked for on a page of its own and goes to the coordinator only. What must never happen:
a reason shown to the other side.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import APIRouter, Response

from exchange.errors import ExchangeError
from exchange.hours import read, verbs
from mobile_web import answers, scenes
from mobile_web.answers import Unread
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go

router = APIRouter()
PAGE = 12
ASKS = ("other", "no", "withdraw", "object")
"""The pages that ask something before a verb is done."""


@router.get("/hours")
async def mine(seen: Visiting) -> Response:
    """Everything told, newest first."""
    scene = await scenes.scene_of(seen)
    cursor = seen.request.query_params.get("cursor")
    party_id = scenes.voice(seen, seen.request.query_params.get("of"))
    found, following = await read.recent(
        seen.session, seen.viewer, party_id=party_id, cursor=cursor, limit=PAGE
    )
    return await seen.page(
        "hours.html",
        here="hours",
        cards=await scenes.cards(seen, scene, found),
        voices=await scenes.voices(seen),
        of=party_id,
        following=following,
        is_first=cursor is None,
    )


@router.get("/hours/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item)


async def _one(seen: Visit, item: Any, *, errors: dict[str, str] | None = None) -> Response:
    view = await read.view(seen.session, seen.viewer, item)
    scene = await scenes.scene_of(seen)
    return await seen.page(
        "hour.html",
        here="hours",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=(await scenes.cards(seen, scene, [view]))[0],
        errors=errors or {},
        done=seen.request.query_params.get("done"),
    )


@router.get("/hours/{item}/{question}")
async def ask(seen: Visiting, item: ItemKey, question: str) -> Response:
    return await _ask(seen, item, question, {}, {})


async def _ask(
    seen: Visit, item: Any, question: str, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    view = await read.view(seen.session, seen.viewer, item)
    if question not in ASKS:
        return go(f"/hours/{item}")
    scene = await scenes.scene_of(seen)
    return await seen.page(
        f"hour_{question}.html",
        here="hours",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=(await scenes.cards(seen, scene, [view]))[0],
        form=form,
        errors=errors,
    )


Act = Callable[[Visit, Any, Mapping[str, str]], Awaitable[Any]]


async def _confirm(seen: Visit, item: Any, form: Mapping[str, str]) -> None:
    minutes = answers.minutes(form) if form.get("minutes") or "other_hours" in form else None
    shown = answers.whole(form.get("seen"))
    await verbs.confirm(seen.session, seen.viewer, item, minutes=minutes, seen_minutes=shown, at=seen.at)


async def _decline(seen: Visit, item: Any, form: Mapping[str, str]) -> None:
    await verbs.decline(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _withdraw(seen: Visit, item: Any, form: Mapping[str, str]) -> None:
    await verbs.withdraw(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _object(seen: Visit, item: Any, form: Mapping[str, str]) -> None:
    await verbs.object_to(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


ACTS: Mapping[str, tuple[Act, str]] = {
    "confirm": (_confirm, "other"),
    "decline": (_decline, "no"),
    "withdraw": (_withdraw, "withdraw"),
    "object": (_object, "object"),
}
"""verb → what does it, and the page that asks again when it cannot be."""


@router.post("/hours/{item}/{verb}")
async def act(seen: Visiting, item: ItemKey, verb: str, form: Form) -> Response:
    """Do it; a repeat does nothing more and gets the same page."""
    if verb not in ACTS:
        return go(f"/hours/{item}")
    do, question = ACTS[verb]
    try:
        async with seen.attempt():
            await do(seen, item, form)
    except Unread as unread:
        errors = {unread.field: sentence(seen.speaks, unread.code)}
        return await _ask(seen, item, question, form, errors)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, errors=of_rule(seen.speaks, broken, ()))
    return go(f"/hours/{item}?done={verb}")
