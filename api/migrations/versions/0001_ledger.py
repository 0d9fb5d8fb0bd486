"""The books."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOMAIN

import ledger
from api.migrations import tenancy

revision = "0001_ledger"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    "ledger_currency",
    "ledger_book",
    "ledger_account",
    "ledger_hold",
    "ledger_transfer",
    "ledger_day",
    "ledger_seal",
]

DOMAINS = {
    "ledger_amount": "bigint check (value > 0)",
    "ledger_held": "bigint check (value >= 0)",
    "ledger_date": "date check (isfinite(value))",
    "ledger_moment": "timestamptz check (value > '0001-01-02 00:00+00' and value < '9999-12-31 00:00+00')",
}
"""What one value must be."""

INTERNAL = [
    "ledger_refuse",
    "ledger_end_holds",
    "ledger_enter",
    "ledger_explain",
    "ledger_fold",
    "ledger_highest",
    "ledger_lowest",
    "ledger_write",
    "ledger_write_plain",
]
"""Called by the functions below only: nobody is granted these."""

GRANTED = [
    "ledger_post",
    "ledger_post_one",
    "ledger_post_plain_one",
    "ledger_reverse",
    "ledger_open_currency",
    "ledger_open_account",
    "ledger_set_limits",
    "ledger_freeze",
    "ledger_hold",
    "ledger_release",
    "ledger_expire_holds",
    "ledger_capture",
    "ledger_close",
    "ledger_open_books",
    "ledger_close_period",
    "ledger_leaf",
    "ledger_version_at",
    "ledger_seal_begin",
    "ledger_seal_end",
    "banks_with_due_holds",
]


def upgrade() -> None:
    for name, domain in DOMAINS.items():
        op.execute(f"create domain {name} as {domain}")
    _currency()
    _book()
    _account()
    _hold()
    _transfer()
    _day()
    _seal()
    # Balances and days are updated in place: room on each page keeps their indexes out of it. A little will
    # do for accounts: with more, PostgreSQL tidies a page each time somebody looks at it.
    op.execute("alter table ledger_account set (fillfactor = 90)")
    op.execute("alter table ledger_day set (fillfactor = 70)")
    # Hashes do not compress; trying would cost more than sealing.
    op.execute("alter table ledger_seal alter column leaf_hashes set storage external")
    op.execute("alter table ledger_seal alter column transfer_ids set storage external")
    for path in sorted((Path(ledger.__file__).parent / "sql").glob("0001_*.sql")):
        op.get_bind().exec_driver_sql(path.read_text())
    for table in TABLES:
        tenancy.protect(table, may="select")
    tenancy.grant("ledger_entry", "select")
    for function in INTERNAL:
        op.execute(f"revoke all on function {function} from public")
    for function in GRANTED:
        tenancy.grant_function(function)


def downgrade() -> None:
    op.execute("drop view ledger_entry")
    for function in reversed(INTERNAL + GRANTED):
        op.execute(f"drop function {function}")
    op.execute("drop type ledger_booked")
    op.execute("drop type ledger_booked_one")
    for table in reversed(TABLES):
        op.drop_table(table)
    for name in DOMAINS:
        op.execute(f"drop domain {name}")


AMOUNT = DOMAIN("ledger_amount", sa.BigInteger(), create_type=False)
HELD = DOMAIN("ledger_held", sa.BigInteger(), create_type=False)
DAY = DOMAIN("ledger_date", sa.Date(), create_type=False)
MOMENT = DOMAIN("ledger_moment", sa.DateTime(timezone=True), create_type=False)


def _currency() -> None:
    op.create_table(
        "ledger_currency",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("minor_per_major", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z][A-Z0-9]{1,11}$'", name="ledger_currency_code_is_short_capitals"),
        sa.CheckConstraint("minor_per_major > 0", name="ledger_currency_minor_is_positive"),
        sa.PrimaryKeyConstraint("bank_id", "code"),
    )


def _book() -> None:
    op.create_table(
        "ledger_book",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("open_from", sa.Date(), nullable=True),
        sa.Column("clock_offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sealed_clock", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sealing_clock", sa.BigInteger(), nullable=True),
        sa.Column("sealing_leaves", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("bank_id"),
    )


def _account() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("balance", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", HELD, server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("folded_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lowest", sa.BigInteger(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.Column("is_frozen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "balance - held >= lowest and balance <= highest",
            name="ledger_account_stays_within_limits",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "currency"],
            ["ledger_currency.bank_id", "ledger_currency.code"],
            name="ledger_account_currency_exists",
        ),
        sa.PrimaryKeyConstraint("bank_id", "account_id"),
    )


def _hold() -> None:
    op.create_table(
        "ledger_hold",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'held') = (ended_at is null)", name="ledger_hold_ends_once"),
        sa.CheckConstraint(
            "state in ('held', 'captured', 'released', 'expired')", name="ledger_hold_state_is_known"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "account_id"],
            ["ledger_account.bank_id", "ledger_account.account_id"],
            name="ledger_hold_account_exists",
        ),
        sa.PrimaryKeyConstraint("bank_id", "hold_id"),
    )
    op.create_index(
        "ledger_hold_account",
        "ledger_hold",
        ["bank_id", "account_id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ledger_hold_expiry",
        "ledger_hold",
        ["expires_at", "bank_id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )


def _transfer() -> None:
    op.create_table(
        "ledger_transfer",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("payer_balance", sa.BigInteger(), nullable=False),
        sa.Column("payer_version", sa.BigInteger(), nullable=False),
        sa.Column("payee_balance", sa.BigInteger(), nullable=False),
        sa.Column("payee_version", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", MOMENT, nullable=False),
        sa.Column("happened_on", DAY, nullable=False),
        sa.Column("late_for", DAY, nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Uuid(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("captures", sa.Uuid(), nullable=True),
        sa.CheckConstraint("payer_id <> payee_id", name="ledger_transfer_moves_between_two"),
        sa.PrimaryKeyConstraint("bank_id", "transfer_id"),
    )
    op.create_index(
        "ledger_transfer_clock", "ledger_transfer", ["bank_id", "clock", "transfer_id"], unique=False
    )
    op.create_index(
        "ledger_transfer_payee_version",
        "ledger_transfer",
        ["payee_id", "payee_version", "bank_id"],
        unique=True,
    )
    op.create_index(
        "ledger_transfer_payer_version",
        "ledger_transfer",
        ["payer_id", "payer_version", "bank_id"],
        unique=True,
    )
    op.create_index(
        "ledger_transfer_reversed_once",
        "ledger_transfer",
        ["bank_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("reverses is not null"),
    )


def _day() -> None:
    op.create_table(
        "ledger_day",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("change_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bank_id", "account_id", "happened_on"),
    )


def _seal() -> None:
    op.create_table(
        "ledger_seal",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("tree_size", sa.BigInteger(), nullable=False),
        sa.Column("leaf_count", sa.BigInteger(), nullable=False),
        sa.Column("clock", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hashes", sa.LargeBinary(), nullable=False),
        sa.Column("transfer_ids", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.CheckConstraint("number >= 1", name="ledger_seal_number_is_positive"),
        sa.CheckConstraint("tree_size >= leaf_count", name="ledger_seal_tree_holds_its_leaves"),
        sa.PrimaryKeyConstraint("bank_id", "number"),
    )
