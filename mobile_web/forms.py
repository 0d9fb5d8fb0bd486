"""Forms: proof that a POST came from a page of ours, and answers kept when something was wrong.

The proof is stateless: a keyed hash over the visitor's own cookie, salted so that no two pages carry the
same bytes. What must never happen: a state change without `read_form`.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from mobile_web.door import Door

SESSION_COOKIE = "evenhour_session"
VISITOR_COOKIE = "evenhour_visitor"
FORM_BYTES_MAX = 64 * 1024
FORM_FIELDS_MAX = 200


class FormNotOurs(HTTPException):
    """A change is accepted only from a page this browser was given."""

    def __init__(self) -> None:
        super().__init__(403)


class FormTooLarge(HTTPException):
    """A form holds at most 64 KB."""

    def __init__(self) -> None:
        super().__init__(413)


Answers = dict[str, str]


def binding(request: Request) -> str:
    """The cookie a form's proof is bound to: the session's, or the visitor's before there is one.

    Forms that open a session are bound to the visitor's: sent twice, the second comes in a session.
    """
    return request.cookies.get(SESSION_COOKIE) or visitor(request)


def visitor(request: Request) -> str:
    """The visitor's cookie; made once per request when the browser has none yet."""
    known = request.cookies.get(VISITOR_COOKIE) or getattr(request.state, "visitor", None)
    if not known:
        known = secrets.token_urlsafe(18)
        request.state.visitor = known
    return str(known)


def is_new_visitor(request: Request) -> bool:
    """Whether this reply has to bring the visitor's cookie, which something on the page is bound to."""
    return getattr(request.state, "visitor", None) is not None


def proof(request: Request, *, bound_to: str | None = None, salt: str | None = None) -> str:
    """The hidden field's value."""
    salt = salt or secrets.token_urlsafe(9)
    message = f"form:{salt}:{bound_to or binding(request)}".encode()
    return f"{salt}.{hmac.new(Door(request).secret, message, hashlib.sha256).hexdigest()}"


async def read_form(request: Request) -> Answers:
    """The answers of a form that this browser was really given (a FastAPI dependency)."""
    return await _read(request, [binding(request)])


async def read_visitors_form(request: Request) -> Answers:
    """As `read_form`, also for a form that was given to this browser before somebody signed in with it.

    For pages that do nothing in anybody's name.
    """
    return await _read(request, [binding(request), visitor(request)])


async def _read(request: Request, bindings: Sequence[str]) -> Answers:
    if len(await request.body()) > FORM_BYTES_MAX:
        raise FormTooLarge
    form = await request.form(max_files=0, max_fields=FORM_FIELDS_MAX, max_part_size=FORM_BYTES_MAX)
    _must_be_ours(request, form, bindings)
    return {
        name: value.replace("\x00", "").strip()
        for name, value in form.multi_items()
        if isinstance(value, str) and name != "proof"
    }


def _must_be_ours(request: Request, form: FormData, bindings: Sequence[str]) -> None:
    given = form.get("proof")
    has_cookie = SESSION_COOKIE in request.cookies or VISITOR_COOKIE in request.cookies
    if not (has_cookie and isinstance(given, str) and _same_site(request)):
        raise FormNotOurs
    salt = given.partition(".")[0] or "-"
    expected = [proof(request, bound_to=each, salt=salt) for each in bindings]
    if not any(hmac.compare_digest(given.encode(), each.encode()) for each in expected):
        raise FormNotOurs


def _same_site(request: Request) -> bool:
    """Browsers name where a POST came from; when they do, it must be here."""
    origin = request.headers.get("origin")
    if origin in {None, "null"}:
        return True
    return urlsplit(str(origin)).netloc == request.headers.get("host")
