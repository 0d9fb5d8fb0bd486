"""Groups as members see them: what is on, one activity with its days, a place at one, one's own bookings.

What must never happen: a stranger who reads a member's name here, or who else is coming.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities import bookings, calendar, checking_in, places, proposing, sessions, sheets, standing
from exchange.activities import whats_on as diary
from exchange.activities.printed import WhatsOn, WhatsOnLine
from exchange.activities.tables import Activity, ActivitySession, Place
from exchange.errors import ExchangeError, NotFound
from exchange.membership import banks, parties
from exchange.membership.tables import Member
from mobile_web import scenes
from mobile_web.answers import whole
from mobile_web.door import Door
from mobile_web.languages import Language
from mobile_web.pages.codes import here_page, moment_of
from mobile_web.rendering import page, reading
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Day:
    """The sessions of one day, in words."""

    name: str
    lines: list[dict[str, Any]]


def days(speaks: Language, found: WhatsOn) -> list[Day]:
    """What is on, day by day."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for line in found.lines:
        local = speaks.local(line.starts_at, found.time_zone)
        grouped.setdefault(speaks.day(local.date(), today=found.from_day), []).append(
            {"line": line, "time": speaks.clock(local), "credit": credit(speaks, line)}
        )
    return [Day(name, lines) for name, lines in grouped.items()]


def credit(speaks: Language, line: WhatsOnLine | Activity) -> str:
    """What coming earns or costs, in a few words; nothing when neither."""
    if line.earns_minutes:
        return speaks.say("You earn %(time)s", time=speaks.minutes(line.earns_minutes))
    if line.costs_minutes:
        return speaks.say("It takes %(time)s of your hours", time=speaks.minutes(line.costs_minutes))
    return ""


@router.get("/activities")
async def whats_on(seen: Visiting) -> Response:
    """Everything that is on in the next weeks."""
    found = await sheets.whats_on(seen.session, seen.viewer.bank_id, viewer=seen.viewer, at=seen.at)
    return await seen.page(
        "whats_on.html",
        here="on",
        days=days(seen.speaks, found),
        feed=calendar.path_of_bank(seen.viewer.bank_id),
        hosts=(await scenes.voices(seen))[1:],
        is_public=False,
    )


@router.get("/whats-on/{item}")
async def public(request: Request, item: ItemKey) -> Response:
    """The same for anybody, without what is for members only."""
    door, speaks = Door(request), reading(request)
    async with door.database.transaction(item) as session:
        found = await sheets.whats_on(session, item, viewer=None, at=door.now())
        bank = await banks.get(session, item)
    return page(
        request,
        "whats_on.html",
        bank=bank,
        bank_name=bank.name,
        days=days(speaks, found),
        hosts=[],
        feed=calendar.path_of_bank(item),
        is_public=True,
    )


@router.get("/whats-on/{item}/calendar.ics")
async def public_calendar(request: Request, item: ItemKey) -> Response:
    """The public sessions, for anybody's calendar."""
    door = Door(request)
    async with door.database.transaction(item) as session:
        made = await calendar.of_bank(session, item, at=door.now())
    return Response(made, media_type=CALENDAR)


@router.get("/calendar/{link}.ics")
async def own_calendar(request: Request, link: str) -> Response:
    """A member's own sessions behind their secret link, under titles that tell nobody anything."""
    door = Door(request)
    who = calendar.read_link(link)
    if who is None:
        raise NotFound
    async with door.database.transaction(who.bank_id) as session:
        made = await calendar.of_member(
            session, who, title=reading(request).say("Appointment"), secret=door.secret, at=door.now()
        )
    return Response(made, media_type=CALENDAR, headers={"cache-control": "no-store"})


@router.get("/activities/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    return await _one(seen, item, {})


async def _one(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    activity = await diary.one(seen.session, seen.viewer, item)
    hidden = await sheets.whats_on(seen.session, seen.viewer.bank_id, viewer=seen.viewer, at=seen.at, days=62)
    mine = [line for line in hidden.lines if line.activity_id == item]
    host = await parties.get(seen.session, seen.viewer.bank_id, activity.host_id)
    keeps_host = activity.host_id in seen.viewer.organisation_ids or seen.viewer.is_staff
    return await seen.page(
        "activity.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        activity=activity,
        host=host.name,
        host_page=f"/organisations/{host.party_id}" if host.kind == "organisation" and keeps_host else None,
        credit=credit(seen.speaks, activity),
        sessions=[await _session(seen, activity, line) for line in mine[:8]],
        helps=(helps := await _helps(seen, activity)),
        over=[
            (_when(seen, one.starts_at), one.session_id)
            for one in (await sessions.just_over(seen.session, activity, at=seen.at) if helps else ())
        ],
        decides=await proposing.may_decide(seen.session, seen.viewer, activity),
        done=seen.request.query_params.get("done"),
        errors=errors,
    )


async def _helps(seen: Visit, activity: Activity) -> bool:
    leaders = await standing.leaders(seen.session, seen.viewer.bank_id, activity.activity_id)
    return bool({activity.host_id, *leaders} & seen.viewer.party_ids) or seen.viewer.is_staff


async def _session(seen: Visit, activity: Activity, line: WhatsOnLine) -> dict[str, Any]:
    place = await places.of_member(seen.session, seen.viewer.bank_id, line.session_id, seen.viewer.member_id)
    local = seen.speaks.local(line.starts_at, seen.bank.time_zone)
    return {
        "key": line.session_id,
        "id": uuid7(),
        "day": seen.speaks.day(local.date(), today=seen.today),
        "time": seen.speaks.clock(local),
        "place": place,
        "is_begun": line.starts_at <= seen.at,
        "companions": list(range(activity.companions_max + 1)),
    }


@router.post("/sessions/{item}/book")
async def book(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A place, or a turn on the list; pressed twice, it is one."""
    found = await standing.meeting(seen.session, seen.viewer, item)
    try:
        async with seen.attempt():
            made = await places.book(
                seen.session,
                seen.viewer,
                item,
                place_id=key(form["id"]) if form.get("id") else uuid7(),
                companions=whole(form.get("companions")) or 0,
                wants_lift=form.get("wants_lift") == "yes",
                at=seen.at,
            )
    except ExchangeError as broken:
        if broken.code == "not_found":
            raise
        return await _one(seen, found.activity.activity_id, of_rule(seen.speaks, broken, ()))
    return go(f"/activities/{found.activity.activity_id}?done={made.state}")


@router.post("/sessions/{item}/leave")
async def leave(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Give the place up; who waits has it."""
    del form
    found = await standing.meeting(seen.session, seen.viewer, item)
    try:
        async with seen.attempt():
            await places.leave(seen.session, seen.viewer, item, at=seen.at)
    except ExchangeError as broken:
        if broken.code == "not_found":
            raise
        return await _one(seen, found.activity.activity_id, of_rule(seen.speaks, broken, ()))
    return go(f"/activities/{found.activity.activity_id}?done=left")


@router.get("/sessions/{item}/here")
async def here(seen: Visiting, item: ItemKey) -> Response:
    """What became of one's own check-in."""
    found = await standing.meeting(seen.session, seen.viewer, item)
    row = await checking_in.of_member(seen.session, seen.viewer.bank_id, item, seen.viewer.member_id)
    if row is None:
        return go(f"/activities/{found.activity.activity_id}")
    return await here_page(seen, found, row)


@router.post("/sessions/{item}/go")
async def go_home(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Going home, where it is the minutes that count."""
    await checking_in.check_out(seen.session, seen.viewer, item, moment=moment_of(seen, form), at=seen.at)
    return go(f"/sessions/{item}/here")


@router.get("/bookings")
async def mine(seen: Visiting) -> Response:
    """Everything that one has a place at, and rooms and things that one has booked."""
    return await _mine_page(seen, {})


async def _mine_page(seen: Visit, errors: dict[str, str]) -> Response:
    rows = await seen.session.execute(
        select(Place, ActivitySession, Activity)
        .join(
            ActivitySession,
            (col(ActivitySession.bank_id) == col(Place.bank_id))
            & (col(ActivitySession.session_id) == col(Place.session_id)),
        )
        .join(
            Activity,
            (col(Activity.bank_id) == col(ActivitySession.bank_id))
            & (col(Activity.activity_id) == col(ActivitySession.activity_id)),
        )
        .where(
            col(Place.bank_id) == seen.viewer.bank_id,
            col(Place.member_id) == seen.viewer.member_id,
            col(Place.state).in_(("booked", "waiting")),
            col(ActivitySession.ends_at) > seen.at,
        )
        .order_by(col(ActivitySession.starts_at))
    )
    booked = await bookings.mine(seen.session, seen.viewer, at=seen.at)
    member = await seen.session.get_one(Member, (seen.viewer.bank_id, seen.viewer.member_id))
    return await seen.page(
        "bookings.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        errors=errors,
        done=seen.request.query_params.get("done"),
        places=[_mine(seen, row.ActivitySession, row.Activity, row.Place) for row in rows],
        booked=[(made, thing, _when(seen, made.starts_at)) for made, thing in booked],
        feed=calendar.link_of(member, secret=Door(seen.request).secret),
    )


@router.post("/bookings/calendar", dependencies=OURS)
async def another_link(seen: Visiting) -> Response:
    """The link got into other hands: a new one, and the old one opens nothing."""
    await calendar.renew(seen.session, seen.viewer, at=seen.at)
    return go("/bookings?done=calendar")


def _when(seen: Visit, at: datetime) -> str:
    local = seen.speaks.local(at, seen.bank.time_zone)
    day = seen.speaks.day(local.date(), today=seen.today)
    return seen.speaks.say("%(day)s at %(time)s", day=day, time=seen.speaks.clock(local))


def _mine(seen: Visit, meeting: ActivitySession, activity: Activity, place: Place) -> dict[str, Any]:
    return {
        "title": activity.title,
        "key": activity.activity_id,
        "session": meeting.session_id,
        "when": _when(seen, meeting.starts_at),
        "location": activity.location,
        "may_leave": meeting.starts_at > seen.at,
        "late_hours": activity.late_hours if place.is_held and activity.late_keeps else None,
        "is_waiting": place.state == "waiting",
    }


@router.post("/bookings/{item}/cancel")
async def cancel(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Give a room or a thing back."""
    del form
    try:
        async with seen.attempt():
            await bookings.cancel(seen.session, seen.viewer, item, at=seen.at)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _mine_page(seen, of_rule(seen.speaks, broken, ()))
    return go("/bookings?done=cancelled")
