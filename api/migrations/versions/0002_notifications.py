"""Words out and words in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.migrations import tenancy

revision = "0002_notifications"
down_revision = "0001_ledger"
branch_labels = None
depends_on = None

TENANT_TABLES = (
    "message",
    "digest_line",
    "message_receipt",
    "message_spend",
    "address_pause",
    "inbound_text",
    "question",
    "bank_text",
    "safety_alert",
)
BANKS_WITH_WORK = """
create function banks_with_messages(due timestamptz) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
    select bank_id from message
        where state = 'pending' and not_before <= due and channel in ('sms', 'email')
    union
    select bank_id from message where state in ('sending', 'maybe_sent') and lease_until <= due
    union
    select bank_id from safety_alert where taken_at is null and next_at <= due
    union
    select bank_id from digest_line where told_at is null and due_at <= due
$$
"""


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_discreet", sa.Boolean(), nullable=False),
        sa.Column("safe_from", sa.Time(), nullable=True),
        sa.Column("safe_until", sa.Time(), nullable=True),
        sa.Column("may_leave_message", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("attachment_name", sa.String(), nullable=True),
        sa.Column("attachment_type", sa.String(), nullable=True),
        sa.Column("attachment", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("channel in ('sms', 'email', 'letter', 'call')", name="message_channel_is_known"),
        sa.CheckConstraint(
            "kind in ('service', 'nudge', 'safety', 'reply', 'code')", name="message_kind_is_known"
        ),
        sa.CheckConstraint(
            "not (state in ('sending', 'maybe_sent')) or lease_until is not null",
            name="message_in_flight_has_a_lease",
        ),
        sa.CheckConstraint(
            "state in ('pending', 'sending', 'maybe_sent', 'accepted', 'delivered', 'undelivered', 'failed', 'withheld', 'cancelled')",
            name="message_state_is_known",
        ),
        sa.CheckConstraint("attempts >= 0", name="message_attempts_not_negative"),
        sa.CheckConstraint("segments >= 0", name="message_segments_not_negative"),
        sa.PrimaryKeyConstraint("bank_id", "id", name="message_pkey"),
        sa.UniqueConstraint(
            "bank_id", "event_id", "recipient_id", name="message_once_per_event_and_recipient"
        ),
    )
    op.create_index("message_address", "message", ["bank_id", "address", "queued_at"], unique=False)
    op.create_index(
        "message_due",
        "message",
        ["bank_id", "not_before"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "message_in_flight",
        "message",
        ["bank_id", "lease_until"],
        unique=False,
        postgresql_where=sa.text("state in ('sending', 'maybe_sent')"),
    )
    op.create_index("message_recipient", "message", ["bank_id", "recipient_id", "queued_at"], unique=False)
    op.create_table(
        "message_receipt",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "message_id"],
            ["message.bank_id", "message.id"],
            name="message_receipt_of_message",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "bank_id", "message_id", "provider_id", "status", name="message_receipt_pkey"
        ),
    )
    op.create_table(
        "message_spend",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.CheckConstraint("segments >= 0", name="message_spend_not_negative"),
        sa.PrimaryKeyConstraint("bank_id", "day", "scope", name="message_spend_pkey"),
    )
    op.create_table(
        "address_pause",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason in ('stopped', 'bounced')", name="address_pause_reason_is_known"),
        sa.PrimaryKeyConstraint("bank_id", "channel", "address", "reason", name="address_pause_pkey"),
    )
    op.create_table(
        "inbound_claim",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_message_id", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "provider_message_id", name="inbound_claim_pkey"),
    )
    op.create_table(
        "inbound_text",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("bank_id", "id", name="inbound_text_pkey"),
    )
    op.create_index("inbound_text_sender", "inbound_text", ["bank_id", "sender", "received_at"], unique=False)
    op.create_index(
        "inbound_text_unread",
        "inbound_text",
        ["bank_id", "received_at"],
        unique=False,
        postgresql_where=sa.text("needs_person and settled_at is null"),
    )
    op.create_table(
        "question",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("context", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bank_id", "address", name="question_pkey"),
    )
    op.create_table(
        "bank_text",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("saved_by", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bank_id", "template", "language", name="bank_text_pkey"),
    )
    op.create_table(
        "safety_alert",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("people", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("bank_id", "id", name="safety_alert_pkey"),
    )
    op.create_index(
        "safety_alert_open",
        "safety_alert",
        ["bank_id", "next_at"],
        unique=False,
        postgresql_where=sa.text("taken_at is null"),
    )
    _digest_line()
    for table in TENANT_TABLES:
        tenancy.protect(table)
    # No bank is known when a text arrives, so this one table belongs to none: it may be added to, and cleared.
    tenancy.grant("inbound_claim", "select, insert, delete")
    op.execute(BANKS_WITH_WORK)
    tenancy.grant_function("banks_with_messages(timestamptz)")


def _digest_line() -> None:
    op.create_table(
        "digest_line",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("is_discreet", sa.Boolean(), nullable=False),
        sa.Column("safe_from", sa.Time(), nullable=True),
        sa.Column("safe_until", sa.Time(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("channel in ('sms', 'email')", name="digest_line_channel_is_known"),
        sa.PrimaryKeyConstraint("bank_id", "event_id", "recipient_id", name="digest_line_pkey"),
    )
    op.create_index(
        "digest_line_due",
        "digest_line",
        ["bank_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("told_at is null"),
    )
    op.create_index("digest_line_recipient", "digest_line", ["bank_id", "recipient_id"], unique=False)


def downgrade() -> None:
    op.execute("drop function banks_with_messages(timestamptz)")
    op.drop_table("inbound_claim")
    for table in reversed(TENANT_TABLES):
        op.drop_table(table)
