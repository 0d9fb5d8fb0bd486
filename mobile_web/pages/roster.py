"""A helper's roster: tick who is here, type a card's code, enter the till's list later. No script needed.

What must never happen: a contact detail on this page, or somebody behind a wall on the wrong one's.
"""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from exchange.activities import checking_in, coming, deciding, moments, roster_people, sheets, standing
from exchange.activities.moments import Moment
from exchange.activities.tables import CheckIn
from exchange.activities.troubles import Trouble
from exchange.errors import ExchangeError, NotFound
from exchange.membership import parties
from exchange.permissions import may
from mobile_web.pages.codes import moment_of, tries, trouble_page
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
TICK = "m-"
WAYS = ("roster", "day_list", "afterwards")


@router.get("/sessions/{item}/roster")
async def roster(seen: Visiting, item: ItemKey) -> Response:
    return await _roster(seen, item, {})


async def _roster(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    found = await standing.helping(seen.session, seen.viewer, item)
    printed = await sheets.roster(seen.session, seen.viewer, item, at=seen.at)
    people = await _people(seen, item)
    local = seen.speaks.local(found.session.starts_at, seen.bank.time_zone)
    return await seen.page(
        "roster.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        printed=printed,
        day=seen.speaks.day(local.date(), today=seen.today),
        time=seen.speaks.clock(local),
        key=item,
        id=uuid7(),
        card_id=uuid7(),
        people=people,
        is_now=moments.read(None, is_kept=False, at=seen.at).is_during(found.session),
        is_over=found.session.ends_at < seen.at,
        may_correct=may(seen.viewer.roles, "session.correct", found.relations(seen.viewer)),
        counts_minutes=found.activity.has_check_out,
        gone_id=uuid7(),
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


async def _people(seen: Visit, item: UUID) -> list[dict[str, Any]]:
    """Everybody expected, by name: whether they came, and whether a nod is waited for."""
    found = await standing.helping(seen.session, seen.viewer, item)
    expected = await roster_people.expected_at(seen.session, seen.viewer.bank_id, item, found.leader_ids)
    hidden = await roster_people.hidden_from(seen.session, seen.viewer)
    names = await parties.names(seen.session, seen.viewer.bank_id, expected.keys() - hidden)
    rows = await checking_in.of_people(seen.session, seen.viewer.bank_id, item, expected.keys())
    people = [
        _person(seen, member_id, name, rows.get(member_id), expected[member_id][0])
        for member_id, name in names.items()
    ]
    return sorted(people, key=lambda person: str(person["name"]).casefold())


def _person(seen: Visit, member_id: UUID, name: str, row: CheckIn | None, place: Any) -> dict[str, Any]:
    return {
        "key": member_id,
        "name": name,
        "row": row,
        "companions": place.companions if place else 0,
        "wants_lift": bool(place and place.wants_lift),
        "is_listed": bool(place and place.state == "waiting"),
        "is_me": member_id == seen.viewer.member_id,
        "is_counted": row is not None and row.state == "counted",
        "may_go": row is not None and row.state in ("waiting", "counted") and row.left_at is None,
    }


@router.post("/sessions/{item}/roster")
async def tick(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Everybody ticked is here; told twice, by whatever way, it is once."""
    people = [UUID(name[len(TICK) :]) for name in form if name.startswith(TICK) and _is_key(name)]
    way = form.get("way", "roster")
    try:
        async with seen.attempt():
            answer = await checking_in.tick(
                seen.session,
                seen.viewer,
                item,
                people,
                way=way if way in WAYS else "roster",
                moment=moment_of(seen, form),
                reason=form.get("reason") or None,
                at=seen.at,
            )
    except ExchangeError as broken:
        if broken.code == "not_found":
            raise
        return await _roster(seen, item, of_rule(seen.speaks, broken, ("reason",)))
    return go(f"/sessions/{item}/roster?done={'ask' if answer.ask_coordinator else 'ticked'}")


@router.post("/sessions/{item}/gone")
async def gone(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A helper says who goes home, where the minutes count and somebody has no telephone to say so."""
    people = [UUID(name[len(TICK) :]) for name in form if name.startswith(TICK) and _is_key(name)]
    await standing.helping(seen.session, seen.viewer, item)
    moment = moment_of(seen, form)
    gone_home = [await _goes(seen, item, member_id, moment) for member_id in people]
    return go(f"/sessions/{item}/roster?done={'gone' if all(gone_home) else 'ask'}")


async def _goes(seen: Visit, item: UUID, member_id: UUID, moment: Moment) -> bool:
    """One person goes home; who must be asked about does not hold up the others."""
    try:
        async with seen.attempt():
            await checking_in.check_out(
                seen.session, seen.viewer, item, member_id=member_id, moment=moment, at=seen.at
            )
    except ExchangeError:
        return False
    return True


@router.post("/sessions/{item}/undo")
async def undo(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A coordinator takes a check-in back, with a reason: another Ann was meant."""
    await standing.helping(seen.session, seen.viewer, item)
    row = await checking_in.of_member(seen.session, seen.viewer.bank_id, item, key(form.get("member_id", "")))
    if row is None:
        raise NotFound
    try:
        async with seen.attempt():
            await deciding.undo(
                seen.session, seen.viewer, row.check_in_id, reason=form.get("reason") or None, at=seen.at
            )
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        errors = of_rule(seen.speaks, broken, ("reason",))
        return await _roster(seen, item, {"undo_reason": errors.get("reason", errors.get("", ""))})
    return go(f"/sessions/{item}/roster?done=undone")


def _is_key(name: str) -> bool:
    try:
        UUID(name[len(TICK) :])
    except ValueError:
        return False
    return True


@router.post("/sessions/{item}/card")
async def card(request: Request, seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A card's code, typed or scanned by a helper."""
    await standing.helping(seen.session, seen.viewer, item)
    found = await coming.by_code(
        seen.session,
        seen.viewer,
        form.get("code", ""),
        tries(request, seen),
        session_id=item,
        check_in_id=uuid7(),
        moment=moment_of(seen, form),
        at=seen.at,
    )
    if isinstance(found, Trouble):
        return await trouble_page(seen, found.trouble)
    if found.ask_coordinator:
        return await trouble_page(seen, "ask")
    return go(f"/sessions/{item}/roster?done=card")
