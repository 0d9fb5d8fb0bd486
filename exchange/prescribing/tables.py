"""The tables of referrals.

Who somebody is, and why, stand in rows of their own, which are erased whole; what remains is a course of
states without a person. What must never happen: a column here that a posting or an event copies.
"""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, Words, belongs_to, of_bank, one_of
from exchange.prescribing.practice_tables import CHOICE_KINDS

BACKS = ("notes", "codes", "nothing")
"""What may be told afterwards: a letter in words, coded entries only, or that it is closed."""
ROUTES = ("practice", "self", "care_home", "council", "project")
BASES = ("health_care", "public_task", "explicit_consent")
"""The footing on which details are kept; the person's yes to the referral is a thing apart."""
TIERS = ("signpost", "activity", "accompanied")
STATES = ("received", "accepted", "declined", "contacted", "started", "closed")
CHASES = ("overdue", "lapse")


class ReferralDraft(SQLModel, table=True):
    """A prescription that somebody began: the answers as they were typed, right or wrong."""

    __tablename__ = "referral_draft"
    __table_args__ = (
        belongs_to("referral_draft", "begun_by", "member", "member_id"),
        belongs_to("referral_draft", "referrer_id", "organisation", "organisation_id"),
        one_of("referral_draft", "route", ROUTES),
        Index("referral_draft_forget_idx", "forget_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    draft_id: UUID = Field(primary_key=True)
    route: str
    referrer_id: UUID | None = None
    begun_by: UUID
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    changed_at: datetime = Field(sa_type=Timestamp)
    forget_at: datetime = Field(sa_type=Timestamp)


class Referral(SQLModel, table=True):
    """One person's way to the bank, as far as it has come. Nothing here says who they are."""

    __tablename__ = "referral"
    __table_args__ = (
        of_bank("referral"),
        belongs_to("referral", "referrer_id", "organisation", "organisation_id"),
        belongs_to("referral", "member_id", "member", "member_id"),
        one_of("referral", "route", ROUTES),
        one_of("referral", "state", STATES),
        one_of("referral", "back", BACKS),
        one_of("referral", "basis", BASES),
        one_of("referral", "tier", TIERS),
        one_of("referral", "next_chase", CHASES),
        CheckConstraint("consents", name="referral_consents_check"),
        CheckConstraint("carries_minutes between 0 and 1440", name="referral_carries_minutes_check"),
        CheckConstraint("pledge_minutes between 0 and 1440", name="referral_pledge_minutes_check"),
        CheckConstraint("(route = 'self') = (referrer_id is null)", name="referral_referrer_id_check"),
        CheckConstraint(
            "(reason is not null) = (state in ('declined', 'closed'))", name="referral_reason_check"
        ),
        Index("referral_referrer_idx", "bank_id", "referrer_id", "made_at"),
        Index("referral_member_idx", "bank_id", "member_id"),
        Index("referral_chase_idx", "chase_at", postgresql_where=text("chase_at is not null")),
        Index("referral_erase_idx", "erase_on", postgresql_where=text("erase_on is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    route: str
    referrer_id: UUID | None = None
    made_by: UUID
    entered_by: UUID | None = None
    """The coordinator who wrote down what came by telephone or letter."""
    state: str
    tier: str | None = None
    consents: bool
    consent_heard: str
    """`in_person`, `telephone` or `in_writing`."""
    basis: str
    back: str
    may_measure: bool = False
    """A consent of its own: wellbeing questions told to whoever referred."""
    reason: str | None = None
    """Why it was declined or closed: a code of `states`."""
    member_id: UUID | None = None
    """Once the person chose to become a member."""
    carries_minutes: int = 0
    """Hours to spend that it carries, from the fund of whoever referred; set aside when the person joins."""
    pledge_minutes: int = 0
    """What the person would like to give in their turn: a wish."""
    wishes_call_at: datetime | None = Field(default=None, sa_type=Timestamp)
    attempts: int = 0
    steps: int = 0
    made_at: datetime = Field(sa_type=Timestamp)
    state_at: datetime = Field(sa_type=Timestamp)
    """When it came into its state, or was last tried."""
    chase_at: datetime | None = Field(default=None, sa_type=Timestamp)
    next_chase: str | None = None
    is_overdue: bool = False
    erase_on: date | None = None
    erased_on: date | None = None
    fingerprint: str


class ReferralPerson(SQLModel, table=True):
    """Who somebody is and how to reach them safely; erased whole."""

    __tablename__ = "referral_person"
    __table_args__ = (
        belongs_to("referral_person", "referral_id", "referral", "referral_id"),
        Index("referral_person_nhs_idx", "bank_id", "nhs_number"),
        Index("referral_person_chi_idx", "bank_id", "chi_number"),
    )

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    name: str
    born_on: date | None = None
    address: str | None = None
    nhs_number: str | None = None
    chi_number: str | None = None
    telephone: str | None = None
    email: str | None = None
    language: str = "en"
    may_text: bool = False
    may_leave_voicemail: bool = False
    may_post: bool = False
    safe_from: time | None = None
    safe_until: time | None = None
    is_discreet: bool = True
    not_to_say: str | None = None
    """What must not be said in a message, and to whom; for people only, never sent."""


class ReferralWhy(SQLModel, table=True):
    """Needs and concerns, the person's own hope, and what staff must know to keep them safe; erased whole."""

    __tablename__ = "referral_why"
    __table_args__ = (belongs_to("referral_why", "referral_id", "referral", "referral_id"),)

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    needs: list[str] = Field(default_factory=list, sa_type=Words)
    flags: list[str] = Field(default_factory=list, sa_type=Words)
    aspiration: str | None = None
    note: str | None = None


class ReferralChoice(SQLModel, table=True):
    """One thing that was chosen with the person."""

    __tablename__ = "referral_choice"
    __table_args__ = (
        belongs_to("referral_choice", "referral_id", "referral", "referral_id"),
        belongs_to("referral_choice", "suggestion_id", "suggestion", "suggestion_id"),
        one_of("referral_choice", "kind", CHOICE_KINDS),
    )

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    words: str
    when_words: str | None = None
    suggestion_id: UUID | None = None
    activity_id: UUID | None = None


class ReferralStep(SQLModel, table=True):
    """One thing done to a referral: who, when, and what it led to. Never changed."""

    __tablename__ = "referral_step"
    __table_args__ = (belongs_to("referral_step", "referral_id", "referral", "referral_id"),)

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    verb: str
    by_id: UUID | None
    """The member who did it; null when the clock did."""
    from_state: str | None
    to_state: str
    reason: str | None = None
    done_at: datetime = Field(sa_type=Timestamp)


class ReferralNote(SQLModel, table=True):
    """What staff wrote while they looked after a referral; read by staff alone, erased with the person."""

    __tablename__ = "referral_note"
    __table_args__ = (belongs_to("referral_note", "referral_id", "referral", "referral_id"),)

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    words: str


class ReferralLetter(SQLModel, table=True):
    """The message back: made in the transaction that ends a referral, at the level that was consented to."""

    __tablename__ = "referral_letter"
    __table_args__ = (
        belongs_to("referral_letter", "referral_id", "referral", "referral_id"),
        one_of("referral_letter", "level", BACKS),
    )

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    level: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """`codes` at the levels codes and notes; counts and `words` at notes only; empty at nothing."""
    made_at: datetime = Field(sa_type=Timestamp)
    sent_to: str | None = None
    """The secure mailbox it went to, if the practice has one."""
    read_at: datetime | None = Field(default=None, sa_type=Timestamp)


class ReferralRead(SQLModel, table=True):
    """Somebody looked at a referral; the person it is about can have this list. Never changed."""

    __tablename__ = "referral_read"
    __table_args__ = (
        belongs_to("referral_read", "referral_id", "referral", "referral_id"),
        Index("referral_read_idx", "bank_id", "referral_id", "read_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    read_id: UUID = Field(primary_key=True)
    referral_id: UUID
    by_id: UUID
    standing: str
    parts: list[str] = Field(default_factory=list, sa_type=Words)
    read_at: datetime = Field(sa_type=Timestamp)
