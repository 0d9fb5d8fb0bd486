"""A referral as each reader may see it, its slip and its letter; and the practice's own first page.

What must never happen: a part shown that `exchange.prescribing.access` does not grant this reader.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from exchange.permissions import Role
from exchange.prescribing import drafts, lists, read, states
from exchange.prescribing.lists import Line
from exchange.prescribing.read import ReferralView
from mobile_web import referral_words
from mobile_web.door import Door
from mobile_web.pages.referring import ENGLISH, area_of
from mobile_web.visit import ItemKey, Visit, Visiting, go
from mobile_web.words import Tag

router = APIRouter()
SHOWN = {
    "received": ("With the time bank", "wait", "wait"),
    "accepted": ("Taken up", "wait", "wait"),
    "contacted": ("They have spoken", "look", "talk"),
    "started": ("It has begun", "done", "check"),
    "closed": ("Closed", "undone", "check"),
    "declined": ("Not taken up", "look", "talk"),
    "with_them": ("With the time bank", "wait", "wait"),
}
"""A state's words, colour and picture."""
DID = {
    "send": "sent it",
    "accept": "took it up",
    "decline": "did not take it up",
    "contact": "tried to reach them",
    "become_member": "signed them up, at their wish",
    "start": "said that it has begun",
    "begin": "began by itself: they came, or an hour counts",
    "close": "closed it",
    "lapse": "ended it",
}
SPOKE = {"spoke": "they spoke", "no_answer": "nobody answered"}
ROUTES = {
    "practice": "A practice",
    "self": "They asked themselves",
    "care_home": "A care home",
    "council": "The council",
    "project": "A project",
}


def tag_of(state: str) -> Tag:
    return Tag(*SHOWN[state])


@router.get("/practice")
async def practice(seen: Visiting) -> Response:
    """What a practice began and sent, newest first, with letters that nobody has read on top."""
    if not seen.viewer.practice_ids:
        return go("/")
    lines = await lists.referred(seen.session, seen.viewer, at=seen.at)
    begun = await drafts.open_ones(seen.session, seen.viewer)
    return await seen.page(
        "practice.html",
        area="practice",
        here="practice",
        drafts=begun,
        unread=[line for line in lines if line.has_letter and not line.is_letter_read],
        lines=[line for line in lines if not line.has_letter or line.is_letter_read],
        tag_of=tag_of,
        day=_day_of(seen),
    )


def _day_of(seen: Visit) -> Any:
    def day(at: datetime) -> str:
        return ENGLISH.day(at.date(), today=seen.today)

    return day


@router.get("/referrals")
async def every(seen: Visiting) -> Response:
    """One's own, for whoever they are about; and what one's organisation asked for others."""
    if seen.viewer.practice_ids:
        return go("/practice")
    asked = []
    if seen.viewer.organisation_ids:
        asked = list(await lists.referred(seen.session, seen.viewer, at=seen.at))
    return await seen.page(
        "referrals.html",
        here="settings",
        mine=await lists.own(seen.session, seen.viewer, at=seen.at),
        begun=await drafts.open_ones(seen.session, seen.viewer),
        unread=[line for line in asked if line.has_letter and not line.is_letter_read],
        asked=[line for line in asked if not line.has_letter or line.is_letter_read],
        tag_of=partial(_tag, seen),
        day=lambda at: seen.speaks.day(at.date(), today=seen.today),
    )


def _tag(seen: Visit, line: Line, is_of_others: bool) -> Tag:
    words = referral_words.SHOWN_OF_OTHERS if is_of_others else referral_words.SHOWN
    return Tag(seen.speaks.say(words[line.state]), *SHOWN[line.state][1:])


@router.get("/referrals/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    view = await read.view(seen.session, seen.viewer, item, at=seen.at)
    if view.standing.value == "person":
        return await seen.page("referral_mine.html", here="settings", **_mine(seen, view))
    if view.standing.value == "referrer" and not area_of(seen):
        return await seen.page("referral_theirs.html", here="settings", **_theirs(seen, view))
    return await seen.page("referral.html", here="practice", **shown(seen, view))


def _mine(seen: Visit, view: ReferralView) -> dict[str, Any]:
    """One's own referral, in one's own language."""
    need = partial(referral_words.need, seen.speaks)
    return {**_told(seen, view, referral_words.SHOWN, referral_words.DID), "need": need}


def _theirs(seen: Visit, view: ReferralView) -> dict[str, Any]:
    """A referral that the viewer's organisation made, in the viewer's language."""
    told = _told(seen, view, referral_words.SHOWN_OF_OTHERS, referral_words.DID_OF_OTHERS)
    ended = seen.speaks.say(referral_words.ENDED[view.reason]) if view.reason else None
    return {**told, "ended": ended}


def _told(
    seen: Visit, view: ReferralView, states_said: Mapping[str, str], steps_said: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "view": view,
        "sent": "sent" in seen.request.query_params,
        "tag": Tag(seen.speaks.say(states_said[view.state]), *SHOWN[view.state][1:]),
        "day": lambda at: seen.speaks.day(at.date(), today=seen.today),
        "steps": [
            {
                "who": view.names.get(step.by_id, "") if step.by_id else "",
                "what": seen.speaks.say(steps_said[step.verb]),
                "when": seen.speaks.moment(step.done_at, seen.bank.time_zone),
            }
            for step in view.course or ()
        ],
    }


def shown(seen: Visit, view: ReferralView) -> dict[str, Any]:
    """What a page of one referral shows; only what `view` holds is ever there."""
    return {
        "area": area_of(seen),
        "view": view,
        "tag": tag_of(view.state),
        "route": ROUTES[view.route],
        "reason": states.REASONS[view.reason].words if view.reason else None,
        "steps": [_step(seen, view, step) for step in view.course or ()],
        "day": _day_of(seen),
        "on_day": lambda on: ENGLISH.short_day(date.fromisoformat(on)),
        "sent": "sent" in seen.request.query_params,
        "done": seen.request.query_params.get("done"),
        "may_log": seen.viewer.roles & {Role.COORDINATOR, Role.ADMINISTRATOR}
        or view.standing.value == "person",
    }


def _step(seen: Visit, view: ReferralView, step: Any) -> dict[str, str | None]:
    reason = states.REASONS[step.reason].words if step.reason in states.REASONS else SPOKE.get(step.reason)
    who = (
        view.names.get(step.by_id, "Somebody")
        if step.by_id
        else ("It" if step.verb == "begin" else "The clock")
    )
    notes = {note.step: note.words for note in view.notes or ()}
    return {
        "who": who,
        "what": DID[step.verb],
        "when": ENGLISH.moment(step.done_at, seen.bank.time_zone),
        "reason": reason,
        "note": notes.get(step.step),
    }


@router.get("/referrals/{item}/slip.pdf")
async def slip(seen: Visiting, item: ItemKey) -> Response:
    """What the person takes home."""
    door = Door(seen.request)
    made = await door.paper.slip(seen.session, seen.viewer, item, public_url=door.public_url, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/referrals/{item}/letter.pdf")
async def letter(seen: Visiting, item: ItemKey) -> Response:
    """The message back."""
    made = await Door(seen.request).paper.letter_back(seen.session, seen.viewer, item, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/referrals/{item}/log")
async def log(seen: Visiting, item: ItemKey) -> Response:
    """Who has looked at it: for the person, and to print for them."""
    looks = await read.log_of(seen.session, seen.viewer, item)
    said = ENGLISH if area_of(seen) else seen.speaks
    return await seen.page(
        "referral_log.html",
        area=area_of(seen),
        here="",
        item=item,
        looks=[
            (
                look.who,
                ", ".join(said.say(referral_words.PARTS[p]) for p in look.parts),
                said.moment(look.read_at, seen.bank.time_zone),
            )
            for look in looks
        ],
    )
