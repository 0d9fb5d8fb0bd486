"""The tables of agreed help; where and why are erasable words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, Words, belongs_to, one_of

STATES = ("asked", "agreed", "moved", "happened", "did_not_happen", "cancelled")
ANSWERS = ("waiting", "yes", "no", "thanked")
CHASES = ("remind", "ask", "hand_over")
MINUTES_MAX = 24 * 60


class Appointment(SQLModel, table=True):
    """Help that somebody asked for, and what became of it."""

    __tablename__ = "appointment"
    __table_args__ = (
        belongs_to("appointment", "receiver_id", "party", "party_id"),
        belongs_to("appointment", "giver_id", "party", "party_id"),
        belongs_to("appointment", "listing_id", "listing", "listing_id"),
        belongs_to("appointment", "arranged_by", "member", "member_id"),
        one_of("appointment", "state", STATES),
        one_of("appointment", "next_chase", CHASES),
        CheckConstraint("giver_id <> receiver_id", name="appointment_giver_id_check"),
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="appointment_minutes_check"),
        CheckConstraint(
            "giver_id is not null or state in ('asked', 'cancelled')", name="appointment_agreed_check"
        ),
        Index("appointment_giver_idx", "bank_id", "giver_id", "starts_at"),
        Index("appointment_receiver_idx", "bank_id", "receiver_id", "starts_at"),
        Index("appointment_chase_idx", "chase_at", postgresql_where=text("chase_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(primary_key=True)
    state: str
    receiver_id: UUID
    giver_id: UUID | None = None
    """Who helps; nobody until somebody said yes."""
    listing_id: UUID | None = None
    skill: str | None = None
    starts_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """Null while the two still have to find a time."""
    minutes: int
    place: str | None = None
    is_at_home: bool = False
    note: str | None = None
    arranged_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    agreed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    moved_by: UUID | None = None
    """The side that wishes another time; the other one says yes to it."""
    moves: int = 0
    reason: str | None = None
    """Why it was cancelled or did not happen; for coordinators only."""
    hours_id: UUID | None = None
    chase_at: datetime | None = Field(default=None, sa_type=Timestamp)
    next_chase: str | None = None
    is_with_coordinator: bool = False
    fingerprint: str


class Ask(SQLModel, table=True):
    """One party asked to take part in an appointment, who decided to ask them and why, and the answer."""

    __tablename__ = "appointment_ask"
    __table_args__ = (
        belongs_to("appointment_ask", "appointment_id", "appointment", "appointment_id"),
        belongs_to("appointment_ask", "party_id", "party", "party_id"),
        belongs_to("appointment_ask", "decided_by", "member", "member_id"),
        one_of("appointment_ask", "answer", ANSWERS),
        Index("appointment_ask_party_idx", "bank_id", "party_id", "asked_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    appointment_id: UUID = Field(primary_key=True)
    party_id: UUID = Field(primary_key=True)
    answer: str
    asked_at: datetime = Field(sa_type=Timestamp)
    answered_at: datetime | None = Field(default=None, sa_type=Timestamp)
    decided_by: UUID
    reasons: list[str] = Field(default_factory=list, sa_type=Words)
    """What spoke for asking them; both may hear it, each in their language."""
    reason: str | None = None
    """Why they said no; for coordinators only."""
    evidence: str | None = None
    """Who heard the answer, when a coordinator gives it for somebody."""
