"""Suggesting a group, and changing one: the same short page, looked at by a coordinator before others see it.

What must never happen: answers lost because one of them was wrong.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import changing, proposing, standing
from exchange.activities.proposing import Proposal
from exchange.activities.tables import Activity
from exchange.errors import ExchangeError
from exchange.membership import organisations
from exchange.permissions import require
from mobile_web import scenes
from mobile_web.answers import Unread
from mobile_web.pages import group_form
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
EVERYTHING = frozenset({*group_form.PARTS, "leader_ids"})
REFUSED = ("not_found", "not_allowed")


@router.get("/activities/new")
async def ask(seen: Visiting) -> Response:
    asked = seen.request.query_params.get("host", "")
    return await _page(seen, uuid7(), {"host": asked}, {}, parts=EVERYTHING)


async def _page(
    seen: Visit,
    activity_id: UUID,
    form: Mapping[str, str],
    errors: dict[str, str],
    *,
    parts: frozenset[str],
    activity: Activity | None = None,
) -> Response:
    voices = await _hosts(seen)
    return await seen.page(
        "suggest.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        id=activity_id,
        form=form,
        parts=parts,
        activity=activity,
        voices=voices,
        may_pay=len(voices) > 1 or seen.viewer.is_staff,
        repeats=[(*each, None) for each in group_form.choices(seen, group_form.REPEATS)],
        earns_from=group_form.choices(seen, group_form.EARNS_FROM),
        costs_to=group_form.choices(seen, group_form.COSTS_TO),
        errors=errors,
    )


async def _hosts(seen: Visit) -> list[tuple[UUID, str]]:
    """For whom the viewer may suggest: themselves, whom they speak for, and for staff every organisation."""
    voices = await scenes.voices(seen)
    everyone = await organisations.every(seen.session, seen.viewer) if seen.viewer.is_staff else []
    known = {key for key, _ in voices}
    return [*voices, *((o.organisation_id, name) for o, name in everyone if o.organisation_id not in known)]


@router.post("/activities")
async def send(seen: Visiting, form: Form) -> Response:
    """Write it down for a coordinator; pressed twice, it is one suggestion."""
    activity_id = key(form.get("id", ""))
    try:
        proposal = await _proposal(seen, activity_id, form)
        async with seen.attempt():
            await proposing.propose(seen.session, seen.viewer, proposal, at=seen.at)
    except Unread as unread:
        said = {unread.field: sentence(seen.speaks, unread.code)}
        return await _page(seen, activity_id, form, said, parts=EVERYTHING)
    except ExchangeError as broken:
        said = of_rule(seen.speaks, broken, group_form.FIELDS)
        return await _page(seen, activity_id, form, said, parts=EVERYTHING)
    return go(f"/activities/{activity_id}?done=proposed")


async def _proposal(seen: Visit, activity_id: UUID, form: Mapping[str, str]) -> Proposal:
    hosts = {str(host_id): host_id for host_id, _ in await _hosts(seen)}
    host_id = hosts.get(form.get("host", ""), seen.viewer.member_id)
    led_by = await group_form.leaders(seen, form, {})
    own = [seen.viewer.member_id] if host_id == seen.viewer.member_id else []
    parts = group_form.read(form, EVERYTHING)
    return Proposal(
        activity_id=activity_id, host_id=host_id, leader_ids=[*dict.fromkeys([*own, *led_by])], **parts
    )


@router.get("/activities/{item}/change")
async def ask_otherwise(seen: Visiting, item: ItemKey) -> Response:
    activity, parts, led_by = await _changeable(seen, item)
    form = group_form.shown(activity, led_by)
    return await _page(seen, item, form, {}, parts=parts, activity=activity)


async def _changeable(seen: Visit, item: UUID) -> tuple[Activity, frozenset[str], dict[UUID, str]]:
    """The activity, the parts that this viewer may change now, and who leads it."""
    activity = await standing.activity_of(seen.session, seen.viewer, item)
    leader_ids = await standing.leaders(seen.session, seen.viewer.bank_id, item)
    require(seen.viewer.roles, "activity.change", standing.relations(seen.viewer, activity, leader_ids))
    led_by = await group_form.names(seen, leader_ids)
    if activity.state == "proposed":
        return activity, EVERYTHING, led_by
    is_decider = await changing.may_decide(seen.session, seen.viewer, activity)
    return activity, changing.HOSTS | (changing.DECIDERS if is_decider else frozenset()), led_by


@router.post("/activities/{item}/change")
async def change(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Otherwise from now on; whoever booked hears of another time or place."""
    activity, parts, led_by = await _changeable(seen, item)
    try:
        changes: dict[str, Any] = group_form.read(form, parts)
        if "leader_ids" in parts:
            changes["leader_ids"] = await group_form.leaders(seen, form, led_by)
        async with seen.attempt():
            await changing.change(seen.session, seen.viewer, item, changes, at=seen.at)
    except Unread as unread:
        said = {unread.field: sentence(seen.speaks, unread.code)}
        return await _page(seen, item, form, said, parts=parts, activity=activity)
    except ExchangeError as broken:
        if broken.code in REFUSED:
            raise
        await seen.session.refresh(activity)
        said = of_rule(seen.speaks, broken, group_form.FIELDS)
        return await _page(seen, item, form, said, parts=parts, activity=activity)
    return go(f"/activities/{item}?done=changed")
