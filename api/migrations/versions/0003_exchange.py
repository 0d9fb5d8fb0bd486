"""The people and their promises: banks, members, hours, gifts, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations.tenancy import grant, grant_function, protect

revision = "0003_exchange"
down_revision = "0002_notifications"
branch_labels = None
depends_on = None

APPEND_ONLY = ("hours_step",)
"""A coordinator reads back what was done; the application adds and erases words, and changes no step."""

TABLES = (
    "bank",
    "approval_rule",
    "event",
    "sign_in_code",
    "party",
    "gift",
    "hours",
    "member",
    "organisation",
    "block",
    "characteristics",
    "contact",
    "hours_step",
    "role_grant",
    "sign_in_link",
    "sign_in_session",
    "passkey",
    "topic_choice",
)

BANKS_OF_CONTACT = """
create function banks_of_contact(p_contact text) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank.bank_id from bank
    where exists (
        select from contact join member using (bank_id, member_id)
        where contact.bank_id = bank.bank_id and contact.value = p_contact and contact.proved_at is not null
          and member.status in ('active', 'paused')
    )
    order by bank.created_at, bank.bank_id
$$
"""

# A stranger's text brings no bank at all, and is answered in the languages of the house.
OPEN_DOORS = """
create function open_doors() returns table (languages text[], telephone text)
language sql stable security definer set search_path = public, pg_temp as $$
    select bank.languages, bank.telephone::text from bank order by bank.created_at, bank.bank_id
$$
"""

BANKS_WITH_WORK = """
create function banks_with_work(p_at timestamptz) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from event where handled_at is null and due_at <= p_at
    union select bank_id from hours where chase_at <= p_at
$$
"""


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table in TABLES:
        protect(
            table, may="select, insert, delete" if table in APPEND_ONLY else "select, insert, update, delete"
        )
    # No bank is known when somebody asks to come in, and nothing is said of who they are.
    grant("code_request", "select, insert, update, delete")
    grant("passkey_question", "select, insert, update, delete")
    op.execute(BANKS_OF_CONTACT)
    grant_function("banks_of_contact(text)")
    op.execute(OPEN_DOORS)
    grant_function("open_doors()")
    op.execute(BANKS_WITH_WORK)
    grant_function("banks_with_work(timestamptz)")


def downgrade() -> None:
    op.execute("drop function banks_with_work(timestamptz)")
    op.execute("drop function open_doors()")
    op.execute("drop function banks_of_contact(text)")
    op.drop_table("passkey_question")
    op.drop_table("code_request")
    for table in reversed(TABLES):
        op.drop_table(table)


def _bank() -> None:
    op.create_table(
        "bank",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("telephone", sa.String(), nullable=True),
        sa.Column("pot_id", sa.Uuid(), nullable=False),
        sa.Column("issuance_id", sa.Uuid(), nullable=False),
        sa.Column("floor_minutes", sa.Integer(), nullable=False),
        sa.Column("ceiling_minutes", sa.Integer(), nullable=False),
        sa.Column("hours_age_days_max", sa.Integer(), nullable=False),
        sa.Column("objection_days", sa.Integer(), nullable=False),
        sa.Column("reminder_days", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("coordinator_after_days", sa.Integer(), nullable=False),
        sa.Column("deputy", sa.String(), nullable=False),
        sa.Column("named_approver_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("deputy in ('coordinator', 'administrator', 'named')", name="bank_deputy_check"),
        sa.CheckConstraint("floor_minutes <= 0", name="bank_floor_minutes_check"),
        sa.CheckConstraint("hours_age_days_max > 0", name="bank_hours_age_days_max_check"),
        sa.CheckConstraint("coordinator_after_days > all (reminder_days)", name="bank_reminder_days_check"),
        sa.PrimaryKeyConstraint("bank_id"),
    )


def _approval_rule() -> None:
    op.create_table(
        "approval_rule",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind in ('first_exchange', 'over_minutes', 'at_home', 'same_pair')",
            name="approval_rule_kind_check",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="approval_rule_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "kind"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="event_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "event_id"),
    )
    op.create_index(
        "event_due_idx",
        "event",
        ["bank_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("handled_at is null"),
    )


def _sign_in_code() -> None:
    op.create_table(
        "sign_in_code",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="sign_in_code_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "code_id"),
    )
    op.create_index(
        "sign_in_code_contact_idx", "sign_in_code", ["bank_id", "contact", "made_at"], unique=False
    )


def _code_request() -> None:
    op.create_table(
        "code_request",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name="code_request_pkey"),
    )


def _party() -> None:
    op.create_table(
        "party",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind in ('member', 'organisation', 'pot', 'issuance', 'fund', 'purse')", name="party_kind_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "account_id"],
            ["ledger_account.bank_id", "ledger_account.account_id"],
            name="party_account_id_fkey",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="party_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "party_id"),
        sa.UniqueConstraint("bank_id", "account_id", name="party_account_id_key"),
    )


def _gift() -> None:
    op.create_table(
        "gift",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("gift_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_id <> to_id", name="gift_to_id_check"),
        sa.CheckConstraint("minutes > 0", name="gift_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "from_id"], ["party.bank_id", "party.party_id"], name="gift_from_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "to_id"], ["party.bank_id", "party.party_id"], name="gift_to_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "gift_id"),
    )


def _hours() -> None:
    op.create_table(
        "hours",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("hours_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("logger_id", sa.Uuid(), nullable=False),
        sa.Column("awaited_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("is_at_home", sa.Boolean(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("approval_reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("objected_from", sa.String(), nullable=True),
        sa.Column("covered_minutes", sa.Integer(), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("is_with_coordinator", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state in ('awaiting_confirmation', 'awaiting_approval', 'posted', 'declined', 'withdrawn', 'objected', 'reversed')",
            name="hours_state_check",
        ),
        sa.CheckConstraint("awaited_id in (giver_id, receiver_id)", name="hours_awaited_id_check"),
        sa.CheckConstraint("giver_id <> receiver_id", name="hours_receiver_id_check"),
        sa.CheckConstraint("logger_id in (giver_id, receiver_id)", name="hours_logger_id_check"),
        sa.CheckConstraint("minutes between 1 and 1440", name="hours_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "awaited_id"], ["party.bank_id", "party.party_id"], name="hours_awaited_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "giver_id"], ["party.bank_id", "party.party_id"], name="hours_giver_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "logger_id"], ["party.bank_id", "party.party_id"], name="hours_logger_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "receiver_id"], ["party.bank_id", "party.party_id"], name="hours_receiver_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "hours_id"),
    )
    op.create_index(
        "hours_chase_idx",
        "hours",
        ["chase_at"],
        unique=False,
        postgresql_where=sa.text("chase_at is not null"),
    )
    op.create_index("hours_giver_idx", "hours", ["bank_id", "giver_id", "done_on"], unique=False)
    op.create_index(
        "hours_open_idx",
        "hours",
        ["bank_id", "state"],
        unique=False,
        postgresql_where=sa.text("state not in ('posted', 'withdrawn', 'reversed')"),
    )
    op.create_index("hours_receiver_idx", "hours", ["bank_id", "receiver_id", "done_on"], unique=False)


def _member() -> None:
    op.create_table(
        "member",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("preferred_channel", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("buddy_id", sa.Uuid(), nullable=True),
        sa.Column("is_adult", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("small_area", sa.String(), nullable=True),
        sa.Column("access_needs", sa.String(), nullable=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("calendar_renewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heir_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.CheckConstraint(
            "preferred_channel in ('sms', 'email', 'call', 'letter')", name="member_preferred_channel_check"
        ),
        sa.CheckConstraint(
            "status in ('applied', 'active', 'paused', 'left', 'deceased', 'refused')",
            name="member_status_check",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "buddy_id"], ["member.bank_id", "member.member_id"], name="member_buddy_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "heir_id"], ["party.bank_id", "party.party_id"], name="member_heir_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["party.bank_id", "party.party_id"], name="member_member_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id"),
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("text_name", sa.String(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "organisation_id"],
            ["party.bank_id", "party.party_id"],
            name="organisation_organisation_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "organisation_id"),
    )


def _block() -> None:
    op.create_table(
        "block",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("member_id <> other_id", name="block_other_id_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="block_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "other_id"], ["member.bank_id", "member.member_id"], name="block_other_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id", "other_id"),
    )


def _characteristics() -> None:
    op.create_table(
        "characteristics",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("age_band", sa.String(), nullable=True),
        sa.Column("ethnicity", sa.String(), nullable=True),
        sa.Column("disability", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="characteristics_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id"),
    )


def _contact() -> None:
    op.create_table(
        "contact",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("may_leave_voicemail", sa.Boolean(), nullable=False),
        sa.Column("may_post", sa.Boolean(), nullable=False),
        sa.Column("safe_from", sa.Time(), nullable=True),
        sa.Column("safe_until", sa.Time(), nullable=True),
        sa.Column("is_discreet", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('mobile', 'landline', 'email', 'post')", name="contact_kind_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="contact_member_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "contact_id"),
        sa.UniqueConstraint("bank_id", "member_id", "value", name="contact_value_key"),
    )
    op.create_index("contact_value_idx", "contact", ["value"], unique=False)


def _hours_step() -> None:
    op.create_table(
        "hours_step",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("hours_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("for_id", sa.Uuid(), nullable=True),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "hours_id"], ["hours.bank_id", "hours.hours_id"], name="hours_step_hours_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "hours_id", "step"),
    )


def _topic_choice() -> None:
    op.create_table(
        "topic_choice",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("pace", sa.String(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "topic in ('questions', 'help', 'groups', 'hours', 'reminders')", name="topic_choice_topic_check"
        ),
        sa.CheckConstraint(
            "channel in ('sms', 'email', 'call', 'letter')", name="topic_choice_channel_check"
        ),
        sa.CheckConstraint("pace in ('at_once', 'daily', 'never')", name="topic_choice_pace_check"),
        sa.CheckConstraint(
            "pace = 'at_once' or topic in ('hours', 'reminders')", name="topic_choice_must_be_told_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="topic_choice_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id", "topic", name="topic_choice_pkey"),
    )


def _role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role in ('coordinator', 'assistant', 'representative', 'practice', 'auditor', 'administrator')",
            name="role_grant_role_check",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="role_grant_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "organisation_id"],
            ["organisation.bank_id", "organisation.organisation_id"],
            name="role_grant_organisation_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "grant_id"),
        sa.UniqueConstraint(
            "bank_id",
            "member_id",
            "role",
            "organisation_id",
            name="role_grant_once_key",
            postgresql_nulls_not_distinct=True,
        ),
    )


def _sign_in_link() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_reusable", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="sign_in_link_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "token_hash"),
    )


def _sign_in_session() -> None:
    op.create_table(
        "sign_in_session",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="sign_in_session_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "session_id"),
        sa.UniqueConstraint("bank_id", "token_hash", name="sign_in_session_token_hash_key"),
    )


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("passkey_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name="passkey_sign_count_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="passkey_member_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "passkey_id"),
        sa.UniqueConstraint("bank_id", "credential_id", name="passkey_credential_id_key"),
    )


def _passkey_question() -> None:
    op.create_table(
        "passkey_question",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("put_to", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="passkey_question_pkey"),
    )
    op.create_index("passkey_question_expires_idx", "passkey_question", ["expires_at"], unique=False)


MAKERS = (
    _bank,
    _approval_rule,
    _event,
    _sign_in_code,
    _code_request,
    _party,
    _gift,
    _hours,
    _member,
    _organisation,
    _block,
    _characteristics,
    _contact,
    _hours_step,
    _role_grant,
    _sign_in_link,
    _sign_in_session,
    _passkey,
    _passkey_question,
    _topic_choice,
)
