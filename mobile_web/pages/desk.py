"""The coordinator's day on one page: what waits for a look, a call, a letter, an answer or a welcome.

The desk is written in English for now; what members read is in theirs. What must never happen: hours of the
viewer's own on this page, or a change by somebody whose role does not include it.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from exchange.hours import read, relations
from exchange.hours.read import HoursView
from exchange.membership import members, parties, vouching
from exchange.membership.errors import NotReached
from exchange.permissions import Relation, may, require
from exchange.words import clean
from mobile_web import call_list, care_queue, scenes
from mobile_web.door import Door
from mobile_web.languages import language
from mobile_web.visit import OURS, Form, ItemKey, Visit, Visiting, go, key
from mobile_web.words import Card, Scene

router = APIRouter()
ENGLISH = language("en")
WHY = {
    "first_exchange": "first exchange for one of them",
    "over_minutes": "longer than usual",
    "at_home": "at somebody's home",
    "same_pair": "the same two people often",
    "unaccompanied": "at home without the company that the rules ask for",
    "floor": "below the limit",
}
"""Why a coordinator is asked, as the queue says it."""
REACHED = "reached_"
"""Begins the name of a tick beside a contact; its key follows."""
UNDONE = {
    "call": "Nothing was written down: no message may be left at that number. Ring again.",
    "outcome": "Nothing was written down, and it is still here: choose what came of the call.",
    "say": "Nothing was written down, and it is still here: tick what you told them.",
    "join": "Nothing was changed: tick the number or address at which they answered you.",
}
"""What is said when a press on this page changed nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Hours on the desk, with why they are there."""

    card: Card
    view: HoursView
    why: str


async def scene(seen: Visit) -> Scene:
    """The desk's own way of saying things: both sides by name."""
    return Scene(speaks=ENGLISH, today=seen.today, coordinator=await seen.coordinator(), mine=frozenset())


async def desk_page(seen: Visit, template: str, **context: Any) -> Response:
    return await seen.page(template, area="desk", **context)


def must(seen: Visit, verb: str) -> None:
    """Raise `NotAllowed` unless the viewer's roles include `verb` for the whole bank."""
    require(seen.viewer.roles, verb, [Relation.BANK])


PROBLEMS_SHOWN, PROBLEMS_MAX = 20, 10_000
BECAUSE = {
    "stopped": "They texted STOP.",
    "bounced": "It did not arrive there twice, so we write there no more.",
    "budget_number": "That number had its share of texts for the day.",
    "budget_bank": "The bank's texts for the day were used up.",
    "unsafe_hour": "It was not a safe hour for it.",
    "landline": "A landline cannot be texted.",
    "refused": "We do not text numbers that cost more: premium, personal and pager ones.",
    "crown_dependency": "A number of Jersey, Guernsey or the Isle of Man.",
    "foreign": "A number of another country.",
    "country": "The provider does not text to that country.",
    "route": "The provider has no way to that number.",
    "not_a_number": "That is not a telephone number.",
    "not_an_address": "That is not an e-mail address.",
    "mailbox": "There is no such mailbox.",
    "wrong_number": "It was a wrong number.",
    "provider": "The network could not bring it.",
    "unreadable": "The provider said something of it that we cannot read.",
    "too_late": "It could not be sent in time.",
    "maybe_sent": "Whether it was taken is being asked.",
    "undelivered": "The network could not bring it.",
    "withheld": "It may not be sent.",
    "failed": "It could not be sent.",
}
ASKS_FOR = {"call_me": "Asks to be rung", "need": "Asks for help", "leave": "May not come"}


def because(item: Any) -> str:
    """Why a message did not arrive, for a person; what the provider calls it stands behind."""
    said = BECAUSE.get(item.reason or "") or BECAUSE.get(item.state, "It could not be sent.")
    return said if item.reason in BECAUSE or not item.reason else f"{said} ({item.reason})"


def asks_for(text: Any) -> dict[str, str] | None:
    """What stands beside a text that waits: that it alarms, or what it asks for."""
    if text.is_alarming:
        return {"tone": "look", "icon": "warn", "words": "Read this first"}
    words = ASKS_FOR.get(text.verb)
    return (
        {"tone": "wait", "icon": "phone" if text.verb == "call_me" else "talk", "words": words}
        if words
        else None
    )


@router.get("/desk")
async def queue(seen: Visiting) -> Response:
    found = await read.desk(seen.session, seen.viewer)
    shown = await scene(seen)
    heaps = {
        name: await _waiting(seen, shown, getattr(found, name))
        for name in ("approvals", "floor_cases", "objections", "unanswered", "declined")
    }
    clock = seen.at.astimezone(ZoneInfo(seen.bank.time_zone)).time()
    words = await _words(seen) if may(seen.viewer.roles, "queue.read", [Relation.BANK]) else {}
    return await desk_page(
        seen,
        "desk/queue.html",
        here="queue",
        heaps=heaps,
        care=await care_queue.waiting(seen),
        rings=call_list.rings(words.get("calls", []), words.get("names", {}), clock),
        letters=words.get("letters", []),
        texts=words.get("texts", []),
        problems=words.get("problems", []),
        because=because,
        asks_for=asks_for,
        asking=words.get("asking", []),
        names=words.get("names", {}),
        open_hours=words.get("open_hours", {}),
        moment=lambda at: ENGLISH.moment(at, seen.bank.time_zone),
        alone=await relations.has_nobody_else(seen.session, seen.bank),
        may_appoint=may(seen.viewer.roles, "policy.change", [Relation.BANK]),
        done=seen.request.query_params.get("done"),
        undone=UNDONE.get(seen.request.query_params.get("undone", "")),
    )


async def _waiting(seen: Visit, shown: Scene, views: list[HoursView]) -> list[Waiting]:
    cards = await scenes.cards(seen, shown, views, link="/desk/hours")
    return [
        Waiting(
            card=card, view=view, why=", ".join(WHY[why] for why in view.hours.approval_reasons if why in WHY)
        )
        for card, view in zip(cards, views, strict=True)
    ]


async def _words(seen: Visit) -> dict[str, Any]:
    session, bank_id, desk = seen.session, seen.viewer.bank_id, Door(seen.request).desk
    calls = await desk.call_list(session, bank_id)
    letters = await desk.letters(session, bank_id)
    texts = await desk.unread_texts(session, bank_id)
    problems = await desk.problems(session, bank_id, limit=PROBLEMS_SHOWN)
    people = {item.recipient_id for item in (*calls, *letters, *problems)}
    people |= {text.member_id for text in texts if text.member_id}
    return {
        "calls": calls,
        "letters": letters,
        "texts": texts,
        "problems": problems,
        "asking": [
            (member, name, await vouching.ways_to(session, bank_id, member.member_id))
            for member, name in await members.asking(session, seen.viewer)
        ],
        "names": await parties.names(session, bank_id, people),
        "open_hours": await _open_hours(seen, {call.recipient_id for call in calls}),
    }


async def _open_hours(seen: Visit, people: set[UUID]) -> dict[UUID, list[Card]]:
    """Hours that wait for the yes of somebody to be rung, so that a spoken yes can be written down."""
    shown = await scene(seen)
    found: dict[UUID, list[Card]] = {}
    for person in people:
        recent, _ = await read.recent(
            seen.session, seen.viewer, party_id=person, state="awaiting_confirmation"
        )
        mine = [view for view in recent if view.hours.awaited_id == person]
        found[person] = await scenes.cards(seen, shown, mine, link="/desk/hours")
    return found


@router.post("/desk/calls/{item}")
async def called(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """What came of a call to somebody, and what was said on it; pressed twice, it is written down once."""
    must(seen, "queue.read")
    desk, outcome = Door(seen.request).desk, form.get("outcome", "")
    calls = call_list.meant(await desk.call_list(seen.session, seen.viewer.bank_id), item, form)
    if outcome not in call_list.OUTCOMES:
        return go("/desk?undone=outcome#calls")
    if outcome not in call_list.OF_THE_WHOLE_CALL and not call_list.is_ticked(form):
        return go("/desk?undone=say#calls")
    if outcome == "left_message" and not all(call.may_leave_message for call in calls):
        return go("/desk?undone=call#calls")
    for call in calls:
        await desk.mark_called(
            seen.session,
            seen.viewer.bank_id,
            call.id,
            outcome,
            seen.viewer.member_id,
            seen.at,
            said=clean(form.get("said"), field="said", characters_max=500),
        )
    return go("/desk?done=call#calls")


@router.get("/desk/letters.pdf")
async def printed(seen: Visiting) -> Response:
    """Every letter that waits, to print."""
    must(seen, "queue.read")
    made = await Door(seen.request).paper.letters(seen.session, seen.viewer, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.post("/desk/letters/{item}", dependencies=OURS)
async def posted(seen: Visiting, item: ItemKey) -> Response:
    must(seen, "queue.read")
    desk = Door(seen.request).desk
    if any(letter.id == item for letter in await desk.letters(seen.session, seen.viewer.bank_id)):
        await desk.mark_printed(seen.session, seen.viewer.bank_id, item, seen.viewer.member_id, seen.at)
    return go("/desk?done=letter#letters")


@router.post("/desk/texts/{item}", dependencies=OURS)
async def settled(seen: Visiting, item: ItemKey) -> Response:
    must(seen, "queue.read")
    desk = Door(seen.request).desk
    if any(text.id == item for text in await desk.unread_texts(seen.session, seen.viewer.bank_id)):
        await desk.settle_text(seen.session, seen.viewer.bank_id, item, seen.viewer.member_id, seen.at)
    return go("/desk?done=text#texts")


@router.post("/desk/problems/{item}", dependencies=OURS)
async def seen_to(seen: Visiting, item: ItemKey) -> Response:
    """A message did not arrive, and somebody has told its reader another way, or put the address right."""
    must(seen, "queue.read")
    desk, bank_id = Door(seen.request).desk, seen.viewer.bank_id
    if any(problem.id == item for problem in await desk.problems(seen.session, bank_id, limit=PROBLEMS_MAX)):
        await desk.mark_seen_to(seen.session, bank_id, item, seen.viewer.member_id, seen.at)
    return go("/desk?done=problem#problems")


@router.post("/desk/join/{item}/accept")
async def accept(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Welcome somebody, who is known from then on by what was ticked: where they answered."""
    ticked = {key(name.removeprefix(REACHED)) for name in form if name.startswith(REACHED)}
    try:
        async with seen.attempt():
            await members.accept(seen.session, seen.viewer, item, reached=ticked, at=seen.at)
    except NotReached:
        return go("/desk?undone=join#joining")
    return go(f"/desk/members/{item}?done=welcome")


@router.post("/desk/join/{item}/refuse", dependencies=OURS)
async def refuse(seen: Visiting, item: ItemKey) -> Response:
    await members.refuse(seen.session, seen.viewer, item)
    return go("/desk?done=join#joining")
