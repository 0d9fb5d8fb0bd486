"""The page for what could not be done: a sentence, a way on, and never a trace of how we work."""

from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from mobile_web.rendering import page, reading
from mobile_web.sentences import SENTENCES, sentence

SIGN_IN = "/sign-in"
RULE_HEADER = "x-rule"
"""The rule's code, for the script that sends what a phone has kept: it never reads sentences."""
BY_STATUS = {
    400: "invalid_request",
    403: "form_not_ours",
    404: "not_found",
    405: "method_not_allowed",
    413: "form_too_large",
}


async def error_page(request: Request, *, code: str, status: int) -> Response:
    """The answer to a broken rule on a page; who is not signed in is asked to, and comes back."""
    if code == "not_signed_in":
        back = quote(request.url.path, safe="/") if request.method == "GET" else "/"
        return RedirectResponse(f"{SIGN_IN}?next={back}", 303)
    known = code if code in SENTENCES else BY_STATUS.get(status, "unexpected")
    reply = page(request, "problem.html", status=status, sentence=sentence(reading(request), known))
    reply.headers[RULE_HEADER] = known
    return reply


async def refused(request: Request, error: Exception) -> Response:
    """As `error_page`, for an application that has no table of its own."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return await error_page(request, code="http_error", status=status)
