"""What stands on each sheet of paper, as plain values: no more than what is printed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """One session's poster: its code opens 'I am here' for that session only."""

    bank: str
    title: str
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    code: str
    """As printed, in groups of four."""
    path: str
    """Where its QR leads, below the public address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A member's wallet card; it identifies, and alone does nothing."""

    bank: str
    telephone: str | None
    """The office's, for whoever finds it."""
    name: str
    language: str
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterLine:
    """Somebody expected at a session."""

    name: str
    is_leader: bool
    is_waiting: bool
    companions: int
    wants_lift: bool
    has_come: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who is expected at a session, by name; `hidden` counts those whom this helper does not see."""

    bank: str
    title: str
    host: str
    location: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    code: str
    path: str
    lines: tuple[RosterLine, ...]
    hidden: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One thing of a day at an organisation: a session or a booking, and who is expected."""

    starts_at: datetime
    ends_at: datetime
    title: str
    location: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """A till's day on one page: everything booked at one organisation."""

    bank: str
    host: str
    day: date
    time_zone: str
    lines: tuple[DayLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNote:
    """One time note of a sheet."""

    number: int
    code: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNotes:
    """A sheet of time notes that are still out."""

    bank: str
    payer: str
    payer_kind: str = "organisation"
    minutes: int
    purpose: str | None
    expires_on: date
    notes: tuple[PrintedNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsOnLine:
    """One session that anybody may come to."""

    session_id: UUID
    activity_id: UUID
    title: str
    about: str | None
    host: str
    location: str
    """Empty where a stranger is not told it."""
    starts_at: datetime
    ends_at: datetime
    access: tuple[str, ...]
    lifts: str | None
    earns_minutes: int
    costs_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsOn:
    """The sessions of some weeks, in order."""

    bank: str
    telephone: str | None
    time_zone: str
    from_day: date
    until_day: date
    lines: tuple[WhatsOnLine, ...]
