"""About me: the name I use, my languages, how I may be reached safely, where I am signed in, walls.

What must never happen: a contact used in a way its owner did not call safe, because a form forgot to ask.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.membership import contacts, find, members, parties, sign_in
from exchange.membership.contacts import ContactDraft
from exchange.membership.errors import WrongCode
from exchange.membership.tables import Block, Contact
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
from mobile_web.sentences import of_rule, sentence
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()


@router.get("/settings")
async def overview(seen: Visiting) -> Response:
    viewer = seen.viewer
    known = await contacts.of_member(seen.session, viewer.bank_id, viewer.member_id)
    return await seen.page(
        "settings.html",
        here="settings",
        member=await members.get(seen.session, viewer, viewer.member_id),
        contacts=known,
        unproved=[contact for contact in known if contacts.needs_proof(contact)],
        devices=await sign_in.sessions(seen.session, viewer, at=seen.at),
        spoken=NAMES,
        has_passkeys=bool(viewer.practice_ids) and Door(seen.request).passkeys_at is not None,
        saved="saved" in seen.request.query_params,
    )


@router.get("/settings/about")
async def about(seen: Visiting) -> Response:
    return await _about(seen, {}, {})


async def _about(seen: Visit, form: Mapping[str, str], errors: dict[str, str]) -> Response:
    member = await members.get(seen.session, seen.viewer, seen.viewer.member_id)
    known = {
        "name": seen.viewer.name,
        "full_name": member.full_name,
        "language": member.language,
        "channel": member.preferred_channel,
        "access_needs": member.access_needs or "",
        "is_listed": "yes" if member.is_listed else "",
    }
    return await seen.page(
        "settings_about.html",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        form={**known, **form} if form else known,
        spoken=[(code, NAMES[code]) for code in seen.bank.languages],
        errors=errors,
    )


@router.post("/settings/about")
async def keep_about(seen: Visiting, form: Form) -> Response:
    changes: dict[str, Any] = {
        "name": form.get("name", ""),
        "full_name": form.get("full_name", ""),
        "language": form.get("language", "en"),
        "preferred_channel": form.get("channel", "sms"),
        "access_needs": form.get("access_needs", ""),
        "is_listed": form.get("is_listed") == "yes",
    }
    try:
        async with seen.attempt():
            await members.change(seen.session, seen.viewer, seen.viewer.member_id, changes)
    except ExchangeError as broken:
        shown = {"is_listed": "", **form}
        if broken.field == "preferred_channel":
            broken.field = "channel"
        return await _about(seen, shown, of_rule(seen.speaks, broken))
    return go("/settings?saved")


@router.get("/settings/contacts")
async def reach(seen: Visiting) -> Response:
    known = await contacts.of_member(seen.session, seen.viewer.bank_id, seen.viewer.member_id)
    drafts = [draft_of(contact) for contact in known]
    return await _reach(seen, drafts, {})


async def _reach(
    seen: Visit,
    drafts: Sequence[ContactDraft],
    errors: dict[str, str],
    unread: Mapping[str, str] = NOTHING_UNREAD,
) -> Response:
    return await seen.page(
        "settings_contacts.html",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        drafts=drafts,
        unread=unread,
        room=len(drafts) < CONTACTS_MAX,
        action="/settings/contacts",
        back_to="/settings",
        person=None,
        errors=errors,
    )


@router.post("/settings/contacts")
async def keep_contacts(seen: Visiting, form: Form) -> Response:
    drafts, unread = drafts_from(form), clocks_unread(form)
    errors = unreachable(seen, drafts, unread)
    kept: list[Contact] = []
    if not errors:
        try:
            async with seen.attempt():
                kept = await contacts.change(
                    seen.session, seen.viewer, seen.viewer.member_id, drafts, at=seen.at
                )
        except ExchangeError as broken:
            errors = {"value_0": sentence(seen.speaks, broken.code)}
    if errors:
        return await _reach(seen, drafts, errors, unread)
    await keep_to_ways(seen, seen.viewer.member_id)
    new = next((contact for contact in kept if contacts.needs_proof(contact)), None)
    return await _send_proof(seen, new.contact_id) if new else go("/settings?saved")


async def keep_to_ways(seen: Visit, member_id: UUID) -> None:
    """What is queued already keeps to what is safe from now on."""
    bank_id = seen.viewer.bank_id
    ways = await contacts.safe_ways(seen.session, bank_id, member_id)
    await Door(seen.request).desk.keep_to_ways(seen.session, bank_id, member_id, ways, at=seen.at)


async def _send_proof(seen: Visit, contact_id: UUID, code_id: UUID | None = None) -> Response:
    secret = Door(seen.request).secret
    await sign_in.request_proof(
        seen.session, seen.viewer, contact_id, code_id=code_id, secret=secret, at=seen.at
    )
    return go(f"/settings/contacts/{contact_id}")


@router.get("/settings/contacts/{item}")
async def ask_proof(seen: Visiting, item: ItemKey) -> Response:
    """Type the code that went to a contact you have just added."""
    return await _proof(seen, item, {})


async def _proof(seen: Visit, item: UUID, errors: dict[str, str]) -> Response:
    mine = await contacts.of_member(seen.session, seen.viewer.bank_id, seen.viewer.member_id)
    contact = next((one for one in mine if one.contact_id == item), None)
    if contact is None:
        raise NotFound
    status = UNPROCESSABLE if errors else 200
    return await seen.page(
        "settings_proof.html", here="settings", status=status, contact=contact, id=uuid7(), errors=errors
    )


@router.post("/settings/contacts/{item}/send")
async def send_proof(seen: Visiting, item: ItemKey, form: Form) -> Response:
    return await _send_proof(seen, item, key(form["id"]) if form.get("id") else None)


@router.post("/settings/contacts/{item}")
async def prove(seen: Visiting, item: ItemKey, form: Form) -> Response:
    """A wrong code counts, so this commits whatever came."""
    secret = Door(seen.request).secret
    right = await sign_in.prove(
        seen.session, seen.viewer, item, form.get("code", ""), secret=secret, at=seen.at
    )
    return go("/settings?saved") if right else await _proof(seen, item, of_rule(seen.speaks, WrongCode()))


@router.get("/settings/sessions")
async def devices(seen: Visiting) -> Response:
    found = await sign_in.sessions(seen.session, seen.viewer, at=seen.at)
    moments = {
        device.session_id: seen.speaks.moment(device.started_at, seen.bank.time_zone) for device in found
    }
    return await seen.page(
        "settings_sessions.html",
        here="settings",
        devices=found,
        moments=moments,
        this_one=seen.token.hash,
    )


@router.post("/settings/sessions/{item}/end", dependencies=OURS)
async def end(seen: Visiting, item: ItemKey) -> Response:
    await sign_in.end_session(seen.session, seen.viewer, item, at=seen.at)
    return go("/settings/sessions")


@router.get("/settings/walls")
async def walls(seen: Visiting) -> Response:
    """People the member does not want to meet; they never learn of it."""
    typed = seen.request.query_params.get("q", "").strip()
    found = await find.find(seen.session, seen.viewer, typed, limit=30) if typed else []
    mine = await _own_walls(seen)
    return await seen.page(
        "settings_walls.html",
        here="settings",
        typed=typed,
        found=[one for one in found if one.kind == "member" and one.party_id != seen.viewer.member_id],
        walls=await parties.names(seen.session, seen.viewer.bank_id, mine),
    )


async def _own_walls(seen: Visit) -> list[UUID]:
    """The walls this member put up; the ones that others did stay unknown to them."""
    rows = await seen.session.scalars(
        select(col(Block.other_id)).where(
            col(Block.bank_id) == seen.viewer.bank_id, col(Block.member_id) == seen.viewer.member_id
        )
    )
    return list(rows.all())


@router.post("/settings/walls/{item}")
async def wall(seen: Visiting, item: ItemKey, form: Form) -> Response:
    viewer = seen.viewer
    if form.get("wall") == "down":
        await members.unblock(seen.session, viewer, viewer.member_id, item)
    else:
        await members.block(seen.session, viewer, viewer.member_id, item, at=seen.at)
    return go("/settings/walls")
