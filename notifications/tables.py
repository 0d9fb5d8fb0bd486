"""The tables of words out and words in.

Every table but the claims of inbound texts belongs to one time bank. Recipients are opaque keys: nothing
here may point into another room, and nothing here may be the only place where a fact about hours is kept.
"""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

CHANNELS = ("sms", "email", "letter", "call")
DIGESTED = ("sms", "email")
KINDS = ("service", "nudge", "safety", "reply", "code")
STATES = (
    "pending",
    "sending",
    "maybe_sent",
    "accepted",
    "delivered",
    "undelivered",
    "failed",
    "withheld",
    "cancelled",
)
IN_FLIGHT = "state in ('sending', 'maybe_sent')"


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The text of a CHECK that holds a column to a list of words."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def instant(*, nullable: bool = False) -> Column[datetime]:
    """A moment in UTC."""
    return Column(DateTime(timezone=True), nullable=nullable)


class Message(SQLModel, table=True):
    """One thing told to one person: unique on the event told of and the person told."""

    __tablename__ = "message"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "id", name="message_pkey"),
        UniqueConstraint("bank_id", "event_id", "recipient_id", name="message_once_per_event_and_recipient"),
        CheckConstraint(one_of("channel", CHANNELS), name="message_channel_is_known"),
        CheckConstraint(one_of("kind", KINDS), name="message_kind_is_known"),
        CheckConstraint(one_of("state", STATES), name="message_state_is_known"),
        CheckConstraint("segments >= 0", name="message_segments_not_negative"),
        CheckConstraint("attempts >= 0", name="message_attempts_not_negative"),
        CheckConstraint(
            f"not ({IN_FLIGHT}) or lease_until is not null", name="message_in_flight_has_a_lease"
        ),
        Index("message_due", "bank_id", "not_before", postgresql_where=text("state = 'pending'")),
        Index("message_in_flight", "bank_id", "lease_until", postgresql_where=text(IN_FLIGHT)),
        Index("message_recipient", "bank_id", "recipient_id", "queued_at"),
        Index("message_address", "bank_id", "address", "queued_at"),
    )

    bank_id: UUID
    id: UUID
    """Our reference: it rides in the status-callback URL, so the provider's callbacks find the row."""
    event_id: UUID
    recipient_id: UUID
    channel: str
    address: str
    """E.164 for texts and calls, an address for e-mail, lines for a letter."""
    is_discreet: bool
    safe_from: time | None
    safe_until: time | None
    may_leave_message: bool
    kind: str
    template: str
    parameters: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    language: str
    subject: str
    body: str
    segments: int
    attachment_name: str | None = None
    attachment_type: str | None = None
    attachment: bytes | None = None
    state: str
    reason: str | None = None
    """Why it was withheld, cancelled or failed: a word from a list, never the provider's free text."""
    attempts: int = 0
    queued_at: datetime = Field(sa_column=instant())
    not_before: datetime = Field(sa_column=instant())
    give_up_at: datetime = Field(sa_column=instant())
    first_sent_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lease_until: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    provider_id: str | None = None
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    outcome: str | None = None
    said: str | None = None
    handled_by: UUID | None = None


class DigestLine(SQLModel, table=True):
    """One event that waits to be told in somebody's daily digest; its words are erased once it is told."""

    __tablename__ = "digest_line"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "event_id", "recipient_id", name="digest_line_pkey"),
        CheckConstraint(one_of("channel", DIGESTED), name="digest_line_channel_is_known"),
        Index("digest_line_due", "bank_id", "due_at", postgresql_where=text("told_at is null")),
        Index("digest_line_recipient", "bank_id", "recipient_id"),
    )

    bank_id: UUID
    event_id: UUID
    recipient_id: UUID
    channel: str
    address: str
    is_discreet: bool
    safe_from: time | None
    safe_until: time | None
    language: str
    line: str
    kept_at: datetime = Field(sa_column=instant())
    due_at: datetime = Field(sa_column=instant())
    told_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class MessageReceipt(SQLModel, table=True):
    """What the provider told us about one message, once for each of its ids and statuses."""

    __tablename__ = "message_receipt"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "message_id", "provider_id", "status", name="message_receipt_pkey"),
        ForeignKeyConstraint(
            ["bank_id", "message_id"],
            ["message.bank_id", "message.id"],
            name="message_receipt_of_message",
            ondelete="CASCADE",
        ),
    )

    bank_id: UUID
    message_id: UUID
    provider_id: str
    status: str
    received_at: datetime = Field(sa_column=instant())


class MessageSpend(SQLModel, table=True):
    """Segments promised on one local day, for the whole bank (scope `bank`) or for one number."""

    __tablename__ = "message_spend"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "day", "scope", name="message_spend_pkey"),
        CheckConstraint("segments >= 0", name="message_spend_not_negative"),
    )

    bank_id: UUID
    day: date
    scope: str
    segments: int = Field(sa_column=Column(Integer, nullable=False))


class AddressPause(SQLModel, table=True):
    """An address that is told nothing for now: its owner said STOP, or it bounces."""

    __tablename__ = "address_pause"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "channel", "address", "reason", name="address_pause_pkey"),
        CheckConstraint(one_of("reason", ("stopped", "bounced")), name="address_pause_reason_is_known"),
    )

    bank_id: UUID
    channel: str
    address: str
    reason: str
    bounces: int = 0
    paused_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    lifted_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))


class InboundClaim(SQLModel, table=True):
    """Which of a provider's messages were taken; belongs to no bank, since none is known yet."""

    __tablename__ = "inbound_claim"
    __table_args__ = (PrimaryKeyConstraint("provider", "provider_message_id", name="inbound_claim_pkey"),)

    provider: str
    provider_message_id: str
    claimed_at: datetime = Field(sa_column=instant())


class InboundText(SQLModel, table=True):
    """A text somebody sent us; those that need a person wait on the desk until one settles them."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "id", name="inbound_text_pkey"),
        Index("inbound_text_sender", "bank_id", "sender", "received_at"),
        Index(
            "inbound_text_unread",
            "bank_id",
            "received_at",
            postgresql_where=text("needs_person and settled_at is null"),
        ),
    )

    bank_id: UUID
    id: UUID
    sender: str
    body: str
    member_id: UUID | None
    needs_person: bool
    received_at: datetime = Field(sa_column=instant())
    settled_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    settled_by: UUID | None = None


class Question(SQLModel, table=True):
    """The one short question last asked of a number, and what its answer would complete; kept a day."""

    __tablename__ = "question"
    __table_args__ = (PrimaryKeyConstraint("bank_id", "address", name="question_pkey"),)

    bank_id: UUID
    address: str
    topic: str
    context: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    asked_at: datetime = Field(sa_column=instant())
    expires_at: datetime = Field(sa_column=instant())


class BankText(SQLModel, table=True):
    """A coordinator's own wording of one template in one language."""

    __tablename__ = "bank_text"
    __table_args__ = (PrimaryKeyConstraint("bank_id", "template", "language", name="bank_text_pkey"),)

    bank_id: UUID
    template: str
    language: str
    body: str
    saved_by: UUID
    saved_at: datetime = Field(sa_column=instant())


class SafetyAlert(SQLModel, table=True):
    """Something somebody must know now: told to one person after the other until one says they have it."""

    __tablename__ = "safety_alert"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "id", name="safety_alert_pkey"),
        Index("safety_alert_open", "bank_id", "next_at", postgresql_where=text("taken_at is null")),
    )

    bank_id: UUID
    id: UUID
    template: str
    parameters: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    people: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    step: int = 0
    raised_at: datetime = Field(sa_column=instant())
    next_at: datetime = Field(sa_column=instant())
    taken_at: datetime | None = Field(default=None, sa_column=instant(nullable=True))
    taken_by: UUID | None = None
