"""The tables of practices: who works there, what can be suggested, code lists, and what the bank chose."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.columns import belongs_to, of_bank, one_of

JOBS = ("gp", "nurse", "link_worker", "receptionist")
PRACTICE_BACKS = ("notes", "codes")
CHOICE_KINDS = ("talk", "suggestion", "listing", "lift")


class Practice(SQLModel, table=True):
    """An organisation that prescribes: its ODS code, and what it chose to hear."""

    __tablename__ = "practice"
    __table_args__ = (
        belongs_to("practice", "practice_id", "organisation", "organisation_id"),
        UniqueConstraint("bank_id", "ods_code", name="practice_ods_code_key"),
        one_of("practice", "hears", PRACTICE_BACKS),
        CheckConstraint("mailbox is not null or not is_mailbox_secure", name="practice_mailbox_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    practice_id: UUID = Field(primary_key=True)
    ods_code: str
    hears: str = "notes"
    mailbox: str | None = None
    is_mailbox_secure: bool = False
    """Somebody looked it up and wrote down that it is (DCB1596)."""
    mailbox_seen_by: UUID | None = None


class PracticeStaff(SQLModel, table=True):
    """Somebody who works at a practice; signs in by work e-mail."""

    __tablename__ = "practice_staff"
    __table_args__ = (
        belongs_to("practice_staff", "practice_id", "practice", "practice_id"),
        belongs_to("practice_staff", "member_id", "member", "member_id"),
        one_of("practice_staff", "job", JOBS),
    )

    bank_id: UUID = Field(primary_key=True)
    practice_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    job: str


class Suggestion(SQLModel, table=True):
    """Something that can be named on a prescription: a group, a lift, an offer of the bank."""

    __tablename__ = "suggestion"
    __table_args__ = (
        of_bank("suggestion"),
        belongs_to("suggestion", "listing_id", "listing", "listing_id"),
        belongs_to("suggestion", "activity_id", "activity", "activity_id"),
        one_of("suggestion", "kind", CHOICE_KINDS),
    )

    bank_id: UUID = Field(primary_key=True)
    suggestion_id: UUID = Field(primary_key=True)
    kind: str = "suggestion"
    words: str
    when_words: str | None = None
    place: str | None = None
    listing_id: UUID | None = None
    activity_id: UUID | None = None
    is_open: bool = True


class PracticeLike(SQLModel, table=True):
    """A suggestion that a practice likes: it stands first on its page."""

    __tablename__ = "practice_like"
    __table_args__ = (
        belongs_to("practice_like", "practice_id", "practice", "practice_id"),
        belongs_to("practice_like", "suggestion_id", "suggestion", "suggestion_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    practice_id: UUID = Field(primary_key=True)
    suggestion_id: UUID = Field(primary_key=True)


class NeedCode(SQLModel, table=True):
    """A line of a code list that this bank imported; without any, the list that comes with the service."""

    __tablename__ = "need_code"
    __table_args__ = (of_bank("need_code"), one_of("need_code", "kind", ("need", "flag")))

    bank_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True)
    system: str
    kind: str = "need"
    words: str
    position: int = 0


class CarePolicy(SQLModel, table=True):
    """What one bank chose about referrals and visits; without a row, the defaults written here."""

    __tablename__ = "care_policy"
    __table_args__ = (
        of_bank("care_policy"),
        CheckConstraint("erase_after_days between 0 and 3660", name="care_policy_erase_after_days_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    erase_after_days: int = 30
    """Days after a no, or after nobody answered, until the person's details are erased."""
    is_first_visit_accompanied: bool = True
    is_staff_with_referred: bool = True
    needs_references: int = 2
    needs_code_of_conduct: bool = True
    visit_grace_minutes: int = 15
