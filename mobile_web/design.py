"""The page at /design: every part in every state, so that a change to one is seen at once.

Its people are invented. What must never happen: a part used on a page and not shown here.
"""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from fastapi import APIRouter, Request, Response

from mobile_web import words
from mobile_web.languages import Language
from mobile_web.rendering import page, reading

router = APIRouter(include_in_schema=False)
DAY = date(2026, 5, 3)
KEPT = (
    ("just", "Kept on this phone. It is sent by itself as soon as there is signal. You can close this page."),
    ("old", "There is no signal. This page is as this phone last saw it. What you send is kept."),
    ("refused", "Needs another look: 1. See what it is"),
)
"""What a phone says that keeps something, as the script shows it."""
COLOURS = ("page", "card", "ink", "soft", "plum", "marigold", "leaf", "brick", "tide")


@dataclass(frozen=True, slots=True)
class Sample:
    """A viewer who is nobody."""

    name: str = "Sioned Pugh"
    coordinates: bool = True
    waiting: int = 2
    is_staff: bool = True
    key: str = ""


@router.get("/design")
async def design(request: Request) -> Response:
    """Every component in every state; `?dir=rtl`, `?theme=dark|light` and `?as=desk` turn it round."""
    asked = request.query_params
    speaks = reading(request)
    return page(
        request,
        "design.html",
        viewer=Sample(),
        bank_name="Rushey Green Time Bank",
        direction=asked["dir"] if asked.get("dir") in {"rtl", "ltr"} else speaks.direction,
        theme=asked["theme"] if asked.get("theme") in {"dark", "light"} else None,
        area="desk" if asked.get("as") == "desk" else "",
        here="home",
        colours=COLOURS,
        states=[
            words.state_tag(speaks, state, name="Amara", coordinator="Ruth", day=DAY)
            for state in words.STATES
        ],
        balances=[_balance(speaks, *figures) for figures in ((-180, 1440, 1620), (0, 0, 0), (390, 930, 600))],
        hours=_hours(speaks),
        lines=_lines(speaks),
        kept=KEPT,
    )


def _balance(speaks: Language, minutes: int, given: int, received: int) -> SimpleNamespace:
    share = round(100 * given / (given + received)) if given + received else 0
    return SimpleNamespace(
        signed=words.signed(speaks, minutes),
        sentence=words.balance_sentence(speaks, minutes),
        given=given,
        received=received,
        gifts=words.change(speaks, minutes - given + received) if minutes - given + received else "",
        given_share=share,
    )


def _hours(speaks: Language) -> dict[str, Any]:
    def hour(state: str, title: str, *, needs_me: bool = False, note: str | None = None) -> SimpleNamespace:
        return SimpleNamespace(
            name="Amara Okafor",
            title=title,
            about=speaks.say("%(what)s, %(day)s", what="Gardening", day=speaks.day(DAY, today=DAY)),
            tag=words.state_tag(speaks, state, name="Amara", coordinator="Ruth", day=DAY),
            needs_me=needs_me,
            note=note,
            href=None if needs_me else "#hour",
        )

    gave, had = "You gave Amara 1 h 30 min", "Amara gave you 1 h 30 min"
    return {
        "ask": hour("awaiting_you", had, needs_me=True, note="Cut back the hedge by the gate."),
        "others": [hour("awaiting_confirmation", gave), hour("objected", had), hour("posted", gave)],
    }


def _lines(speaks: Language) -> list[SimpleNamespace]:
    rows = [
        ("Amara gave you help", "Gardening", -90, -180),
        ("You gave Tom Hale help", "A lift to the library", 60, -90),
        ("A gift from the community pot", "", 120, -150),
    ]
    return [
        SimpleNamespace(
            what=what,
            more=more,
            day=speaks.short_day(DAY),
            is_plus=minutes > 0,
            minutes=words.change(speaks, minutes),
            after=words.signed(speaks, after),
            href=None,
        )
        for what, more, minutes, after in rows
    ]
