"""The tables of people: erasable, and never the place where hours are counted."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from exchange.columns import Numbers, Timestamp, Words, belongs_to, of_bank, one_of

PARTY_KINDS = ("member", "organisation", "pot", "issuance", "fund", "purse")
MEMBER_STATUSES = ("applied", "active", "paused", "left", "deceased", "refused")
CONTACT_KINDS = ("mobile", "landline", "email", "post")
CHANNELS = ("sms", "email", "call", "letter")
APPROVAL_RULES = ("first_exchange", "over_minutes", "at_home", "same_pair")
DEPUTIES = ("coordinator", "administrator", "named")
TOPICS = ("questions", "help", "groups", "hours", "reminders")
PACES = ("at_once", "daily", "never")
ROLES = ("coordinator", "assistant", "representative", "practice", "auditor", "administrator")


class Bank(SQLModel, table=True):
    """A time bank: one community with its own books, and the policy it chose."""

    __tablename__ = "bank"
    __table_args__ = (
        CheckConstraint("floor_minutes <= 0", name="bank_floor_minutes_check"),
        CheckConstraint("hours_age_days_max > 0", name="bank_hours_age_days_max_check"),
        CheckConstraint("coordinator_after_days > all (reminder_days)", name="bank_reminder_days_check"),
        one_of("bank", "deputy", DEPUTIES),
    )

    bank_id: UUID = Field(primary_key=True)
    name: str
    time_zone: str = "Europe/London"
    languages: list[str] = Field(default_factory=lambda: ["en"], sa_type=Words)
    telephone: str | None = None
    pot_id: UUID
    issuance_id: UUID
    floor_minutes: int = -600
    ceiling_minutes: int = 2400
    """Soft: above it a member is nudged to spend; hours given are never refused for it."""
    hours_age_days_max: int = 90
    objection_days: int = 14
    reminder_days: list[int] = Field(default_factory=lambda: [2, 5], sa_type=Numbers)
    coordinator_after_days: int = 7
    deputy: str = "administrator"
    """Who decides when every coordinator took part: another coordinator, the administrator, or `named`."""
    named_approver_id: UUID | None = None
    created_at: datetime = Field(sa_type=Timestamp)


class ApprovalRule(SQLModel, table=True):
    """One reason why a coordinator must look at an hour before it counts; rules are data."""

    __tablename__ = "approval_rule"
    __table_args__ = (of_bank("approval_rule"), one_of("approval_rule", "kind", APPROVAL_RULES))

    bank_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    threshold: int = 0
    """`over_minutes`: minutes; `same_pair`: how many times within `period_days`; otherwise unused."""
    period_days: int = 30


class Party(SQLModel, table=True):
    """Somebody or something that can give and receive: a member, an organisation, the pot, the issuance."""

    __tablename__ = "party"
    __table_args__ = (
        of_bank("party"),
        belongs_to("party", "account_id", "ledger_account", "account_id"),
        UniqueConstraint("bank_id", "account_id", name="party_account_id_key"),
        one_of("party", "kind", PARTY_KINDS),
    )

    bank_id: UUID = Field(primary_key=True)
    party_id: UUID = Field(primary_key=True)
    kind: str
    name: str
    account_id: UUID
    is_active: bool = True


class Member(SQLModel, table=True):
    """A person of the bank, or one who asked to join."""

    __tablename__ = "member"
    __table_args__ = (
        belongs_to("member", "member_id", "party", "party_id"),
        belongs_to("member", "buddy_id", "member", "member_id"),
        belongs_to("member", "heir_id", "party", "party_id"),
        one_of("member", "status", MEMBER_STATUSES),
        one_of("member", "preferred_channel", CHANNELS),
    )

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    full_name: str
    language: str = "en"
    preferred_channel: str = "sms"
    status: str = "active"
    source: str = "self"
    """How the person came: word of mouth, self, care home, project, practice, …"""
    buddy_id: UUID | None = None
    is_adult: bool
    """Age is asked at sign-up and on import."""
    address: str | None = None
    small_area: str | None = None
    access_needs: str | None = None
    is_listed: bool = False
    """In the bank's directory; the member's choice."""
    joined_on: date
    calendar_renewed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When the secret link of their own calendar was made anew; earlier ones open nothing."""
    heir_id: UUID | None = None
    """Whom what they leave goes to, where they or the bank named somebody; the pot otherwise."""
    fingerprint: str | None = None
    """Of what they came with, by which a repeat is told from another person under the same id."""


class Characteristics(SQLModel, table=True):
    """What a member chose to say about themselves; voluntary, and used only in totals."""

    __tablename__ = "characteristics"
    __table_args__ = (belongs_to("characteristics", "member_id", "member", "member_id"),)

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    age_band: str | None = None
    ethnicity: str | None = None
    disability: str | None = None


class Contact(SQLModel, table=True):
    """A way to reach a member, with what is safe to do with it."""

    __tablename__ = "contact"
    __table_args__ = (
        belongs_to("contact", "member_id", "member", "member_id"),
        UniqueConstraint("bank_id", "member_id", "value", name="contact_value_key"),
        Index("contact_value_idx", "value"),
        one_of("contact", "kind", CONTACT_KINDS),
    )

    bank_id: UUID = Field(primary_key=True)
    contact_id: UUID = Field(primary_key=True)
    member_id: UUID
    kind: str
    value: str
    """E.164 for telephones, lower case for e-mail, lines for post."""
    may_write: bool = True
    may_leave_voicemail: bool = False
    may_post: bool = True
    safe_from: time | None = None
    safe_until: time | None = None
    is_discreet: bool = False
    """No name of the service in what is sent here."""
    language: str | None = None
    proved_at: datetime | None = Field(default=None, sa_type=Timestamp)
    """When a code proved it, or the bank wrote it down; until then it identifies nobody."""


class TopicChoice(SQLModel, table=True):
    """How a member wishes to be told of one kind of news; no row means as usual, at once."""

    __tablename__ = "topic_choice"
    __table_args__ = (
        PrimaryKeyConstraint("bank_id", "member_id", "topic", name="topic_choice_pkey"),
        belongs_to("topic_choice", "member_id", "member", "member_id"),
        one_of("topic_choice", "topic", TOPICS),
        one_of("topic_choice", "channel", CHANNELS),
        one_of("topic_choice", "pace", PACES),
        CheckConstraint(
            "pace = 'at_once' or topic in ('hours', 'reminders')", name="topic_choice_must_be_told_check"
        ),
    )

    bank_id: UUID
    member_id: UUID
    topic: str
    channel: str | None = None
    pace: str = "at_once"
    chosen_at: datetime = Field(sa_type=Timestamp)
    chosen_by: UUID
    """Consent is on record: when, and by whom it was written down."""


class RoleGrant(SQLModel, table=True):
    """A role that a member holds beside being a member; representatives hold it for an organisation."""

    __tablename__ = "role_grant"
    __table_args__ = (
        belongs_to("role_grant", "member_id", "member", "member_id"),
        belongs_to("role_grant", "organisation_id", "organisation", "organisation_id"),
        UniqueConstraint(
            "bank_id",
            "member_id",
            "role",
            "organisation_id",
            name="role_grant_once_key",
            postgresql_nulls_not_distinct=True,
        ),
        one_of("role_grant", "role", ROLES),
    )

    bank_id: UUID = Field(primary_key=True)
    grant_id: UUID = Field(primary_key=True)
    member_id: UUID
    role: str
    organisation_id: UUID | None = None


class Organisation(SQLModel, table=True):
    """A day centre, a library, a shop: a member with rooms, seats and tasks."""

    __tablename__ = "organisation"
    __table_args__ = (belongs_to("organisation", "organisation_id", "party", "party_id"),)

    bank_id: UUID = Field(primary_key=True)
    organisation_id: UUID = Field(primary_key=True)
    kind: str = "community"
    description: str | None = None
    text_name: str | None = None
    """What texts and calendars call it: a name that tells whoever holds the phone nothing."""
    joined_on: date


class Block(SQLModel, table=True):
    """A wall between two people, invisible to the other: no directory, no match, no hours."""

    __tablename__ = "block"
    __table_args__ = (
        belongs_to("block", "member_id", "member", "member_id"),
        belongs_to("block", "other_id", "member", "member_id"),
        CheckConstraint("member_id <> other_id", name="block_other_id_check"),
    )

    bank_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    other_id: UUID = Field(primary_key=True)
    made_at: datetime = Field(sa_type=Timestamp)


class SignInCode(SQLModel, table=True):
    """A one-time code sent to a contact; only its hash is kept."""

    __tablename__ = "sign_in_code"
    __table_args__ = (
        of_bank("sign_in_code"),
        Index("sign_in_code_contact_idx", "bank_id", "contact", "made_at"),
    )

    bank_id: UUID = Field(primary_key=True)
    code_id: UUID = Field(primary_key=True)
    contact: str
    code_hash: str
    made_at: datetime = Field(sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Timestamp)


class CodeRequest(SQLModel, table=True):
    """How often codes were asked for on one day, by a keyed hash of a number, an address or a network."""

    __tablename__ = "code_request"
    __table_args__ = (PrimaryKeyConstraint("key", "day", name="code_request_pkey"),)

    key: str
    day: date
    asked: int


class SignInLink(SQLModel, table=True):
    """A link that signs one member in; once, unless it was made for a demonstration."""

    __tablename__ = "sign_in_link"
    __table_args__ = (belongs_to("sign_in_link", "member_id", "member", "member_id"),)

    bank_id: UUID = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    member_id: UUID
    expires_at: datetime = Field(sa_type=Timestamp)
    is_reusable: bool = False
    used_at: datetime | None = Field(default=None, sa_type=Timestamp)


class SignInSession(SQLModel, table=True):
    """A signed-in phone, desk or program; listed to its owner, who may end it."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        belongs_to("sign_in_session", "member_id", "member", "member_id"),
        UniqueConstraint("bank_id", "token_hash", name="sign_in_session_token_hash_key"),
    )

    bank_id: UUID = Field(primary_key=True)
    session_id: UUID = Field(primary_key=True)
    member_id: UUID
    token_hash: str
    device: str
    started_at: datetime = Field(sa_type=Timestamp)
    expires_at: datetime = Field(sa_type=Timestamp)
    ended_at: datetime | None = Field(default=None, sa_type=Timestamp)
