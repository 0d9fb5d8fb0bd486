"""Calendar invitations that travel with an e-mail (RFC 5545, iTIP's REQUEST and CANCEL).

A calendar is read by whoever shares it, and shows on a locked screen: the title is one plain word in the
reader's language. What must never happen: a name, a place, a health word or free text in an invitation.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Final
from uuid import UUID

from notifications.notice import Attachment
from notifications.wording import spoken, texts

LINE_OCTETS_MAX: Final = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A time to keep free. `version` counts up each time it moves; a repeat of one changes nothing."""

    appointment_id: UUID
    starts_at: datetime
    ends_at: datetime
    language: str
    organiser: str
    """The address the e-mail comes from."""
    attendee: str
    version: int = 0
    is_cancelled: bool = False


def invitation(invited: Invitation, *, at: datetime) -> Attachment:
    """The file that calendars understand; sent again with a higher version it moves or cancels the first."""
    method = "CANCEL" if invited.is_cancelled else "REQUEST"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Evenhour//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{invited.appointment_id}",
        f"SEQUENCE:{invited.version}",
        f"DTSTAMP:{_moment(at)}",
        f"DTSTART:{_moment(invited.starts_at)}",
        f"DTEND:{_moment(invited.ends_at)}",
        f"SUMMARY:{_escaped(texts(spoken(invited.language))['frame']['calendar_title'])}",
        f"ORGANIZER:mailto:{_address(invited.organiser)}",
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION:mailto:{_address(invited.attendee)}",
        f"STATUS:{'CANCELLED' if invited.is_cancelled else 'CONFIRMED'}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    content = "".join(f"{_folded(line)}\r\n" for line in lines).encode()
    return Attachment(
        name="invite.ics", media_type=f"text/calendar; method={method}; charset=utf-8", content=content
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _address(written: str) -> str:
    """The bare address, with nothing that could end a line or start a parameter."""
    return "".join(c for c in parseaddr(written)[1] if c.isprintable() and c not in ';:,"\\ ')


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Lines of at most 75 octets, continued after a space, never inside a character."""
    folded, length = [], 0
    for character in line:
        octets = len(character.encode())
        if length + octets > LINE_OCTETS_MAX:
            folded.append("\r\n ")
            length = 1
        folded.append(character)
        length += octets
    return "".join(folded)
