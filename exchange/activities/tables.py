"""The tables of groups; what people wrote is erasable, and no table here counts hours."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, Words, belongs_to, of_bank, one_of

CODE_KINDS = ("poster", "card", "note", "referral")
ACTIVITY_STATES = ("proposed", "approved", "declined", "ended")
REPEATS = ("once", "weekly", "fortnightly", "monthly")
PAYERS = ("host", "issuance")
PAYEES = ("host", "pot")
SESSION_STATES = ("planned", "called_off", "closed")
PLACE_STATES = ("booked", "waiting", "left", "came", "missed", "called_off")
CHECK_IN_STATES = ("waiting", "counted", "refused", "undone")
WAYS = ("poster", "card", "roster", "typed", "text", "afterwards", "day_list")
FLAGS = ("late", "clock", "floor", "no_check_out")
TROUBLES = (
    "bad",
    "unknown",
    "dead",
    "over",
    "early",
    "called_off",
    "other_session",
    "other_bank",
    "not_a_member",
    "used",
    "too_many",
    "not_theirs",
)
RESOURCE_KINDS = ("room", "equipment")
UNITS = ("hour", "day")
BOOKING_STATES = ("booked", "used", "cancelled", "called_off", "missed")
NOTE_STATES = ("out", "used", "expired", "void")
MINUTES_MAX = 24 * 60


class TypedCode(SQLModel, table=True):
    """A code that was given out, and what it opens; dead ones stay, to be told from those never made."""

    __tablename__ = "typed_code"
    __table_args__ = (
        of_bank("typed_code"),
        one_of("typed_code", "kind", CODE_KINDS),
        Index("typed_code_key_idx", "code_key"),
        Index(
            "typed_code_alive_key",
            "bank_id",
            "kind",
            "subject_id",
            unique=True,
            postgresql_where=text("died_at is null"),
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    code_key: str = Field(primary_key=True)
    """The code itself; of a time note, a keyed hash of it."""
    kind: str
    subject_id: UUID
    """A session, a member, a time note or a referral."""
    made_at: datetime = Field(sa_type=Timestamp)
    died_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Activity(SQLModel, table=True):
    """What a group does together, when, where, for how many, and what it earns or costs."""

    __tablename__ = "activity"
    __table_args__ = (
        belongs_to("activity", "host_id", "party", "party_id"),
        belongs_to("activity", "proposed_by", "member", "member_id"),
        one_of("activity", "state", ACTIVITY_STATES),
        one_of("activity", "repeats", REPEATS),
        one_of("activity", "earns_from", PAYERS),
        one_of("activity", "costs_to", PAYEES),
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="activity_minutes_check"),
        CheckConstraint(
            f"earns_minutes between 0 and {MINUTES_MAX} and costs_minutes between 0 and {MINUTES_MAX} "
            f"and leaders_earn_minutes between 0 and {MINUTES_MAX}",
            name="activity_credits_check",
        ),
        CheckConstraint("earns_minutes = 0 or costs_minutes = 0", name="activity_one_way_check"),
        CheckConstraint("places between 1 and 10000", name="activity_places_check"),
        CheckConstraint("companions_max between 0 and 20", name="activity_companions_check"),
        CheckConstraint("late_hours between 0 and 336", name="activity_late_hours_check"),
        CheckConstraint("ends_on >= first_on", name="activity_ends_on_check"),
        Index("activity_plan_idx", "plan_at", postgresql_where=text("plan_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True)
    host_id: UUID
    """The organisation or the member that holds it."""
    title: str
    about: str | None = None
    location: str
    access: list[str] = Field(default_factory=list, sa_type=Words)
    """What somebody with a wheelchair, a hearing aid or a child may count on, line by line."""
    lifts: str | None = None
    """How to get a lift there; empty when there are none."""
    state: str
    repeats: str
    first_on: date
    starts: time
    """On the clock of the bank's own town, whatever its clocks do."""
    minutes: int
    ends_on: date | None = None
    places: int | None = None
    companions_max: int = 0
    earns_minutes: int = 0
    earns_from: str = "issuance"
    costs_minutes: int = 0
    costs_to: str = "pot"
    leaders_earn_minutes: int = 0
    has_check_out: bool = False
    is_public: bool = True
    is_trusted: bool = False
    """Whether scanning the poster counts without a helper's nod."""
    late_hours: int = 0
    late_keeps: bool = False
    """Whether leaving later than `late_hours` before, or staying away, costs the place."""
    proposed_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Timestamp)
    reason: str | None = None
    plan_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When the next sessions are written; null when there are no more."""
    fingerprint: str


class ActivityLeader(SQLModel, table=True):
    """A member who leads an activity: earns for it, and may check others in."""

    __tablename__ = "activity_leader"
    __table_args__ = (
        belongs_to("activity_leader", "activity_id", "activity", "activity_id"),
        belongs_to("activity_leader", "member_id", "member", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    activity_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)


class ActivitySession(SQLModel, table=True):
    """One meeting of an activity, on one day."""

    __tablename__ = "activity_session"
    __table_args__ = (
        belongs_to("activity_session", "activity_id", "activity", "activity_id"),
        one_of("activity_session", "state", SESSION_STATES),
        UniqueConstraint("bank_id", "activity_id", "on_day", name="activity_session_on_day_key"),
        Index("activity_session_starts_idx", "bank_id", "starts_at"),
        Index("activity_session_close_idx", "close_at", postgresql_where=text("close_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    activity_id: UUID
    on_day: date
    starts_at: datetime = Field(sa_type=Timestamp)
    ends_at: datetime = Field(sa_type=Timestamp)
    state: str = "planned"
    turns: int = 0
    """How many asked for a place; the next one's turn follows, under the row's lock."""
    close_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When those who stayed away are settled; null once that is done."""
    reason: str | None = None


class Place(SQLModel, table=True):
    """Somebody's place at a session, or their turn on its waiting list."""

    __tablename__ = "place"
    __table_args__ = (
        belongs_to("place", "session_id", "activity_session", "session_id"),
        belongs_to("place", "member_id", "member", "member_id"),
        one_of("place", "state", PLACE_STATES),
        UniqueConstraint("bank_id", "session_id", "turn", name="place_turn_key"),
        Index(
            "place_once_key",
            "bank_id",
            "session_id",
            "member_id",
            unique=True,
            postgresql_where=text("state in ('booked', 'waiting', 'came')"),
        ),
        Index("place_member_idx", "bank_id", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    place_id: UUID = Field(primary_key=True)
    session_id: UUID
    member_id: UUID
    state: str
    turn: int
    companions: int = 0
    wants_lift: bool = False
    is_held: bool = False
    """Whether credits are set aside, under this place's own id."""
    kept_minutes: int = 0
    """What a late goodbye cost."""
    booked_by: UUID
    booked_at: datetime = Field(sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Seat(SQLModel, table=True):
    """One chair at one session: the key that two bookings cannot share."""

    __tablename__ = "seat"
    __table_args__ = (
        belongs_to("seat", "place_id", "place", "place_id"),
        CheckConstraint("seat > 0", name="seat_seat_check"),
        Index("seat_place_idx", "bank_id", "place_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    seat: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place_id: UUID


class CheckIn(SQLModel, table=True):
    """That somebody came: however we heard of it, there is one for each person and session."""

    __tablename__ = "check_in"
    __table_args__ = (
        belongs_to("check_in", "session_id", "activity_session", "session_id"),
        belongs_to("check_in", "member_id", "member", "member_id"),
        one_of("check_in", "state", CHECK_IN_STATES),
        one_of("check_in", "way", WAYS),
        UniqueConstraint("bank_id", "session_id", "member_id", name="check_in_once_key"),
        CheckConstraint("minutes >= 0", name="check_in_minutes_check"),
        Index(
            "check_in_flagged_idx",
            "bank_id",
            "told_at",
            postgresql_where=text("cardinality(flags) > 0 and settled_at is null"),
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    check_in_id: UUID = Field(primary_key=True)
    session_id: UUID
    member_id: UUID
    state: str
    way: str
    is_leader: bool = False
    came_at: datetime = Field(sa_type=Timestamp)
    left_at: datetime | None = Field(default=None, sa_type=Timestamp)
    device_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """What the clock of the telephone said; null when it was not asked."""
    told_at: datetime = Field(sa_type=Timestamp)
    minutes: int = 0
    """What it earned or cost, once that is in the books."""
    is_paid: bool = False
    flags: list[str] = Field(default_factory=list, sa_type=Words)
    """Why a coordinator should look, besides counting it."""
    settled_at: datetime | None = Field(default=None, sa_type=Timestamp)
    by_id: UUID
    reason: str | None = None


class CodeTrouble(SQLModel, table=True):
    """A code that did not open: for the coordinator to see, and to slow down whoever guesses."""

    __tablename__ = "code_trouble"
    __table_args__ = (
        of_bank("code_trouble"),
        one_of("code_trouble", "trouble", TROUBLES),
        Index("code_trouble_who_idx", "bank_id", "who", "at"),
    )

    bank_id: UUID = Field(primary_key=True)
    trouble_id: UUID = Field(primary_key=True)
    trouble: str
    kind: str | None = None
    who: str
    """A keyed hash of the session, number or network; never the thing itself, nor the code."""
    member_id: UUID | None = None
    subject_id: UUID | None = None
    at: datetime = Field(sa_type=Timestamp)
    settled_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Resource(SQLModel, table=True):
    """A room by the hour or a thing by the day, offered by an organisation."""

    __tablename__ = "resource"
    __table_args__ = (
        belongs_to("resource", "owner_id", "party", "party_id"),
        one_of("resource", "kind", RESOURCE_KINDS),
        one_of("resource", "unit", UNITS),
        CheckConstraint(f"costs_minutes between 0 and {MINUTES_MAX}", name="resource_costs_minutes_check"),
        CheckConstraint("late_hours between 0 and 336", name="resource_late_hours_check"),
        CheckConstraint("opens < closes", name="resource_closes_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    resource_id: UUID = Field(primary_key=True)
    owner_id: UUID
    kind: str
    unit: str
    title: str
    about: str | None = None
    location: str
    access: list[str] = Field(default_factory=list, sa_type=Words)
    costs_minutes: int = 0
    """For each hour of a room, or each day of a thing."""
    opens: time
    closes: time
    late_hours: int = 0
    late_keeps: bool = False
    is_offered: bool = True
    made_at: datetime = Field(sa_type=Timestamp)


class Booking(SQLModel, table=True):
    """Somebody's hours in a room, or days with a thing."""

    __tablename__ = "booking"
    __table_args__ = (
        belongs_to("booking", "resource_id", "resource", "resource_id"),
        belongs_to("booking", "party_id", "party", "party_id"),
        one_of("booking", "state", BOOKING_STATES),
        CheckConstraint("starts_at < ends_at", name="booking_ends_at_check"),
        Index("booking_party_idx", "bank_id", "party_id", "starts_at"),
        Index("booking_close_idx", "close_at", postgresql_where=text("close_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    booking_id: UUID = Field(primary_key=True)
    resource_id: UUID
    party_id: UUID
    state: str
    starts_at: datetime = Field(sa_type=Timestamp)
    ends_at: datetime = Field(sa_type=Timestamp)
    units: int
    minutes: int
    """What is set aside, and paid when it is used."""
    is_held: bool = False
    kept_minutes: int = 0
    booked_by: UUID
    booked_at: datetime = Field(sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)
    close_at: datetime | None = Field(default=None, sa_type=Timestamp)


class Slot(SQLModel, table=True):
    """One hour of a room, or one day of a thing: the key that two bookings cannot share."""

    __tablename__ = "slot"
    __table_args__ = (
        belongs_to("slot", "resource_id", "resource", "resource_id"),
        belongs_to("slot", "booking_id", "booking", "booking_id"),
        Index("slot_booking_idx", "bank_id", "booking_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    resource_id: UUID = Field(primary_key=True)
    starts_at: datetime = Field(primary_key=True, sa_type=Timestamp)
    booking_id: UUID


class NoteSheet(SQLModel, table=True):
    """A sheet of printed time notes, and from whose hours they were set aside."""

    __tablename__ = "note_sheet"
    __table_args__ = (
        belongs_to("note_sheet", "payer_id", "party", "party_id"),
        belongs_to("note_sheet", "issued_by", "member", "member_id"),
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="note_sheet_minutes_check"),
        CheckConstraint("notes between 1 and 200", name="note_sheet_notes_check"),
        Index("note_sheet_expire_idx", "expire_at", postgresql_where=text("expire_at is not null")),
    )

    bank_id: UUID = Field(primary_key=True)
    sheet_id: UUID = Field(primary_key=True)
    payer_id: UUID
    minutes: int
    """What each note is worth."""
    notes: int
    purpose: str | None = None
    issued_by: UUID
    issued_at: datetime = Field(sa_type=Timestamp)
    expires_on: date
    """The last day on which a note may be used."""
    expire_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When what is left goes back; null once it has."""


class TimeNote(SQLModel, table=True):
    """One printed note: out, used once, or gone back."""

    __tablename__ = "time_note"
    __table_args__ = (
        belongs_to("time_note", "sheet_id", "note_sheet", "sheet_id"),
        belongs_to("time_note", "used_by", "member", "member_id"),
        one_of("time_note", "state", NOTE_STATES),
        UniqueConstraint("bank_id", "sheet_id", "number", name="time_note_number_key"),
        CheckConstraint("(state = 'used') = (used_by is not null)", name="time_note_used_by_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    note_id: UUID = Field(primary_key=True)
    sheet_id: UUID
    number: int
    state: str = "out"
    used_by: UUID | None = None
    used_at: datetime | None = Field(default=None, sa_type=Timestamp)
    desk_id: UUID | None = None
    """The organisation at whose desk it was used; null when the member did it alone."""
