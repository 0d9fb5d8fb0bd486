"""The tables of offers and asks. Words here are erasable; the books never see them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, Words, belongs_to, of_bank, one_of

LISTING_KINDS = ("offer", "request")
LISTING_STATES = ("draft", "with_coordinator", "open", "closed")
CIRCLE_STATES = ("proposed", "pinned", "accepted", "dropped")
SETTINGS = ("one_to_one", "group", "either")
MINUTES_MAX = 24 * 60
RADIUS_METRES_MAX = 100_000
LOT = "hashtext(listing_id::text)"


class Listing(SQLModel, table=True):
    """Something that a party offers to do for others, or asks of them."""

    __tablename__ = "listing"
    __table_args__ = (
        belongs_to("listing", "party_id", "party", "party_id"),
        belongs_to("listing", "made_by", "member", "member_id"),
        one_of("listing", "kind", LISTING_KINDS),
        one_of("listing", "state", LISTING_STATES),
        one_of("listing", "setting", SETTINGS),
        CheckConstraint(f"minutes between 1 and {MINUTES_MAX}", name="listing_minutes_check"),
        CheckConstraint(f"radius_metres between 0 and {RADIUS_METRES_MAX}", name="listing_radius_check"),
        CheckConstraint("ends_on >= starts_on", name="listing_ends_on_check"),
        CheckConstraint("times between 0 and 2097151", name="listing_times_check"),
        Index("listing_party_idx", "bank_id", "party_id", "state"),
        Index("listing_state_idx", "bank_id", "state", "kind", "listing_id"),
        Index("listing_review_idx", "review_on", postgresql_where=text("state = 'open'")),
    )

    bank_id: UUID = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    party_id: UUID
    kind: str
    state: str
    description: str
    skills: list[str] = Field(default_factory=list, sa_type=Words)
    is_unsure: bool = False
    """A machine read the words and was not sure of the skills: a person should look."""
    small_area: str | None = None
    radius_metres: int | None = None
    """How far its owner would travel; null: anywhere in the bank."""
    minutes: int | None = None
    """How long it usually takes."""
    times: int = 0
    """A bit for each part of the week, as `exchange.directory.times` reads them; 0: any time."""
    starts_on: date | None = None
    ends_on: date | None = None
    """The last day on which it makes sense; afterwards its owner is asked, as for `review_on`."""
    languages: list[str] = Field(default_factory=list, sa_type=Words)
    access: list[str] = Field(default_factory=list, sa_type=Words)
    """Offer: what its owner can provide for. Ask: what is needed."""
    setting: str = "either"
    is_at_home: bool = False
    """In the home of the one who is helped."""
    proposes_activity: bool = False
    """A member's idea for something to do together."""
    review_on: date
    """When to ask whether it still stands; it never ends by itself."""
    review_asked_at: datetime | None = Field(default=None, sa_type=Timestamp)
    closed_because: str | None = None
    made_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    changed_at: datetime = Field(sa_type=Timestamp)
    cleared_by: UUID | None = None
    """The coordinator who looked at an offer or ask that needs one."""
    cleared_note: str | None = None
    fingerprint: str
    """Hash of what was first written, to know a repeat from another listing under the same id."""


class ListingSkill(SQLModel, table=True):
    """Which open listings name which skill, with what a first choice among thousands looks at."""

    __tablename__ = "listing_skill"
    __table_args__ = (
        belongs_to("listing_skill", "listing_id", "listing", "listing_id"),
        Index("listing_skill_party_idx", "bank_id", "party_id", "kind"),
        Index("listing_skill_lot_idx", "bank_id", "skill", "kind", "lot"),
        Index("listing_skill_area_idx", "bank_id", "skill", "kind", "small_area", "lot"),
    )

    bank_id: UUID = Field(primary_key=True)
    skill: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    party_id: UUID
    small_area: str | None = None
    times: int
    setting: str
    is_at_home: bool
    lot: int | None = Field(
        default=None, sa_column=Column(Integer, Computed(LOT, persisted=True), nullable=False)
    )
    """A place by chance, so that some can be drawn without reading all; the database computes it."""


class ListingWords(SQLModel, table=True):
    """An open listing as search reads it: its words and skills, and what it can be narrowed by."""

    __tablename__ = "listing_words"
    __table_args__ = (
        belongs_to("listing_words", "listing_id", "listing", "listing_id"),
        Index(
            "listing_words_document_idx",
            "document",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    listing_id: UUID = Field(primary_key=True)
    party_id: UUID
    kind: str
    small_area: str | None = None
    times: int
    languages: list[str] = Field(sa_type=Words)
    access: list[str] = Field(sa_type=Words)
    setting: str
    is_at_home: bool
    document: Any = Field(sa_column=Column(TSVECTOR, nullable=False))


class OwnWord(SQLModel, table=True):
    """What people of one bank say for a skill; it counts from the moment it is written down."""

    __tablename__ = "own_word"
    __table_args__ = (belongs_to("own_word", "added_by", "member", "member_id"),)

    bank_id: UUID = Field(primary_key=True)
    word: str = Field(primary_key=True)
    skill: str = Field(primary_key=True)
    added_by: UUID
    added_at: datetime = Field(sa_type=Timestamp)


class Area(SQLModel, table=True):
    """Where a small area lies, so that near and far can be told."""

    __tablename__ = "area"
    __table_args__ = (
        of_bank("area"),
        CheckConstraint("latitude between -90 and 90", name="area_latitude_check"),
        CheckConstraint("longitude between -180 and 180", name="area_longitude_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    small_area: str = Field(primary_key=True)
    latitude: float
    longitude: float


class NotMe(SQLModel, table=True):
    """'Not me, thanks': what a party does not want to be matched with. Nobody else is told."""

    __tablename__ = "not_me"
    __table_args__ = (
        belongs_to("not_me", "party_id", "party", "party_id"),
        belongs_to("not_me", "other_id", "party", "party_id"),
        belongs_to("not_me", "listing_id", "listing", "listing_id"),
        CheckConstraint("num_nonnulls(other_id, listing_id, skill) = 1", name="not_me_one_thing_check"),
        UniqueConstraint(
            "bank_id",
            "party_id",
            "other_id",
            "listing_id",
            "skill",
            name="not_me_once_key",
            postgresql_nulls_not_distinct=True,
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    not_me_id: UUID = Field(primary_key=True)
    party_id: UUID
    other_id: UUID | None = None
    listing_id: UUID | None = None
    skill: str | None = None
    said_at: datetime = Field(sa_type=Timestamp)


class MatchingHold(SQLModel, table=True):
    """Nobody is matched with this party until a coordinator lifts it; why is not written here."""

    __tablename__ = "matching_hold"
    __table_args__ = (
        belongs_to("matching_hold", "party_id", "party", "party_id"),
        belongs_to("matching_hold", "made_by", "member", "member_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    party_id: UUID = Field(primary_key=True)
    made_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)


class Turn(SQLModel, table=True):
    """When a party was last asked to help, so that those who wait come first."""

    __tablename__ = "turn"
    __table_args__ = (belongs_to("turn", "party_id", "party", "party_id"),)

    bank_id: UUID = Field(primary_key=True)
    party_id: UUID = Field(primary_key=True)
    last_asked_at: datetime = Field(sa_type=Timestamp)
    counted_from: datetime = Field(sa_type=Timestamp)
    asked_times: int
    """Since `counted_from`, which begins anew when it is a month ago."""


class CircleRound(SQLModel, table=True):
    """One suggestion of circles for a bank, and what it was made of."""

    __tablename__ = "circle_round"
    __table_args__ = (belongs_to("circle_round", "made_by", "member", "member_id"),)

    bank_id: UUID = Field(primary_key=True)
    round_id: UUID = Field(primary_key=True)
    made_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    minutes: int
    greedy_minutes: int
    """What pairing two by two, first come first served, would have found."""
    fairness_cost_minutes: int | None = None
    """What it cost that quiet members and short circles come first; null in a bank too big to solve twice."""


class Circle(SQLModel, table=True):
    """A helps B, B helps C, C helps A: each gives as much as they receive."""

    __tablename__ = "circle"
    __table_args__ = (
        belongs_to("circle", "round_id", "circle_round", "round_id"),
        belongs_to("circle", "decided_by", "member", "member_id"),
        one_of("circle", "state", CIRCLE_STATES),
        CheckConstraint("minutes > 0", name="circle_minutes_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    circle_id: UUID = Field(primary_key=True)
    round_id: UUID
    state: str
    minutes: int
    """Of each leg."""
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=Timestamp)


class CircleLeg(SQLModel, table=True):
    """One of a circle's helps."""

    __tablename__ = "circle_leg"
    __table_args__ = (
        belongs_to("circle_leg", "circle_id", "circle", "circle_id"),
        belongs_to("circle_leg", "offer_id", "listing", "listing_id"),
        belongs_to("circle_leg", "request_id", "listing", "listing_id"),
        belongs_to("circle_leg", "giver_id", "party", "party_id"),
        belongs_to("circle_leg", "receiver_id", "party", "party_id"),
        CheckConstraint("giver_id <> receiver_id", name="circle_leg_receiver_id_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    circle_id: UUID = Field(primary_key=True)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    giver_id: UUID
    receiver_id: UUID
    offer_id: UUID
    request_id: UUID
    skill: str
    appointment_id: UUID | None = None
