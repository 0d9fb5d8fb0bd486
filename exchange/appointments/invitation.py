"""An appointment as a calendar invitation (RFC 5545). It carries names, a time and a place, and no note.

Its uid is the appointment's own id and its sequence counts the moves, so calendars change it in place.
"""

from datetime import UTC, datetime, timedelta

from exchange.appointments.tables import Appointment

LINE_OCTETS_MAX = 75


def invitation(appointment: Appointment, *, summary: str, at: datetime) -> str | None:
    """The invitation, or its cancellation; None while there is no time to put down."""
    if appointment.starts_at is None:
        return None
    is_off = appointment.state in ("cancelled", "did_not_happen")
    ends_at = appointment.starts_at + timedelta(minutes=appointment.minutes)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Evenhour//Appointments//EN",
        f"METHOD:{'CANCEL' if is_off else 'REQUEST'}",
        "BEGIN:VEVENT",
        f"UID:{appointment.appointment_id}@evenhour",
        f"SEQUENCE:{appointment.moves + is_off}",
        f"DTSTAMP:{_moment(at)}",
        f"DTSTART:{_moment(appointment.starts_at)}",
        f"DTEND:{_moment(ends_at)}",
        f"SUMMARY:{_text(summary)}",
        *([f"LOCATION:{_text(appointment.place)}"] if appointment.place else []),
        f"STATUS:{'CANCELLED' if is_off else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for sign in "\\;,":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\n", "\\n")


def _fold(line: str) -> list[str]:
    """Lines of at most 75 octets, never cut inside a character."""
    folded, current = [], ""
    for character in line:
        if len((current + character).encode()) > LINE_OCTETS_MAX:
            folded.append(current)
            current = " "
        current += character
    return [*folded, current]
