"""Hours on the desk: a closer look with what only coordinators read, a decision, a spoken yes.

And acting for a member who cannot or would rather not: with a reason, with how one knows, and both told.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.hours import log, policy, read, relations, steps, verbs
from exchange.hours.log import Telling
from exchange.hours.read import HoursView
from exchange.hours.states import CHECKED
from exchange.hours.tables import Hours
from exchange.membership import banks, find, parties
from exchange.permissions import Relation, may, require
from mobile_web import answers, scenes
from mobile_web.answers import Unread
from mobile_web.pages.desk import ENGLISH, WHY, desk_page, scene
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, inside, key

router = APIRouter()
FOUND_MAX = 30
FIELDS = ("direction", "minutes", "done_on", "skill", "reason", "evidence", "heard")
DONE = {
    "log": "told us",
    "confirm": "said yes",
    "decline": "said no",
    "refuse": "did not approve",
    "withdraw": "took it back",
    "approve": "approved",
    "object": "asked us to look",
    "dismiss": "decided it stays",
    "reverse": "undid it",
}
"""A step in the history, after the name of who did it."""


@router.get("/desk/hours/{item}")
async def look(seen: Visiting, item: ItemKey) -> Response:
    return await _look(seen, item, {}, {})


async def _look(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    view = await read.view(seen.session, seen.viewer, item)
    if {view.hours.giver_id, view.hours.receiver_id} & seen.viewer.party_ids:
        return go(f"/hours/{item}")
    shown = await scene(seen)
    found = await relations.relations(seen.session, seen.viewer, view.hours)
    return await desk_page(
        seen,
        "desk/hours.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        view=view,
        card=(await scenes.cards(seen, shown, [view]))[0],
        why=[WHY[why] for why in view.hours.approval_reasons if why in WHY],
        floor=await _floor(seen, view),
        spent=await _spent(seen, view.hours) if "floor" in errors else None,
        may_raise=may(seen.viewer.roles, "limits.raise", found),
        wrote_both=view.hours.state in CHECKED and Relation.CHECKER not in found,
        history=await _history(seen, view.hours),
        form=form,
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


async def _floor(seen: Visit, view: HoursView) -> dict[str, str | None] | None:
    """What the receiver lacks and what the pot has, when that is what is asked."""
    if "approve" not in view.verbs:
        return None
    return await _lacking(seen, await policy.shortfall(seen.session, view.hours))


async def _spent(seen: Visit, hours: Hours) -> dict[str, str | None] | None:
    """What the giver lacks to give these hours back, and what the pot has, when undoing failed for it."""
    if hours.posted_at is None or hours.state not in ("posted", "objected"):
        return None
    giver = await parties.get(seen.session, seen.viewer.bank_id, hours.giver_id)
    return await _lacking(seen, await policy.lacks(seen.session, giver, hours.minutes))


async def _lacking(seen: Visit, lacking: int) -> dict[str, str | None] | None:
    if not lacking:
        return None
    pot = await scenes.pot_of(seen) if seen.viewer.is_staff else None
    return {"lacking": ENGLISH.minutes(lacking), "pot": pot}


async def _history(seen: Visit, hours: Hours) -> list[dict[str, str | None]]:
    done = await steps.of_hours(seen.session, hours)
    keys = {one for step in done for one in (step.by_id, step.for_id) if one}
    names = await parties.names(seen.session, seen.viewer.bank_id, keys)
    return [
        {
            "who": names.get(step.by_id, "The clock") if step.by_id else "The clock",
            "what": DONE.get(step.verb, step.verb),
            "for": names.get(step.for_id) if step.for_id and step.for_id != step.by_id else None,
            "minutes": ENGLISH.minutes(step.minutes),
            "when": ENGLISH.moment(step.done_at, seen.bank.time_zone),
            "reason": step.reason,
            "evidence": step.evidence,
        }
        for step in done
    ]


Act = Callable[[Visit, UUID, Mapping[str, str]], Awaitable[Any]]


FLOORS: Mapping[str, Literal["pot", "raise"]] = {"pot": "pot", "raise": "raise"}


async def _approve(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    floor = FLOORS.get(form.get("floor", ""))
    reason = form.get("reason") or None
    await verbs.approve(seen.session, seen.viewer, item, floor=floor, reason=reason, at=seen.at)


async def _decline(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await verbs.decline(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _confirm(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    minutes = answers.minutes(form) if form.get("minutes") else None
    evidence = form.get("evidence") or None
    for_id = key(form["for"]) if form.get("for") else None
    await verbs.confirm(
        seen.session,
        seen.viewer,
        item,
        minutes=minutes,
        seen_minutes=answers.whole(form.get("seen")),
        evidence=evidence,
        on_behalf_of=for_id,
        at=seen.at,
    )


async def _withdraw(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await verbs.withdraw(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _object(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    reason = form.get("reason") or None
    for_id = key(form["for"]) if form.get("for") else None
    await verbs.object_to(seen.session, seen.viewer, item, reason=reason, on_behalf_of=for_id, at=seen.at)


async def _dismiss(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await verbs.dismiss(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)


async def _reverse(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    floor = FLOORS.get(form.get("floor", ""))
    reason = form.get("reason") or None
    await verbs.reverse(seen.session, seen.viewer, item, floor=floor, reason=reason, at=seen.at)


async def _settle(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    del form
    await verbs.settle(seen.session, seen.viewer, item)


ACTS: Mapping[str, Act] = {
    "approve": _approve,
    "decline": _decline,
    "confirm": _confirm,
    "withdraw": _withdraw,
    "object": _object,
    "dismiss": _dismiss,
    "reverse": _reverse,
    "settle": _settle,
}


@router.post("/desk/hours/{item}/{verb}")
async def act(seen: Visiting, item: ItemKey, verb: str, form: Form) -> Response:
    if verb not in ACTS:
        return go(f"/desk/hours/{item}")
    try:
        async with seen.attempt():
            await ACTS[verb](seen, item, form)
    except Unread as unread:
        return await _look(seen, item, form, {unread.field: sentence(ENGLISH, unread.code)})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _look(
            seen, item, form, of_rule(ENGLISH, broken, ("evidence", "minutes", "floor", "reason"))
        )
    return go(inside(form["back"]) if form.get("back") else f"/desk/hours/{item}?done={verb}")


@router.get("/desk/act")
async def write_down(seen: Visiting) -> Response:
    """An hour for somebody else: for whom, with whom, then one page."""
    require(seen.viewer.roles, "hours.log", [Relation.UNINVOLVED])
    asked = seen.request.query_params
    if not asked.get("for") or not asked.get("with"):
        return await _choose(seen, asked.get("for"))
    return await _page(seen, key(asked["for"]), key(asked["with"]), uuid7(), {}, {})


async def _choose(seen: Visit, chosen: str | None) -> Response:
    typed = seen.request.query_params.get("q", "").strip()
    found = await find.find(seen.session, seen.viewer, typed, limit=FOUND_MAX) if typed else []
    party = await parties.get(seen.session, seen.viewer.bank_id, key(chosen)) if chosen else None
    return await desk_page(
        seen,
        "desk/choose.html",
        here="record",
        typed=typed,
        found=[one for one in found if one.status == "active" and str(one.party_id) != chosen],
        chosen=party,
    )


async def _page(
    seen: Visit, for_id: UUID, with_id: UUID, hours_id: UUID, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    logger = await parties.exchanging(seen.session, seen.viewer.bank_id, for_id, field="for")
    other = await parties.exchanging(seen.session, seen.viewer.bank_id, with_id, field="with")
    return await desk_page(
        seen,
        "desk/act.html",
        here="record",
        status=UNPROCESSABLE if errors else 200,
        logger=logger,
        other=other,
        id=hours_id,
        form=form,
        errors=errors,
    )


@router.post("/desk/act")
async def written_down(seen: Visiting, form: Form) -> Response:
    for_id, with_id, hours_id = (key(form.get(name, "")) for name in ("for", "with", "id"))
    try:
        telling = _telling(seen, form, hours_id, for_id, with_id)
        async with seen.attempt():
            await log.log(seen.session, seen.viewer, telling, at=seen.at)
            if form.get("has_said_yes") == "yes":
                await verbs.confirm(
                    seen.session,
                    seen.viewer,
                    hours_id,
                    evidence=form.get("heard") or None,
                    on_behalf_of=with_id,
                    at=seen.at,
                )
    except Unread as unread:
        errors = {unread.field: sentence(ENGLISH, unread.code)}
        return await _page(seen, for_id, with_id, hours_id, form, errors)
    except ExchangeError as broken:
        errors = of_rule(ENGLISH, broken, FIELDS)
        if form.get("has_said_yes") == "yes" and form.get("evidence") and "evidence" in errors:
            errors = {"heard": errors["evidence"]}
        return await _page(seen, for_id, with_id, hours_id, form, errors)
    return go(f"/desk/hours/{hours_id}?done=log")


def _telling(seen: Visit, form: Mapping[str, str], hours_id: UUID, for_id: UUID, with_id: UUID) -> Telling:
    if form.get("direction") not in ("gave", "received"):
        raise Unread("direction", "choose_direction")
    return Telling(
        hours_id=hours_id,
        direction="gave" if form["direction"] == "gave" else "received",
        with_id=with_id,
        minutes=answers.minutes(form),
        done_on=answers.day({"day": "other", **form}, today=banks.today(seen.bank, seen.at)),
        skill=form.get("skill") or None,
        is_at_home=form.get("is_at_home") == "yes",
        on_behalf_of=for_id,
        reason=form.get("reason") or None,
        evidence=form.get("evidence") or None,
    )
