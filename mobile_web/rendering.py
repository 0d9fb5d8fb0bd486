"""From a template to a reply: the reader's language, the form's proof, and the headers that keep a page ours.

One template environment per language, since compiled templates keep the words they were loaded with. What
must never happen: a page without its content security policy, or one that a shared cache may keep.
"""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from exchange.membership import contacts
from mobile_web import assets, safe_hours, words
from mobile_web.forms import VISITOR_COOKIE, is_new_visitor, proof, visitor
from mobile_web.languages import NAMES, Language, language, negotiate

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGE_COOKIE = "evenhour_language"
YEAR_SECONDS = 365 * 24 * 3600
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; connect-src 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "geolocation=(), microphone=()",
}


@cache
def environment(code: str) -> Environment:
    """The templates, speaking one language."""
    speaks = language(code)
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(speaks.translations, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        minutes=speaks.minutes,
        long_minutes=speaks.long_minutes,
        initials=words.initials,
        hue=words.hue,
        telephone=words.telephone,
        safe_hours=safe_hours.said,
        costs_more=contacts.costs_more,
    )
    made.globals.update(speaks=speaks, languages=NAMES, asset=assets.address)
    return made


def reading(request: Request) -> Language:
    """The reader's language: the member's setting, else the switch's cookie, else the browser's wish."""
    chosen = getattr(request.state, "language", None)
    return negotiate(
        chosen, request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", "en")
    )


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A whole page."""
    speaks = reading(request)
    standing: dict[str, Any] = {
        "viewer": getattr(request.state, "viewer", None),
        "bank_name": getattr(request.state, "bank_name", None),
        "proof": proof(request),
        "path": request.url.path,
        "theme": None,
        "direction": speaks.direction,
        "errors": {},
        "tongues": NAMES,
        "area": "",
        "here": None,
    }
    body = environment(speaks.code).get_template(template).render({**standing, **context})
    reply = HTMLResponse(body, status_code=status, headers=HEADERS)
    if is_new_visitor(request):
        remember(request, reply, VISITOR_COOKIE, visitor(request))
    return reply


def remember(request: Request, reply: Response, name: str, value: str, *, days: int = 365) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send."""
    reply.set_cookie(
        name,
        value,
        max_age=days * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
