"""A stand-in for the provider's HTTP API, for tests, rehearsals and measurements; it texts nobody.

It speaks the part of Twilio's API that we use, over plain asyncio, and misbehaves on request: it takes a
message and answers with an error, takes one and never answers, or has had too many. Point
`EVENHOUR_TWILIO_API_URL` at it. What must never happen: this module imported by anything that serves.
"""

import asyncio
import contextlib
import json
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from notifications.segments import measure

REASONS: Final = {200: "OK", 201: "Created", 404: "Not Found", 429: "Too Many Requests", 500: "Server Error"}
PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often each kind of misbehaviour happens, as shares of all messages."""

    error_after_accept: float = 0.0
    hang_after_accept: float = 0.0
    nonsense_after_accept: float = 0.0
    too_many_requests: float = 0.0
    error_before_accept: float = 0.0
    look_up_error: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(slots=True)
class StandIn:
    """The messages it took, newest last, and the requests it saw."""

    faults: Faults = field(default_factory=Faults)
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311  # dice, no secret
    messages: list[dict[str, Any]] = field(default_factory=list)
    callbacks: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    keeps_requests: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    url: str = ""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    connections: set[asyncio.StreamWriter] = field(default_factory=set)

    async def answer(self, request: Request) -> tuple[int, str, str] | None:
        """The status, media type and body of an answer; None to close without one."""
        if self.keeps_requests:
            self.requests.append(request)
        account, is_messages = _account(request.path)
        if not is_messages:
            return 404, "application/json", _problem(20404, 404, "Not found")
        if request.method == "POST":
            return await self._take(account, request.form)
        if self.chance.random() < self.faults.look_up_error:
            return 500, "text/html", "<html>oops</html>"
        return 200, "application/json", json.dumps(self._page(account, request.query))

    async def _take(self, account: str, form: Mapping[str, str]) -> tuple[int, str, str] | None:
        fault = self._fault()
        if fault == "too_many_requests":
            return 429, "application/json", _problem(20429, 429, "Too many requests")
        if fault == "error_before_accept":
            return 500, "text/html", "<html>oops</html>"
        record = _record(account, form, self.clock())
        self.messages.append(record)
        self.callbacks[record["sid"]] = form.get("StatusCallback", "")
        if fault == "error_after_accept":
            return 500, "application/json", _problem(20500, 500, "Internal error")
        if fault == "nonsense_after_accept":
            return 200, "text/html", "<html>Everything is fine</html>"
        if fault == "hang_after_accept":
            await self.hanging.wait()
            return None
        return 201, "application/json", json.dumps(record)

    def _fault(self) -> str | None:
        dice = self.chance.random()
        for name in (
            "error_after_accept",
            "hang_after_accept",
            "nonsense_after_accept",
            "too_many_requests",
            "error_before_accept",
        ):
            share: float = getattr(self.faults, name)
            if dice < share:
                return name
            dice -= share
        return None

    def _page(self, account: str, query: Mapping[str, str]) -> dict[str, Any]:
        size, page = int(query.get("PageSize", PAGE_SIZE)), int(query.get("Page", 0))
        fitting = [m for m in reversed(self.messages) if query.get("To") in {None, m["to"]}]
        shown = fitting[page * size : (page + 1) * size]
        here = f"/2010-04-01/Accounts/{account}/Messages.json?PageSize={size}"
        here += f"&To=%2B{query['To'].lstrip('+')}" if "To" in query else ""
        has_more = len(fitting) > (page + 1) * size
        return {
            "messages": shown,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(shown) - 1, 0),
            "uri": f"{here}&Page={page}",
            "first_page_uri": f"{here}&Page=0",
            "previous_page_uri": f"{here}&Page={page - 1}" if page else None,
            "next_page_uri": f"{here}&Page={page + 1}" if has_more else None,
        }


@contextlib.asynccontextmanager
async def serve(standin: StandIn) -> AsyncIterator[StandIn]:
    """Answer on a free port of this machine until the block ends."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        standin.connections.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while await _exchange(standin, reader, writer):
                pass
        standin.connections.discard(writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    standin.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield standin
    finally:
        standin.hanging.set()
        server.close()
        for writer in list(standin.connections):
            writer.close()
        await server.wait_closed()


async def _exchange(standin: StandIn, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Read one request and answer it; whether the connection stays open."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    address = urlsplit(target)
    request = Request(
        method, address.path, _single(address.query), dict(parse_qsl(body.decode(), True)), headers
    )
    answer = await standin.answer(request)
    if answer is None:
        return False
    status, media_type, text = answer
    content = text.encode()
    writer.write(
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n".encode()
        + content
    )
    await writer.drain()
    return True


def _single(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}


def _account(path: str) -> tuple[str, bool]:
    parts = path.strip("/").split("/")
    is_messages = len(parts) == 4 and parts[0] == "2010-04-01" and parts[3] == "Messages.json"  # noqa: PLR2004
    return (parts[2] if is_messages else ""), is_messages


def _problem(code: int, status: int, message: str) -> str:
    return json.dumps({"code": code, "status": status, "message": message, "more_info": ""})


def _record(account: str, form: Mapping[str, str], at: datetime) -> dict[str, Any]:
    sid = "SM" + secrets.token_hex(16)
    now = format_datetime(at)
    uri = f"/2010-04-01/Accounts/{account}/Messages/{sid}"
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": "0",
        "num_segments": str(measure(form.get("Body", "")).segments),
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": form.get("To"),
        "uri": f"{uri}.json",
    }
