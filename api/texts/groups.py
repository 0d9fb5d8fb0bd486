"""What's on by text, a place booked and a place given up.

A list says the day, the hour and the kind of thing, never a group's own name or where it meets: either may
betray somebody. The numbers in a list are good for a day. What must never happen: a place booked at something
that the text did not name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import notifications
from api import announcing_help, formats
from api.texts.caller import Answer, Caller
from exchange.activities import places
from exchange.activities import whats_on as calendar
from exchange.activities.tables import Activity, ActivitySession, Place
from exchange.appointments import read as appointments
from exchange.directory import taxonomy
from exchange.directory.understanding import is_sure, understand
from exchange.membership import banks
from mobile_web.because import skill
from mobile_web.languages import language
from notifications import Intent

TO_BOOK, TO_LEAVE = "book", "leave"
"""The topics of the two questions."""
LISTED_MAX = 6
AHEAD_DAYS = 14
NAMED_GROUPS = ("making", "music", "leisure", "garden", "home_repairs", "home_help", "digital")
NAMED_SKILLS = ("eating_together", "book_club", "games", "languages", "welsh")
"""What a group may be called by in a text: what anybody might do on a Tuesday."""
TOGETHER = {"en": "get-together", "cy": "cwrdd", "bn": "আড্ডা"}
"""Whatever has no plain name of its own."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One session as a text may tell of it."""

    session_id: UUID
    starts_at: datetime
    title: str


async def whats_on(caller: Caller, intent: Intent) -> Answer:
    """The next sessions, numbered; BOOK and a number answers."""
    del intent
    found = await _open(caller)
    return await _ask(caller, "reply_whats_on", TO_BOOK, found) if found else Answer("reply_nothing_on")


async def book(caller: Caller, intent: Intent) -> Answer:
    """A place where only one thing is on, or one on the day that is named; else which one is asked."""
    if caller.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    found = await _open(caller)
    if not found:
        return Answer("reply_nothing_on")
    meant = await _on_day(caller, found)
    if len(meant) != 1 or intent.reference not in (None, "1"):
        return await _ask(caller, "reply_book_which", TO_BOOK, meant or found)
    return await _book(caller, meant[0].session_id)


async def leave(caller: Caller, intent: Intent) -> Answer:
    """One's only place is free again; of several, which one is asked.

    Whoever also arranged help with somebody may mean that: a person reads it.
    """
    if caller.is_shared:
        return Answer("reply_shared_number", needs_person=True)
    found = await _taking_part(caller)
    meant = await _on_day(caller, found)
    if await _has_arranged(caller) or (found and not meant):
        return Answer("reply_passed_on", needs_person=True)
    if not found:
        return Answer("reply_no_place")
    if len(meant) > 1 or intent.reference not in (None, "1"):
        return await _ask(caller, "reply_leave_which", TO_LEAVE, meant)
    return await _leave(caller, meant[0].session_id)


async def _on_day(caller: Caller, found: Sequence[Coming]) -> list[Coming]:
    """Those on the day that the text names; all of them where it names none."""
    bank = await banks.get(caller.session, caller.first.bank_id)
    said = notifications.when_said(caller.words, today=banks.today(bank, caller.at))
    zone = ZoneInfo(bank.time_zone)
    return [c for c in found if said.weekday in (None, c.starts_at.astimezone(zone).weekday())]


async def _has_arranged(caller: Caller) -> bool:
    arranged = await appointments.mine(caller.session, caller.first, since=caller.at)
    return any(view.appointment.state in appointments.SHARING for view in arranged)


async def answer_book(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """A number of the last list, alone or after BOOK; None when the text answers something else."""
    chosen = _chosen(caller, TO_BOOK, context, intent)
    return await _book(caller, chosen) if chosen else None


async def answer_leave(caller: Caller, context: Mapping[str, Any], intent: Intent) -> Answer | None:
    """A number of the last list, alone or after LEAVE; None when the text answers something else."""
    chosen = _chosen(caller, TO_LEAVE, context, intent)
    return await _leave(caller, chosen) if chosen else None


def _chosen(caller: Caller, topic: str, context: Mapping[str, Any], intent: Intent) -> UUID | None:
    listed: Sequence[str] = context["sessions"]
    if intent.verb not in ("number", topic) or intent.reference is None or caller.is_shared:
        return None
    number = int(intent.reference)
    return UUID(listed[number - 1]) if 1 <= number <= len(listed) else None


async def _open(caller: Caller) -> list[Coming]:
    """What everybody with this telephone may see: no list tells one of them of the other's wall."""
    seen: list[dict[UUID, Coming]] = []
    for person in caller.people:
        page = await calendar.whats_on(
            caller.session, person.bank_id, viewer=person, at=caller.at, days=AHEAD_DAYS
        )
        lines = (line for line in page.lines if line.starts_at > caller.at)
        seen.append({line.session_id: Coming(line.session_id, line.starts_at, line.title) for line in lines})
    shown = set(seen[0]).intersection(*seen[1:])
    return [coming for key, coming in seen[0].items() if key in shown]


async def _taking_part(caller: Caller) -> list[Coming]:
    found = await calendar.taking_part(caller.session, caller.first, at=caller.at)
    return [Coming(m.session_id, m.starts_at, await _title(caller, m)) for m in found]


async def _title(caller: Caller, meeting: ActivitySession) -> str:
    activity = await caller.session.get_one(Activity, (meeting.bank_id, meeting.activity_id))
    return activity.title


async def _ask(caller: Caller, template: str, topic: str, found: Sequence[Coming]) -> Answer:
    listed = found[:LISTED_MAX]
    context = {"sessions": [str(coming.session_id) for coming in listed]}
    await notifications.ask(caller.session, caller.first.bank_id, caller.number, topic, context, at=caller.at)
    bank = await banks.get(caller.session, caller.first.bank_id)
    zone, speaks = ZoneInfo(bank.time_zone), caller.first.language
    items = (
        f"{number} {_when(coming.starts_at.astimezone(zone), speaks)} {kind_of(coming.title, speaks)}"
        for number, coming in enumerate(listed, 1)
    )
    return Answer(template, {"list": ", ".join(items)})


def _when(local: datetime, speaks: str) -> str:
    """`Tue 24 Nov 10:00`: no comma, since a list is cut between its items."""
    return f"{formats.day(local.date(), speaks)} {local:%H:%M}".replace(",", "")


def kind_of(title: str, speaks: str) -> str:
    """The plain kind of thing that a title surely speaks of, as a text may say it; never the title."""
    guesses = understand(title)
    code = guesses[0].skill if is_sure(guesses) else None
    if code is None or not _may_be_named(code):
        return TOGETHER.get(speaks, TOGETHER["en"])
    return skill(language(speaks), code, inside=True).replace(",", "")


def _may_be_named(code: str) -> bool:
    is_plain = code in NAMED_SKILLS or taxonomy.get(code).group in NAMED_GROUPS
    return is_plain and announcing_help.may_be_named(code)


async def _book(caller: Caller, session_id: UUID) -> Answer:
    place = await places.book(
        caller.session,
        caller.first,
        session_id,
        place_id=uuid5(caller.inbound_id, "place"),
        at=caller.at,
    )
    when = {"when": await _moment(caller, place)}
    return Answer("reply_place_waiting" if place.state == "waiting" else "reply_place_booked", when)


async def _leave(caller: Caller, session_id: UUID) -> Answer:
    place = await places.leave(caller.session, caller.first, session_id, at=caller.at)
    when = {"when": await _moment(caller, place)}
    if place.kept_minutes:
        kept = formats.duration(place.kept_minutes, caller.first.language)
        return Answer("reply_place_left_late", {**when, "duration": kept})
    return Answer("reply_place_left", when)


async def _moment(caller: Caller, place: Place) -> str:
    bank = await banks.get(caller.session, place.bank_id)
    meeting = await caller.session.get_one(ActivitySession, (place.bank_id, place.session_id))
    return formats.moment(meeting.starts_at, bank.time_zone, caller.first.language)
