"""What every request passes before it reaches a door: a bounded body, one retry rule, careful headers.

A body is read whole (it is small, or refused), so that a request which lost a race for a lock can be run
again from its beginning. Nothing was written and nothing was answered when that happens.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.database import is_lost_race

log = logging.getLogger("evenhour.web")

BODY_BYTES_MAX = 1_000_000
WEBHOOK_BYTES_MAX = 64_000
"""More than the longest text with everything that a provider says about it."""
WEBHOOKS = "/api/v1/webhooks/"
ATTEMPTS_MAX = 4
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}


OPEN_DATA = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, OPTIONS",
    "access-control-allow-headers": "*",
    "cache-control": "public, max-age=300",
}
"""Public data may be read by anybody's page, its errors too, and kept for five minutes."""


class BodyTooLarge(Exception):
    """That is more than this service reads in one request."""


class RetryLostRaces:
    """Read the body, then run the request again when its transaction lost a race."""

    def __init__(self, app: ASGIApp, *, too_large: Callable[[Request], Awaitable[Response]]) -> None:
        self.app = app
        self.too_large = too_large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            body = await read_body(receive)
        except BodyTooLarge:
            await self._refuse(scope, receive, send)
            return
        for attempt in range(1, ATTEMPTS_MAX + 1):
            watched = _Watched(send)
            try:
                await self.app(dict(scope), replay(body, receive), watched)
            except Exception as error:
                if watched.has_started or attempt == ATTEMPTS_MAX or not is_lost_race(error):
                    raise
            else:
                return

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Too large; a provider's door says no more than that it refuses, and counts."""
        if scope["path"].startswith("/fhir"):
            await _answer(send, 413, TOO_LARGE_FOR_HEALTH, b"application/fhir+json")
            return
        if not scope["path"].startswith(WEBHOOKS):
            answer = await self.too_large(Request(scope))
            answer.headers["connection"] = "close"
            await answer(scope, receive, send)
            return
        scope["app"].state.webhooks_refused += 1
        await _answer(send, 403, b'{"title":"Refused","status":403,"code":"bad_signature"}')


class _Watched:
    def __init__(self, send: Send) -> None:
        self.send = send
        self.has_started = False

    async def __call__(self, message: Message) -> None:
        self.has_started = True
        await self.send(message)


async def read_body(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        BodyTooLarge: it is over `BODY_BYTES_MAX`.
    """
    chunks, size, is_more = [], 0, True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_BYTES_MAX:
            raise BodyTooLarge
        is_more = message.get("more_body", False)
    return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body once, and afterwards what the server has to say."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


TOO_LARGE_FOR_HEALTH = (
    b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"too-long",'
    b'"diagnostics":"More than 1 MB.","expression":["Bundle"]}]}'
)


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/problem+json") -> None:
    headers = [(b"content-type", kind), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class DiscreetFailures:
    """Answer our own mistakes, and log them without what they were about.

    A database's message repeats the values it choked on: names, numbers, notes. The log gets the kind of
    error, its SQLSTATE and constraint, and where in the code it happened.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watched = _Watched(send)
        try:
            await self.app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is ours to answer
            log.error("%s\n%s", told_discreetly(error), "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
            if watched.has_started:
                raise RuntimeError("The reply broke off.") from None
            await (await self.answer(Request(scope)))(scope, receive, send)


def told_discreetly(error: BaseException) -> str:
    """An error's kind, SQLSTATE and constraint; never its message."""
    origin = getattr(error, "orig", None)
    cause = getattr(origin, "__cause__", None)
    parts = [type(error).__name__, getattr(origin, "sqlstate", None), getattr(cause, "constraint_name", None)]
    return " ".join(str(part) for part in parts if part)


class CarefulHeaders:
    """Say on every answer what the browser may load, and that pages about people are not kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def careful(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/openreferral/"):
                    headers.update(OPEN_DATA)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, careful)
