"""Practices, referrals, measures and safeguarding."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.tenancy import grant_function, protect

revision = "0006_prescribing"
down_revision = "0005_activities"
branch_labels = None
depends_on = None

ADDED_AND_ERASED = ("concern_read", "referral_read", "referral_step", "referral_choice")
"""A step, a choice and a look at somebody's record are written once; only erasure takes them away."""

TABLES = (
    "care_policy",
    "measure_licence",
    "need_code",
    "answer_sheet",
    "clearance",
    "concern",
    "fund",
    "goal",
    "measure_consent",
    "practice",
    "referral",
    "referral_draft",
    "safe_visit",
    "safeguarding_lead",
    "signpost",
    "signpost_feed",
    "concern_read",
    "concern_reader",
    "practice_client",
    "practice_staff",
    "practice_token",
    "purse",
    "referral_identifier",
    "referral_letter",
    "referral_note",
    "referral_person",
    "referral_read",
    "referral_step",
    "referral_why",
    "suggestion",
    "practice_like",
    "purse_draw",
    "referral_choice",
)

BANKS_WITH_REFERRALS_DUE = """
create function banks_with_referrals_due(p_at timestamptz) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from referral where chase_at <= p_at
    union select bank_id from referral where erase_on <= p_at::date and erased_on is null
    union select bank_id from referral_draft where forget_at <= p_at
    union select bank_id from safe_visit where chase_at <= p_at
    union select bank_id from answer_sheet where chase_on <= p_at::date
    union select bank_id from clearance where chase_on <= p_at::date
    union select bank_id from purse where state = 'open' and expires_on < p_at::date
$$
"""

BANKS_WITH_FEEDS_DUE = """
create function banks_with_feeds_due(p_at timestamptz) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select distinct bank_id from signpost_feed where next_at <= p_at
$$
"""


def upgrade() -> None:
    """Make the tables, each held to its bank."""
    for make in MAKERS:
        make()
    for table in TABLES:
        is_kept = table in ADDED_AND_ERASED
        protect(table, may="select, insert, delete" if is_kept else "select, insert, update, delete")
    op.execute(BANKS_WITH_REFERRALS_DUE)
    grant_function("banks_with_referrals_due(timestamptz)")
    op.execute(BANKS_WITH_FEEDS_DUE)
    grant_function("banks_with_feeds_due(timestamptz)")


def downgrade() -> None:
    """Take everything away again."""
    op.execute("drop function banks_with_feeds_due(timestamptz)")
    op.execute("drop function banks_with_referrals_due(timestamptz)")
    for table in reversed(TABLES):
        op.drop_table(table)


def _care_policy() -> None:
    op.create_table(
        "care_policy",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("erase_after_days", sa.Integer(), nullable=False),
        sa.Column("is_first_visit_accompanied", sa.Boolean(), nullable=False),
        sa.Column("is_staff_with_referred", sa.Boolean(), nullable=False),
        sa.Column("needs_references", sa.Integer(), nullable=False),
        sa.Column("needs_code_of_conduct", sa.Boolean(), nullable=False),
        sa.Column("visit_grace_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("erase_after_days between 0 and 3660", name="care_policy_erase_after_days_check"),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="care_policy_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id"),
    )


def _measure_licence() -> None:
    op.create_table(
        "measure_licence",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("items", sa.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("measure in ('swemwbs')", name="measure_licence_measure_check"),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="measure_licence_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "measure"),
    )


def _need_code() -> None:
    op.create_table(
        "need_code",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('need', 'flag')", name="need_code_kind_check"),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="need_code_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "code"),
    )


def _answer_sheet() -> None:
    op.create_table(
        "answer_sheet",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("chase_on", sa.Date(), nullable=True),
        sa.Column("answers", sa.ARRAY(sa.Integer()), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_bleak", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'answered') = (answers is not null)", name="answer_sheet_answers_check"),
        sa.CheckConstraint(
            "measure in ('ons4', 'ucla3', 'lonely', 'swemwbs')", name="answer_sheet_measure_check"
        ),
        sa.CheckConstraint(
            "round in ('start', '6_weeks', '3_months', '6_months')", name="answer_sheet_round_check"
        ),
        sa.CheckConstraint(
            "state in ('due', 'answered', 'refused', 'missed')", name="answer_sheet_state_check"
        ),
        sa.CheckConstraint("way in ('page', 'paper', 'coordinator')", name="answer_sheet_way_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="answer_sheet_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id", "measure", "round"),
    )
    op.create_index(
        "answer_sheet_bleak_idx",
        "answer_sheet",
        ["bank_id"],
        unique=False,
        postgresql_where=sa.text("is_bleak and seen_at is null"),
    )
    op.create_index(
        "answer_sheet_chase_idx",
        "answer_sheet",
        ["chase_on"],
        unique=False,
        postgresql_where=sa.text("chase_on is not null"),
    )


def _concern() -> None:
    op.create_table(
        "concern",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("raised_by", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "about_id"], ["party.bank_id", "party.party_id"], name="concern_about_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "raised_by"], ["member.bank_id", "member.member_id"], name="concern_raised_by_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "concern_id"),
    )


def _fund() -> None:
    op.create_table(
        "fund",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("funder_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "fund_id"], ["party.bank_id", "party.party_id"], name="fund_fund_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "funder_id"],
            ["organisation.bank_id", "organisation.organisation_id"],
            name="fund_funder_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "fund_id"),
    )


def _goal() -> None:
    op.create_table(
        "goal",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("first_score", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("score between 0 and 10", name="goal_score_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="goal_member_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "goal_id"),
    )


def _measure_consent() -> None:
    op.create_table(
        "measure_consent",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose in ('my_own_use', 'referrer', 'totals')", name="measure_consent_purpose_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="measure_consent_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id", "purpose"),
    )


def _practice() -> None:
    op.create_table(
        "practice",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("ods_code", sa.String(), nullable=False),
        sa.Column("hears", sa.String(), nullable=False),
        sa.Column("mailbox", sa.String(), nullable=True),
        sa.Column("is_mailbox_secure", sa.Boolean(), nullable=False),
        sa.Column("mailbox_seen_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("hears in ('notes', 'codes')", name="practice_hears_check"),
        sa.CheckConstraint("mailbox is not null or not is_mailbox_secure", name="practice_mailbox_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "practice_id"],
            ["organisation.bank_id", "organisation.organisation_id"],
            name="practice_practice_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "practice_id"),
        sa.UniqueConstraint("bank_id", "ods_code", name="practice_ods_code_key"),
    )


def _referral() -> None:
    op.create_table(
        "referral",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("consents", sa.Boolean(), nullable=False),
        sa.Column("consent_heard", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("back", sa.String(), nullable=False),
        sa.Column("may_measure", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("carries_minutes", sa.Integer(), nullable=False),
        sa.Column("pledge_minutes", sa.Integer(), nullable=False),
        sa.Column("wishes_call_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_chase", sa.String(), nullable=True),
        sa.Column("is_overdue", sa.Boolean(), nullable=False),
        sa.Column("erase_on", sa.Date(), nullable=True),
        sa.Column("erased_on", sa.Date(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(reason is not null) = (state in ('declined', 'closed'))", name="referral_reason_check"
        ),
        sa.CheckConstraint("(route = 'self') = (referrer_id is null)", name="referral_referrer_id_check"),
        sa.CheckConstraint("back in ('notes', 'codes', 'nothing')", name="referral_back_check"),
        sa.CheckConstraint(
            "basis in ('health_care', 'public_task', 'explicit_consent')", name="referral_basis_check"
        ),
        sa.CheckConstraint("next_chase in ('overdue', 'lapse')", name="referral_next_chase_check"),
        sa.CheckConstraint(
            "route in ('practice', 'self', 'care_home', 'council', 'project')", name="referral_route_check"
        ),
        sa.CheckConstraint(
            "state in ('received', 'accepted', 'declined', 'contacted', 'started', 'closed')",
            name="referral_state_check",
        ),
        sa.CheckConstraint("tier in ('signpost', 'activity', 'accompanied')", name="referral_tier_check"),
        sa.CheckConstraint("consents", name="referral_consents_check"),
        sa.CheckConstraint("carries_minutes between 0 and 1440", name="referral_carries_minutes_check"),
        sa.CheckConstraint("pledge_minutes between 0 and 1440", name="referral_pledge_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="referral_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "referrer_id"],
            ["organisation.bank_id", "organisation.organisation_id"],
            name="referral_referrer_id_fkey",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="referral_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "referral_id"),
    )
    op.create_index(
        "referral_chase_idx",
        "referral",
        ["chase_at"],
        unique=False,
        postgresql_where=sa.text("chase_at is not null"),
    )
    op.create_index(
        "referral_erase_idx",
        "referral",
        ["erase_on"],
        unique=False,
        postgresql_where=sa.text("erase_on is not null"),
    )
    op.create_index("referral_member_idx", "referral", ["bank_id", "member_id"], unique=False)
    op.create_index("referral_referrer_idx", "referral", ["bank_id", "referrer_id", "made_at"], unique=False)


def _referral_draft() -> None:
    op.create_table(
        "referral_draft",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=True),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("answers", postgresql.JSONB(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forget_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "route in ('practice', 'self', 'care_home', 'council', 'project')",
            name="referral_draft_route_check",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "begun_by"],
            ["member.bank_id", "member.member_id"],
            name="referral_draft_begun_by_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "referrer_id"],
            ["organisation.bank_id", "organisation.organisation_id"],
            name="referral_draft_referrer_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "draft_id"),
    )
    op.create_index("referral_draft_forget_idx", "referral_draft", ["forget_at"], unique=False)


def _safe_visit() -> None:
    op.create_table(
        "safe_visit",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("visitor_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('planned', 'there', 'over', 'called_off')", name="safe_visit_state_check"
        ),
        sa.CheckConstraint("minutes between 1 and 1440", name="safe_visit_minutes_check"),
        sa.CheckConstraint("visitor_id <> host_id", name="safe_visit_host_id_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "company_id"],
            ["member.bank_id", "member.member_id"],
            name="safe_visit_company_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "host_id"], ["member.bank_id", "member.member_id"], name="safe_visit_host_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "visitor_id"],
            ["member.bank_id", "member.member_id"],
            name="safe_visit_visitor_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "visit_id"),
    )
    op.create_index(
        "safe_visit_chase_idx",
        "safe_visit",
        ["chase_at"],
        unique=False,
        postgresql_where=sa.text("chase_at is not null"),
    )


def _clearance() -> None:
    op.create_table(
        "clearance",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("clearance_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("is_eligible", sa.Boolean(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("chase_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('role', 'reference', 'conduct', 'training', 'licence', 'insurance', 'mot')",
            name="clearance_kind_check",
        ),
        sa.CheckConstraint(
            "level in ('none', 'basic', 'standard', 'enhanced', 'enhanced_barred')",
            name="clearance_level_check",
        ),
        sa.CheckConstraint(
            "(kind = 'role') = (is_eligible is not null and level is not null and reason is not null)",
            name="clearance_reason_check",
        ),
        sa.CheckConstraint("is_eligible or level = 'none'", name="clearance_eligible_check"),
        sa.CheckConstraint(
            "kind not in ('licence', 'insurance', 'mot') or expires_on is not null",
            name="clearance_expires_on_check",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="clearance_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "clearance_id"),
    )
    op.create_index("clearance_member_idx", "clearance", ["bank_id", "member_id"], unique=False)
    op.create_index(
        "clearance_chase_idx",
        "clearance",
        ["chase_on"],
        unique=False,
        postgresql_where=sa.text("chase_on is not null"),
    )


def _safeguarding_lead() -> None:
    op.create_table(
        "safeguarding_lead",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="safeguarding_lead_member_id_fkey",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="safeguarding_lead_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "member_id"),
    )


def _concern_read() -> None:
    op.create_table(
        "concern_read",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("read_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "concern_id"],
            ["concern.bank_id", "concern.concern_id"],
            name="concern_read_concern_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "read_id"),
    )


def _concern_reader() -> None:
    op.create_table(
        "concern_reader",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "concern_id"],
            ["concern.bank_id", "concern.concern_id"],
            name="concern_reader_concern_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="concern_reader_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "concern_id", "member_id"),
    )


def _practice_staff() -> None:
    op.create_table(
        "practice_staff",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.CheckConstraint(
            "job in ('gp', 'nurse', 'link_worker', 'receptionist')", name="practice_staff_job_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="practice_staff_member_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "practice_id"],
            ["practice.bank_id", "practice.practice_id"],
            name="practice_staff_practice_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "practice_id", "member_id"),
    )


def _purse() -> None:
    op.create_table(
        "purse",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("purse_id", sa.Uuid(), nullable=False),
        sa.Column("fund_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("pledge_minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open', 'ended')", name="purse_state_check"),
        sa.CheckConstraint("minutes > 0", name="purse_minutes_check"),
        sa.CheckConstraint("pledge_minutes >= 0", name="purse_pledge_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "fund_id"], ["fund.bank_id", "fund.fund_id"], name="purse_fund_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="purse_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "purse_id"], ["party.bank_id", "party.party_id"], name="purse_purse_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="purse_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "purse_id"),
    )
    op.create_index(
        "purse_expiry_idx", "purse", ["expires_on"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index("purse_member_idx", "purse", ["bank_id", "member_id"], unique=False)


def _referral_letter() -> None:
    op.create_table(
        "referral_letter",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("level in ('notes', 'codes', 'nothing')", name="referral_letter_level_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_letter_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id"),
    )


def _referral_note() -> None:
    op.create_table(
        "referral_note",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_note_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id", "step"),
    )


def _referral_person() -> None:
    op.create_table(
        "referral_person",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("nhs_number", sa.String(), nullable=True),
        sa.Column("chi_number", sa.String(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("may_text", sa.Boolean(), nullable=False),
        sa.Column("may_leave_voicemail", sa.Boolean(), nullable=False),
        sa.Column("may_post", sa.Boolean(), nullable=False),
        sa.Column("safe_from", sa.Time(), nullable=True),
        sa.Column("safe_until", sa.Time(), nullable=True),
        sa.Column("is_discreet", sa.Boolean(), nullable=False),
        sa.Column("not_to_say", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_person_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id"),
    )
    op.create_index("referral_person_nhs_idx", "referral_person", ["bank_id", "nhs_number"], unique=False)
    op.create_index("referral_person_chi_idx", "referral_person", ["bank_id", "chi_number"], unique=False)


def _referral_read() -> None:
    op.create_table(
        "referral_read",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("read_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_read_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "read_id"),
    )
    op.create_index("referral_read_idx", "referral_read", ["bank_id", "referral_id", "read_at"], unique=False)


def _referral_step() -> None:
    op.create_table(
        "referral_step",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_step_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id", "step"),
    )


def _referral_why() -> None:
    op.create_table(
        "referral_why",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("needs", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("aspiration", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_why_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id"),
    )


def _suggestion() -> None:
    op.create_table(
        "suggestion",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("when_words", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind in ('talk', 'suggestion', 'listing', 'lift')", name="suggestion_kind_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "listing_id"],
            ["listing.bank_id", "listing.listing_id"],
            name="suggestion_listing_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "activity_id"],
            ["activity.bank_id", "activity.activity_id"],
            name="suggestion_activity_id_fkey",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="suggestion_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "suggestion_id"),
    )


def _practice_like() -> None:
    op.create_table(
        "practice_like",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("suggestion_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "practice_id"],
            ["practice.bank_id", "practice.practice_id"],
            name="practice_like_practice_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "suggestion_id"],
            ["suggestion.bank_id", "suggestion.suggestion_id"],
            name="practice_like_suggestion_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "practice_id", "suggestion_id"),
    )


def _purse_draw() -> None:
    op.create_table(
        "purse_draw",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("hours_id", sa.Uuid(), nullable=False),
        sa.Column("purse_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name="purse_draw_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "hours_id"], ["hours.bank_id", "hours.hours_id"], name="purse_draw_hours_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "purse_id"], ["purse.bank_id", "purse.purse_id"], name="purse_draw_purse_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "hours_id", "purse_id"),
    )


def _referral_choice() -> None:
    op.create_table(
        "referral_choice",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("when_words", sa.String(), nullable=True),
        sa.Column("suggestion_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind in ('talk', 'suggestion', 'listing', 'lift')", name="referral_choice_kind_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_choice_referral_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "suggestion_id"],
            ["suggestion.bank_id", "suggestion.suggestion_id"],
            name="referral_choice_suggestion_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id", "number"),
    )


def _practice_client() -> None:
    op.create_table(
        "practice_client",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tries >= 0", name="practice_client_tries_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "made_by"],
            ["member.bank_id", "member.member_id"],
            name="practice_client_made_by_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "practice_id"],
            ["practice.bank_id", "practice.practice_id"],
            name="practice_client_practice_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "client_id"),
    )


def _practice_token() -> None:
    op.create_table(
        "practice_token",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "client_id"],
            ["practice_client.bank_id", "practice_client.client_id"],
            name="practice_token_client_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "token_hash"),
    )
    op.create_index(
        "practice_token_client_idx", "practice_token", ["bank_id", "client_id", "made_at"], unique=False
    )


def _signpost_feed() -> None:
    op.create_table(
        "signpost_feed",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(trouble is null) = (trouble_since is null)", name="signpost_feed_trouble_since_check"
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="signpost_feed_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "feed_id"),
        sa.UniqueConstraint("bank_id", "address", name="signpost_feed_address_key"),
    )
    op.create_index("signpost_feed_next_idx", "signpost_feed", ["next_at"], unique=False)


def _signpost() -> None:
    op.create_table(
        "signpost",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("signpost_id", sa.Uuid(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("when_words", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="signpost_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "signpost_id"),
        sa.UniqueConstraint("bank_id", "feed", "external_id", name="signpost_external_id_key"),
    )


def _referral_identifier() -> None:
    op.create_table(
        "referral_identifier",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "practice_id"],
            ["practice.bank_id", "practice.practice_id"],
            name="referral_identifier_practice_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "referral_id"],
            ["referral.bank_id", "referral.referral_id"],
            name="referral_identifier_referral_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "referral_id"),
        sa.UniqueConstraint("bank_id", "practice_id", "system", "value", name="referral_identifier_key"),
    )


MAKERS = (
    _care_policy,
    _measure_licence,
    _need_code,
    _answer_sheet,
    _clearance,
    _concern,
    _fund,
    _goal,
    _measure_consent,
    _practice,
    _referral,
    _referral_draft,
    _safe_visit,
    _safeguarding_lead,
    _signpost,
    _signpost_feed,
    _concern_read,
    _concern_reader,
    _practice_client,
    _practice_staff,
    _practice_token,
    _purse,
    _referral_identifier,
    _referral_letter,
    _referral_note,
    _referral_person,
    _referral_read,
    _referral_step,
    _referral_why,
    _suggestion,
    _practice_like,
    _purse_draw,
    _referral_choice,
)
