"""People, from the desk: find one, see what they chose, act for them, welcome somebody new."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from uuid_utils.compat import uuid7

from exchange.activities import sheets
from exchange.errors import ExchangeError, NotFound
from exchange.hours import gifts, leaving, read
from exchange.hours.read import StatementLine
from exchange.membership import contacts, find, members, organisations, parties, viewer, vouching
from exchange.membership.tables import ROLES, Party
from exchange.permissions import Relation, may
from mobile_web import answers, scenes, words
from mobile_web.answers import Unread
from mobile_web.contact_forms import (
    CONTACTS_MAX,
    NOTHING_UNREAD,
    clocks_unread,
    draft_of,
    drafts_from,
    unreachable,
)
from mobile_web.door import Door
from mobile_web.languages import NAMES
from mobile_web.pages.desk import ENGLISH, desk_page, must, scene
from mobile_web.pages.desk_organisations import candidates_for, speakers_of, text_name_of
from mobile_web.pages.joining import person
from mobile_web.pages.settings import keep_to_ways
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
PAGE = 50
ENDINGS = ("left", "deceased")
STATUSES = ("active", "paused", *ENDINGS)
GRANTED = tuple(role for role in ROLES if role != "representative")


@router.get("/desk/members")
async def directory(seen: Visiting) -> Response:
    must(seen, "queue.read")
    asked = seen.request.query_params
    typed, after = asked.get("q", "").strip(), asked.get("after")
    found = await find.find(seen.session, seen.viewer, typed, after=after, limit=PAGE)
    following = find.cursor_of(found[-1]) if len(found) == PAGE else None
    return await desk_page(
        seen, "desk/members.html", here="find", typed=typed, found=found, following=following, errors={}
    )


@router.get("/desk/members/{item}")
async def one(seen: Visiting, item: ItemKey) -> Response:
    must(seen, "queue.read")
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    shown = await scene(seen)
    recent, _ = await read.recent(seen.session, seen.viewer, party_id=item, limit=10)
    return await desk_page(
        seen,
        "desk/member.html",
        here="find",
        party=party,
        member=await _member(seen, party),
        contacts=await contacts.of_member(seen.session, seen.viewer.bank_id, item),
        ways=await vouching.ways_to(seen.session, seen.viewer.bank_id, item),
        spoken=NAMES,
        balance=await scenes.balance_of(seen, item),
        cards=await scenes.cards(seen, shown, recent, link="/desk/hours"),
        lines=await _lines(seen, item),
        roles=await _roles(seen, party),
        granted=[(role, role.capitalize()) for role in GRANTED],
        may_grant=may(seen.viewer.roles, "member.grant", seen.viewer.relations_to(item)),
        speakers=await speakers_of(seen, party),
        text_name=await text_name_of(seen, party),
        may_add=may(seen.viewer.roles, "organisation.add", [Relation.BANK]),
        typed=seen.request.query_params.get("q", "").strip(),
        found=await candidates_for(seen, party),
        buddy=await _buddy_of(seen, party),
        may_represent=may(seen.viewer.roles, "organisation.represent", [Relation.BANK]),
        may_end=may(seen.viewer.roles, "member.end", seen.viewer.relations_to(item)),
        is_me=item == seen.viewer.member_id,
        done=seen.request.query_params.get("done"),
        errors={},
    )


async def _member(seen: Visit, party: Party) -> Any:
    return await members.get(seen.session, seen.viewer, party.party_id) if party.kind == "member" else None


async def _buddy_of(seen: Visit, party: Party) -> tuple[UUID, str] | None:
    member = await _member(seen, party)
    if member is None or member.buddy_id is None:
        return None
    return member.buddy_id, (await parties.get(seen.session, seen.viewer.bank_id, member.buddy_id)).name


@router.post("/desk/members/{item}/buddy")
async def set_buddy(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Who shows somebody round; nobody any more when the form names nobody."""
    named = form.get("buddy_id")
    await members.change(seen.session, seen.viewer, item, {"buddy_id": key(named) if named else None})
    return go(f"/desk/members/{item}?done=buddy")


async def _roles(seen: Visit, party: Party) -> list[str]:
    if party.kind != "member":
        return []
    member = await members.get(seen.session, seen.viewer, party.party_id)
    held = (await viewer.granted(seen.session, member)).roles
    return sorted(role.value for role in held if role.value in GRANTED)


async def _lines(seen: Visit, item: UUID) -> list[dict[str, Any]]:
    page = await read.statement(seen.session, seen.viewer, party_id=item, limit=15)
    return [_line(line) for line in page.lines]


def _line(line: StatementLine) -> dict[str, Any]:
    gained = line.minutes > 0
    kinds = {
        "hours": ("Gave {} help", "Had help from {}"),
        "gift": ("Gift from {}", "Gift to {}"),
        "cover": ("{} covered an hour", "Given back to {}"),
        "activity": ("From a group: {}", "For a group: {}"),
        "booking": ("For a booking: {}", "Booked with {}"),
        "time_note": ("Time note from {}", "Time note used by {}"),
        "reversal": ("Undone: an hour with {}", "Undone: an hour with {}"),
    }
    return {
        "what": kinds[line.kind][0 if gained else 1].format(line.counterpart),
        "more": line.skill or line.note or "",
        "day": ENGLISH.short_day(line.happened_on),
        "is_plus": gained,
        "minutes": words.change(ENGLISH, line.minutes),
        "after": words.signed(ENGLISH, line.balance_minutes),
        "href": f"/desk/hours/{line.hours_id}" if line.hours_id else None,
    }


@router.post("/desk/members/{item}/status")
async def set_status(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Pause, wake, or end; what was queued for them is stopped in the same transaction."""
    status = form.get("status", "")
    if status not in STATUSES:
        raise NotFound
    if status in ENDINGS:
        await leaving.end(seen.session, seen.viewer, item, status, at=seen.at)
    else:
        await members.set_status(seen.session, seen.viewer, item, status)
    if status != "active":
        desk = Door(seen.request).desk
        await desk.cancel_queued(seen.session, seen.viewer.bank_id, item, at=seen.at)
    return go(f"/desk/members/{item}?done=status")


@router.post("/desk/members/{item}/card", dependencies=OURS)
async def replace_card(seen: Visiting, item: ItemKey) -> Response:
    """The card was lost: a new one, and the old one is dead from now on."""
    await sheets.replace_card(seen.session, seen.viewer, item, at=seen.at)
    return go(f"/desk/members/{item}?done=card")


@router.post("/desk/members/{item}/roles")
async def set_role(seen: Visiting, item: ItemKey, form: Form) -> Response:
    role = form.get("role", "")
    change = organisations.revoke if form.get("take") == "yes" else organisations.grant
    await change(seen.session, seen.viewer, item, role)
    return go(f"/desk/members/{item}?done=role")


@router.get("/desk/members/{item}/contacts")
async def reach(seen: Visiting, item: ItemKey) -> Response:
    await members.get(seen.session, seen.viewer, item)
    known = await contacts.of_member(seen.session, seen.viewer.bank_id, item)
    return await _reach(seen, item, [draft_of(contact) for contact in known], {})


async def _reach(
    seen: Visit,
    item: UUID,
    drafts: list[Any],
    errors: dict[str, str],
    unread: Mapping[str, str] = NOTHING_UNREAD,
) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    return await desk_page(
        seen,
        "settings_contacts.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        drafts=drafts,
        unread=unread,
        room=len(drafts) < CONTACTS_MAX,
        action=f"/desk/members/{item}/contacts",
        back_to=f"/desk/members/{item}",
        person=party.name,
        errors=errors,
    )


@router.post("/desk/members/{item}/contacts")
async def keep_contacts(seen: Visiting, item: ItemKey, form: Form) -> Response:
    drafts, unread = drafts_from(form), clocks_unread(form)
    errors = unreachable(seen, drafts, unread)
    if not errors:
        try:
            async with seen.attempt():
                await contacts.change(seen.session, seen.viewer, item, drafts, at=seen.at)
        except ExchangeError as broken:
            errors = {"value_0": sentence(seen.speaks, broken.code)}
    if errors:
        return await _reach(seen, item, drafts, errors, unread)
    await keep_to_ways(seen, item)
    return go(f"/desk/members/{item}?done=contacts")


@router.get("/desk/members/{item}/gift")
async def gift(seen: Visiting, item: ItemKey) -> Response:
    return await _gift(seen, item, uuid7(), {}, {})


async def _gift(
    seen: Visit, item: UUID, gift_id: UUID, form: Mapping[str, str], errors: dict[str, str]
) -> Response:
    party = await parties.get(seen.session, seen.viewer.bank_id, item)
    return await desk_page(
        seen,
        "desk/gift.html",
        here="find",
        status=UNPROCESSABLE if errors else 200,
        party=party,
        pot=await scenes.pot_of(seen),
        id=gift_id,
        form=form,
        errors=errors,
    )


@router.post("/desk/members/{item}/gift")
async def give(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """Hours from the community pot, for somebody who needs them now."""
    gift_id = key(form.get("id", ""))
    try:
        minutes = answers.minutes(form)
        async with seen.attempt():
            await gifts.give(
                seen.session,
                seen.viewer,
                gift_id,
                from_id=seen.bank.pot_id,
                to_id=item,
                minutes=minutes,
                note=form.get("note") or None,
                at=seen.at,
            )
    except Unread as unread:
        return await _gift(seen, item, gift_id, form, {unread.field: sentence(ENGLISH, unread.code)})
    except ExchangeError as broken:
        if broken.code in ("not_found", "not_allowed"):
            raise
        return await _gift(seen, item, gift_id, form, of_rule(ENGLISH, broken, ("minutes", "note")))
    return go(f"/desk/members/{item}?done=gift")


@router.get("/desk/members/{item}/record.pdf")
async def record(seen: Visiting, item: ItemKey) -> Response:
    """What they gave and learned, to print for them."""
    must(seen, "queue.read")
    made = await Door(seen.request).paper.record(seen.session, seen.viewer, item, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/desk/members/{item}/benefits-letter.pdf")
async def benefits_letter(seen: Visiting, item: ItemKey) -> Response:
    """The letter that explains hours to a benefits office, to print for them."""
    must(seen, "queue.read")
    made = await Door(seen.request).paper.benefits_letter(seen.session, seen.viewer, item, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/desk/members/{item}/statement.pdf")
async def on_paper(seen: Visiting, item: ItemKey) -> Response:
    """The statement to print, for somebody who reads on paper."""
    must(seen, "queue.read")
    made = await Door(seen.request).paper.statement(seen.session, seen.viewer, party_id=item, at=seen.at)
    return Response(made, media_type="application/pdf")


@router.get("/desk/sign-up")
async def sign_up(seen: Visiting) -> Response:
    must(seen, "member.sign_up")
    return await _sign_up(seen, uuid7(), {}, {})


async def _sign_up(seen: Visit, member_id: UUID, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    return await desk_page(
        seen,
        "desk/sign_up.html",
        here="sign-up",
        status=UNPROCESSABLE if errors else 200,
        id=member_id,
        form=form,
        spoken=[(code, NAMES[code]) for code in seen.bank.languages],
        errors=errors,
    )


@router.post("/desk/sign-up")
async def signed_up(seen: Visiting, form: Form) -> Response:
    member_id = key(form.get("id", ""))
    try:
        async with seen.attempt():
            await members.sign_up(seen.session, seen.viewer, person(form), member_id=member_id, at=seen.at)
    except ExchangeError as broken:
        if broken.code == "not_allowed":
            raise
        return await _sign_up(seen, member_id, form, of_rule(ENGLISH, broken))
    return go(f"/desk/members/{member_id}?done=welcome")
