"""The tables of safety: concerns with readers of their own, visits with a clock, who is on duty.

What is written here stands nowhere else: in no note of an hour, no event and no message.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, belongs_to, of_bank, one_of

CLEARANCES = ("role", "reference", "conduct", "training", "licence", "insurance", "mot")
DRIVING = ("licence", "insurance", "mot")
LEVELS = ("none", "basic", "standard", "enhanced", "enhanced_barred")
"""Levels of a criminal-record check; `none` is the rule, since most roles are eligible for no more."""
VISIT_STATES = ("planned", "there", "over", "called_off")


class Concern(SQLModel, table=True):
    """Somebody may be in danger: what was said, in a record that only named people read."""

    __tablename__ = "concern"
    __table_args__ = (
        belongs_to("concern", "about_id", "party", "party_id"),
        belongs_to("concern", "raised_by", "member", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    concern_id: UUID = Field(primary_key=True)
    about_id: UUID
    raised_by: UUID
    words: str
    raised_at: datetime = Field(sa_type=Timestamp)
    outcome: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Timestamp)


class ConcernReader(SQLModel, table=True):
    """Somebody who may read a concern: named one by one, never by role."""

    __tablename__ = "concern_reader"
    __table_args__ = (
        belongs_to("concern_reader", "concern_id", "concern", "concern_id"),
        belongs_to("concern_reader", "member_id", "member", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    concern_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    named_by: UUID
    named_at: datetime = Field(sa_type=Timestamp)


class ConcernRead(SQLModel, table=True):
    """Somebody read a concern. Never changed."""

    __tablename__ = "concern_read"
    __table_args__ = (belongs_to("concern_read", "concern_id", "concern", "concern_id"),)

    bank_id: UUID = Field(primary_key=True)
    read_id: UUID = Field(primary_key=True)
    concern_id: UUID
    by_id: UUID
    read_at: datetime = Field(sa_type=Timestamp)


class SafeguardingLead(SQLModel, table=True):
    """Who reads concerns and is told when a visit is not over in time, in this order."""

    __tablename__ = "safeguarding_lead"
    __table_args__ = (
        of_bank("safeguarding_lead"),
        belongs_to("safeguarding_lead", "member_id", "member", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    position: int


class Clearance(SQLModel, table=True):
    """One thing that is known of somebody in a role: seen when, by whom, and until when it holds."""

    __tablename__ = "clearance"
    __table_args__ = (
        belongs_to("clearance", "member_id", "member", "member_id"),
        one_of("clearance", "kind", CLEARANCES),
        one_of("clearance", "level", LEVELS),
        CheckConstraint(
            "(kind = 'role') = (is_eligible is not null and level is not null and reason is not null)",
            name="clearance_reason_check",
        ),
        CheckConstraint("is_eligible or level = 'none'", name="clearance_eligible_check"),
        CheckConstraint(
            "kind not in ('licence', 'insurance', 'mot') or expires_on is not null",
            name="clearance_expires_on_check",
        ),
        Index("clearance_member_idx", "bank_id", "member_id"),
        Index("clearance_chase_idx", "chase_on", postgresql_where=text("chase_on is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    clearance_id: UUID = Field(primary_key=True)
    member_id: UUID
    kind: str
    words: str | None = None
    """The role, whose reference, which training."""
    is_eligible: bool | None = None
    level: str | None = None
    reason: str | None = None
    """Why the role is, or is not, eligible for that level of check."""
    done_on: date
    expires_on: date | None = None
    chase_on: date | None = None
    """When its owner is reminded next."""
    ended_on: date | None = None
    written_by: UUID
    written_at: datetime = Field(sa_type=Timestamp)


class Visit(SQLModel, table=True):
    """A visit at somebody's home: who goes, with whom, and when they should be out again."""

    __tablename__ = "safe_visit"
    __table_args__ = (
        belongs_to("safe_visit", "visitor_id", "member", "member_id"),
        belongs_to("safe_visit", "host_id", "member", "member_id"),
        belongs_to("safe_visit", "company_id", "member", "member_id"),
        one_of("safe_visit", "state", VISIT_STATES),
        CheckConstraint("visitor_id <> host_id", name="safe_visit_host_id_check"),
        CheckConstraint("minutes between 1 and 1440", name="safe_visit_minutes_check"),
        Index("safe_visit_chase_idx", "chase_at", postgresql_where=text("chase_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    visit_id: UUID = Field(primary_key=True)
    visitor_id: UUID
    host_id: UUID
    company_id: UUID | None = None
    starts_at: datetime = Field(sa_type=Timestamp)
    minutes: int
    state: str = "planned"
    checked_in_at: datetime | None = Field(default=None, sa_type=Timestamp)
    checked_out_at: datetime | None = Field(default=None, sa_type=Timestamp)
    chase_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When somebody must be told that it is not over; null before it begins and after it ends."""
    told_at: datetime | None = Field(default=None, sa_type=Timestamp)
