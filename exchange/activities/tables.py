"""The tables of groups; what people wrote is erasable, and no table here counts hours."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, of_bank, one_of

CODE_KINDS = ("poster", "card", "note", "referral")


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
