"""Organisations, from the desk: one joins, and the bank says who speaks for it."""

from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import find, organisations, parties
from exchange.membership.tables import Party
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
FOUND_MAX = 50


@router.post("/desk/organisations")
async def add_organisation(seen: Visiting, form: Form) -> Response:
    try:
        async with seen.attempt():
            added = await organisations.add(
                seen.session,
                seen.viewer,
                form.get("name", ""),
                text_name=form.get("text_name") or None,
                organisation_id=key(form.get("id", "")),
                at=seen.at,
            )
    except ExchangeError as broken:
        return await _organisation(seen, key(form.get("id", "")), of_rule(ENGLISH, broken))
    return go(f"/desk/members/{added.organisation_id}")


@router.get("/desk/organisations/new")
async def new_organisation(seen: Visiting) -> Response:
    must(seen, "organisation.add")
    return await _organisation(seen, uuid7(), {})


async def _organisation(seen: Visit, organisation_id: UUID, errors: dict[str, str]) -> Response:
    status = UNPROCESSABLE if errors else 200
    return await desk_page(
        seen, "desk/organisation.html", here="find", status=status, id=organisation_id, errors=errors
    )


async def speakers_of(seen: Visit, party: Party) -> dict[UUID, str]:
    """Who speaks for an organisation, by name."""
    if party.kind != "organisation":
        return {}
    speaking = await organisations.representatives(seen.session, seen.viewer.bank_id, party.party_id)
    return await parties.names(seen.session, seen.viewer.bank_id, speaking)


async def candidates_for(seen: Visit, party: Party) -> list[find.Found]:
    """Members by the name that was typed on an organisation's page, or on that of who needs a buddy."""
    typed = seen.request.query_params.get("q", "").strip()
    if not typed:
        return []
    found = await find.find(seen.session, seen.viewer, typed, limit=FOUND_MAX)
    here = [one for one in found if one.kind == "member" and one.status == "active"]
    return [one for one in here if one.party_id != party.party_id]


@router.post("/desk/organisations/{item}/text-name")
async def call_in_texts(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """What texts call it from now on."""
    name = form.get("text_name", "").strip() or None
    await organisations.call_in_texts(seen.session, seen.viewer, item, name)
    return go(f"/desk/members/{item}?done=text_name")


async def text_name_of(seen: Visit, party: Party) -> str | None:
    """What texts call an organisation."""
    if party.kind != "organisation":
        return None
    return (await parties.text_names(seen.session, seen.viewer.bank_id, [party.party_id]))[party.party_id]


@router.post("/desk/organisations/{item}/speakers")
async def set_speaker(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Let a member speak for an organisation, or no longer."""
    change = organisations.unrepresent if form.get("take") == "yes" else organisations.represent
    await change(seen.session, seen.viewer, item, key(form.get("member_id", "")))
    return go(f"/desk/members/{item}?done=speaker")
