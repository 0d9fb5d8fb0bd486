"""E-mail over SMTP, with attachments.

SMTP has no look-up, so a message whose fate is unknown is sent again under the same Message-ID, which
mail programs show once. What must never happen: a header made from something that contains a line break.
"""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from notifications.channels.contract import Found, Outgoing, Refused, Retry, Sent, Taken, Unsure
from notifications.notice import Attachment

TIMEOUT_SECONDS: Final = 20.0
PERMANENT: Final = range(500, 600)
IMPLICIT_TLS: Final = "smtps"
PORTS: Final = {"smtp": 587, "smtps": 465}


class EmailChannel:
    """Sends e-mail through one server, named as `smtp://user:password@host:587` (or `smtps://`)."""

    can_look_up = False

    def __init__(self, *, url: str, sender: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._timeout_seconds = timeout_seconds

    async def send(self, message: Outgoing) -> Sent:
        try:
            await aiosmtplib.send(
                self._letter(message),
                hostname=self._url.hostname or "localhost",
                port=self._url.port or PORTS.get(self._url.scheme, PORTS["smtp"]),
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == IMPLICIT_TLS,
                timeout=self._timeout_seconds,
            )
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the answer must be one of four
            return _outcome(error)
        return Taken(f"smtp:{message.reference}", is_delivered=True)

    async def find(self, message: Outgoing, *, since: datetime) -> Sequence[Found] | None:
        """A mail server cannot be asked what it took."""
        del message, since
        return None

    def _letter(self, message: Outgoing) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"] = self._sender
        letter["To"] = message.to
        letter["Subject"] = " ".join(message.subject.split())
        letter["Content-Language"] = message.language
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        letter["Message-ID"] = f"<{message.reference}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.body)
        if message.attachment is not None:
            _attach(letter, message.attachment)
        return letter


def _attach(letter: EmailMessage, attachment: Attachment) -> None:
    """Attach with the type's parameters: a calendar tells by `method` that it is asked something."""
    media_type, *parameters = (part.strip() for part in attachment.media_type.split(";"))
    kind, _, detail = media_type.partition("/")
    pairs = (parameter.partition("=") for parameter in parameters)
    letter.add_attachment(
        attachment.content,
        maintype=kind,
        subtype=detail,
        filename=attachment.name,
        params={name: value for name, _, value in pairs},
    )


def _outcome(error: Exception) -> Sent:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = {refusal.code for refusal in error.recipients}
        return Refused("mailbox") if codes and codes <= set(PERMANENT) else Retry("mailbox_busy")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Retry("not_signed_in")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Refused(f"smtp_{error.code}") if error.code in PERMANENT else Retry(f"smtp_{error.code}")
    if isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPConnectTimeoutError):
        return Retry("not_connected")
    if isinstance(error, ValueError):
        return Refused("not_an_address")
    return Unsure(type(error).__name__)
