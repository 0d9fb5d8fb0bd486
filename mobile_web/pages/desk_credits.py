"""Funds and hours set aside, from the desk: put in by a practice or funder, given to one member, until a day.

What must never happen: a page that others than the member and the coordinators see, with these hours on it.
"""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import organisations, parties
from exchange.prescribing import funds, purses
from mobile_web import answers
from mobile_web.answers import Unread
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
PUT_IN_MAX = 10_000 * 60


@router.get("/desk/funds")
async def every(seen: Visiting) -> Response:
    must(seen, "fund.manage")
    return await _every(seen, {}, {})


async def _every(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    known = await organisations.every(seen.session, seen.viewer)
    givers = sorted(
        ((str(o.organisation_id), name) for o, name in known), key=lambda pair: pair[1].casefold()
    )
    return await desk_page(
        seen,
        "desk/funds.html",
        here="referrals",
        status=UNPROCESSABLE if errors else 200,
        funds=await funds.every(seen.session, seen.viewer),
        givers=givers,
        id=form.get("id") or uuid7(),
        form=form,
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


@router.post("/desk/funds")
async def fill(seen: Visiting, form: Form) -> Response:
    """An organisation puts hours of its own into its fund."""
    must(seen, "fund.manage")
    minutes = answers.length(form.get("hours"))
    if not minutes or minutes > PUT_IN_MAX:
        return await _every(seen, form, {"hours": sentence(ENGLISH, "length_missing")})
    try:
        async with seen.attempt():
            funder, fill_id = key(form.get("funder", "")), key(form.get("id", ""))
            await purses.fill(seen.session, seen.viewer, funder, minutes, fill_id=fill_id, at=seen.at)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _every(seen, form, of_rule(ENGLISH, broken, ()))
    return go("/desk/funds?done=filled")


@router.get("/desk/members/{item}/set-aside")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {}, {})


async def _one(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    must(seen, "fund.manage")
    until = (seen.today + funds.LASTS).isoformat()
    return await desk_page(
        seen,
        "desk/set_aside.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        purses=await purses.of_member(seen.session, seen.viewer, item),
        funds=[
            (str(f.funder_id), f"{f.name}: {ENGLISH.minutes(f.left_minutes)} left")
            for f in await funds.every(seen.session, seen.viewer)
        ],
        id=form.get("id") or uuid7(),
        form={"done_on": until, **form},
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


def _length(form: Mapping[str, str], field: str, *, empty: int | None = None) -> int:
    """Minutes as hours were written; `empty` where nothing was.

    Raises:
        Unread: it is no length.
    """
    found = answers.length(form.get(field)) if form.get(field) else empty
    if found is None or (found == 0 and empty is None):
        raise Unread(field, "length_missing")
    return found


@router.post("/desk/members/{item}/set-aside")
async def grant(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Set hours of a fund aside for them."""
    await parties.get(seen.session, seen.viewer.bank_id, item)
    try:
        minutes, pledge = _length(form, "hours"), _length(form, "pledge", empty=0)
        day = answers.day({"day": "other", "done_on": form.get("done_on", "")}, today=seen.today)
        async with seen.attempt():
            await purses.grant(
                seen.session,
                seen.viewer,
                key(form.get("id", "")),
                funder_id=key(form.get("funder", "")),
                member_id=item,
                minutes=minutes,
                expires_on=day,
                pledge_minutes=pledge,
                at=seen.at,
            )
    except Unread as unread:
        return await _one(seen, item, form, {unread.field: sentence(ENGLISH, unread.code)})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, form, of_rule(ENGLISH, broken, ()))
    return go(f"/desk/members/{item}/set-aside?done=given")
