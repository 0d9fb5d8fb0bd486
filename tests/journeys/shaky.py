"""A service that can be lost, stalled, or whose answers get lost on the way: what a phone really meets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import Enum

from starlette.types import ASGIApp, Receive, Scope, Send

from api.middleware import read_body, replay


class Fault(Enum):
    """What happens to one request."""

    NONE = "it arrives and is answered"
    LOST = "it never arrives"
    ANSWER_LOST = "it arrives, and its answer does not"
    BROKEN = "the service fails before it did anything"
    DOUBLED = "it arrives twice"
    STALLED = "it arrives, and the answer comes too late"


class Gone(Exception):
    """The line broke."""


class Shaky:
    """Stands before the application and does to each form what `fault_of` says."""

    def __init__(self, app: ASGIApp, fault_of: Callable[[Scope], Fault]) -> None:
        self.app, self.fault_of = app, fault_of
        self.stall_seconds = 0.0
        self.met: list[Fault] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        fault = self.fault_of(scope)
        self.met.append(fault)
        body = await read_body(receive)
        await self._treat(fault, scope, body, receive, send)

    async def _treat(self, fault: Fault, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        async def deaf(_: object) -> None:
            return None

        match fault:
            case Fault.LOST:
                await _fails(send)
            case Fault.BROKEN:
                await _fails(send, 503)
            case Fault.ANSWER_LOST:
                await self.app(dict(scope), replay(body, receive), deaf)
                await _fails(send)
            case Fault.DOUBLED:
                await asyncio.gather(
                    self.app(dict(scope), replay(body, receive), deaf),
                    self.app(dict(scope), replay(body, receive), send),
                )
            case Fault.STALLED:
                await self.app(dict(scope), replay(body, receive), deaf)
                await asyncio.sleep(self.stall_seconds)
                await _fails(send)
            case Fault.NONE:
                await self.app(scope, replay(body, receive), send)


async def _fails(send: Send, status: int = 502) -> None:
    """What a proxy in front says when there is nobody behind it."""
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """The application on a port, which it gives up at the end: the service is stopped."""
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", lifespan="off", timeout_graceful_shutdown=0)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task
