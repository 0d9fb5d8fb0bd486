"""Coming in and going out: a code or a link, no password; and the switch of languages.

What must never happen: a page that tells a stranger whether a number is known, or a contact in an address.
"""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from uuid_utils.compat import uuid7

from exchange.errors import ExchangeError
from exchange.membership import banks, members, sign_in
from exchange.membership.errors import LinkUsed
from exchange.membership.sign_in import SESSION_LIFE, Outcome, Token
from exchange.membership.tables import SignInLink
from mobile_web.door import Door
from mobile_web.forms import SESSION_COOKIE, proof, read_visitors_form, visitor
from mobile_web.languages import NAMES
from mobile_web.rendering import LANGUAGE_COOKIE, page, reading, remember
from mobile_web.sentences import of_rule
from mobile_web.visit import OURS, UNPROCESSABLE, VisitorsForm, go, inside, key

router = APIRouter()

BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
MACHINES = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
PLAIN = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Mac OS": "Mac"}


def device(request: Request) -> str:
    """What a person would call the thing in their hand: `Chrome, Android`."""
    agent = request.headers.get("user-agent", "")[:400]
    found = [next((n for n in names if n in agent), "") for names in (BROWSERS, MACHINES)]
    return ", ".join(PLAIN.get(name, name) for name in found if name) or "?"


@router.get("/sign-in")
async def ask_contact(request: Request) -> Response:
    return _page(request, "sign_in.html", contact="", **_around(request, request.query_params.get("next")))


def _around(request: Request, back: str | None) -> dict[str, Any]:
    return {"next": inside(back), "has_passkeys": Door(request).passkeys_at is not None}


def _page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page of somebody who is not in yet: its forms are good until they are, and once more after."""
    bound = proof(request, bound_to=visitor(request))
    return page(request, template, status=status, proof=bound, id=uuid7(), **context)


@router.post("/sign-in")
async def send_code(request: Request, form: VisitorsForm) -> Response:
    """Send a code if somebody has this contact; the page says the same either way."""
    door, contact = Door(request), form.get("contact", "")
    back = inside(form.get("next"))
    try:
        async with door.database.transaction(None) as session:
            host = request.client.host if request.client else None
            await sign_in.request_code(
                session,
                contact,
                code_id=key(form["id"]) if form.get("id") else None,
                host=host,
                secret=door.secret,
                at=door.now(),
            )
    except ExchangeError as broken:
        errors = of_rule(reading(request), broken)
        around = _around(request, form.get("next"))
        return _page(request, "sign_in.html", status=UNPROCESSABLE, contact=contact, errors=errors, **around)
    return _page(request, "code.html", contact=contact, next=back)


@router.post("/sign-in/code")
async def try_code(request: Request, form: VisitorsForm) -> Response:
    """Sign in by the code; pressed twice, or sent again after a lost reply, it is the same session."""
    contact, code, back = form.get("contact", ""), form.get("code", ""), inside(form.get("next"))
    shown: dict[str, Any] = {"contact": contact, "next": back}
    try:
        outcome = (await _outcome(request, form)).require()
    except ExchangeError as broken:
        errors = of_rule(reading(request), broken)
        return _page(request, "code.html", status=UNPROCESSABLE, errors=errors, **shown)
    if outcome.token is None:
        return _page(request, "who.html", choices=outcome.choices, code=code, **shown)
    return signed_in(request, outcome.token, back)


async def _outcome(request: Request, form: VisitorsForm) -> Outcome:
    door = Door(request)
    async with door.database.transaction(None) as session:
        return await sign_in.open_session(
            session,
            form.get("contact", ""),
            form.get("code", ""),
            secret=door.secret,
            device=device(request),
            at=door.now(),
            member_id=key(form["member_id"]) if form.get("member_id") else None,
            asker=visitor(request),
        )


def signed_in(request: Request, token: Token, back: str) -> Response:
    """On to a page, with the session's cookie."""
    reply = go(back)
    remember(request, reply, SESSION_COOKIE, token.text, days=SESSION_LIFE.days)
    return reply


@router.get("/link/{link}")
async def open_link(request: Request, link: str) -> Response:
    """A link that may be used once asks for a press, since mail programs open links by themselves.

    Opened again in the browser that is signed in by it, it leads in.
    """
    token = Token.read(link)
    if token is None:
        raise LinkUsed
    door = Door(request)
    async with door.database.transaction(token.bank_id) as session:
        known = await session.get(SignInLink, (token.bank_id, token.hash))
        if known is None or known.expires_at <= door.now():
            raise LinkUsed
        bank = await banks.get(session, token.bank_id)
    if known.is_reusable or known.used_at:
        return await follow_link(request, link)
    return _page(request, "link.html", link=link, bank_name=bank.name)


@router.post("/link/{link}", dependencies=[Depends(read_visitors_form)])
async def follow_link(request: Request, link: str) -> Response:
    token = Token.read(link)
    if token is None:
        raise LinkUsed
    door = Door(request)
    async with door.database.transaction(token.bank_id) as session:
        opened = await sign_in.follow_link(
            session, token, device=device(request), at=door.now(), asker=visitor(request)
        )
    return signed_in(request, opened, "/")


@router.post("/sign-out", dependencies=OURS)
async def leave(request: Request) -> Response:
    token = Token.read(request.cookies.get(SESSION_COOKIE, ""))
    if token is not None:
        door = Door(request)
        async with door.database.transaction(token.bank_id) as session:
            await sign_in.sign_out(session, token, at=door.now())
    reply = go("/sign-in")
    reply.delete_cookie(SESSION_COOKIE)
    return reply


@router.post("/language")
async def switch_language(request: Request, form: VisitorsForm) -> Response:
    """The switch at the foot of every page; for a member it is their setting too."""
    reply = go(inside(form.get("back")))
    code = form.get("language", "")
    if code in NAMES:
        remember(request, reply, LANGUAGE_COOKIE, code)
        await _keep_language(request, code)
    return reply


async def _keep_language(request: Request, code: str) -> None:
    token = Token.read(request.cookies.get(SESSION_COOKIE, ""))
    if token is None:
        return
    door = Door(request)
    async with door.database.transaction(token.bank_id) as session:
        viewer = await sign_in.viewer_of(session, token, at=door.now())
        bank = await banks.get(session, token.bank_id)
        if viewer is not None and code in bank.languages:
            await members.change(session, viewer, viewer.member_id, {"language": code})
