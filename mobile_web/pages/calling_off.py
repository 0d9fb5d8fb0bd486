"""Calling off: one session, or all that are to come. A look first at how many are told, then one press.

What must never happen: a session called off by a stray tap, or by somebody whose it is not.
"""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from exchange.activities import hosting, proposing, sessions, standing
from exchange.activities.tables import Activity, ActivitySession
from exchange.errors import ExchangeError
from exchange.permissions import require
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go

router = APIRouter()
REFUSED = ("not_found", "not_allowed")


@router.get("/sessions/{item}/off")
async def ask_about_one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {})


async def _one(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    found = await standing.meeting(seen.session, seen.viewer, item)
    require(seen.viewer.roles, "activity.change", found.relations(seen.viewer))
    return await _page(seen, found.activity, [found.session], f"/sessions/{item}/off", errors)


async def _page(
    seen: Visit,
    activity: Activity,
    meetings: Sequence[ActivitySession],
    action: str,
    errors: dict[str, str],
) -> Response:
    is_one = action.startswith("/sessions/")
    return await seen.page(
        "calling_off.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        activity=activity,
        when=seen.speaks.moment(meetings[0].starts_at, seen.bank.time_zone) if is_one else None,
        sessions=len(meetings),
        people=await hosting.expected(
            seen.session, seen.viewer.bank_id, [meeting.session_id for meeting in meetings]
        ),
        action=action,
        errors=errors,
    )


@router.post("/sessions/{item}/off")
async def call_off(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """This one will not be: whoever booked has everything back, and is told. Pressed twice, it is once."""
    try:
        async with seen.attempt():
            off = await sessions.call_off(
                seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at
            )
    except ExchangeError as broken:
        if broken.code in REFUSED:
            raise
        return await _one(seen, item, of_rule(seen.speaks, broken, ("reason",)))
    return go(f"/activities/{off.activity_id}?done=off")


@router.get("/activities/{item}/end")
async def ask_about_all(seen: Visiting, item: ItemKey) -> Response:
    return await _all(seen, item, {})


async def _all(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    activity = await standing.activity_of(seen.session, seen.viewer, item)
    leader_ids = await standing.leaders(seen.session, seen.viewer.bank_id, item)
    require(seen.viewer.roles, "activity.change", standing.relations(seen.viewer, activity, leader_ids))
    ahead = await sessions.to_come(seen.session, activity, at=seen.at)
    return await _page(seen, activity, ahead, f"/activities/{item}/end", errors)


@router.post("/activities/{item}/end")
async def end(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """No more of it: every session to come is called off."""
    try:
        async with seen.attempt():
            await proposing.end(
                seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at
            )
    except ExchangeError as broken:
        if broken.code in REFUSED:
            raise
        return await _all(seen, item, of_rule(seen.speaks, broken, ("reason",)))
    return go(f"/activities/{item}?done=ended")
