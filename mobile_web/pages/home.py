"""Home: what the hours come to, what waits for a yes, and what happened lately."""

from fastapi import APIRouter, Request, Response

from exchange.hours import read
from exchange.membership import parties
from exchange.prescribing import asking
from mobile_web import scenes, words
from mobile_web.rendering import page
from mobile_web.visit import PerhapsVisiting, Visit, go

router = APIRouter()
LATELY = 5
COMPANIONS = 3


@router.get("/")
async def home(request: Request, seen: PerhapsVisiting) -> Response:
    """The member's home; a visitor is asked to sign in."""
    if seen is None:
        return page(request, "sign_in.html", contact="", next="/")
    if seen.viewer.practice_ids:
        return go("/practice")
    return await _home(seen)


async def _home(seen: Visit) -> Response:
    scene = await scenes.scene_of(seen)
    waiting = await read.waiting_for(seen.session, seen.viewer)
    lately, _ = await read.recent(seen.session, seen.viewer, limit=LATELY + len(waiting))
    asked = {view.hours.hours_id for view in waiting}
    others = [view for view in lately if view.hours.hours_id not in asked][:LATELY]
    return await seen.page(
        "home.html",
        here="home",
        balance=await scenes.balance_of(seen, seen.viewer.member_id),
        waiting=[words.hour_card(scene, view) for view in waiting],
        lately=await scenes.cards(seen, scene, others),
        is_asked=bool(await asking.due(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)),
        again=await scenes.again(seen, limit=COMPANIONS),
        speaks_for=await parties.names(seen.session, seen.viewer.bank_id, seen.viewer.organisation_ids),
    )
