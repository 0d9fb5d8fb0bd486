"""What an import tells: how much was written, and for every bad line its number, its field and why."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a line cannot be written. Line 1 is the header."""

    line: int
    field: str
    reason: str
    code: str


@dataclass(slots=True)
class Report:
    """What became of a file. Without `skip_bad`, one problem means that nothing was written."""

    kind: str
    file: str
    is_dry_run: bool = False
    encoding: str = ""
    lines: int = 0
    """Lines with contents, the header not counted."""
    written: int = 0
    """Lines that made something new; in a dry run or beside a problem, those that would have."""
    unchanged: int = 0
    """Lines that were imported before, or are known otherwise."""
    is_written: bool = False
    problems: list[Problem] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether every line could be written."""
        return not self.problems

    def add(self, line: int, where: str, reason: str, code: str) -> None:
        self.problems.append(Problem(line, where, reason, code))

    def as_dict(self) -> dict[str, Any]:
        """The report for programs."""
        return {**asdict(self), "is_good": self.is_good}

    def sentences(self) -> list[str]:
        """The report for people: a line for each problem, and what was done."""
        told = [f"line {p.line}, {p.field}: {p.reason}" for p in sorted(self.problems, key=lambda p: p.line)]
        if self.ignored_columns:
            told.append(f"Columns not used: {', '.join(self.ignored_columns)}.")
        told += self.notes
        return [*told, self._verdict()]

    def _verdict(self) -> str:
        counted = f"{self.written} of {self.lines} lines"
        already = f"; {self.unchanged} were there already" if self.unchanged else ""
        bad = len({p.line for p in self.problems})
        if self.is_written:
            skipped = f"; {bad} bad lines left out" if bad else ""
            return f"Wrote {counted}{already}{skipped}."
        if self.is_dry_run:
            return f"A dry run: {counted} would be written{already}; {bad} are bad. Nothing was written."
        return (
            f"{bad} lines are bad, so nothing was written. Correct them, or leave them out with --skip-bad."
        )
