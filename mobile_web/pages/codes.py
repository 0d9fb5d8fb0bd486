"""Where a printed code leads: I am here, a member's card, use this note; or a plain sentence about why not.

A stranger is asked to sign in before any code is looked up, so nobody tries codes unseen. What must never
happen: a card that signs somebody in, or moves hours without a helper.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from exchange.activities import checking_in, coming, moments, notes, opening, standing
from exchange.activities.moments import Moment
from exchange.activities.opening import Opened, Tries
from exchange.activities.standing import Meeting
from exchange.activities.tables import CheckIn
from exchange.activities.troubles import Trouble
from exchange.errors import ExchangeError
from exchange.membership import parties
from exchange.membership.errors import NotSignedIn
from mobile_web import scenes, slips
from mobile_web.door import Door
from mobile_web.forms import Answers
from mobile_web.sentences import of_rule
from mobile_web.visit import UNPROCESSABLE, Form, PerhapsVisiting, Visit, go, key
from mobile_web.words import N_

router = APIRouter()
TOO_MANY = 429

TROUBLES = {
    "bad": (
        N_("This is not a whole code"),
        N_("A sign is missing or wrong. Scan it again, or type all twelve signs."),
    ),
    "unknown": (N_("We don't know this code"), N_("Check each sign, or ask whoever gave it to you.")),
    "other_bank": (
        N_("This is not from your time bank"),
        N_("It belongs to another time bank. Ask there, or ask your coordinator."),
    ),
    "dead": (N_("This code is no longer in use"), N_("It was replaced by a new one. Ask your coordinator.")),
    "over": (N_("This is over"), N_("It can't be used any more. If you were there, tell your coordinator.")),
    "early": (N_("This hasn't begun"), N_("Scan it again when you are there: from one hour before.")),
    "called_off": (N_("This session is off"), N_("What you set aside for it is yours again.")),
    "other_session": (N_("This is for another session"), N_("Look for the poster with today's date.")),
    "used": (
        N_("This note was used before"),
        N_("Each note works once. If it was yours, ask your coordinator."),
    ),
    "too_many": (N_("Too many wrong codes"), N_("Wait an hour, or ask your coordinator.")),
    "card": (N_("Somebody's card"), N_("Please give it back to them, or hand it in at the office.")),
    "own_card": (N_("Your own card"), N_("Show it to a helper when you arrive. By itself it does nothing.")),
    "not_theirs": (
        N_("Somebody's card"),
        N_("Open the list of your session, and scan or type it there."),
    ),
    "ask": (N_("Please ask the coordinator"), N_("This card can't be used today.")),
}
"""Why a code does not open, and what to do."""


def tries(request: Request, seen: Visit) -> Tries:
    """Whom wrong codes are counted against: the member, and the network they come from."""
    network = request.client.host if request.client else None
    return Tries.of(Door(request).secret, member=seen.viewer.member_id, network=network)


def moment_of(seen: Visit, form: Answers) -> Moment:
    """When a form was pressed, as far as the telephone's clock can be believed."""
    return moments.read(
        form.get("device_at"), is_kept=form.get("kept") == "1", at=seen.at, sent_at=form.get("sent_at")
    )


async def trouble_page(seen: Visit, trouble: str, *, status: int = UNPROCESSABLE) -> Response:
    title, what_to_do = TROUBLES.get(trouble, TROUBLES["unknown"])
    # A phone that kept scans without signal sends those again later, and nothing of them is lost.
    status = TOO_MANY if trouble == "too_many" else status
    return await seen.page(
        "code_trouble.html",
        status=status,
        title=seen.speaks.say(title),
        what_to_do=seen.speaks.say(what_to_do),
    )


@router.get("/c/{typed}")
async def scanned(request: Request, seen: PerhapsVisiting, typed: str) -> Response:
    """What a code is, and the one thing to do about it."""
    if seen is None:
        return slips.ask(request, typed)
    opened = await opening.open_code(seen.session, seen.viewer, typed, tries(request, seen), at=seen.at)
    if isinstance(opened, Trouble):
        return await trouble_page(seen, opened.trouble)
    if opened.code.kind == "note":
        return await seen.page(
            "code_note.html", code=opened.code, desks=(await scenes.voices(seen))[1:], errors={}
        )
    if opened.code.kind == "card":
        return await _card(request, seen, opened)
    if opened.code.kind == "referral":
        return await seen.page("slip.html", code=opened.code, is_heard=False)
    return await _poster(request, seen, opened)


async def _poster(request: Request, seen: Visit, opened: Opened) -> Response:
    known = await checking_in.of_member(
        seen.session, seen.viewer.bank_id, opened.subject_id, seen.viewer.member_id
    )
    if known is not None:
        found = await standing.meeting(seen.session, seen.viewer, opened.subject_id)
        return await here_page(seen, found, known)
    meeting = await opening.poster(
        seen.session, seen.viewer, opened, tries(request, seen), opening.now(seen.at), at=seen.at
    )
    if isinstance(meeting, Trouble):
        return await trouble_page(seen, meeting.trouble)
    return await seen.page(
        "code_poster.html",
        code=opened.code,
        id=uuid7(),
        title=meeting.activity.title,
        when=seen.speaks.moment(meeting.session.starts_at, seen.bank.time_zone),
        location=meeting.activity.location,
        costs=meeting.activity.costs_minutes,
    )


async def here_page(seen: Visit, found: Meeting, row: CheckIn) -> Response:
    """Somebody is checked in, or waits for a nod; the same each time it is looked at."""
    may_go = found.activity.has_check_out and row.left_at is None and row.state in ("waiting", "counted")
    return await seen.page(
        "code_here.html",
        row=row,
        title=found.activity.title,
        session_id=found.session.session_id,
        may_go=may_go,
        id=uuid7(),
    )


async def _card(request: Request, seen: Visit, opened: Opened) -> Response:
    if opened.subject_id == seen.viewer.member_id:
        return await trouble_page(seen, "own_card", status=200)
    meetings = await coming.helped_now(seen.session, seen.viewer, at=seen.at)
    if not meetings and not seen.viewer.is_staff:
        _log(request, seen, opened, "not_theirs")
        return await trouble_page(seen, "card", status=200)
    holder = await opening.card_holder(seen.session, seen.viewer, opened)
    if holder is None:
        _log(request, seen, opened, "not_a_member")
        return await trouble_page(seen, "ask", status=200)
    names = await parties.names(seen.session, seen.viewer.bank_id, [holder.member_id])
    shown: dict[str, Any] = {"name": names[holder.member_id], "meetings": meetings, "code": opened.code}
    return await seen.page("code_card.html", id=uuid7(), **shown)


def _log(request: Request, seen: Visit, opened: Opened, trouble: str) -> None:
    """A card where it should not be: for the coordinator to see."""
    counted = tries(request, seen)
    opening.refuse(
        seen.session, seen.viewer, trouble, counted, kind="card", subject_id=opened.subject_id, at=seen.at
    )


@router.post("/c/{typed}")
async def pressed(request: Request, seen: PerhapsVisiting, typed: str, form: Form) -> Response:
    """I am here; or, with a helper, they are; or use this note. Sent again, it is the same answer."""
    if form.get("ring") == "yes":
        return await slips.wish(request, seen, typed)
    if seen is None:
        raise NotSignedIn
    counted = tries(request, seen)
    if form.get("use") == "yes":
        return await _use(seen, typed, counted)
    return await _come(seen, typed, form, counted)


async def _come(seen: Visit, typed: str, form: Answers, counted: Tries) -> Response:
    moment = moment_of(seen, form)
    try:
        async with seen.attempt():
            found = await coming.by_code(
                seen.session,
                seen.viewer,
                typed,
                counted,
                session_id=key(form["session_id"]) if form.get("session_id") else None,
                check_in_id=key(form.get("id", "")),
                moment=moment,
                way="poster",
                at=seen.at,
            )
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        words = of_rule(seen.speaks, broken, ())
        return await seen.page("code_trouble.html", status=UNPROCESSABLE, title=words[""], what_to_do="")
    if isinstance(found, Trouble):
        return await trouble_page(seen, found.trouble)
    if found.ask_coordinator:
        return await trouble_page(seen, "ask")
    row = found.check_ins[0]
    if row.member_id != seen.viewer.member_id:
        return go(f"/sessions/{row.session_id}/roster?done=card")
    return go(f"/sessions/{row.session_id}/here")


async def _use(seen: Visit, typed: str, counted: Tries) -> Response:
    try:
        async with seen.attempt():
            done = await notes.use(seen.session, seen.viewer, typed, counted, at=seen.at)
    except ExchangeError as broken:
        words = of_rule(seen.speaks, broken, ())
        return await seen.page("code_trouble.html", status=UNPROCESSABLE, title=words[""], what_to_do="")
    if done.note is None:
        return await trouble_page(seen, done.trouble or "unknown")
    return await seen.page("code_used.html", minutes=done.minutes)
