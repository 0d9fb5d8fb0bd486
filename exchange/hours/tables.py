"""The tables of hours given and of gifts; free text lives here, erasable, and never in the books."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, Words, belongs_to, one_of

STATES = (
    "awaiting_confirmation",
    "awaiting_approval",
    "posted",
    "declined",
    "withdrawn",
    "objected",
    "reversed",
)
MINUTES_MAX = 24 * 60


class Hours(SQLModel, table=True):
    """What one party gave another, in minutes, and how far it has come."""

    __tablename__ = "hours"
    __table_args__ = (
        belongs_to("hours", "giver_id", "party", "party_id"),
        belongs_to("hours", "receiver_id", "party", "party_id"),
        belongs_to("hours", "logger_id", "party", "party_id"),
        belongs_to("hours", "awaited_id", "party", "party_id"),
        CheckConstraint("giver_id <> receiver_id", name="hours_receiver_id_check"),
        CheckConstraint("logger_id in (giver_id, receiver_id)", name="hours_logger_id_check"),
        CheckConstraint("awaited_id in (giver_id, receiver_id)", name="hours_awaited_id_check"),
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="hours_minutes_check"),
        one_of("hours", "state", STATES),
        Index("hours_giver_idx", "bank_id", "giver_id", "done_on"),
        Index("hours_receiver_idx", "bank_id", "receiver_id", "done_on"),
        Index(
            "hours_open_idx",
            "bank_id",
            "state",
            postgresql_where=text("state not in ('posted', 'withdrawn', 'reversed')"),
        ),
        Index("hours_chase_idx", "chase_at", postgresql_where=text("chase_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    hours_id: UUID = Field(primary_key=True)
    giver_id: UUID
    receiver_id: UUID
    logger_id: UUID
    awaited_id: UUID
    """Whose yes is, or was last, waited for."""
    minutes: int
    done_on: date
    state: str
    reference: str
    """Three digits to answer with by text, unlike any other open one of the awaited party."""
    skill: str | None = None
    note: str | None = None
    is_at_home: bool = False
    listing_id: UUID | None = None
    appointment_id: UUID | None = None
    activity_id: UUID | None = None
    fingerprint: str
    """Hash of what was first told, to know a repeat from another telling under the same id."""
    approval_reasons: list[str] = Field(default_factory=list, sa_type=Words)
    objected_from: str | None = None
    covered_minutes: int = 0
    """What the community pot added for the receiver when these hours were posted."""
    logged_at: datetime = Field(sa_type=Timestamp)
    posted_at: datetime | None = Field(default=None, sa_type=Timestamp)
    chase_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When to remind, or to hand over to the coordinator; null when nobody is waited for."""
    reminders: int = 0
    steps: int = 0
    """How many steps were taken; the next one's number follows from it, under the row's lock."""
    is_with_coordinator: bool = False
    """Nobody answered, or somebody said no: a coordinator will talk with them."""


class Step(SQLModel, table=True):
    """One thing somebody did to an hour: who, for whom, when, and what it led to."""

    __tablename__ = "hours_step"
    __table_args__ = (belongs_to("hours_step", "hours_id", "hours", "hours_id"),)

    bank_id: UUID = Field(primary_key=True)
    hours_id: UUID = Field(primary_key=True)
    step: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    verb: str
    by_id: UUID | None
    """The member who did it; null when the clock did."""
    for_id: UUID | None
    """The party it was done for."""
    from_state: str | None
    to_state: str
    minutes: int
    reason: str | None = None
    """Goes to the coordinator only, never to the other side."""
    evidence: str | None = None
    done_at: datetime = Field(sa_type=Timestamp)


class Gift(SQLModel, table=True):
    """Hours passed on without help in return: between members, or from and to the pot."""

    __tablename__ = "gift"
    __table_args__ = (
        belongs_to("gift", "from_id", "party", "party_id"),
        belongs_to("gift", "to_id", "party", "party_id"),
        CheckConstraint("from_id <> to_id", name="gift_to_id_check"),
        CheckConstraint("minutes > 0", name="gift_minutes_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    gift_id: UUID = Field(primary_key=True)
    from_id: UUID
    to_id: UUID
    minutes: int
    note: str | None = None
    given_by: UUID
    given_on: date
    given_at: datetime = Field(sa_type=Timestamp)

    def told(self) -> dict[str, str | int]:
        """What the event about it carries: keys and minutes."""
        keys = {"gift_id": self.gift_id, "from_id": self.from_id, "to_id": self.to_id, "by_id": self.given_by}
        return {**{name: str(key) for name, key in keys.items()}, "minutes": self.minutes}
