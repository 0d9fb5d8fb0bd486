"""What every channel promises, and the four answers it may give.

The difference between `Retry` (certainly not taken) and `Unsure` (perhaps taken) is what keeps a message
from being sent twice: a channel that cannot tell must say `Unsure`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from notifications.notice import Attachment


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message on its way out. `reference` is our id, unique for ever."""

    bank_id: UUID
    reference: UUID
    channel: str
    to: str
    language: str
    subject: str
    body: str
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has it, under this id; `is_delivered` where nothing more will be heard."""

    provider_id: str
    is_delivered: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Certainly not taken: try again, after `seconds` where the provider said how long to wait."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """Perhaps taken: look it up before anything else is done."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Certainly not taken and never will be: a wrong number, a blocked sender."""

    reason: str


Sent = Taken | Retry | Unsure | Refused


@dataclass(frozen=True, slots=True)
class Found:
    """A message as the provider remembers it, with the provider's word for how it stands."""

    provider_id: str
    status: str = "accepted"


class Channel(Protocol):
    """One way out."""

    can_look_up: bool
    """Whether `find` can tell for certain that a message was not taken."""

    async def send(self, message: Outgoing) -> Sent:
        """Hand one message over, within the channel's own time-out. Never raises."""
        ...

    async def find(self, message: Outgoing, *, since: datetime) -> Sequence[Found] | None:
        """Everything the provider took that may be this message; None when it could not be asked."""
        ...
