"""What a bank and its operator decided about words out: when, how much, to which countries.

Quiet hours are local clock time, so the night the clocks change is an hour longer or shorter and nobody
is woken. A person's own safe hours always win over the bank's quiet hours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.notice import Address, Kind

AT_ONCE: frozenset[Kind] = frozenset({"safety", "reply", "code"})
"""Kinds that a person is waiting for: quiet hours do not hold them back."""


MIDNIGHT = time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of the local day, from (included) until (excluded); may cross midnight."""

    start: time
    until: time

    def contains(self, moment: time) -> bool:
        if self.start <= self.until:
            return self.start <= moment < self.until
        return moment >= self.start or moment < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One bank's rules for words out. Budgets are segments; zero means none may be sent."""

    bank_name: str
    contact: str
    """The public telephone number, as people should read it."""
    time_zone: str = "Europe/London"
    quiet: Hours | None = Hours(start=time(21), until=time(8))
    sms_budget_number_day: int = 20
    sms_budget_bank_day: int = 2000
    countries: frozenset[int] = frozenset({44})
    office: Hours = Hours(start=time(9), until=time(17))
    """When somebody reads what was not understood, on the days of `office_weekdays` (Monday is 0)."""
    office_weekdays: frozenset[int] = frozenset(range(5))
    allows_crown_dependencies: bool = True
    desk_language: str = "en"
    """What coordinators read: how to make a call is told in it, whatever language the call is in."""
    pence_per_segment: float = 4.0

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def parse_quiet_hours(setting: str) -> Hours | None:
    """`21:00-08:00`, or `off`, as the operator's setting has it."""
    if setting == "off":
        return None
    start, until = (time.fromisoformat(part) for part in setting.split("-"))
    return None if start == until else Hours(start=start, until=until)


def is_out_of_hours(policy: Policy, *, at: datetime) -> bool:
    """Whether nobody is there to read a text now; then the answer says so, and whom to call."""
    local = at.astimezone(policy.zone)
    return local.weekday() not in policy.office_weekdays or not policy.office.contains(local.time())


def earliest(address: Address, kind: Kind, policy: Policy, *, at: datetime) -> datetime:
    """The first moment from `at` on when this address may be told something of this kind."""
    if _may_now(address, kind, policy, at):
        return at
    safe = _safe_hours(address)
    opening = {hours.until for hours in (policy.quiet,) if hours} | {
        hours.start for hours in (safe,) if hours
    }
    local_day = at.astimezone(policy.zone).date()
    moments = sorted(
        datetime.combine(local_day + timedelta(days=days), clock, policy.zone).astimezone(UTC)
        for days in range(3)
        for clock in opening
    )
    return next((moment for moment in moments if moment > at and _may_now(address, kind, policy, moment)), at)


def _may_now(address: Address, kind: Kind, policy: Policy, at: datetime) -> bool:
    local = at.astimezone(policy.zone).time()
    if kind == "safety":
        return True
    safe = _safe_hours(address)
    if safe is not None:
        return safe.contains(local) and (_is_awake(kind, policy, local) or not _overlap(safe, policy))
    return _is_awake(kind, policy, local)


def _safe_hours(address: Address) -> Hours | None:
    """When it is safe, if that was said; half of it said means until, or from, midnight."""
    if address.safe_from is None and address.safe_until is None:
        return None
    return Hours(start=address.safe_from or MIDNIGHT, until=address.safe_until or MIDNIGHT)


def _is_awake(kind: Kind, policy: Policy, local: time) -> bool:
    return kind in AT_ONCE or policy.quiet is None or not policy.quiet.contains(local)


def _overlap(safe: Hours, policy: Policy) -> bool:
    """Whether the person's safe hours leave any time outside the bank's quiet hours."""
    if policy.quiet is None:
        return True
    return not policy.quiet.contains(safe.start) or safe.contains(policy.quiet.until)
