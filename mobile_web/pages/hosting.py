"""An organisation's own page: what is on at it, who booked its rooms and things, what it lends on what terms.

For whoever speaks for it, and for staff. What must never happen: one organisation's bookings before another.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import bookings, hosting, resources
from exchange.activities.hosting import Coming, Lent
from exchange.activities.resources import Offer
from exchange.activities.tables import Resource
from exchange.errors import ExchangeError
from exchange.membership.tables import Party
from exchange.permissions import require
from mobile_web import answers
from mobile_web.answers import Unread, whole
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key
from mobile_web.words import N_

router = APIRouter()
REFUSED = ("not_found", "not_allowed")
KINDS = {"room": N_("A room, by the hour"), "equipment": N_("A thing, by the day")}
USUAL = {"kind": "room", "opens": "09:00", "closes": "21:00", "costs_minutes": "30", "late_hours": "24"}
FIELDS = ("kind", "title", "location", "about", "access", "costs_minutes", "opens", "closes", "late_hours")
ACCESS_LINES_MAX = 12
BEGINS_BEFORE = timedelta(hours=1)


@router.get("/organisations/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    """Everything of an organisation's own on one page."""
    party = await hosting.organisation(seen.session, seen.viewer, item)
    ask = seen.session, seen.viewer, item
    coming = await hosting.sessions_to_come(*ask, at=seen.at)
    return await seen.page(
        "host.html",
        here="on",
        party=party,
        coming=[_coming(seen, each) for each in coming],
        booked=[_lent(seen, each) for each in await hosting.booked(*ask)],
        lends=await hosting.lends(*ask),
        tomorrow=seen.today + timedelta(days=1),
        done=seen.request.query_params.get("done"),
        errors={},
    )


def _coming(seen: Visit, each: Coming) -> dict[str, Any]:
    return {
        "key": each.session.session_id,
        "activity_id": each.activity.activity_id,
        "title": each.activity.title,
        "when": seen.speaks.moment(each.session.starts_at, seen.bank.time_zone),
        "people": each.booked + each.companions,
        "places": each.activity.places,
        "waiting": each.waiting,
        "is_over": each.session.ends_at <= seen.at,
    }


def _lent(seen: Visit, each: Lent) -> dict[str, Any]:
    return {
        "key": each.booking.booking_id,
        "title": each.resource.title,
        "when": seen.speaks.moment(each.booking.starts_at, seen.bank.time_zone),
        "name": each.name,
        "minutes": each.booking.minutes,
        "is_due": each.booking.starts_at <= seen.at + BEGINS_BEFORE,
    }


@router.post("/bookings/{item}/came", dependencies=OURS)
async def came(seen: Visiting, item: ItemKey) -> Response:
    """They are here: what was set aside is used. Pressed twice, it is once."""
    made = await bookings.check_in(seen.session, seen.viewer, item, at=seen.at)
    resource = await resources.get(seen.session, seen.viewer, made.resource_id)
    return go(f"/organisations/{resource.owner_id}?done=came#booked")


@router.get("/organisations/{item}/rooms/new")
async def ask_for_offer(seen: Visiting, item: ItemKey) -> Response:
    party = await hosting.organisation(seen.session, seen.viewer, item)
    return await _form(seen, party, None, USUAL, {}, offer_id=uuid7())


async def _form(
    seen: Visit,
    party: Party,
    resource: Resource | None,
    form: Mapping[str, str],
    errors: dict[str, str],
    *,
    offer_id: UUID | None = None,
) -> Response:
    return await seen.page(
        "host_room.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        resource=resource,
        id=offer_id,
        kinds=[(code, seen.speaks.say(words), None) for code, words in KINDS.items()],
        form=form,
        errors=errors,
    )


def _clock(form: Mapping[str, str], name: str) -> time:
    found = answers.clock(form.get(name))
    if found is None:
        raise Unread(name, "text_missing")
    return found


def _number(form: Mapping[str, str], name: str) -> int:
    number = whole(form.get(name) or "0")
    if number is None:
        raise Unread(name, "bad_activity")
    return number


def _terms(form: Mapping[str, str]) -> dict[str, Any]:
    """What is said of a room or a thing.

    Raises:
        Unread: an answer is none.
    """
    return {
        "title": form.get("title", ""),
        "location": form.get("location", ""),
        "about": form.get("about") or None,
        "access": [line for line in form.get("access", "").splitlines() if line.strip()][:ACCESS_LINES_MAX],
        "costs_minutes": _number(form, "costs_minutes"),
        "opens": _clock(form, "opens"),
        "closes": _clock(form, "closes"),
        "late_keeps": form.get("late_keeps") == "yes",
        "late_hours": _number(form, "late_hours"),
    }


@router.post("/organisations/{item}/rooms")
async def offer(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Put a room or a thing on offer; pressed twice, it is one."""
    party = await hosting.organisation(seen.session, seen.viewer, item)
    offer_id = key(form.get("id", ""))
    kind = form["kind"] if form.get("kind") in KINDS else "room"
    try:
        wanted = Offer(resource_id=offer_id, owner_id=item, kind=kind, **_terms(form))
        async with seen.attempt():
            await resources.offer(seen.session, seen.viewer, wanted, at=seen.at)
    except Unread as unread:
        said = {unread.field: sentence(seen.speaks, unread.code)}
        return await _form(seen, party, None, form, said, offer_id=offer_id)
    except ExchangeError as broken:
        said = of_rule(seen.speaks, broken, FIELDS)
        return await _form(seen, party, None, form, said, offer_id=offer_id)
    return go(f"/organisations/{item}?done=offered#lends")


async def _owned(seen: Visit, item: UUID) -> tuple[Resource, Party]:
    """A room or thing with its owner, for the owner's people.

    Raises:
        NotAllowed, NotFound
    """
    resource = await resources.get(seen.session, seen.viewer, item)
    require(seen.viewer.roles, "resource.change", seen.viewer.relations_to(resource.owner_id))
    return resource, await hosting.organisation(seen.session, seen.viewer, resource.owner_id)


@router.get("/rooms/{item}/change")
async def ask_otherwise(seen: Visiting, item: ItemKey) -> Response:
    resource, party = await _owned(seen, item)
    return await _form(seen, party, resource, _shown(resource), {})


def _shown(resource: Resource) -> dict[str, str]:
    return {
        **{name: str(getattr(resource, name) or "") for name in FIELDS},
        "opens": resource.opens.strftime("%H:%M"),
        "closes": resource.closes.strftime("%H:%M"),
        "access": "\n".join(resource.access),
        "late_keeps": "yes" if resource.late_keeps else "",
    }


@router.post("/rooms/{item}/change")
async def change(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Otherwise from now on; what is booked keeps its price."""
    resource, party = await _owned(seen, item)
    try:
        terms = _terms(form)
        async with seen.attempt():
            await resources.change(seen.session, seen.viewer, item, terms, at=seen.at)
    except Unread as unread:
        return await _form(seen, party, resource, form, {unread.field: sentence(seen.speaks, unread.code)})
    except ExchangeError as broken:
        await seen.session.refresh(resource)
        return await _form(seen, party, resource, form, of_rule(seen.speaks, broken, FIELDS))
    return go(f"/organisations/{party.party_id}?done=changed#lends")


@router.post("/rooms/{item}/days")
async def take_back(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Some days are taken back: whoever has booked them has everything back, and is told."""
    resource, party = await _owned(seen, item)
    days = [_day(form.get(name, "")) for name in ("from_day", "until_day")]
    first, last = days[0], days[1] or days[0]
    if first is None or last is None or last < first:
        said = {"from_day": sentence(seen.speaks, "choose_day")}
        return await _form(seen, party, resource, {**_shown(resource), **form}, said)
    await bookings.call_off(seen.session, seen.viewer, item, from_day=first, until_day=last, at=seen.at)
    return go(f"/organisations/{party.party_id}?done=back#booked")


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


OFFERS: Mapping[str, Callable[[Visit, UUID], Any]] = {
    "withdraw": lambda seen, item: bookings.withdraw(seen.session, seen.viewer, item, at=seen.at),
    "offer-again": lambda seen, item: resources.offer_again(seen.session, seen.viewer, item),
}


async def _offering(seen: Visit, item: UUID, verb: str) -> Response:
    _, party = await _owned(seen, item)
    await OFFERS[verb](seen, item)
    return go(f"/organisations/{party.party_id}?done={verb}#lends")


@router.post("/rooms/{item}/withdraw", dependencies=OURS)
async def withdraw(seen: Visiting, item: ItemKey) -> Response:
    """No longer lent; who has booked is told."""
    return await _offering(seen, item, "withdraw")


@router.post("/rooms/{item}/offer-again", dependencies=OURS)
async def offer_again(seen: Visiting, item: ItemKey) -> Response:
    """Lent once more."""
    return await _offering(seen, item, "offer-again")
