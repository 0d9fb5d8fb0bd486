"""Help: what one might ask and give this week, one's offers and asks, and finding by meaning.

What must never happen: a way to reach somebody on a page that is only about finding.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from exchange.appointments import read as appointments
from exchange.directory import barriers, listings, matches, search, times
from exchange.directory.search import Narrowing
from mobile_web import help_words
from mobile_web.because import skill, weekday
from mobile_web.help_words import Look
from mobile_web.visit import Form, Visit, Visiting, go, inside, key
from mobile_web.words import N_

router = APIRouter()
FOUND_MAX = 20
TYPED_CHARACTERS_MAX = 10_000
GIVE_SHOWN = 3
WHEN: Mapping[str, str] = {
    "mornings": N_("Mornings"),
    "afternoons": N_("Afternoons"),
    "evenings": N_("Evenings"),
    "weekend": N_("Weekend"),
    **dict.fromkeys(times.DAYS, ""),
}
"""When one may look, with its words; days have theirs from the language."""
KINDS = ("offer", "request")


def look_of(seen: Visit) -> Look:
    """How this reader sees things."""
    return Look(
        speaks=seen.speaks,
        zone=seen.bank.time_zone,
        today=seen.today,
        at=seen.at,
        mine=seen.viewer.party_ids,
    )


@router.get("/help")
async def hub(seen: Visiting) -> Response:
    """Ask, offer, find; what waits; what one might do this week."""
    look, me = look_of(seen), seen.viewer.member_id
    mine = [v for party in sorted(seen.viewer.party_ids) for v in await _own(seen, party)]
    arranged = await appointments.mine(seen.session, seen.viewer, since=seen.at)
    week = await matches.for_party(seen.session, seen.viewer, me, at=seen.at)
    return await seen.page(
        "help/hub.html",
        here="help",
        mine=[help_words.listing_card(look, view) for view in mine],
        arranged=[help_words.appointment_card(look, view) for view in arranged],
        give=[help_words.match_card(seen.speaks, match) for match in week.give[:GIVE_SHOWN]],
        often=[(code, skill(seen.speaks, code)) for code in week.ask],
        done=seen.request.query_params.get("done"),
    )


async def _own(seen: Visit, party_id: Any) -> list[listings.ListingView]:
    states = ("open", "with_coordinator", "draft")
    return [
        view
        for state in states
        for view in await listings.find(seen.session, seen.viewer, party_id=party_id, state=state)
    ]


@router.get("/search")
async def find(seen: Visiting) -> Response:
    """What people offer and ask that speaks of what was typed; any text gets an ordinary page."""
    asked = seen.request.query_params
    typed = asked.get("q", "").strip()[:TYPED_CHARACTERS_MAX]
    kind = asked.get("kind") if asked.get("kind") in KINDS else None
    areas = await search.known_areas(seen.session, seen.viewer)
    where = asked.get("where") if asked.get("where") in areas else None
    when = asked.get("when") if asked.get("when") in WHEN else None
    narrowing = Narrowing(kind=kind, small_area=where, when=(when,) if when else ())
    found = await search.search(seen.session, seen.viewer, typed, narrowing, limit=FOUND_MAX)
    look = look_of(seen)
    has_asked = bool(typed or where or when)
    often = found.suggestions if has_asked else await search.often_asked(seen.session, seen.viewer)
    return await seen.page(
        "help/search.html",
        here="help",
        typed=typed,
        has_asked=has_asked,
        kind=kind or "",
        where=where or "",
        when=when or "",
        areas=[(area, area) for area in areas],
        whens=[(code, _when(seen, code)) for code in WHEN],
        found=[help_words.listing_card(look, view) for view in found.listings],
        often=[(code, skill(seen.speaks, code)) for code in often],
    )


def _when(seen: Visit, code: str) -> str:
    """A day or a part of the week in the reader's words."""
    return weekday(seen.speaks, code) if code in times.DAYS else seen.speaks.say(WHEN[code])


@router.post("/not-me")
async def not_me(seen: Visiting, form: Form) -> Response:
    """'Not me, thanks': to this person, or to this offer or ask; nobody else is told."""
    party_id = key(form["for"]) if form.get("for") else seen.viewer.member_id
    await barriers.not_me(
        seen.session,
        seen.viewer,
        party_id,
        other_id=key(form["other_id"]) if form.get("other_id") else None,
        listing_id=key(form["listing_id"]) if form.get("listing_id") else None,
        at=seen.at,
    )
    return go(inside(form.get("back") or "/help?done=not-me"))
