"""The desk's page for groups: ideas to approve, what was odd at a door, codes that failed, notes still out.

The desk is written in English for now. What must never happen: a decision by somebody who has a part in it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.activities import coming, deciding, hosting, notes, notes_out, proposing, sheets, troubles
from exchange.activities.tables import Activity, ActivitySession, CheckIn
from exchange.errors import ExchangeError
from exchange.membership import organisations, parties
from mobile_web.door import Door
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.pages.note_sheets import FIELDS, NOTE_DAYS, issue_sheet
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
WHY = {
    "late": "told long after it was over",
    "clock": "the telephone's clock cannot be right",
    "floor": "would go below their limit",
    "no_check_out": "never checked out",
}
FAILED = {
    "bad": "not a whole code",
    "unknown": "a code nobody gave out",
    "dead": "a code that was replaced",
    "over": "after its time",
    "early": "before its time",
    "called_off": "a session that was off",
    "other_session": "another session's poster",
    "other_bank": "another time bank's code",
    "used": "a note that was used before",
    "not_theirs": "opened somebody else's card",
    "not_a_member": "held the card of somebody who is no member now",
}


@router.get("/desk/groups")
async def groups(seen: Visiting) -> Response:
    return await _groups(seen, {})


async def _groups(seen: Visit, errors: dict[str, str], form: dict[str, str] | None = None) -> Response:
    must(seen, "queue.read")
    flagged = await coming.flagged(seen.session, seen.viewer)
    failed = await troubles.recent(seen.session, seen.viewer)
    proposed = await _proposed(seen)
    people = {row.member_id for row in flagged} | {row.member_id for row in failed if row.member_id}
    people |= {party for row in proposed for party in (row.proposed_by, row.host_id)}
    return await desk_page(
        seen,
        "desk/groups.html",
        here="groups",
        status=UNPROCESSABLE if errors else 200,
        proposed=proposed,
        orphans=await hosting.without_host(seen.session, seen.viewer),
        flagged=[await _flagged(seen, row) for row in flagged],
        failed=[(row, FAILED.get(row.trouble, row.trouble)) for row in failed],
        names=await parties.names(seen.session, seen.viewer.bank_id, people),
        moment=lambda at: ENGLISH.moment(at, seen.bank.time_zone),
        out=await notes_out.report(seen.session, seen.viewer),
        payers=await _payers(seen),
        id=uuid7(),
        last_day=seen.today + timedelta(days=NOTE_DAYS),
        form=form or {},
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


async def _proposed(seen: Visit) -> list[Activity]:
    rows = await seen.session.scalars(
        select(Activity)
        .where(col(Activity.bank_id) == seen.viewer.bank_id, col(Activity.state) == "proposed")
        .order_by(col(Activity.made_at), col(Activity.activity_id))
    )
    return list(rows.all())


async def _flagged(seen: Visit, row: CheckIn) -> dict[str, Any]:
    meeting = await seen.session.get_one(ActivitySession, (row.bank_id, row.session_id))
    activity = await seen.session.get_one(Activity, (row.bank_id, meeting.activity_id))
    why = ", ".join(WHY[flag] for flag in row.flags if flag in WHY)
    return {"row": row, "title": activity.title, "starts_at": meeting.starts_at, "why": why}


async def _payers(seen: Visit) -> list[tuple[UUID, str]]:
    found = await organisations.every(seen.session, seen.viewer)
    return [(seen.bank.pot_id, "The community pot"), *((o.organisation_id, name) for o, name in found)]


@router.post("/desk/groups/{item}/approve")
async def approve(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Its sessions stand in the calendar from now on."""
    is_trusted = form.get("is_trusted") == "yes"
    await proposing.approve(seen.session, seen.viewer, item, is_trusted=is_trusted, at=seen.at)
    return go("/desk/groups?done=approved")


@router.post("/desk/groups/{item}/decline")
async def decline(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await proposing.decline(seen.session, seen.viewer, item, reason=form.get("reason") or None, at=seen.at)
    return go("/desk/groups?done=declined")


@router.post("/desk/groups/{item}/trust")
async def trust(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Whether the poster alone counts from now on."""
    await proposing.trust(seen.session, seen.viewer, item, is_trusted=form.get("is_trusted") == "yes")
    return go(f"/activities/{item}?done=changed")


@router.post("/desk/check-ins/{item}/nod", dependencies=OURS)
async def nod(seen: Visiting, item: ItemKey) -> Response:
    """It counts, odd as it was; who would go below their limit by it waits on."""
    row = await deciding.nod(seen.session, seen.viewer, item, at=seen.at)
    if row.state != "counted":
        return await _groups(seen, {"": sentence(ENGLISH, "below_floor")})
    await deciding.settle(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk/groups?done=settled")


@router.post("/desk/check-ins/{item}/refuse", dependencies=OURS)
async def refuse(seen: Visiting, item: ItemKey) -> Response:
    await deciding.refuse(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk/groups?done=settled")


@router.post("/desk/check-ins/{item}/settle", dependencies=OURS)
async def settle(seen: Visiting, item: ItemKey) -> Response:
    """Looked at; it stays as it is."""
    await deciding.settle(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk/groups?done=settled")


@router.post("/desk/codes/seen", dependencies=OURS)
async def codes_seen(seen: Visiting) -> Response:
    await troubles.settle(seen.session, seen.viewer, at=seen.at)
    return go("/desk/groups?done=settled")


@router.post("/desk/notes")
async def issue(seen: Visiting, form: Form) -> Response:
    """A sheet of time notes; pressed twice, it is one sheet."""
    try:
        sheet = await issue_sheet(seen, key(form.get("payer", "")), form)
    except ExchangeError as broken:
        return await _groups(seen, of_rule(ENGLISH, broken, FIELDS), dict(form))
    return go(f"/desk/notes/{sheet.sheet_id}")


@router.get("/desk/notes/{item}")
async def sheet(seen: Visiting, item: ItemKey) -> Response:
    """The notes of a sheet that are still out, to be printed or read out."""
    printed = await sheets.notes(seen.session, seen.viewer, item, secret=Door(seen.request).secret)
    return await desk_page(seen, "desk/notes.html", here="groups", printed=printed, key=item)


@router.post("/desk/notes/{item}/void", dependencies=OURS)
async def void(seen: Visiting, item: ItemKey) -> Response:
    """Lost or spoilt: what is out goes back."""
    await notes.void(seen.session, seen.viewer, item, at=seen.at)
    return go("/desk/groups?done=void")
