"""Circles on the desk: a weekly suggestion, accepted, kept or dropped; and who to ask when one breaks.

What must never happen: anybody asked before a person accepted the circle they are in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.appointments import circles
from exchange.appointments.errors import PeopleChanged
from exchange.directory import circle_rounds, circle_views
from exchange.directory.circle_views import CircleView
from exchange.errors import ExchangeError, NotFound
from exchange.permissions import Relation, may
from mobile_web import help_words
from mobile_web.answers import whole
from mobile_web.because import skill
from mobile_web.help_words import MatchCard
from mobile_web.pages.desk import ENGLISH, desk_page, must
from mobile_web.sentences import sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
STATES = {"proposed": "Suggested", "pinned": "Kept for next week", "accepted": "Everybody is asked"}
STANDS = {"waits": "waiting for an answer", "stands": "agreed", "broken": "broken: ask somebody else"}
LATELY = timedelta(days=28)
DECIDE = {"accept": circles.accept, "pin": circle_rounds.pin, "drop": circle_rounds.drop}


@dataclass(frozen=True, slots=True)
class Help:
    """One help of a circle in words, with what is asked about it."""

    place: int
    giver: str
    receiver: str
    what: str
    appointment_id: UUID | None
    request_id: UUID
    stands: str
    """How it stands once everybody was asked, in words; empty before."""
    is_broken: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One circle as the page shows it."""

    circle_id: UUID
    title: str
    length: str
    state: str
    words: str
    helps: list[Help]


def _shown(view: CircleView, standing: Mapping[UUID, str]) -> Shown:
    helps = []
    for one in view.legs:
        key_ = one.leg.appointment_id
        stands = standing.get(key_, "") if key_ else ""
        what = skill(ENGLISH, one.leg.skill, inside=True)
        words = STANDS.get(stands, "")
        broken = stands == "broken"
        helps.append(
            Help(one.leg.place, one.giver, one.receiver, what, key_, one.leg.request_id, words, broken)
        )
    return Shown(
        view.circle.circle_id,
        ", ".join(one.giver for one in helps),
        ENGLISH.minutes(view.circle.minutes),
        view.circle.state,
        STATES.get(view.circle.state, view.circle.state.capitalize()),
        helps,
    )


@router.get("/desk/circles")
async def week(seen: Visiting) -> Response:
    """The newest suggestion, what pairs alone would have found, and what fairness cost."""
    must(seen, "circle.read")
    return await _week(seen, {})


async def _week(seen: Visit, errors: dict[str, str]) -> Response:
    found = await circle_views.newest(seen.session, seen.viewer)
    made, views = found or (None, [])
    asked = await circle_views.accepted(seen.session, seen.viewer, since=seen.at - LATELY)
    standing = await circles.standing(seen.session, seen.viewer, asked)
    return await desk_page(
        seen,
        "desk/circles.html",
        here="queue",
        status=UNPROCESSABLE if errors else 200,
        made=made,
        made_at=ENGLISH.moment(made.made_at, seen.bank.time_zone) if made else "",
        minutes=ENGLISH.minutes,
        circles=[_shown(view, {}) for view in views],
        waiting=await circle_views.waiting(seen.session, seen.viewer),
        asked=[_shown(view, standing) for view in asked],
        may_decide=may(seen.viewer.roles, "circle.decide", [Relation.BANK]),
        id=uuid7(),
        errors=errors,
        done=seen.request.query_params.get("done"),
    )


@router.post("/desk/circles")
async def propose(seen: Visiting, form: Form) -> Response:
    """Suggest circles for this week; nobody is asked by it, and the same form again changes nothing."""
    must(seen, "circle.propose")
    round_id = key(form.get("id", ""))
    await circle_rounds.propose(seen.session, seen.viewer, round_id=round_id, at=seen.at)
    return go("/desk/circles?done=propose")


@router.get("/desk/circles/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    """One circle; where a help broke, who else could give it."""
    must(seen, "circle.read")
    view = await circle_views.view(seen.session, seen.viewer, item)
    place = whole(seen.request.query_params.get("place"))
    instead: list[MatchCard] = []
    if place is not None and place < len(view.legs):
        found = await circle_rounds.instead(seen.session, seen.viewer, item, place, at=seen.at)
        instead = [help_words.match_card(ENGLISH, match) for match in found]
    standing = await circles.standing(seen.session, seen.viewer, [view])
    return await desk_page(
        seen,
        "desk/circle.html",
        here="queue",
        circle=_shown(view, standing),
        place=place,
        instead=instead,
        errors={},
    )


@router.post("/desk/circles/{item}/{verb}", dependencies=OURS)
async def decide(seen: Visiting, item: ItemKey, verb: str) -> Response:
    """Accept it (both sides of every help are asked), keep it for the next suggestion, or drop it."""
    if verb not in DECIDE:
        raise NotFound
    await circle_views.view(seen.session, seen.viewer, item)
    try:
        async with seen.attempt():
            await DECIDE[verb](seen.session, seen.viewer, item, at=seen.at)
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        said = sentence(ENGLISH, broken.code)
        what = f"{broken} Nobody has been asked." if isinstance(broken, PeopleChanged) else said
        return await _week(seen, {"": what})
    return go(f"/desk/circles?done={verb}")
