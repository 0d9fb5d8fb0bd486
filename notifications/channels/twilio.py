"""Text messages through Twilio, with its own SDK over an HTTP client of ours.

The SDK's own asynchronous client ignores its time-out and may be told to retry a POST, which would send a
text twice; ours is the same library with the time-out honoured and no second try. Twilio keeps no
reference of ours, so a message is looked up by recipient and wording, and our id rides in the
status-callback URL as second proof.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from notifications.channels.contract import Found, Outgoing, Refused, Retry, Sent, Taken, Unsure

TIMEOUT_SECONDS: Final = 10.0
CONNECTIONS_MAX: Final = 64
PAGE_SIZE: Final = 100
PAGES_MAX: Final = 10
CLOCK_SLACK: Final = timedelta(minutes=2)
"""Their clock and ours may differ by this much."""
TOO_MANY_REQUESTS: Final = 429
CLIENT_ERRORS: Final = range(400, 500)
OUTBOUND: Final = "outbound"
REFUSALS: Final = {
    21610: "stopped",
    21211: "not_a_number",
    21614: "landline",
    21408: "country",
    21612: "route",
}
"""Twilio's error codes that will not change by trying again, in our words."""

log = logging.getLogger(__name__)


class OneTryClient(AsyncHttpClient):  # type: ignore[misc]
    """The SDK's requests over aiohttp: one time-out for the whole exchange, one try, no redirects.

    aiohttp repeats a request by itself only for methods that may be repeated, which a POST is not.
    """

    def __init__(self, *, timeout_seconds: float) -> None:
        super().__init__(log, is_async=True, timeout=timeout_seconds)
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the SDK's signature
        allow_redirects: bool = False,
    ) -> Response:
        del timeout, allow_redirects
        signed = {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}
        async with self._opened().request(
            method,
            url,
            params=params,
            data=data,
            headers={**(headers or {}), **signed},
            allow_redirects=False,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    def _opened(self) -> aiohttp.ClientSession:
        """Made on first use, since it belongs to the loop that runs then."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, connector=aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class TwilioChannel:
    """Sends texts from one number of one account.

    Args:
        callback_url: where Twilio reports; the bank and our id are added to its query.
        api_url: a stand-in's address, for tests and rehearsals.
    """

    can_look_up = True

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        callback_url: str | None,
        api_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._http = OneTryClient(timeout_seconds=timeout_seconds)
        self._client = Client(account_sid, auth_token, http_client=self._http)
        if api_url:
            self._client.api.base_url = api_url
        self._sender = sender
        self._callback_url = callback_url

    async def send(self, message: Outgoing) -> Sent:
        try:
            made = await self._client.messages.create_async(
                to=message.to, body=message.body, **self._origin(), **self._callback(message)
            )
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the answer must be one of four
            return _outcome(error)
        return Taken(made.sid) if made.sid else Unsure("nonsense")

    async def find(self, message: Outgoing, *, since: datetime) -> Sequence[Found] | None:
        try:
            return await self._search(message, since - CLOCK_SLACK)
        except Exception as error:  # noqa: BLE001  # not knowing is an answer; raising would lose the message
            log.warning("The provider could not be asked: %s", type(error).__name__)
            return None

    async def _search(self, message: Outgoing, since: datetime) -> list[Found] | None:
        found: list[Found] = []
        page = await self._client.messages.page_async(to=message.to, page_size=PAGE_SIZE)
        for _ in range(PAGES_MAX):
            records = list(page)
            found += [
                Found(record.sid, str(record.status))
                for record in records
                if _is_this(record, message, since)
            ]
            is_past = bool(records) and records[-1].date_created and records[-1].date_created < since
            if is_past or not page.next_page_url:
                return found
            page = await page.next_page_async()
        return None  # more messages than we may read: unknown, rather than absent

    def _origin(self) -> dict[str, str]:
        key = "messaging_service_sid" if self._sender.startswith("MG") else "from_"
        return {key: self._sender}

    def _callback(self, message: Outgoing) -> dict[str, str]:
        if not self._callback_url:
            return {}
        query = urlencode({"bank": str(message.bank_id), "message": str(message.reference)})
        return {"status_callback": f"{self._callback_url}?{query}"}

    async def close(self) -> None:
        await self._http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _is_this(record: Any, message: Outgoing, since: datetime) -> bool:
    return (
        str(record.direction).startswith(OUTBOUND)
        and record.sid is not None
        and (record.body or "").strip() == message.body.strip()
        and (record.date_created is None or record.date_created >= since)
    )


def _outcome(error: Exception) -> Sent:
    if isinstance(error, TwilioRestException):
        return _answered(error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Retry("not_connected")
    if isinstance(error, TimeoutError):
        return Unsure("timed_out")
    if isinstance(error, aiohttp.ClientError | ConnectionError):
        return Unsure("connection_broke")
    if isinstance(error, TwilioException | ValueError | TypeError | AttributeError | KeyError):
        return Unsure("nonsense")
    return Unsure(type(error).__name__)


def _answered(error: TwilioRestException) -> Sent:
    if error.status == TOO_MANY_REQUESTS:
        return Retry("too_many_requests")
    if error.status in CLIENT_ERRORS:
        return Refused(REFUSALS.get(error.code, f"refused_{error.code}"))
    return Unsure(f"provider_{error.status}")


def signature_is_valid(auth_token: str, url: str, raw_form: bytes, signature: str) -> bool:
    """Whether Twilio signed this request, computed over the form's bytes exactly as they came.

    `url` is the address as Twilio knows it, with its query. An empty field counts in the signature, so a
    form that a web framework has parsed (and dropped it from) will not do.
    """
    try:
        pairs = parse_qsl(raw_form.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(raw_form))
    except (UnicodeDecodeError, ValueError):
        return False
    return bool(RequestValidator(auth_token).validate(url, _Form(pairs), signature))


class _Form(Mapping[str, str]):
    """A form with repeated fields, as the SDK's validator reads one."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def getall(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def __getitem__(self, name: str) -> str:
        return self.getall(name)[0]

    def __iter__(self) -> Any:
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(dict(self._pairs))
