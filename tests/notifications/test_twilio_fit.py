"""Our recorded requests and the stand-in's replies, held to the few rules of Twilio's API description we use.

The rules are written down here in our own words, so that the tests need no copy of the description.
"""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from uuid_utils.compat import uuid7

from notifications.channels.contract import Outgoing, Taken
from notifications.channels.standin import Faults, StandIn, serve
from notifications.channels.twilio import TwilioChannel
from notifications.states import PROVIDER_SAYS

ACCOUNT = "AC" + "0" * 32
STATUSES = {
    "queued", "sending", "sent", "failed", "delivered", "undelivered", "receiving", "received", "accepted",
    "scheduled", "read", "partially_delivered", "canceled",
}  # fmt: skip
MESSAGE = {
    "account_sid": r"AC[0-9a-fA-F]{32}",
    "api_version": r"2010-04-01",
    "body": r"(?s).*",
    "date_created": "rfc2822",
    "date_sent": "rfc2822",
    "date_updated": "rfc2822",
    "direction": r"inbound|outbound-api|outbound-call|outbound-reply",
    "error_code": r"\d+",
    "error_message": r".*",
    "from": r"\+\d{6,15}|[A-Za-z0-9 ]{1,11}",
    "messaging_service_sid": r"MG[0-9a-fA-F]{32}",
    "num_media": r"\d+",
    "num_segments": r"\d+",
    "price": r"-?\d+(\.\d+)?",
    "price_unit": r"[A-Z]{3}",
    "sid": r"(SM|MM)[0-9a-fA-F]{32}",
    "status": "|".join(sorted(STATUSES)),
    "subresource_uris": "object",
    "to": r"\+\d{6,15}",
    "uri": r"/2010-04-01/Accounts/AC[0-9a-fA-F]{32}/Messages/(SM|MM)[0-9a-fA-F]{32}\.json",
}
"""Every field of a message, and what it looks like where it is not null."""
NEVER_NULL = ("direction", "status")
PAGE = {
    "messages", "page", "page_size", "start", "end", "uri",
    "first_page_uri", "previous_page_uri", "next_page_uri",
}  # fmt: skip
SENT = {"To", "From", "MessagingServiceSid", "Body", "StatusCallback"}
ASKED = {"To", "From", "DateSent", "DateSent<", "DateSent>", "PageSize", "Page", "PageToken"}


def misfits(record: dict[str, Any]) -> list[str]:
    """The fields of a message that the description would not have."""
    wrong = sorted(record.keys() ^ MESSAGE.keys())
    wrong += [name for name in NEVER_NULL if record.get(name) is None]
    for name, value in record.items():
        shape = MESSAGE.get(name, "")
        if value is None or not shape:
            continue
        if shape == "rfc2822":
            fits = parsedate_to_datetime(value).tzinfo is not None
        elif shape == "object":
            fits = isinstance(value, dict)
        else:
            fits = re.fullmatch(shape, str(value)) is not None
        wrong += [] if fits else [name]
    return wrong


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with serve(StandIn(keeps_requests=True)) as running:
        yield running


def channel(standin: StandIn, sender: str) -> TwilioChannel:
    return TwilioChannel(
        account_sid=ACCOUNT,
        auth_token="token",
        sender=sender,
        callback_url="https://hours.example.org/api/v1/webhooks/twilio/status",
        api_url=standin.url,
    )


def outgoing(body: str) -> Outgoing:
    return Outgoing(
        bank_id=uuid7(), reference=uuid7(), channel="sms", to="+447700900123", language="en", subject="",
        body=body, attachment=None,
    )  # fmt: skip


@pytest.mark.parametrize("sender", ["+447700900999", "MG" + "a" * 32])
async def test_what_we_ask_and_what_the_stand_in_answers_fit(standin: StandIn, sender: str) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    async with channel(standin, sender) as twilio:
        for body in ("Hello", "দেড় ঘণ্টা ✅", "€" * 200):
            assert isinstance(await twilio.send(message := outgoing(body)), Taken)
            assert await twilio.find(message, since=since)
    for request in standin.requests:
        assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert set(request.form) <= SENT
        assert set(request.query) <= ASKED
        if request.method == "POST":
            assert ("From" in request.form) != ("MessagingServiceSid" in request.form)
            assert 0 < len(request.form["Body"]) <= 1600
            callback = urlsplit(request.form["StatusCallback"])
            assert callback.hostname
            assert "_" not in request.form["StatusCallback"], "underscores are not allowed"
        else:
            assert 1 <= int(request.query["PageSize"]) <= 1000
    assert [misfits(record) for record in standin.messages] == [[]] * 3


async def test_the_stand_ins_pages_and_problems_fit(standin: StandIn) -> None:
    async with channel(standin, "+447700900999") as twilio:
        for _ in range(3):
            await twilio.send(outgoing("Hello"))
    url = f"{standin.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    async with aiohttp.ClientSession() as http:
        page = await (await http.get(url, params={"PageSize": "2", "To": "+447700900123"})).json()
        assert page.keys() == PAGE
        assert page["next_page_uri"].startswith(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json?")
        assert [misfits(record) for record in page["messages"]] == [[], []]
        standin.faults = Faults(too_many_requests=1.0)
        refused = await http.post(url, data={"To": "+447700900123", "Body": "Hello"})
        assert refused.status == 429
        assert (await refused.json()).keys() == {"code", "status", "message", "more_info"}


def test_every_word_of_the_providers_is_known_or_only_kept() -> None:
    """What comes in is no state of a text that goes out; a part delivered is shown and settles nothing."""
    assert PROVIDER_SAYS.keys() <= STATUSES
    assert STATUSES - PROVIDER_SAYS.keys() == {"receiving", "received", "partially_delivered"}


def test_a_record_that_does_not_fit_is_found(standin: StandIn) -> None:
    good = dict.fromkeys(MESSAGE) | {"direction": "outbound-api", "status": "queued"}
    assert misfits(good) == []
    assert misfits(good | {"status": "gone", "to": "0770"}) == ["status", "to"]
    assert misfits({**good, "colour": "red"}) == ["colour"]
    assert standin.messages == []
