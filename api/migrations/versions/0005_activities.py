"""Sessions, places, check-ins, codes, time notes and bookings."""

import sqlalchemy as sa
from alembic import op

from api.migrations.tenancy import grant_function, protect

revision = "0005_activities"
down_revision = "0004_directory"
branch_labels = None
depends_on = None

RIGHTS = {
    "typed_code": "select, insert, update",
}
"""Table → what the serving role may do; in the order of making."""

# A printed code is all that a stranger's telephone brings: it must find its bank before any bank is known.
BANKS_OF_CODE = """
create function banks_of_code(p_code_key text) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from typed_code where code_key = p_code_key
$$
"""


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table, may in RIGHTS.items():
        protect(table, may=may)
    op.execute(BANKS_OF_CODE)
    grant_function("banks_of_code(text)")


def downgrade() -> None:
    op.execute("drop function banks_of_code(text)")
    for table in reversed(RIGHTS):
        op.drop_table(table)


def _typed_code() -> None:
    op.create_table(
        "typed_code",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('poster', 'card', 'note', 'referral')", name="typed_code_kind_check"),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="typed_code_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "code_key"),
    )
    op.create_index("typed_code_key_idx", "typed_code", ["code_key"], unique=False)
    op.create_index(
        "typed_code_alive_key",
        "typed_code",
        ["bank_id", "kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("died_at is null"),
    )


MAKERS = (_typed_code,)
