"""Keeping each other safe: telling of a concern, and a visit's "I am there" and "I am out" from a phone.

What must never happen: a concern's words read back on any page of a member's, or a visit that is begun
without its clock.
"""

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import find, parties
from exchange.membership.tables import Member
from exchange.prescribing import concerns, visits
from exchange.prescribing.care_tables import Visit as HomeVisit
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()


@router.get("/worried")
async def whom(seen: Visiting) -> Response:
    """About whom: a name is enough."""
    typed = seen.request.query_params.get("q", "").strip()
    about = seen.request.query_params.get("about")
    if about:
        return await _worried(seen, key(about), {}, {})
    found = await find.find(seen.session, seen.viewer, typed, limit=30) if typed else []
    return await seen.page(
        "worried_whom.html",
        here="settings",
        typed=typed,
        found=[one for one in found if one.party_id != seen.viewer.member_id],
    )


async def _worried(seen: Visit, about: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, about)
    member = await seen.session.get(Member, (seen.viewer.bank_id, about))
    return await seen.page(
        "worried.html",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        is_named=seen.viewer.is_staff or member is None or member.is_listed,
        id=form.get("id") or uuid7(),
        form=form,
        errors=errors,
    )


@router.post("/worried")
async def tell(seen: Visiting, form: Form) -> Response:
    """It is written down where only those named may read it, and whoever is on duty is told."""
    about = key(form.get("about", ""))
    try:
        async with seen.attempt():
            await concerns.raise_concern(
                seen.session,
                seen.viewer,
                key(form.get("id", "")),
                about_id=about,
                words=form.get("words", ""),
                at=seen.at,
            )
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _worried(seen, about, form, of_rule(seen.speaks, broken, ("words",)))
    return await seen.page("worried_thanks.html", here="settings")


@router.get("/visits")
async def mine(seen: Visiting) -> Response:
    found = await visits.of_viewer(seen.session, seen.viewer)
    return await seen.page("visits.html", here="settings", lines=await lines(seen, found))


async def lines(seen: Visit, found: list[HomeVisit]) -> list[tuple[HomeVisit, dict[str, str]]]:
    """Visits with the names and times that a page shows."""
    people = {who for row in found for who in (row.visitor_id, row.host_id, row.company_id) if who}
    names = await parties.names(seen.session, seen.viewer.bank_id, people)
    zone = seen.bank.time_zone
    return [
        (
            row,
            {
                "visitor": names[row.visitor_id],
                "host": names[row.host_id],
                "company": names.get(row.company_id, "") if row.company_id else "",
                "when": seen.speaks.moment(row.starts_at, zone),
                "since": seen.speaks.clock(seen.speaks.local(row.checked_in_at, zone))
                if row.checked_in_at
                else "",
            },
        )
        for row in found
    ]


@router.get("/visits/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {})


async def _one(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    found = await visits.get(seen.session, seen.viewer, item)
    ((row, words),) = await lines(seen, [found])
    status = UNPROCESSABLE if errors else 200
    return await seen.page("visit.html", here="settings", status=status, row=row, words=words, errors=errors)


@router.post("/visits/{item}", dependencies=OURS)
async def act(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """I am there; I am out; or it will not happen. Pressed twice, it is the same."""
    await visits.get(seen.session, seen.viewer, item)
    try:
        async with seen.attempt():
            match form.get("press"):
                case "in":
                    await visits.check_in(seen.session, seen.viewer, item, at=seen.at)
                case "out":
                    await visits.check_out(seen.session, seen.viewer, item, at=seen.at)
                case "off":
                    await visits.call_off(seen.session, seen.viewer, item)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _one(seen, item, of_rule(seen.speaks, broken, ()))
    return go(f"/visits/{item}")
