"""The tables of passkeys: keys that sign one person in, and questions that are answered once.

A question is asked before anybody knows which bank its answer names, so questions belong to none and say
nothing about anybody. What must never happen: a secret here; these are the public halves.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.columns import Timestamp, belongs_to


class Passkey(SQLModel, table=True):
    """One device's key to one person; listed to its owner, who may remove it."""

    __tablename__ = "passkey"
    __table_args__ = (
        belongs_to("passkey", "member_id", "member", "member_id"),
        UniqueConstraint("bank_id", "credential_id", name="passkey_credential_id_key"),
        CheckConstraint("sign_count >= 0", name="passkey_sign_count_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    passkey_id: UUID = Field(primary_key=True)
    member_id: UUID
    credential_id: str
    """As the device calls it, in URL-safe base64."""
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    """How often the device has signed; one that goes back is a copy. Some devices always say 0."""
    name: str
    made_at: datetime = Field(sa_type=Timestamp)
    used_at: datetime | None = Field(default=None, sa_type=Timestamp)


class PasskeyQuestion(SQLModel, table=True):
    """A challenge that waits for its one answer, by its hash; whom it was put to, by a hash too."""

    __tablename__ = "passkey_question"
    __table_args__ = (
        PrimaryKeyConstraint("key", name="passkey_question_pkey"),
        Index("passkey_question_expires_idx", "expires_at"),
    )

    key: str
    put_to: str
    expires_at: datetime = Field(sa_type=Timestamp)
