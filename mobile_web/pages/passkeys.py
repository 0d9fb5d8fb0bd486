"""Passkeys for those who work at a practice: signing in with one, and a page to add and remove them.

They need a script and an address that browsers allow them at; without either the page says so, and a code
by e-mail does the same. What must never happen: an answer read before its form is known to be ours.
"""

from datetime import datetime

from fastapi import APIRouter, Request, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError, NotFound
from exchange.membership import passkeys
from exchange.membership.authenticators import Site
from exchange.membership.errors import PasskeyRefused
from exchange.words import NAME_CHARACTERS_MAX
from mobile_web.door import Door
from mobile_web.forms import binding
from mobile_web.pages.signing_in import device, signed_in
from mobile_web.rendering import page, reading
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, Form, ItemKey, Visit, Visiting, go, key

router = APIRouter()
HOME = "/practice"


def _site(request: Request) -> Site:
    found = Door(request).passkeys_at
    if found is None:
        raise NotFound
    return found


@router.get("/sign-in/passkey")
async def ask(request: Request) -> Response:
    """One button; what the device is asked rides on the page."""
    return await _ask(request, {})


async def _ask(request: Request, errors: dict[str, str]) -> Response:
    door, site = Door(request), _site(request)
    async with door.database.transaction(None) as session:
        options = await passkeys.ask_who(session, site, visitor=binding(request), at=door.now())
    status = UNPROCESSABLE if errors else 200
    return page(request, "passkey.html", status=status, options=options, errors=errors)


@router.post("/sign-in/passkey")
async def open_session(request: Request, form: Form) -> Response:
    """A passkey that opens nothing uses its question up, so this commits whatever came."""
    door, site = Door(request), _site(request)
    async with door.database.transaction(None) as session:
        token = await passkeys.open_session(
            session,
            site,
            form.get("answer", ""),
            visitor=binding(request),
            device=device(request),
            at=door.now(),
        )
    if token is None:
        return await _ask(request, of_rule(reading(request), PasskeyRefused()))
    return signed_in(request, token, HOME)


@router.get("/settings/passkeys")
async def mine(seen: Visiting) -> Response:
    return await _mine(seen, {}, {})


async def _mine(seen: Visit, form: dict[str, str], errors: dict[str, str]) -> Response:
    site = _site(seen.request)
    found = await passkeys.mine(seen.session, seen.viewer)
    return await seen.page(
        "settings_passkeys.html",
        area="practice",
        here="settings",
        status=UNPROCESSABLE if errors else 200,
        id=uuid7(),
        options=await passkeys.ask_for_new(seen.session, seen.viewer, site, at=seen.at),
        passkeys=found,
        moments={one.passkey_id: _moments(seen, one.made_at, one.used_at) for one in found},
        name=form.get("name") or device(seen.request),
        name_characters_max=NAME_CHARACTERS_MAX,
        saved="saved" in seen.request.query_params,
        errors=errors,
    )


def _moments(seen: Visit, *moments: datetime | None) -> list[str]:
    return [seen.speaks.moment(one, seen.bank.time_zone) for one in moments if one]


@router.post("/settings/passkeys")
async def add(seen: Visiting, form: Form) -> Response:
    """A refused answer uses its question up, so this commits whatever came."""
    site, passkey_id = _site(seen.request), key(form.get("id", ""))
    try:
        await passkeys.add(
            seen.session,
            seen.viewer,
            site,
            passkey_id,
            answer=form.get("answer", ""),
            name=form.get("name", ""),
            at=seen.at,
        )
    except ExchangeError as broken:
        return await _mine(seen, form, of_rule(seen.speaks, broken))
    return go("/settings/passkeys?saved")


@router.post("/settings/passkeys/{item}/remove", dependencies=OURS)
async def remove(seen: Visiting, item: ItemKey) -> Response:
    await passkeys.remove(seen.session, seen.viewer, item)
    return go("/settings/passkeys?saved")
