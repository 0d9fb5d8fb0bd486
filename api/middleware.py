"""What every request passes before it reaches a door: a bounded body, one retry rule, careful headers.

A body is read whole (it is small, or refused), so that a request which lost a race for a lock can be run
again from its beginning. Nothing was written and nothing was answered when that happens.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.database import is_lost_race

BODY_BYTES_MAX = 1_000_000
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


class BodyTooLarge(Exception):
    """That is more than this service reads in one request."""


class RetryLostRaces:
    """Read the body, then run the request again when its transaction lost a race."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            body = await read_body(receive)
        except BodyTooLarge:
            await _refuse(send)
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


async def _refuse(send: Send) -> None:
    body = b'{"title":"Too large","status":413,"code":"body_too_large"}'
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


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
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, careful)
