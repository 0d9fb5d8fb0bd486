"""The tables of wellbeing questions: asked when, answered or refused, and a person's own goals."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Numbers, Timestamp, Words, belongs_to, of_bank, one_of

MEASURES = ("ons4", "ucla3", "lonely", "swemwbs")
ROUNDS = ("start", "6_weeks", "3_months", "6_months")
SHEET_STATES = ("due", "answered", "refused", "missed")
WAYS = ("page", "paper", "coordinator")
"""Never by text: a bleak answer needs a person."""


class Licence(SQLModel, table=True):
    """A measure whose words belong to somebody else: the operator's licence number and its items."""

    __tablename__ = "measure_licence"
    __table_args__ = (of_bank("measure_licence"), one_of("measure_licence", "measure", ("swemwbs",)))

    bank_id: UUID = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    number: str
    items: list[str] = Field(sa_type=Words)


class AnswerSheet(SQLModel, table=True):
    """One measure asked of one member in one round, and what they answered or that they would rather not."""

    __tablename__ = "answer_sheet"
    __table_args__ = (
        belongs_to("answer_sheet", "member_id", "member", "member_id"),
        one_of("answer_sheet", "measure", MEASURES),
        one_of("answer_sheet", "round", ROUNDS),
        one_of("answer_sheet", "state", SHEET_STATES),
        one_of("answer_sheet", "way", WAYS),
        CheckConstraint("(state = 'answered') = (answers is not null)", name="answer_sheet_answers_check"),
        Index("answer_sheet_bleak_idx", "bank_id", postgresql_where=text("is_bleak and seen_at is null")),
        Index("answer_sheet_chase_idx", "chase_on", postgresql_where=text("chase_on is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    round: str = Field(primary_key=True)
    state: str = "due"
    due_on: date
    chase_on: date | None = None
    """The day after which an unanswered sheet is missed."""
    answers: list[int] | None = Field(default=None, sa_type=Numbers)
    way: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=Timestamp)
    is_bleak: bool = False
    """A person is to ring them today; a flag for that, never a score of anybody."""
    seen_at: datetime | None = Field(default=None, sa_type=Timestamp)
    seen_by: UUID | None = None


class MeasureConsent(SQLModel, table=True):
    """What a member allows their answers to be used for, each a yes or no of its own."""

    __tablename__ = "measure_consent"
    __table_args__ = (
        belongs_to("measure_consent", "member_id", "member", "member_id"),
        one_of("measure_consent", "purpose", ("my_own_use", "referrer", "totals")),
    )

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    is_given: bool
    said_at: datetime = Field(sa_type=Timestamp)


class Goal(SQLModel, table=True):
    """'I want to …', in the member's own words, with how far they feel they are, from 0 to 10."""

    __tablename__ = "goal"
    __table_args__ = (
        belongs_to("goal", "member_id", "member", "member_id"),
        CheckConstraint("score between 0 and 10", name="goal_score_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    goal_id: UUID = Field(primary_key=True)
    member_id: UUID
    words: str
    score: int
    first_score: int
    set_at: datetime = Field(sa_type=Timestamp)
    scored_at: datetime = Field(sa_type=Timestamp)
    is_open: bool = True
