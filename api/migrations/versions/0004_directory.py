"""Offers and asks: listings, their skills and words, and the help that is agreed from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.tenancy import grant_function, protect

revision = "0004_directory"
down_revision = "0003_exchange"
branch_labels = None
depends_on = None

TABLES = ("listing", "listing_skill", "listing_words", "own_word")

# Row-level security keeps an index on words from being used by the application's role, since matching words
# is not leakproof. So the owner's function reads the index, and compares the bank itself. At most 2,000 are
# ranked: what more of them speak of is too common to rank.
SEARCH_ARGUMENTS = "uuid, tsquery, tsquery, text, text, int, text[], text[], text, boolean, uuid[], int"
SEARCH_LISTINGS = """
create function search_listings(
    p_bank_id uuid, p_best tsquery, p_wide tsquery, p_kind text, p_small_area text, p_times int,
    p_languages text[], p_access text[], p_setting text, p_is_at_home boolean, p_hidden uuid[], p_found_max int
) returns table (listing_id uuid)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    if p_bank_id is distinct from nullif(current_setting('evenhour.bank_id', true), '')::uuid then
        raise exception 'search_listings: not the bank of this transaction' using errcode = '42501';
    end if;
    return query
    select found.listing_id from (
        select w.listing_id, w.party_id, w.document from listing_words w
        where w.bank_id = p_bank_id and w.document @@ p_wide
          and (p_kind is null or w.kind = p_kind)
          and (p_small_area is null or w.small_area = p_small_area)
          and (p_times = 0 or w.times = 0 or w.times & p_times <> 0)
          and (cardinality(p_languages) = 0 or w.languages && p_languages)
          and w.access @> p_access
          and (p_setting is null or w.setting in (p_setting, 'either'))
          and (p_is_at_home is null or w.is_at_home = p_is_at_home)
          and not (w.party_id = any(p_hidden))
        limit 2000
    ) found
    where not exists (
        select from member m
        where m.bank_id = p_bank_id and m.member_id = found.party_id and m.status <> 'active'
    )
    order by (found.document @@ p_best) desc, ts_rank(found.document, p_wide) desc, found.listing_id desc
    limit p_found_max;
end
$$
"""


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table in TABLES:
        protect(table)
    op.execute(SEARCH_LISTINGS)
    grant_function(f"search_listings({SEARCH_ARGUMENTS})")


def downgrade() -> None:
    op.execute(f"drop function search_listings({SEARCH_ARGUMENTS})")
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
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("small_area", sa.String(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("access", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("setting", sa.String(), nullable=False),
        sa.Column("is_at_home", sa.Boolean(), nullable=False),
        sa.Column("document", postgresql.TSVECTOR(), nullable=False),
        _of_listing("listing_words"),
        sa.PrimaryKeyConstraint("bank_id", "listing_id"),
    )
    op.create_index("listing_words_document_idx", "listing_words", ["document"], postgresql_using="gin")


def _own_word() -> None:
    op.create_table(
        "own_word",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "added_by"], ["member.bank_id", "member.member_id"], name="own_word_added_by_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "word", "skill"),
    )


MAKERS = (_listing, _listing_skill, _listing_words, _own_word)
