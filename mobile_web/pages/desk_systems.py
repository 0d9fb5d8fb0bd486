"""A practice's own systems, from the desk: letting one in, and shutting it out again.

What must never happen: a secret in an address, in a log, or on a page a second time.
"""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import TextMissing, TextTooLong
from exchange.permissions import Relation, may
from exchange.prescribing import clients, practices
from mobile_web.door import Door
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()


@router.get("/desk/practices/{item}/systems")
async def every(seen: Visiting, item: ItemKey) -> Response:
    return await _every(seen, item, {}, {})


async def _every(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    practice = await practices.get(seen.session, seen.viewer.bank_id, item)
    must(seen, "practice.manage")
    return await desk_page(
        seen,
        "desk/systems.html",
        here="referrals",
        practice=practice,
        systems=await clients.of_practice(seen.session, seen.viewer, item),
        connects=may(seen.viewer.roles, "practice.connect", [Relation.BANK]),
        id=form.get("id") or uuid7(),
        form=form,
        errors=errors,
        status=UNPROCESSABLE if errors else 200,
        door=f"{Door(seen.request).public_url}/fhir",
    )


@router.post("/desk/practices/{item}/systems")
async def let_in(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await practices.get(seen.session, seen.viewer.bank_id, item)
    client_id, name = key(form.get("id", "")), form.get("name", "")
    try:
        async with seen.attempt():
            made = await clients.make(seen.session, seen.viewer, item, name, client_id=client_id, at=seen.at)
    except (TextMissing, TextTooLong) as broken:
        return await _every(seen, item, form, of_rule(ENGLISH, broken, ("name",)))
    return await desk_page(
        seen,
        "desk/system.html",
        here="referrals",
        item=item,
        made=made,
        door=f"{Door(seen.request).public_url}/fhir",
    )


@router.post("/desk/practices/systems/{item}/end", dependencies=OURS)
async def shut_out(seen: Visiting, item: ItemKey) -> Response:
    ended = await clients.end(seen.session, seen.viewer, item, at=seen.at)
    return go(f"/desk/practices/{ended.practice_id}/systems")
