"""What another room hands over when somebody is to be told something.

A notice carries an address and words to fill a template with; it knows no member and no hour. What must
never travel in its parameters: free text that somebody typed, or a health word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Literal
from uuid import UUID

Channel = Literal["sms", "email", "letter", "call"]
Kind = Literal["service", "nudge", "safety", "reply", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one person may be told, and how safely.

    `to` is E.164 for texts and calls, an e-mail address, or the lines of a postal address. Safe hours are
    local to the bank and may cross midnight; one alone means until, or from, midnight. `may_leave_message` is
    about the answering machine.
    """

    channel: Channel
    to: str
    discreet: bool = False
    safe_from: time | None = None
    safe_until: time | None = None
    may_leave_message: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels with an e-mail: a statement, an invitation."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event to be told to one person."""

    event_id: UUID
    recipient_id: UUID
    template: str
    address: Address
    language: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    meant: Mapping[str, str] = field(default_factory=dict)
    """The parameters in the coordinators' language, where somebody rings who may not read the other."""
    kind: Kind = "service"
    may_wait: bool = False
    """Its recipient chose to be told once a day."""
    attachment: Attachment | None = None
