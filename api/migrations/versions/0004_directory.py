"""Offers and asks: listings, their skills and words, and the help that is agreed from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.tenancy import grant_function, protect

revision = "0004_directory"
down_revision = "0003_exchange"
branch_labels = None
depends_on = None

TABLES = (
    "listing",
    "listing_skill",
    "listing_words",
    "own_word",
    "area",
    "not_me",
    "matching_hold",
    "turn",
    "circle_round",
    "circle",
    "circle_leg",
    "appointment",
    "appointment_ask",
)

# Row-level security keeps an index on words from being used by the application's role, since matching words
# is not leakproof. So the owner's function reads the index, and compares the bank itself. Words are found
# through their index, skills through theirs, the newest first; of each only some hundreds are ranked, since
# what more listings speak of is too common to rank. What merely comes near is read only where too few fit.
# One plan for all words: knowing a word to be common, PostgreSQL would rather read the table from its beginning.
SEARCH_ARGUMENTS = (
    "uuid, tsquery, tsquery, text[], text, text, int, text[], text[], text, boolean, uuid[], int"
)
NARROWED = """{of}.bank_id = p_bank_id
          and (p_kind is null or {of}.kind = p_kind)
          and (p_small_area is null or {of}.small_area = p_small_area)
          and (p_times = 0 or {of}.times = 0 or {of}.times & p_times <> 0)
          and (p_setting is null or {of}.setting in (p_setting, 'either'))
          and (p_is_at_home is null or {of}.is_at_home = p_is_at_home)
          and not ({of}.party_id = any(p_hidden))"""
SPEAKS = """(cardinality(p_languages) = 0 or w.languages && p_languages) and w.access @> p_access"""
# The limits inside keep the planner from joining all words: it cannot know how few of the newest are wanted.
WITH_SKILL = """
        select one.listing_id, one.party_id, one.document
        from unnest({skills}) named(skill)
        cross join unnest(array['offer', 'request']) sort(kind)
        cross join lateral (
            select s.listing_id from listing_skill s
            where s.skill = named.skill and s.kind = sort.kind and {narrowed}
            order by s.listing_id desc
            limit case when cardinality(p_languages || p_access) = 0 then {some} else 5000 end
        ) newest
        cross join lateral (
            select w.listing_id, w.party_id, w.document from listing_words w
            where w.bank_id = p_bank_id and w.listing_id = newest.listing_id and {speaks}
            limit 1
        ) one"""
RANKED = """
    select array_agg(top.listing_id order by top.place) into {into} from (
        select found.listing_id, row_number() over (
            order by ts_rank(found.document, p_wide) desc, found.listing_id desc) as place
        from ({found}
        ) found
        where not exists (
            select from member m
            where m.bank_id = p_bank_id and m.member_id = found.party_id and m.status <> 'active'
        )
        order by place
        limit {most}
    ) top;"""
SPOKEN = """
        (select w.listing_id, w.party_id, w.document from listing_words w
        where w.document @@ {words} and {narrowed} and {speaks} limit 300)
        union{skilled}"""
SEARCH_LISTINGS = """
create function search_listings(
    p_bank_id uuid, p_best tsquery, p_wide tsquery, p_skills text[], p_kind text, p_small_area text,
    p_times int, p_languages text[], p_access text[], p_setting text, p_is_at_home boolean,
    p_hidden uuid[], p_found_max int
) returns table (listing_id uuid)
language plpgsql stable security definer set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan as $$
declare
    v_best uuid[];
    v_near uuid[];
begin
    if p_bank_id is distinct from nullif(current_setting('evenhour.bank_id', true), '')::uuid then
        raise exception 'search_listings: not the bank of this transaction' using errcode = '42501';
    end if;
{best}
    return query select unnest(v_best);
    if coalesce(cardinality(v_best), 0) >= p_found_max then
        return;
    end if;
{near}
    return query select unnest(v_near);
end
$$
"""


def _search_listings() -> str:
    """The function's text: first what fits best, then, where that is little, what comes near."""

    def spoken(words: str, skills: str, some: int) -> str:
        narrowed = NARROWED.format(of="s")
        skilled = WITH_SKILL.format(skills=skills, some=some, narrowed=narrowed, speaks=SPEAKS)
        narrowed = NARROWED.format(of="w")
        return SPOKEN.format(words=words, narrowed=narrowed, speaks=SPEAKS, skilled=skilled)

    near = spoken("(case when cardinality(p_skills) = 0 then p_wide else '' end)", "p_skills[2:]", 75)
    fresh = f"(select * from ({near}) every where every.listing_id <> all(coalesce(v_best, '{{}}')))"  # noqa: S608  # our own words
    most = "p_found_max - coalesce(cardinality(v_best), 0)"
    return SEARCH_LISTINGS.format(
        best=RANKED.format(into="v_best", found=spoken("p_best", "p_skills[1:1]", 150), most="p_found_max"),
        near=RANKED.format(into="v_near", found=fresh, most=most),
    )


BANKS_WITH_WORK = """
create or replace function banks_with_work(p_at timestamptz) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from event where handled_at is null and due_at <= p_at
    union select bank_id from hours where chase_at <= p_at{more}
$$
"""
ALSO_HERE = """
    union select bank_id from appointment where chase_at <= p_at
    union select bank_id from listing
        where state = 'open' and review_asked_at is null and review_on <= (p_at at time zone 'UTC')::date"""


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table in TABLES:
        protect(table)
    op.execute(_search_listings())
    grant_function(f"search_listings({SEARCH_ARGUMENTS})")
    op.execute(BANKS_WITH_WORK.format(more=ALSO_HERE))


def downgrade() -> None:
    op.execute(BANKS_WITH_WORK.format(more=""))
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
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("small_area", sa.String(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("setting", sa.String(), nullable=False),
        sa.Column("is_at_home", sa.Boolean(), nullable=False),
        sa.Column(
            "lot", sa.Integer(), sa.Computed("hashtext(listing_id::text)", persisted=True), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "listing_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="listing_skill_listing_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "skill", "kind", "listing_id"),
    )
    op.create_index("listing_skill_party_idx", "listing_skill", ["bank_id", "party_id", "kind"])
    op.create_index("listing_skill_lot_idx", "listing_skill", ["bank_id", "skill", "kind", "lot"])
    op.create_index(
        "listing_skill_area_idx", "listing_skill", ["bank_id", "skill", "kind", "small_area", "lot"]
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
    # Without a list of what is still to be indexed, which each search would read to its end.
    op.create_index(
        "listing_words_document_idx",
        "listing_words",
        ["document"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


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


def _area() -> None:
    op.create_table(
        "area",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("small_area", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="area_bank_id_fkey"),
        sa.CheckConstraint("latitude between -90 and 90", name="area_latitude_check"),
        sa.CheckConstraint("longitude between -180 and 180", name="area_longitude_check"),
        sa.PrimaryKeyConstraint("bank_id", "small_area"),
    )


def _not_me() -> None:
    op.create_table(
        "not_me",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("not_me_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "listing_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="not_me_listing_id_fkey",
        ),
        sa.UniqueConstraint(
            "bank_id",
            "party_id",
            "other_id",
            "listing_id",
            "skill",
            name="not_me_once_key",
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint("num_nonnulls(other_id, listing_id, skill) = 1", name="not_me_one_thing_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "other_id"], ["party.bank_id", "party.party_id"], name="not_me_other_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="not_me_party_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "not_me_id"),
    )


def _matching_hold() -> None:
    op.create_table(
        "matching_hold",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "made_by"], ["member.bank_id", "member.member_id"], name="matching_hold_made_by_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="matching_hold_party_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "party_id"),
    )


def _turn() -> None:
    op.create_table(
        "turn",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="turn_party_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "party_id"),
    )


def _circle_round() -> None:
    op.create_table(
        "circle_round",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("greedy_minutes", sa.Integer(), nullable=False),
        sa.Column("fairness_cost_minutes", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "made_by"], ["member.bank_id", "member.member_id"], name="circle_round_made_by_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "round_id"),
    )


def _circle() -> None:
    op.create_table(
        "circle",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "decided_by"], ["member.bank_id", "member.member_id"], name="circle_decided_by_fkey"
        ),
        sa.CheckConstraint("minutes > 0", name="circle_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "round_id"],
            ["circle_round.bank_id", "circle_round.round_id"],
            name="circle_round_id_fkey",
        ),
        sa.CheckConstraint(
            "state in ('proposed', 'pinned', 'accepted', 'dropped')", name="circle_state_check"
        ),
        sa.PrimaryKeyConstraint("bank_id", "circle_id"),
    )


def _circle_leg() -> None:
    op.create_table(
        "circle_leg",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "circle_id"], ["circle.bank_id", "circle.circle_id"], name="circle_leg_circle_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "giver_id"], ["party.bank_id", "party.party_id"], name="circle_leg_giver_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "offer_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="circle_leg_offer_id_fkey",
        ),
        sa.CheckConstraint("giver_id <> receiver_id", name="circle_leg_receiver_id_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "receiver_id"],
            ["party.bank_id", "party.party_id"],
            name="circle_leg_receiver_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "request_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="circle_leg_request_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "circle_id", "place"),
    )


def _appointment() -> None:
    op.create_table(
        "appointment",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=True),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("is_at_home", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("arranged_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("hours_id", sa.Uuid(), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_chase", sa.String(), nullable=True),
        sa.Column("is_with_coordinator", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "giver_id is not null or state in ('asked', 'cancelled')", name="appointment_agreed_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "arranged_by"],
            ["member.bank_id", "member.member_id"],
            name="appointment_arranged_by_fkey",
        ),
        sa.CheckConstraint("giver_id <> receiver_id", name="appointment_giver_id_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "giver_id"], ["party.bank_id", "party.party_id"], name="appointment_giver_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "listing_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="appointment_listing_id_fkey",
        ),
        sa.CheckConstraint("minutes between 1 and 1440", name="appointment_minutes_check"),
        sa.CheckConstraint(
            "next_chase in ('remind', 'ask', 'hand_over')", name="appointment_next_chase_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "receiver_id"],
            ["party.bank_id", "party.party_id"],
            name="appointment_receiver_id_fkey",
        ),
        sa.CheckConstraint(
            "state in ('asked', 'agreed', 'moved', 'happened', 'did_not_happen', 'cancelled')",
            name="appointment_state_check",
        ),
        sa.PrimaryKeyConstraint("bank_id", "appointment_id"),
    )
    op.create_index(
        "appointment_chase_idx", "appointment", ["chase_at"], postgresql_where=sa.text("chase_at is not null")
    )
    op.create_index("appointment_giver_idx", "appointment", ["bank_id", "giver_id", "starts_at"])
    op.create_index("appointment_receiver_idx", "appointment", ["bank_id", "receiver_id", "starts_at"])


def _appointment_ask() -> None:
    op.create_table(
        "appointment_ask",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.CheckConstraint(
            "answer in ('waiting', 'yes', 'no', 'thanked')", name="appointment_ask_answer_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "appointment_id"],
            ["appointment.bank_id", "appointment.appointment_id"],
            name="appointment_ask_appointment_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "decided_by"],
            ["member.bank_id", "member.member_id"],
            name="appointment_ask_decided_by_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="appointment_ask_party_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "appointment_id", "party_id"),
    )
    op.create_index("appointment_ask_party_idx", "appointment_ask", ["bank_id", "party_id", "asked_at"])


MAKERS = (
    _listing,
    _listing_skill,
    _listing_words,
    _own_word,
    _area,
    _not_me,
    _matching_hold,
    _turn,
    _circle_round,
    _circle,
    _circle_leg,
    _appointment,
    _appointment_ask,
)
