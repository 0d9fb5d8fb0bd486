"""When somebody really came, as far as a telephone's clock and ours can tell together.

A form kept without signal brings the time at which it was pressed. What must never happen: somebody refused
because the signal came late, or a wrong clock believed without a person's look.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from exchange.activities.tables import ActivitySession

OPENS_BEFORE = timedelta(hours=1)
CLOSES_AFTER = timedelta(hours=1)
LATE_AFTER = timedelta(hours=12)
"""How long after a session's end a kept scan is told before it counts as late."""
CLOCKS_DIFFER_MAX = timedelta(minutes=10)
KEPT_MAX = timedelta(days=60)
"""Longer than this no phone keeps a form; what claims to be older tells of a clock, not of a wait."""
DEVICE_CHARACTERS_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When it happened, what the device said, and whether it was kept on the device for a while."""

    came_at: datetime
    device_at: datetime | None = None
    is_kept: bool = False
    is_clock_wrong: bool = False

    def is_during(self, meeting: ActivitySession) -> bool:
        """Whether people are checked in at this moment."""
        return meeting.starts_at - OPENS_BEFORE <= self.came_at <= meeting.ends_at + CLOSES_AFTER

    def flags(self, meeting: ActivitySession, at: datetime) -> list[str]:
        """Why a coordinator should look: told late, or by a clock that cannot be right."""
        found = []
        if self.is_kept and at > meeting.ends_at + LATE_AFTER:
            found.append("late")
        if self.is_clock_wrong or (self.is_kept and not self.is_during(meeting)):
            found.append("clock")
        return found


def has_opened(meeting: ActivitySession, at: datetime) -> bool:
    """Whether people may have come by now, by our own clock."""
    return at >= meeting.starts_at - OPENS_BEFORE


def read(device_at: str | None, *, is_kept: bool, at: datetime, sent_at: str | None = None) -> Moment:
    """The moment that a form's `device_at` (ISO 8601) and its arrival tell of.

    A form sent at once happened now, whatever the device says; one that was kept happened when the device
    says, unless that has not come yet or cannot be read. `sent_at` is what the same clock said when the kept
    form left: a clock that was wrong then is known as wrong, and still tells how long the form was kept.
    """
    said, sent = _parsed(device_at), _parsed(sent_at)
    if not is_kept:
        is_wrong = said is not None and abs(said - at) > CLOCKS_DIFFER_MAX
        return Moment(came_at=at, device_at=said, is_clock_wrong=is_wrong)
    if said is not None and sent is not None and _is_wrong(said, sent, at):
        return Moment(came_at=at - (sent - said), device_at=said, is_kept=True, is_clock_wrong=True)
    if said is None or said > at + CLOCKS_DIFFER_MAX:
        return Moment(came_at=at, device_at=said, is_kept=True, is_clock_wrong=True)
    return Moment(came_at=min(said, at), device_at=said, is_kept=True)


def _is_wrong(said: datetime, sent: datetime, at: datetime) -> bool:
    """Whether one clock told both, and is not ours; one that was set right meanwhile cannot tell."""
    return abs(sent - at) > CLOCKS_DIFFER_MAX and timedelta() <= sent - said <= KEPT_MAX


def _parsed(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat((text or "")[:DEVICE_CHARACTERS_MAX].strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
