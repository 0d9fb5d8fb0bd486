"""Practices, from the desk: who works there, what they wish to hear, and where a letter may go."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.prescribing import practices
from exchange.prescribing.practices import NewStaff
from mobile_web.pages.desk import ENGLISH, desk_page
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
JOBS = {"gp": "Doctor", "nurse": "Nurse", "link_worker": "Link worker", "receptionist": "Receptionist"}
FIELDS = ("name", "ods_code")


@router.get("/desk/practices")
async def every(seen: Visiting) -> Response:
    return await _every(seen, {}, {})


async def _every(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    found = await practices.every(seen.session, seen.viewer)
    rows = [
        (p, name, await practices.staff_of(seen.session, seen.viewer, p.practice_id)) for p, name in found
    ]
    return await desk_page(
        seen,
        "desk/practices.html",
        here="referrals",
        status=UNPROCESSABLE if errors else 200,
        practices=rows,
        ids=[uuid7() for _ in rows],
        id=form.get("id") or uuid7(),
        jobs=JOBS,
        form=form,
        errors=errors,
    )


@router.post("/desk/practices")
async def add(seen: Visiting, form: Form) -> Response:
    async def verb() -> Any:
        return await practices.add(
            seen.session,
            seen.viewer,
            form.get("name", ""),
            ods_code=form.get("ods_code", ""),
            practice_id=key(form.get("id", "")),
            at=seen.at,
        )

    return await _tried(seen, form, verb)


async def _tried(seen: Visit, form: Mapping[str, str], verb: Any) -> Response:
    try:
        async with seen.attempt():
            await verb()
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _every(seen, form, of_rule(ENGLISH, broken, FIELDS))
    return go("/desk/practices")


@router.post("/desk/practices/{item}/staff")
async def add_staff(seen: Visiting, item: ItemKey, form: Form) -> Response:
    async def verb() -> Any:
        await practices.get(seen.session, seen.viewer.bank_id, item)
        new = NewStaff(name=form.get("name", ""), email=form.get("contact", ""), job=form.get("job", ""))
        member_id = key(form["id"]) if form.get("id") else None
        return await practices.add_staff(
            seen.session, seen.viewer, item, new, member_id=member_id, at=seen.at
        )

    return await _tried(seen, form, verb)


@router.post("/desk/practices/{item}/choices")
async def choose(seen: Visiting, item: ItemKey, form: Form) -> Response:
    async def verb() -> Any:
        practice = await practices.get(seen.session, seen.viewer.bank_id, item)
        changes: dict[str, Any] = {"is_mailbox_secure": form.get("is_mailbox_secure") == "yes"}
        if (form.get("mailbox") or None) != practice.mailbox:
            changes["mailbox"] = form.get("mailbox") or None
        if form.get("hears"):
            changes["hears"] = form["hears"]
        return await practices.change(seen.session, seen.viewer, item, changes)

    return await _tried(seen, form, verb)
