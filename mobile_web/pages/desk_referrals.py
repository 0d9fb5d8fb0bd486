"""Referrals on the desk: what came, what takes too long, and each step with a button of its own.

The desk is written in English. What must never happen: an end without its reason, since the message back
carries it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from exchange.errors import ExchangeError, NotFound
from exchange.permissions import Relation, may
from exchange.prescribing import joining, lists, read, states, steps
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.pages.referrals import shown, tag_of
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go

router = APIRouter()
FIELDS = ("reason", "tier", "evidence", "words", "note")


@router.get("/desk/referrals")
async def queue(seen: Visiting) -> Response:
    must(seen, "queue.read")
    lines = await lists.desk(seen.session, seen.viewer, at=seen.at)
    return await desk_page(
        seen,
        "desk/referrals.html",
        here="referrals",
        lines=lines,
        tag_of=tag_of,
        tiers=states.TIERS,
        day=lambda at: ENGLISH.day(at.date(), today=seen.today),
        done=seen.request.query_params.get("done"),
    )


@router.get("/desk/referrals/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {}, {})


async def _one(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    must(seen, "queue.read")
    view = await read.view(seen.session, seen.viewer, item, at=seen.at)
    decides = may(seen.viewer.roles, "referral.decide", [Relation.UNINVOLVED])
    return await desk_page(
        seen,
        "desk/referral.html",
        here="referrals",
        status=UNPROCESSABLE if errors else 200,
        verbs=states.verbs(view.state),
        decides=decides,
        tiers=[(code, name, route) for code, (name, route) in states.TIERS.items()],
        declined=[(code, reason.words) for code, reason in states.DECLINED.items()],
        closed=[(code, reason.words) for code, reason in states.CLOSED.items()],
        form=form,
        errors=errors,
        **{name: value for name, value in shown(seen, view).items() if name != "area"},
    )


Act = Callable[[Visit, UUID, Mapping[str, str]], Awaitable[Any]]


async def _accept(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.accept(seen.session, seen.viewer, item, tier=form.get("tier") or None, at=seen.at)


async def _triage(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.triage(seen.session, seen.viewer, item, form.get("tier", ""))


async def _decline(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.decline(
        seen.session, seen.viewer, item, reason=form.get("reason", ""), words=form.get("words"), at=seen.at
    )


async def _contact(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    answered = form.get("answered") == "yes"
    await steps.contact(
        seen.session, seen.viewer, item, has_answered=answered, note=form.get("note"), at=seen.at
    )


async def _start(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.start(seen.session, seen.viewer, item, note=form.get("note"), at=seen.at)


async def _close(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    await steps.close(
        seen.session, seen.viewer, item, reason=form.get("reason", ""), words=form.get("words"), at=seen.at
    )


async def _join(seen: Visit, item: UUID, form: Mapping[str, str]) -> None:
    evidence = form.get("evidence", "")
    await joining.become_member(seen.session, seen.viewer, item, evidence=evidence, at=seen.at)


ACTS: Mapping[str, Act] = {
    "accept": _accept,
    "triage": _triage,
    "decline": _decline,
    "contact": _contact,
    "start": _start,
    "close": _close,
    "join": _join,
}


@router.post("/desk/referrals/{item}/{step}")
async def act(seen: Visiting, item: ItemKey, step: str, form: Form) -> Response:
    if step not in ACTS:
        raise NotFound
    try:
        async with seen.attempt():
            await ACTS[step](seen, item, form)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, form, of_rule(ENGLISH, broken, FIELDS))
    return go(f"/desk/referrals/{item}?done={step}")
