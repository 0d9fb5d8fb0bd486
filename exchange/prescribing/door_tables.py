"""The tables of doors: a practice's credentials, its names for referrals, other organisations' services."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, belongs_to, of_bank


class PracticeClient(SQLModel, table=True):
    """One system of a practice; its secret is shown once, and only a hash of it is kept."""

    __tablename__ = "practice_client"
    __table_args__ = (
        belongs_to("practice_client", "practice_id", "practice", "practice_id"),
        belongs_to("practice_client", "made_by", "member", "member_id"),
        CheckConstraint("tries >= 0", name="practice_client_tries_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    practice_id: UUID
    name: str
    secret_hash: str
    made_by: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)
    tries: int = 0
    """Wrong secrets since the last right one."""
    tried_at: datetime | None = Field(default=None, sa_type=Timestamp)


class PracticeToken(SQLModel, table=True):
    """What a system shows at each request for a few minutes; only a hash of it is kept."""

    __tablename__ = "practice_token"
    __table_args__ = (
        belongs_to("practice_token", "client_id", "practice_client", "client_id"),
        Index("practice_token_client_idx", "bank_id", "client_id", "made_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    client_id: UUID
    made_at: datetime = Field(sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)


class ReferralIdentifier(SQLModel, table=True):
    """What a practice's own system calls a referral that it sent; erased with the person."""

    __tablename__ = "referral_identifier"
    __table_args__ = (
        belongs_to("referral_identifier", "referral_id", "referral", "referral_id"),
        belongs_to("referral_identifier", "practice_id", "practice", "practice_id"),
        UniqueConstraint("bank_id", "practice_id", "system", "value", name="referral_identifier_key"),
    )

    bank_id: UUID = Field(primary_key=True)
    referral_id: UUID = Field(primary_key=True)
    practice_id: UUID
    system: str
    value: str


class Signpost(SQLModel, table=True):
    """A service of another organisation, as its own open data tells of it."""

    __tablename__ = "signpost"
    __table_args__ = (
        of_bank("signpost"),
        UniqueConstraint("bank_id", "feed", "external_id", name="signpost_external_id_key"),
    )

    bank_id: UUID = Field(primary_key=True)
    signpost_id: UUID = Field(primary_key=True)
    feed: str
    """The address or the file that it came from."""
    external_id: str
    name: str
    organisation: str | None = None
    about: str | None = None
    url: str | None = None
    email: str | None = None
    telephone: str | None = None
    place: str | None = None
    when_words: str | None = None
    changed_at: datetime = Field(sa_type=Timestamp)
    seen_at: datetime = Field(sa_type=Timestamp)
    """When its feed still had it."""


class SignpostFeed(SQLModel, table=True):
    """Another organisation's feed that the bank follows."""

    __tablename__ = "signpost_feed"
    __table_args__ = (
        of_bank("signpost_feed"),
        UniqueConstraint("bank_id", "address", name="signpost_feed_address_key"),
        CheckConstraint(
            "(trouble is null) = (trouble_since is null)", name="signpost_feed_trouble_since_check"
        ),
        Index("signpost_feed_next_idx", "next_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    feed_id: UUID = Field(primary_key=True)
    address: str
    followed_at: datetime = Field(sa_type=Timestamp)
    next_at: datetime = Field(sa_type=Timestamp)
    read_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When it was last read whole."""
    trouble: str | None = None
    """Why it could not be read the last time, in a sentence."""
    trouble_since: datetime | None = Field(default=None, sa_type=Timestamp)
