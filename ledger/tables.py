"""The ledger's tables: private to this room, readable by the application, written only by `ledger/sql`.

They are declared here so that migrations can be checked against them and queries have types. What must
never happen: a row of these added through a session. The application's role has no right to it.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import DOMAIN
from sqlmodel import Field, SQLModel

# What one value must be, its type says. A CHECK could say it too, and would be read anew by every statement
# that writes to its table: those are kept for what several values must be together.
AMOUNT = DOMAIN("ledger_amount", BigInteger, check="value > 0", create_type=False)
HELD = DOMAIN("ledger_held", BigInteger, check="value >= 0", create_type=False)
DAY = DOMAIN("ledger_date", Date, check="isfinite(value)", create_type=False)
MOMENT = DOMAIN(
    "ledger_moment",
    DateTime(timezone=True),
    check="value > '0001-01-02 00:00+00' and value < '9999-12-31 00:00+00'",
    create_type=False,
)


def _bigint(**options: object) -> Column[int]:
    return Column(BigInteger, nullable=False, **options)  # type: ignore[arg-type]


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


class Currency(SQLModel, table=True):
    """A unit of account: hours with 60 minutes, or a community currency with 100 of its minor unit."""

    __tablename__ = "ledger_currency"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,11}$'", name="ledger_currency_code_is_short_capitals"),
        CheckConstraint("minor_per_major > 0", name="ledger_currency_minor_is_positive"),
    )

    bank_id: UUID = Field(primary_key=True)
    code: str = Field(primary_key=True, sa_type=Text)
    minor_per_major: int
    label: str = Field(sa_type=Text)


class Book(SQLModel, table=True):
    """What holds for a bank's books as a whole: its day, its first open day, and its log's clock."""

    __tablename__ = "ledger_book"

    bank_id: UUID = Field(primary_key=True)
    time_zone: str = Field(sa_type=Text)
    open_from: date | None
    """Nothing is booked with an earlier `happened_on`."""
    clock_offset: int = Field(sa_column=_bigint(server_default="0"))
    """Added to the server's transaction number, so that the log's clock survives a move of servers."""
    sealed_clock: int = Field(sa_column=_bigint(server_default="0"))
    """Every transfer with an earlier clock is under a seal."""
    sealing_clock: int | None = Field(sa_type=BigInteger)
    """Up to where the next seal will reach, as counted when it was begun; null when none is."""
    sealing_leaves: int | None = Field(sa_type=BigInteger)
    """How many it will hold. Nothing is added below a watermark, so this stays true."""


class Account(SQLModel, table=True):
    """A place where minor units are kept, with the limits its balance may not cross."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        ForeignKeyConstraint(
            ["bank_id", "currency"],
            ["ledger_currency.bank_id", "ledger_currency.code"],
            name="ledger_account_currency_exists",
        ),
        CheckConstraint(
            "balance - held >= lowest and balance <= highest",
            name="ledger_account_stays_within_limits",
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    currency: str = Field(sa_type=Text)
    floor: int | None = Field(sa_type=BigInteger)
    ceiling: int | None = Field(sa_type=BigInteger)
    balance: int = Field(sa_column=_bigint(server_default="0"))
    held: int = Field(sa_column=Column(HELD, nullable=False, server_default="0"))
    version: int = Field(sa_column=_bigint(server_default="0"))
    folded_version: int = Field(sa_column=_bigint(server_default="0"))
    """Entries up to here are summed in `ledger_day`; those after it are read one by one."""
    lowest: int = Field(sa_column=_bigint())
    """What `balance - held` cannot go below whoever writes: the floor, or where the account stood when its
    floor was raised over it; zero once it is closed."""
    highest: int = Field(sa_column=_bigint())
    """What `balance` cannot go above whoever writes; zero once the account is closed."""
    is_frozen: bool = Field(sa_column_kwargs={"server_default": text("false")})
    opened_at: datetime = Field(sa_column=_moment())
    booked_at: datetime = Field(sa_column=_moment())
    """When it was last written to: the books' time does not run backwards on any account."""
    closed_at: datetime | None = Field(sa_column=_moment(nullable=True))


class TransferRow(SQLModel, table=True):
    """One movement from one account to another, with both balances and versions after it."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        # What else must hold, the functions see to, and the audit looks again.
        CheckConstraint("payer_id <> payee_id", name="ledger_transfer_moves_between_two"),
        # The account first, since it is what tells two keys apart.
        Index("ledger_transfer_payer_version", "payer_id", "payer_version", "bank_id", unique=True),
        Index("ledger_transfer_payee_version", "payee_id", "payee_version", "bank_id", unique=True),
        Index("ledger_transfer_clock", "bank_id", "clock", "transfer_id"),
        Index(
            "ledger_transfer_reversed_once",
            "bank_id",
            "reverses",
            unique=True,
            postgresql_where=text("reverses is not null"),
        ),
    )

    bank_id: UUID = Field(primary_key=True)
    transfer_id: UUID = Field(primary_key=True)
    payer_id: UUID
    payee_id: UUID
    amount_minor: int = Field(sa_column=Column(AMOUNT, nullable=False))
    payer_balance: int = Field(sa_type=BigInteger)
    payer_version: int = Field(sa_type=BigInteger)
    payee_balance: int = Field(sa_type=BigInteger)
    payee_version: int = Field(sa_type=BigInteger)
    clock: int = Field(sa_type=BigInteger)
    """The bank's log clock: the number of the transaction that wrote it, plus the book's offset."""
    booked_at: datetime = Field(sa_column=Column(MOMENT, nullable=False))
    happened_on: date = Field(sa_column=Column(DAY, nullable=False))
    late_for: date | None = Field(sa_column=Column(DAY))
    """The day it really happened on, when that day's period was already closed."""
    currency: str = Field(sa_type=Text)
    reference: UUID | None
    reverses: UUID | None
    captures: UUID | None


class Day(SQLModel, table=True):
    """What one account gained or lost on one day, by its entries up to its `folded_version`."""

    __tablename__ = "ledger_day"

    bank_id: UUID = Field(primary_key=True)
    account_id: UUID = Field(primary_key=True)
    happened_on: date = Field(primary_key=True)
    change_minor: int = Field(sa_type=BigInteger)


class HoldRow(SQLModel, table=True):
    """An amount set aside on one account until it is captured, released, or its time runs out."""

    __tablename__ = "ledger_hold"
    __table_args__ = (
        ForeignKeyConstraint(
            ["bank_id", "account_id"],
            ["ledger_account.bank_id", "ledger_account.account_id"],
            name="ledger_hold_account_exists",
        ),
        CheckConstraint(
            "state in ('held', 'captured', 'released', 'expired')", name="ledger_hold_state_is_known"
        ),
        CheckConstraint("(state = 'held') = (ended_at is null)", name="ledger_hold_ends_once"),
        Index("ledger_hold_account", "bank_id", "account_id", postgresql_where=text("state = 'held'")),
        # By time first: the worker asks which banks have any that are due.
        Index("ledger_hold_expiry", "expires_at", "bank_id", postgresql_where=text("state = 'held'")),
    )

    bank_id: UUID = Field(primary_key=True)
    hold_id: UUID = Field(primary_key=True)
    account_id: UUID
    amount_minor: int = Field(sa_column=Column(AMOUNT, nullable=False))
    state: str = Field(sa_type=Text)
    reference: UUID | None
    held_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    ended_at: datetime | None = Field(sa_column=_moment(nullable=True))


class SealRow(SQLModel, table=True):
    """A published proof of a bank's books: the root of its Merkle tree, chained to the seal before."""

    __tablename__ = "ledger_seal"
    __table_args__ = (
        CheckConstraint("number >= 1", name="ledger_seal_number_is_positive"),
        CheckConstraint("tree_size >= leaf_count", name="ledger_seal_tree_holds_its_leaves"),
    )

    bank_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    tree_size: int = Field(sa_type=BigInteger)
    leaf_count: int = Field(sa_type=BigInteger)
    clock: int = Field(sa_type=BigInteger)
    """The watermark: every transfer of an earlier clock is under this seal or one before it."""
    root: bytes
    previous: bytes
    """The hash of the seal before; 32 zero bytes for the first."""
    hash: bytes
    frontier: bytes
    """The roots of the tree's perfect subtrees, left to right: what the next seal grows from."""
    leaf_hashes: bytes
    transfer_ids: bytes
    sealed_at: datetime = Field(sa_column=Column(MOMENT, nullable=False))
