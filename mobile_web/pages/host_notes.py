"""Time notes on an organisation's own page: its sheets and what is still out; and a desk where one is taken.

What must never happen: a note used for somebody other than who stands at the desk, or a code tried freely.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from exchange.activities import codes, hosting, notes, notes_out, opening, sheets
from exchange.activities.errors import BadCode
from exchange.activities.tables import NoteSheet
from exchange.activities.troubles import Trouble
from exchange.errors import ExchangeError
from exchange.membership import find, parties
from exchange.membership.tables import Party
from mobile_web.answers import Unread
from mobile_web.door import Door
from mobile_web.pages.codes import TROUBLES, tries
from mobile_web.pages.note_sheets import FIELDS, NOTE_DAYS, issue_sheet
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
REFUSED = ("not_found", "not_allowed")
FOUND_MAX = 12


@router.get("/organisations/{item}/notes")
async def report(seen: Visiting, item: ItemKey) -> Response:
    """What of each of its sheets is still out."""
    return await _report(seen, item, {}, {})


async def _report(seen: Visit, item: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    party = await hosting.organisation(seen.session, seen.viewer, item)
    found = await notes_out.report(seen.session, seen.viewer)
    return await seen.page(
        "host_notes.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        out=[line for line in found if line.sheet.payer_id == item],
        id=form.get("id") or uuid7(),
        last_day=seen.today + timedelta(days=NOTE_DAYS),
        form=form,
        done=seen.request.query_params.get("done"),
        errors=errors,
    )


@router.post("/organisations/{item}/notes")
async def issue(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A sheet against the organisation's own hours; pressed twice, it is one sheet."""
    await hosting.organisation(seen.session, seen.viewer, item)
    try:
        sheet = await issue_sheet(seen, item, form)
    except ExchangeError as broken:
        if broken.code in REFUSED:
            raise
        return await _report(seen, item, form, of_rule(seen.speaks, broken, FIELDS))
    return go(f"/time-notes/{sheet.sheet_id}")


@router.get("/time-notes/{item}")
async def sheet(seen: Visiting, item: ItemKey) -> Response:
    """The notes of a sheet that are still out, to be printed or read out."""
    printed = await sheets.notes(seen.session, seen.viewer, item, secret=Door(seen.request).secret)
    found = await seen.session.get_one(NoteSheet, (seen.viewer.bank_id, item))
    return await seen.page(
        "note_sheet.html", here="on", printed=printed, sheet=found, last=seen.speaks.day(found.expires_on)
    )


@router.post("/time-notes/{item}/void", dependencies=OURS)
async def void(seen: Visiting, item: ItemKey) -> Response:
    """Lost or spoilt: what is out goes back, and its codes are dead."""
    gone = await notes.void(seen.session, seen.viewer, item, at=seen.at)
    return go(f"/organisations/{gone.payer_id}/notes?done=void")


# The desk where notes are taken.


@dataclass(frozen=True, slots=True)
class Person:
    """Whose note it is."""

    member_id: UUID
    name: str


@router.get("/organisations/{item}/desk")
async def desk(seen: Visiting, item: ItemKey) -> Response:
    party = await hosting.organisation(seen.session, seen.viewer, item)
    return await _desk(seen, party, {"code": seen.request.query_params.get("code", "")[:60]}, {})


async def _desk(
    seen: Visit, party: Party, form: Mapping[str, str], errors: dict[str, str], **shown: Any
) -> Response:
    return await seen.page(
        "host_desk.html",
        here="on",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        form=form,
        errors=errors,
        **{"found": [], "used": None, "what_to_do": None, **shown},
    )


@router.post("/organisations/{item}/desk")
async def take(request: Request, seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A note's hours are the member's now; sent again, it is the same answer."""
    party = await hosting.organisation(seen.session, seen.viewer, item)
    try:
        found, is_sure = await _people(request, seen, form)
    except Unread as unread:
        said = TROUBLES.get(unread.code)
        words = seen.speaks.say(said[0]) if said else sentence(seen.speaks, unread.code)
        return await _desk(seen, party, form, {unread.field: words})
    if not is_sure:
        return await _desk(seen, party, form, {}, found=found)
    return await _use(request, seen, party, found[0], form)


async def _people(request: Request, seen: Visit, form: Mapping[str, str]) -> tuple[list[Person], bool]:
    """Who stands at the desk, and whether that is sure: by their card's code, or a name in the directory.

    Raises:
        Unread: nobody, or a card that cannot be used.
    """
    if form.get("member_id"):
        chosen = await parties.get(seen.session, seen.viewer.bank_id, key(form["member_id"]))
        return [Person(chosen.party_id, chosen.name)], True
    typed = form.get("person", "")
    if not typed:
        raise Unread("person", "text_missing")
    if _is_card(typed):
        return [await _card_holder(request, seen, typed)], True
    everyone = await find.find(seen.session, seen.viewer, typed, limit=FOUND_MAX)
    found = [
        Person(one.party_id, one.name) for one in everyone if (one.kind, one.status) == ("member", "active")
    ]
    if not found:
        raise Unread("person", "nobody_by_that_name")
    exact = [one for one in found if one.name.casefold() == typed.casefold()]
    return (exact, True) if len(exact) == 1 else (found, False)


def _is_card(typed: str) -> bool:
    try:
        return codes.read(typed).kind == "card"
    except BadCode:
        return False


async def _card_holder(request: Request, seen: Visit, typed: str) -> Person:
    counted = tries(request, seen)
    opened = await opening.open_code(seen.session, seen.viewer, typed, counted, at=seen.at)
    if isinstance(opened, Trouble):
        raise Unread("person", opened.trouble)
    holder = await opening.card_holder(seen.session, seen.viewer, opened)
    if holder is None:
        opening.refuse(
            seen.session,
            seen.viewer,
            "not_a_member",
            counted,
            kind="card",
            subject_id=opened.subject_id,
            at=seen.at,
        )
        raise Unread("person", "ask")
    names = await parties.names(seen.session, seen.viewer.bank_id, [holder.member_id])
    return Person(holder.member_id, names[holder.member_id])


async def _use(
    request: Request, seen: Visit, party: Party, person: Person, form: Mapping[str, str]
) -> Response:
    try:
        async with seen.attempt():
            done = await notes.use(
                seen.session,
                seen.viewer,
                form.get("code", ""),
                tries(request, seen),
                member_id=person.member_id,
                desk_id=party.party_id,
                at=seen.at,
            )
    except ExchangeError as broken:
        return await _desk(seen, party, form, of_rule(seen.speaks, broken, ("code",)))
    if done.note is None:
        title, what_to_do = TROUBLES.get(done.trouble or "", TROUBLES["unknown"])
        said = {"code": f"{seen.speaks.say(title)}. {seen.speaks.say(what_to_do)}"}
        return await _desk(seen, party, form, said)
    return await _desk(seen, party, {}, {}, used={"name": person.name, "minutes": done.minutes})
