"""Rooms by the hour and things by the day: what is lent, which hours are free, one press to have one.

What must never happen: an hour shown as free and given twice; the key in the database sees to that.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import bookings, resources
from exchange.errors import ExchangeError
from mobile_web import answers, scenes
from mobile_web.answers import whole
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()


@router.get("/rooms")
async def every(seen: Visiting) -> Response:
    found = await resources.every(seen.session, seen.viewer)
    return await seen.page("rooms.html", here="on", found=found)


@router.get("/rooms/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, seen.request.query_params, {})


async def _one(
    seen: Visit,
    item: UUID,
    given: Mapping[str, str],
    errors: dict[str, str],
    *,
    booking_id: UUID | None = None,
) -> Response:
    resource = await resources.get(seen.session, seen.viewer, item)
    day = _near(seen, _day(seen, given))
    taken = await resources.taken(seen.session, seen.viewer, item, day)
    hours = [_hour(seen, resource, day, n, taken) for n in range(resource.closes.hour - resource.opens.hour)]
    return await seen.page(
        "room.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        resource=resource,
        day=day,
        day_name=seen.speaks.day(day, today=seen.today),
        hours=hours if resource.unit == "hour" else [],
        is_taken=resource.unit == "day" and bool(taken),
        id=booking_id or uuid7(),
        voices=await scenes.voices(seen),
        party=given.get("party"),
        errors=errors,
    )


def _hour(seen: Visit, resource: Any, day: date, n: int, taken: set[datetime]) -> tuple[str, str, bool]:
    """One hour of a room: its value, its words, and whether somebody has it."""
    local = seen.speaks.place(day, resource.opens, seen.bank.time_zone) + timedelta(hours=n)
    return local.strftime("%H:%M"), seen.speaks.clock(local), local in taken


def _near(seen: Visit, day: date) -> date:
    """A day that a page can show: another age has no hours to look up."""
    return min(max(day, seen.today - bookings.AHEAD), seen.today + bookings.AHEAD)


def _day(seen: Visit, given: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(given.get("day", ""))
    except ValueError:
        return seen.today + timedelta(days=1)


@router.post("/rooms/{item}")
async def book(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Have it; pressed twice, it is one booking."""
    booking_id = key(form.get("id", "")) if form.get("id") else uuid7()
    try:
        async with seen.attempt():
            await bookings.book(
                seen.session,
                seen.viewer,
                item,
                booking_id=booking_id,
                day=_day(seen, form),
                starts=answers.clock(form.get("starts_at")),
                units=whole(form.get("units")) or 1,
                party_id=scenes.voice(seen, form.get("party")),
                at=seen.at,
            )
    except ExchangeError as broken:
        if broken.code == "not_found":
            raise
        return await _one(
            seen, item, form, of_rule(seen.speaks, broken, ("starts_at",)), booking_id=booking_id
        )
    return go("/bookings")
