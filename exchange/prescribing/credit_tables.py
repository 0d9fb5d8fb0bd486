"""The tables of hours that are set aside for somebody: whose fund, for whom, until when."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, belongs_to, one_of

PURSE_STATES = ("open", "ended")


class Fund(SQLModel, table=True):
    """Hours that a practice or funder put in for people to spend; a party with an account of its own."""

    __tablename__ = "fund"
    __table_args__ = (
        belongs_to("fund", "fund_id", "party", "party_id"),
        belongs_to("fund", "funder_id", "organisation", "organisation_id"),
    )

    bank_id: UUID = Field(primary_key=True)
    fund_id: UUID = Field(primary_key=True)
    funder_id: UUID


class Purse(SQLModel, table=True):
    """Hours set aside for one member, apart from their own, until a day; what is left goes back."""

    __tablename__ = "purse"
    __table_args__ = (
        belongs_to("purse", "purse_id", "party", "party_id"),
        belongs_to("purse", "fund_id", "fund", "fund_id"),
        belongs_to("purse", "member_id", "member", "member_id"),
        belongs_to("purse", "referral_id", "referral", "referral_id"),
        one_of("purse", "state", PURSE_STATES),
        CheckConstraint("minutes > 0", name="purse_minutes_check"),
        CheckConstraint("pledge_minutes >= 0", name="purse_pledge_minutes_check"),
        Index("purse_member_idx", "bank_id", "member_id"),
        Index("purse_expiry_idx", "expires_on", postgresql_where=text("state = 'open'")),
    )

    bank_id: UUID = Field(primary_key=True)
    purse_id: UUID = Field(primary_key=True)
    fund_id: UUID
    member_id: UUID
    referral_id: UUID | None = None
    minutes: int
    expires_on: date
    pledge_minutes: int = 0
    """What they would like to give in their turn: a wish, which nobody collects."""
    state: str = "open"
    granted_by: UUID
    granted_at: datetime = Field(sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)


class PurseDraw(SQLModel, table=True):
    """What a purse paid towards one hour that its member received."""

    __tablename__ = "purse_draw"
    __table_args__ = (
        belongs_to("purse_draw", "purse_id", "purse", "purse_id"),
        belongs_to("purse_draw", "hours_id", "hours", "hours_id"),
        CheckConstraint("minutes > 0", name="purse_draw_minutes_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    hours_id: UUID = Field(primary_key=True)
    purse_id: UUID = Field(primary_key=True)
    transfer_id: UUID
    minutes: int
