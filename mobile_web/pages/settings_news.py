"""What we tell you: each kind of news by its own channel, at once, once a day, or not at all.

What must never happen: a consent written down that nobody gave.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from exchange.membership import parties, topics
from exchange.membership.tables import CHANNELS
from exchange.membership.topics import TOPICS, Chosen
from mobile_web.pages.desk import desk_page
from mobile_web.visit import Form, ItemKey, Visit, Visiting, go
from mobile_web.words import N_

router = APIRouter()

CALLED = {
    "questions": (
        N_("Questions for you"),
        N_("What waits for your yes or no, and what somebody wrote down for you. Always told, and at once."),
    ),
    "help": (N_("Help you agreed"), N_("Agreed, moved or called off. Always told, and at once.")),
    "groups": (N_("Groups and bookings"), N_("A place for you, or something called off. Always told.")),
    "hours": (N_("News of your hours"), N_("Hours added to yours, gifts, and what was undone.")),
    "reminders": (N_("Reminders"), N_("Of help that comes soon, and of questions you have not answered.")),
}
PACES = {"at_once": N_("At once"), "daily": N_("Together, once a day"), "never": N_("Not at all")}
WAYS = {
    "": N_("In the usual way"),
    "sms": N_("By text"),
    "email": N_("By e-mail"),
    "call": N_("By phone: a person rings you"),
    "letter": N_("By post"),
}


@router.get("/settings/news")
async def mine(seen: Visiting) -> Response:
    shown = await _shown(seen, seen.viewer.member_id)
    return await seen.page(
        "settings_news.html",
        here="settings",
        topics=shown,
        person=None,
        action="/settings/news",
        back_to="/settings",
    )


@router.post("/settings/news")
async def keep_mine(seen: Visiting, form: Form) -> Response:
    await _keep(seen, seen.viewer.member_id, form)
    return go("/settings?saved")


@router.get("/desk/members/{item}/news")
async def theirs(seen: Visiting, item: ItemKey) -> Response:
    """The same for somebody who says it at the kitchen table."""
    shown = await _shown(seen, item)
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    return await desk_page(
        seen,
        "settings_news.html",
        here="find",
        topics=shown,
        person=party.name,
        action=f"/desk/members/{item}/news",
        back_to=f"/desk/members/{item}",
    )


@router.post("/desk/members/{item}/news")
async def keep_theirs(seen: Visiting, item: ItemKey, form: Form) -> Response:
    await _keep(seen, item, form)
    return go(f"/desk/members/{item}?done=news")


async def _shown(seen: Visit, member_id: UUID) -> list[dict[str, Any]]:
    """Each topic with its name, what it is, and the choices it has."""
    found = await topics.choices(seen.session, seen.viewer, member_id)
    say = seen.speaks.say
    return [
        {
            "key": chosen.topic,
            "name": say(CALLED[chosen.topic][0]),
            "about": say(CALLED[chosen.topic][1]),
            "channel": chosen.channel or "",
            "pace": chosen.pace,
            "paces": [(pace, say(PACES[pace])) for pace in TOPICS[chosen.topic].paces],
            "ways": [(way, say(words)) for way, words in WAYS.items()],
        }
        for chosen in found
    ]


async def _keep(seen: Visit, member_id: UUID, form: Mapping[str, str]) -> None:
    """Write down what was changed, and nothing that was left as it stood."""
    for known in await topics.choices(seen.session, seen.viewer, member_id):
        way = form.get(f"channel_{known.topic}", known.channel or "")
        wish = Chosen(
            topic=known.topic,
            channel=way if way in CHANNELS else None,
            pace=form.get(f"pace_{known.topic}", known.pace),
        )
        if wish != known:
            await topics.choose(seen.session, seen.viewer, member_id, wish, at=seen.at)
