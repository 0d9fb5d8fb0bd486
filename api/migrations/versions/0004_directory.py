"""Offers and asks: listings, their skills and words, and the help that is agreed from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.tenancy import protect

revision = "0004_directory"
down_revision = "0003_exchange"
branch_labels = None
depends_on = None

TABLES = ("listing", "listing_skill", "listing_words")


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table in TABLES:
        protect(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _listing() -> None:
    op.create_table(
        "listing",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("skills", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_unsure", sa.Boolean(), nullable=False),
        sa.Column("small_area", sa.String(), nullable=True),
        sa.Column("radius_metres", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("access", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("setting", sa.String(), nullable=False),
        sa.Column("is_at_home", sa.Boolean(), nullable=False),
        sa.Column("proposes_activity", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("review_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.String(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("cleared_note", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint("kind in ('offer', 'request')", name="listing_kind_check"),
        sa.CheckConstraint(
            "state in ('draft', 'with_coordinator', 'open', 'closed')", name="listing_state_check"
        ),
        sa.CheckConstraint("setting in ('one_to_one', 'group', 'either')", name="listing_setting_check"),
        sa.CheckConstraint("minutes between 1 and 1440", name="listing_minutes_check"),
        sa.CheckConstraint("radius_metres between 0 and 100000", name="listing_radius_check"),
        sa.CheckConstraint("ends_on >= starts_on", name="listing_ends_on_check"),
        sa.CheckConstraint("times between 0 and 2097151", name="listing_times_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "made_by"], ["member.bank_id", "member.member_id"], name="listing_made_by_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="listing_party_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "listing_id"),
    )
    op.create_index("listing_party_idx", "listing", ["bank_id", "party_id", "state"])
    op.create_index(
        "listing_review_idx", "listing", ["review_on"], postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("listing_state_idx", "listing", ["bank_id", "state", "kind", "listing_id"])


def _of_listing(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["bank_id", "listing_id"], ["listing.bank_id", "listing.listing_id"], name=f"{table}_listing_id_fkey"
    )


def _listing_skill() -> None:
    op.create_table(
        "listing_skill",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        _of_listing("listing_skill"),
        sa.PrimaryKeyConstraint("bank_id", "skill", "kind", "listing_id"),
    )


def _listing_words() -> None:
    op.create_table(
        "listing_words",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        _of_listing("listing_words"),
        sa.PrimaryKeyConstraint("bank_id", "listing_id"),
    )
    op.create_index("listing_words_document_idx", "listing_words", ["document"], postgresql_using="gin")


MAKERS = (_listing, _listing_skill, _listing_words)
