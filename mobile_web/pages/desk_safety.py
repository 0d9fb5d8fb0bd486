"""Safety from the desk: concerns for those named, visits and their clocks, who is on duty, what a role needs.

The desk is written in English. What must never happen: a concern's words, or whom it is about, on any page
but its own.
"""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import find, parties
from exchange.permissions import Relation, may
from exchange.prescribing import clearances, concerns, visits
from exchange.prescribing.care_tables import CLEARANCES, LEVELS
from exchange.prescribing.clearances import NewClearance
from exchange.prescribing.visits import NewVisit
from mobile_web import answers
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.pages.safety import lines
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
KINDS = {
    "role": "A role, and its check",
    "reference": "Reference",
    "conduct": "Signed the code of conduct",
    "training": "Training",
    "licence": "Driving licence",
    "insurance": "Car insurance",
    "mot": "MOT",
}
LEVEL_WORDS = {
    "none": "No check",
    "basic": "Basic",
    "standard": "Standard",
    "enhanced": "Enhanced",
    "enhanced_barred": "Enhanced with barred lists",
}
PEOPLE_MAX = 1000


@router.get("/desk/safety")
async def overview(seen: Visiting) -> Response:
    return await _overview(seen, {})


async def _overview(seen: Visit, errors: dict[str, str]) -> Response:
    must(seen, "queue.read")
    session, viewer = seen.session, seen.viewer
    late = {row.visit_id for row in await visits.open_late(session, viewer.bank_id)}
    duty = await concerns.on_duty(session, viewer.bank_id)
    return await desk_page(
        seen,
        "desk/safety.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        concerns=await concerns.mine_to_read(session, viewer),
        lines=await lines(seen, await visits.open_ones(session, viewer)),
        late=late,
        papers=await clearances.running_out(session, viewer, at=seen.at),
        kinds=KINDS,
        duty=duty,
        names=await parties.names(session, viewer.bank_id, duty),
        people=await _people(seen),
        may_change=may(viewer.roles, "policy.change", [Relation.BANK]),
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


async def _people(seen: Visit) -> list[tuple[str, str]]:
    everybody = await find.find(seen.session, seen.viewer, "", limit=PEOPLE_MAX)
    return [(str(p.party_id), p.name) for p in everybody if p.kind == "member" and p.status == "active"]


@router.post("/desk/safety/duty")
async def set_duty(seen: Visiting, form: Form) -> Response:
    """The first, the second and the third to be told."""
    chosen = [key(form[name]) for name in ("first", "second", "third") if form.get(name)]
    try:
        async with seen.attempt():
            await concerns.set_leads(seen.session, seen.viewer, chosen)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _overview(seen, of_rule(ENGLISH, broken, ()))
    return go("/desk/safety?done=duty")


@router.get("/desk/concerns/{item}")
async def concern(seen: Visiting, item: ItemKey) -> Response:
    """What it says, for those named; that they looked is written down."""
    return await _concern(seen, item, {}, {})


async def _concern(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    session, viewer = seen.session, seen.viewer
    found = await concerns.read(session, viewer, item, at=seen.at)
    reads = await concerns.reads_of(session, viewer, item)
    people = {found.about_id, found.raised_by, *(row.by_id for row in reads)}
    return await desk_page(
        seen,
        "desk/concern.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        concern=found,
        reads=[(row.by_id, ENGLISH.moment(row.read_at, seen.bank.time_zone)) for row in reads],
        names=await parties.names(session, viewer.bank_id, people),
        raised=ENGLISH.moment(found.raised_at, seen.bank.time_zone),
        people=await _people(seen) if viewer.is_staff else [],
        form=form,
        errors=errors,
    )


@router.post("/desk/concerns/{item}/readers")
async def name_reader(seen: Visiting, item: ItemKey, form: Form) -> Response:
    member_id = key(form.get("member_id", ""))
    await concerns.name_reader(seen.session, seen.viewer, item, member_id, at=seen.at)
    return go(f"/desk/concerns/{item}")


@router.post("/desk/concerns/{item}/close")
async def close(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """What came of it; matching stays stopped until somebody lifts it on the member's page."""
    try:
        async with seen.attempt():
            outcome = form.get("outcome", "")
            await concerns.close(seen.session, seen.viewer, item, outcome=outcome, at=seen.at)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _concern(seen, item, form, of_rule(ENGLISH, broken, ("outcome",)))
    return go("/desk/safety?done=closed")


@router.get("/desk/members/{item}/safety")
async def member(seen: Visiting, item: ItemKey) -> Response:
    return await _member(seen, item, {}, {})


async def _member(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    must(seen, "queue.read")
    known = await clearances.of_member(seen.session, seen.viewer, item)
    return await desk_page(
        seen,
        "desk/member_safety.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        known=known,
        kinds=[(kind, KINDS[kind]) for kind in CLEARANCES],
        kind_words=KINDS,
        levels=[(level, LEVEL_WORDS[level]) for level in LEVELS],
        level_words=LEVEL_WORDS,
        people=[("", "Nobody"), *await _people(seen)],
        id=form.get("id") or uuid7(),
        form={"seen_on": seen.today.isoformat(), **form},
        errors=errors,
        today=seen.today,
        done=seen.request.query_params.get("done"),
    )


@router.post("/desk/members/{item}/clearances")
async def add(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Write down one thing that was seen."""
    try:
        async with seen.attempt():
            await clearances.add(
                seen.session, seen.viewer, item, key(form.get("id", "")), _clearance(form), at=seen.at
            )
    except ValueError:
        return await _member(seen, item, form, {"seen_on": sentence(ENGLISH, "choose_day")})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        found = of_rule(ENGLISH, broken, ("words", "reason", "level", "expires_on"))
        return await _member(seen, item, form, found)
    return go(f"/desk/members/{item}/safety?done=kept")


def _clearance(form: Mapping[str, str]) -> NewClearance:
    """A form's answers.

    Raises:
        ValueError: a day that is none.
    """
    is_role = form.get("kind") == "role"
    return NewClearance(
        kind=form.get("kind", ""),
        words=form.get("words", ""),
        done_on=date.fromisoformat(form.get("seen_on", "")),
        expires_on=date.fromisoformat(form["expires_on"]) if form.get("expires_on") else None,
        is_eligible=form.get("is_eligible") == "yes" if is_role else None,
        level=form.get("level") if is_role else None,
        reason=form.get("reason") if is_role else None,
    )


@router.post("/desk/members/{item}/clearances/{other}/end", dependencies=OURS)
async def end(seen: Visiting, item: ItemKey, other: str) -> Response:
    await clearances.end(seen.session, seen.viewer, item, key(other), at=seen.at)
    return go(f"/desk/members/{item}/safety?done=kept")


@router.post("/desk/members/{item}/visits")
async def plan(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Plan a visit to this member's home, as the rules allow it."""
    await parties.get(seen.session, seen.viewer.bank_id, item)
    try:
        async with seen.attempt():
            new = NewVisit(
                visit_id=key(form.get("id", "")),
                visitor_id=key(form.get("visitor", "")),
                host_id=item,
                starts_at=_moment(seen, form),
                minutes=answers.length(form.get("hours")) or 0,
                company_id=key(form["company"]) if form.get("company") else None,
            )
            await visits.plan(seen.session, seen.viewer, new)
    except ValueError:
        return await _member(seen, item, form, {"visit_on": sentence(ENGLISH, "choose_day")})
    except ExchangeError as broken:
        if broken.code == "not_allowed":
            raise
        return await _member(seen, item, form, of_rule(ENGLISH, broken, ()))
    return go("/desk/safety?done=planned")


def _moment(seen: Visit, form: Mapping[str, str]) -> datetime:
    """The day and time of a form, on the bank's clocks.

    Raises:
        ValueError: one of them is none.
    """
    day, at = date.fromisoformat(form.get("visit_on", "")), answers.clock(form.get("visit_at"))
    if at is None:
        raise ValueError
    return ENGLISH.place(day, at, seen.bank.time_zone)
