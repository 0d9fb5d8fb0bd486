"""The edges of the channels: signatures over raw forms, time-outs kept, mail that arrives."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode

import pytest
from aiosmtpd.smtp import SMTP
from twilio.request_validator import RequestValidator
from uuid_utils.compat import uuid7

from notifications import Attachment, Invitation, invitation
from notifications.channels import Outgoing, Refused, Retry, Taken, Unsure
from notifications.channels.smtp import EmailChannel
from notifications.channels.standin import Faults, StandIn, serve
from notifications.channels.twilio import TwilioChannel, signature_is_valid

URL = "https://example.org/api/v1/webhooks/twilio/sms?bank=7"


def outgoing(**parts: Any) -> Outgoing:
    known: dict[str, Any] = {
        "bank_id": uuid7(), "reference": uuid7(), "channel": "sms", "to": "+447700900123",
        "language": "en", "subject": "", "body": "Hello",
    }  # fmt: skip
    return Outgoing(**(known | parts))


def test_a_signature_is_computed_over_the_raw_form() -> None:
    form = {"Body": "", "From": "+447700900123", "NumMedia": "0", "Text": "caffè & ŵ"}
    signature = RequestValidator("token").compute_signature(URL, form)
    raw = urlencode(form).encode()
    assert signature_is_valid("token", URL, raw, signature)
    without_the_empty_field = urlencode({k: v for k, v in form.items() if v}).encode()
    for url, body, token, given in (
        (URL, without_the_empty_field, "token", signature),
        (URL + "1", raw, "token", signature),
        (URL, raw + b"&Body=YES", "token", signature),
        (URL, raw, "other", signature),
        (URL, raw, "token", ""),
        (URL, b"\xff\xfe=1", "token", signature),
        (URL, b"no form at all", "token", signature),
    ):
        assert not signature_is_valid(token, url, body, given)


def test_a_field_sent_twice_counts_twice() -> None:
    class Twice(dict[str, str]):
        def getall(self, name: str) -> list[str]:
            return ["b", "a"]

    signature = RequestValidator("token").compute_signature(URL, Twice(Media="a"))
    assert signature_is_valid("token", URL, b"Media=a&Media=b", signature)


async def test_the_time_out_is_kept_and_a_post_is_never_repeated() -> None:
    async with (
        serve(StandIn(faults=Faults(hang_after_accept=1.0))) as standin,
        TwilioChannel(
            account_sid="AC" + "0" * 32, auth_token="t", sender="MG" + "0" * 32, callback_url=None,
            api_url=standin.url, timeout_seconds=0.2,
        ) as channel,
    ):  # fmt: skip
        assert await asyncio.wait_for(channel.send(outgoing()), timeout=5) == Unsure("timed_out")
        assert len(standin.messages) == 1
        assert standin.messages[0]["messaging_service_sid"] == "MG" + "0" * 32


class Mailbox:
    """A mail server that keeps what it gets, or says no."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal: str | None = None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  # aiosmtpd's name
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.letters.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, str]]:
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
    yield box, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_letter_arrives_with_its_attachment(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    channel = EmailChannel(url=url, sender="Evenhour <no-reply@example.org>")
    invitation = Attachment(name="tuesday.ics", media_type="text/calendar", content=b"BEGIN:VCALENDAR\r\n")
    message = outgoing(
        channel="email", to="ann@example.org", subject="Oriau\r\nBcc: x@example.org", body="Siân ŵ অ",
        attachment=invitation,
    )  # fmt: skip
    assert isinstance(await channel.send(message), Taken)
    [letter] = box.letters
    assert letter["Subject"] == "Oriau Bcc: x@example.org"
    assert letter["Bcc"] is None
    assert letter["Message-ID"] == f"<{message.reference}@example.org>"
    body = letter.get_body()
    assert body is not None
    assert body.get_content().strip() == "Siân ŵ অ"
    assert [part.get_filename() for part in letter.iter_attachments()] == ["tuesday.ics"]


async def test_an_invitation_arrives_and_says_nothing_but_when(mailbox: tuple[Mailbox, str]) -> None:
    box, url = mailbox
    channel = EmailChannel(url=url, sender="Evenhour <no-reply@example.org>")
    starts = datetime(2026, 5, 12, 9, tzinfo=UTC)
    invited = Invitation(
        appointment_id=uuid7(), starts_at=starts, ends_at=starts + timedelta(hours=1), language="bn",
        organiser="Evenhour <no-reply@example.org>",
        attendee="a-very-long-address-indeed-that-needs-folding-somewhere\r\nX:1@example.org",
    )  # fmt: skip
    for version, is_cancelled, method in ((0, False, "REQUEST"), (1, True, "CANCEL")):
        box.letters.clear()
        attached = invitation(replace(invited, version=version, is_cancelled=is_cancelled), at=starts)
        await channel.send(outgoing(channel="email", to="a@example.org", subject="x", attachment=attached))
        [part] = box.letters[0].iter_attachments()
        assert (part.get_content_type(), part["content-type"].params["method"]) == ("text/calendar", method)
        lines = part.get_payload(decode=True).decode().split("\r\n")
        assert all(len(line.encode()) <= 75 for line in lines)
        unfolded = "\r\n".join(lines).replace("\r\n ", "").split("\r\n")
        assert f"METHOD:{method}" in unfolded
        assert "DTSTART:20260512T090000Z" in unfolded
        assert "SUMMARY:সাক্ষাৎ" in unfolded
        assert not [line for line in unfolded if line.startswith(("X:", "LOCATION", "DESCRIPTION"))]


async def test_a_mailbox_that_is_gone_is_refused_and_a_busy_one_is_tried_again(
    mailbox: tuple[Mailbox, str],
) -> None:
    box, url = mailbox
    channel = EmailChannel(url=url, sender="no-reply@example.org")
    message = outgoing(channel="email", to="ann@example.org", subject="Hello")
    box.refusal = "550 No such user"
    assert await channel.send(message) == Refused("mailbox")
    box.refusal = "450 Try later"
    assert await channel.send(message) == Retry("mailbox_busy")
    nobody = EmailChannel(url="smtp://127.0.0.1:9", sender="no-reply@example.org")
    assert await nobody.send(message) == Retry("not_connected")
    assert await channel.find(message, since=datetime.now(UTC)) is None
