"""What an audit reports: what it looked at, what it found, and what it left out.

What must never happen: a clean report about something that was not looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int, int], None]
"""Called with what is being checked, how many are done, and of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A row that is not as it must be: which check found it, which row it is, and why."""

    check: str
    subject: str
    why: str

    def __str__(self) -> str:
        return f"{self.check}: {self.subject}: {self.why}"


@dataclass(slots=True)
class AuditReport:
    """What an audit looked at and what it found; each check's findings begin with its first wrong row."""

    findings: list[Finding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    """How many of each thing were looked at."""
    not_checked: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings

    def found(self, check: str, subject: str, why: str) -> None:
        self.findings.append(Finding(check=check, subject=subject, why=why))
