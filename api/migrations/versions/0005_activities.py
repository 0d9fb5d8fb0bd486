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
    "activity": "select, insert, update",
    "activity_leader": "select, insert, update, delete",
    "activity_session": "select, insert, update",
    "place": "select, insert, update",
    "seat": "select, insert, update, delete",
    "check_in": "select, insert, update",
    "code_trouble": "select, insert, update",
    "resource": "select, insert, update",
    "booking": "select, insert, update",
    "slot": "select, insert, update, delete",
    "note_sheet": "select, insert, update",
    "time_note": "select, insert, update",
}
"""Table → what the serving role may do; in the order of making."""

# A printed code is all that a stranger's telephone brings: it must find its bank before any bank is known.
BANKS_OF_CODE = """
create function banks_of_code(p_code_key text) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from typed_code where code_key = p_code_key
$$
"""


BANKS_WITH_WORK = """
create or replace function banks_with_work(p_at timestamptz) returns setof uuid
language sql stable security definer set search_path = public, pg_temp as $$
    select bank_id from event where handled_at is null and due_at <= p_at
    union select bank_id from hours where chase_at <= p_at
    union select bank_id from appointment where chase_at <= p_at
    union select bank_id from listing
        where state = 'open' and review_asked_at is null and review_on <= (p_at at time zone 'UTC')::date{more}
$$
"""
ALSO_HERE = """
    union select bank_id from activity where plan_at <= p_at
    union select bank_id from activity_session where close_at <= p_at
    union select bank_id from booking where close_at <= p_at
    union select bank_id from note_sheet where expire_at <= p_at"""


def upgrade() -> None:
    for make in MAKERS:
        make()
    for table, may in RIGHTS.items():
        protect(table, may=may)
    op.execute(BANKS_OF_CODE)
    grant_function("banks_of_code(text)")
    op.execute(BANKS_WITH_WORK.format(more=ALSO_HERE))


def downgrade() -> None:
    op.execute(BANKS_WITH_WORK.format(more=""))
    op.execute("drop function banks_of_code(text)")
    for table in reversed(list(RIGHTS)):
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
    op.create_index(
        "typed_code_alive_key",
        "typed_code",
        ["bank_id", "kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("died_at is null"),
    )
    op.create_index("typed_code_key_idx", "typed_code", ["code_key"], unique=False)


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("access", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("lifts", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("repeats", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("companions_max", sa.Integer(), nullable=False),
        sa.Column("earns_minutes", sa.Integer(), nullable=False),
        sa.Column("earns_from", sa.String(), nullable=False),
        sa.Column("costs_minutes", sa.Integer(), nullable=False),
        sa.Column("costs_to", sa.String(), nullable=False),
        sa.Column("leaders_earn_minutes", sa.Integer(), nullable=False),
        sa.Column("has_check_out", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("late_hours", sa.Integer(), nullable=False),
        sa.Column("late_keeps", sa.Boolean(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("plan_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint("costs_to in ('host', 'pot')", name="activity_costs_to_check"),
        sa.CheckConstraint("earns_from in ('host', 'issuance')", name="activity_earns_from_check"),
        sa.CheckConstraint(
            "repeats in ('once', 'weekly', 'fortnightly', 'monthly')", name="activity_repeats_check"
        ),
        sa.CheckConstraint(
            "state in ('proposed', 'approved', 'declined', 'ended')", name="activity_state_check"
        ),
        sa.CheckConstraint("companions_max between 0 and 20", name="activity_companions_check"),
        sa.CheckConstraint("earns_minutes = 0 or costs_minutes = 0", name="activity_one_way_check"),
        sa.CheckConstraint(
            "earns_minutes between 0 and 1440 and costs_minutes between 0 and 1440 and leaders_earn_minutes between 0 and 1440",
            name="activity_credits_check",
        ),
        sa.CheckConstraint("ends_on >= first_on", name="activity_ends_on_check"),
        sa.CheckConstraint("late_hours between 0 and 336", name="activity_late_hours_check"),
        sa.CheckConstraint("minutes between 1 and 1440", name="activity_minutes_check"),
        sa.CheckConstraint("places between 1 and 10000", name="activity_places_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "host_id"], ["party.bank_id", "party.party_id"], name="activity_host_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "proposed_by"],
            ["member.bank_id", "member.member_id"],
            name="activity_proposed_by_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "activity_id"),
    )
    op.create_index(
        "activity_plan_idx",
        "activity",
        ["plan_at"],
        unique=False,
        postgresql_where=sa.text("plan_at is not null"),
    )


def _activity_leader() -> None:
    op.create_table(
        "activity_leader",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "activity_id"],
            ["activity.bank_id", "activity.activity_id"],
            name="activity_leader_activity_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"],
            ["member.bank_id", "member.member_id"],
            name="activity_leader_member_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "activity_id", "member_id"),
    )


def _activity_session() -> None:
    op.create_table(
        "activity_session",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state in ('planned', 'called_off', 'closed')", name="activity_session_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "activity_id"],
            ["activity.bank_id", "activity.activity_id"],
            name="activity_session_activity_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "session_id"),
        sa.UniqueConstraint("bank_id", "activity_id", "on_day", name="activity_session_on_day_key"),
    )
    op.create_index(
        "activity_session_close_idx",
        "activity_session",
        ["close_at"],
        unique=False,
        postgresql_where=sa.text("close_at is not null"),
    )
    op.create_index("activity_session_starts_idx", "activity_session", ["bank_id", "starts_at"], unique=False)


def _place() -> None:
    op.create_table(
        "place",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("companions", sa.Integer(), nullable=False),
        sa.Column("wants_lift", sa.Boolean(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("kept_minutes", sa.Integer(), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('booked', 'waiting', 'left', 'came', 'missed', 'called_off')", name="place_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="place_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "session_id"],
            ["activity_session.bank_id", "activity_session.session_id"],
            name="place_session_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "place_id"),
        sa.UniqueConstraint("bank_id", "session_id", "turn", name="place_turn_key"),
    )
    op.create_index("place_member_idx", "place", ["bank_id", "member_id"], unique=False)
    op.create_index(
        "place_once_key",
        "place",
        ["bank_id", "session_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("state in ('booked', 'waiting', 'came')"),
    )


def _seat() -> None:
    op.create_table(
        "seat",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("seat > 0", name="seat_seat_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "place_id"], ["place.bank_id", "place.place_id"], name="seat_place_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "session_id", "seat"),
    )
    op.create_index("seat_place_idx", "seat", ["bank_id", "place_id"], unique=False)


def _check_in() -> None:
    op.create_table(
        "check_in",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("is_leader", sa.Boolean(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'counted', 'refused', 'undone')", name="check_in_state_check"
        ),
        sa.CheckConstraint(
            "way in ('poster', 'card', 'roster', 'typed', 'text', 'afterwards', 'day_list')",
            name="check_in_way_check",
        ),
        sa.CheckConstraint("minutes >= 0", name="check_in_minutes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "member_id"], ["member.bank_id", "member.member_id"], name="check_in_member_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "session_id"],
            ["activity_session.bank_id", "activity_session.session_id"],
            name="check_in_session_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "check_in_id"),
        sa.UniqueConstraint("bank_id", "session_id", "member_id", name="check_in_once_key"),
    )
    op.create_index(
        "check_in_flagged_idx",
        "check_in",
        ["bank_id", "told_at"],
        unique=False,
        postgresql_where=sa.text("cardinality(flags) > 0 and settled_at is null"),
    )


def _code_trouble() -> None:
    op.create_table(
        "code_trouble",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("trouble_id", sa.Uuid(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "trouble in ('bad', 'unknown', 'dead', 'over', 'early', 'called_off', 'other_session', 'other_bank', 'not_a_member', 'used', 'too_many', 'not_theirs')",
            name="code_trouble_trouble_check",
        ),
        sa.ForeignKeyConstraint(["bank_id"], ["bank.bank_id"], name="code_trouble_bank_id_fkey"),
        sa.PrimaryKeyConstraint("bank_id", "trouble_id"),
    )
    op.create_index("code_trouble_who_idx", "code_trouble", ["bank_id", "who", "at"], unique=False)


def _resource() -> None:
    op.create_table(
        "resource",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("access", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("costs_minutes", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("late_hours", sa.Integer(), nullable=False),
        sa.Column("late_keeps", sa.Boolean(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('room', 'equipment')", name="resource_kind_check"),
        sa.CheckConstraint("unit in ('hour', 'day')", name="resource_unit_check"),
        sa.CheckConstraint("costs_minutes between 0 and 1440", name="resource_costs_minutes_check"),
        sa.CheckConstraint("late_hours between 0 and 336", name="resource_late_hours_check"),
        sa.CheckConstraint("opens < closes", name="resource_closes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "owner_id"], ["party.bank_id", "party.party_id"], name="resource_owner_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "resource_id"),
    )


def _booking() -> None:
    op.create_table(
        "booking",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("kept_minutes", sa.Integer(), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('booked', 'used', 'cancelled', 'called_off', 'missed')", name="booking_state_check"
        ),
        sa.CheckConstraint("starts_at < ends_at", name="booking_ends_at_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "party_id"], ["party.bank_id", "party.party_id"], name="booking_party_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "resource_id"],
            ["resource.bank_id", "resource.resource_id"],
            name="booking_resource_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "booking_id"),
    )
    op.create_index(
        "booking_close_idx",
        "booking",
        ["close_at"],
        unique=False,
        postgresql_where=sa.text("close_at is not null"),
    )
    op.create_index("booking_party_idx", "booking", ["bank_id", "party_id", "starts_at"], unique=False)


def _slot() -> None:
    op.create_table(
        "slot",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id", "booking_id"], ["booking.bank_id", "booking.booking_id"], name="slot_booking_id_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "resource_id"],
            ["resource.bank_id", "resource.resource_id"],
            name="slot_resource_id_fkey",
        ),
        sa.PrimaryKeyConstraint("bank_id", "resource_id", "starts_at"),
    )
    op.create_index("slot_booking_idx", "slot", ["bank_id", "booking_id"], unique=False)


def _note_sheet() -> None:
    op.create_table(
        "note_sheet",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("expire_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("minutes between 1 and 1440", name="note_sheet_minutes_check"),
        sa.CheckConstraint("notes between 1 and 200", name="note_sheet_notes_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "issued_by"], ["member.bank_id", "member.member_id"], name="note_sheet_issued_by_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "payer_id"], ["party.bank_id", "party.party_id"], name="note_sheet_payer_id_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "sheet_id"),
    )
    op.create_index(
        "note_sheet_expire_idx",
        "note_sheet",
        ["expire_at"],
        unique=False,
        postgresql_where=sa.text("expire_at is not null"),
    )


def _time_note() -> None:
    op.create_table(
        "time_note",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("used_by", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("desk_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'used') = (used_by is not null)", name="time_note_used_by_check"),
        sa.CheckConstraint("state in ('out', 'used', 'expired', 'void')", name="time_note_state_check"),
        sa.ForeignKeyConstraint(
            ["bank_id", "sheet_id"],
            ["note_sheet.bank_id", "note_sheet.sheet_id"],
            name="time_note_sheet_id_fkey",
        ),
        sa.ForeignKeyConstraint(
            ["bank_id", "used_by"], ["member.bank_id", "member.member_id"], name="time_note_used_by_fkey"
        ),
        sa.PrimaryKeyConstraint("bank_id", "note_id"),
        sa.UniqueConstraint("bank_id", "sheet_id", "number", name="time_note_number_key"),
    )


MAKERS = (
    _typed_code,
    _activity,
    _activity_leader,
    _activity_session,
    _place,
    _seat,
    _check_in,
    _code_trouble,
    _resource,
    _booking,
    _slot,
    _note_sheet,
    _time_note,
)
