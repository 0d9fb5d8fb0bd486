"""The statement: every line that moved a balance, newest first, and gifts from one person to another."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.hours import gifts, read
from exchange.hours.read import StatementLine
from exchange.membership import find, parties
from exchange.prescribing import purses
from exchange.prescribing.purses import PurseView
from mobile_web import answers, scenes, words
from mobile_web.answers import Unread
from mobile_web.door import Door
from mobile_web.languages import Language
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import UNPROCESSABLE, Form, Visit, Visiting, go, key
from mobile_web.words import N_

router = APIRouter()
FOUND_MAX = 30
PAGE = 12


LINES = {
    "hours": (N_("You gave %(name)s help"), N_("%(name)s gave you help")),
    "gift": (N_("A gift from %(name)s"), N_("A gift to %(name)s")),
    "cover": (N_("%(name)s helped with an hour"), N_("Given back to %(name)s")),
    "activity": (N_("From a group: %(name)s"), N_("For a group: %(name)s")),
    "booking": (N_("For a booking: %(name)s"), N_("You booked with %(name)s")),
    "time_note": (N_("A time note from %(name)s"), N_("A time note used by %(name)s")),
    "reversal": (N_("Undone: an hour with %(name)s"), N_("Undone: an hour with %(name)s")),
}
"""What a line is, when it added and when it took."""


def line_words(speaks: Language, line: StatementLine, link: str | None = "/hours") -> dict[str, Any]:
    """One line of a statement in words."""
    gained = line.minutes > 0
    name = words.account_name(speaks, line.counterpart_kind, line.counterpart)
    return {
        "what": speaks.say(LINES[line.kind][0 if gained else 1], name=name),
        "more": line.skill or line.note or "",
        "day": speaks.short_day(line.happened_on),
        "is_plus": gained,
        "minutes": words.change(speaks, line.minutes),
        "after": words.signed(speaks, line.balance_minutes),
        "href": f"{link}/{line.hours_id}" if link and line.hours_id else None,
    }


@router.get("/statement")
async def statement(seen: Visiting) -> Response:
    cursor = seen.request.query_params.get("cursor")
    party_id = scenes.voice(seen, seen.request.query_params.get("of"))
    found = await read.statement(seen.session, seen.viewer, party_id=party_id, cursor=cursor, limit=PAGE)
    return await seen.page(
        "statement.html",
        here="hours",
        balance=await scenes.balance_of(seen, party_id),
        voices=await scenes.voices(seen),
        of=party_id,
        lines=[line_words(seen.speaks, line) for line in found.lines],
        following=found.next_cursor,
        is_first=cursor is None,
        set_aside=await _set_aside(seen, party_id),
    )


async def _set_aside(seen: Visit, party_id: UUID) -> list[PurseView]:
    """Hours set aside for the reader, on their own statement and nowhere else."""
    if party_id != seen.viewer.member_id:
        return []
    found = await purses.of_member(seen.session, seen.viewer, party_id)
    return [one for one in found if one.is_open]


@router.get("/record.pdf")
async def record(seen: Visiting) -> Response:
    """What one gave and learned, to show to somebody."""
    paper = Door(seen.request).paper
    made = await paper.record(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/benefits-letter.pdf")
async def benefits_letter(seen: Visiting) -> Response:
    """What hours are, explained to a benefits office."""
    paper = Door(seen.request).paper
    made = await paper.benefits_letter(seen.session, seen.viewer, seen.viewer.member_id, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/statement.pdf")
async def on_paper(seen: Visiting) -> Response:
    """The same, to keep or to print."""
    party_id = scenes.voice(seen, seen.request.query_params.get("of"))
    made = await Door(seen.request).paper.statement(seen.session, seen.viewer, party_id=party_id, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/gifts/new")
async def choose(seen: Visiting) -> Response:
    """Give hours to somebody, or to everybody: first whom, then how much."""
    bank = seen.bank
    to = seen.request.query_params.get("to")
    typed = seen.request.query_params.get("q", "").strip()
    if not to:
        found = await find.find(seen.session, seen.viewer, typed, limit=FOUND_MAX) if typed else []
        people = [(one.party_id, one.name) for one in found if one.party_id != seen.viewer.member_id]
        return await seen.page(
            "gift_who.html",
            here="hours",
            typed=typed,
            found=people,
            pot_id=bank.pot_id,
            again=await scenes.again(seen),
        )
    return await _amount(seen, key(to), uuid7(), {}, {})


async def _amount(
    seen: Visit, to: UUID, gift_id: UUID, form: dict[str, str], errors: dict[str, str]
) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, to)
    if to in await parties.hidden_from(seen.session, seen.viewer.bank_id, seen.viewer.member_id):
        raise NotFound
    return await seen.page(
        "gift.html",
        here="hours",
        status=UNPROCESSABLE if errors else 200,
        to=to,
        name=seen.speaks.say("the community pot") if to == seen.bank.pot_id else party.name,
        id=gift_id,
        voices=await scenes.voices(seen),
        form=form,
        errors=errors,
    )


@router.post("/gifts")
async def give(seen: Visiting, form: Form) -> Response:
    to, gift_id = key(form.get("to", "")), key(form.get("id", ""))
    try:
        minutes = answers.minutes(form)
        async with seen.attempt():
            await gifts.give(
                seen.session,
                seen.viewer,
                gift_id,
                from_id=scenes.voice(seen, form.get("from")),
                to_id=to,
                minutes=minutes,
                note=form.get("note") or None,
                at=seen.at,
            )
    except Unread as unread:
        return await _amount(seen, to, gift_id, form, {unread.field: sentence(seen.speaks, unread.code)})
    except ExchangeError as broken:
        return await _amount(seen, to, gift_id, form, of_rule(seen.speaks, broken, ("minutes", "note")))
    return go("/statement")
