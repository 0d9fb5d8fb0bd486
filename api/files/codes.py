"""A list of needs and concerns from a spreadsheet: it takes the place of the one that the bank had."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from api.database import Database
from api.files.headers import CODES
from api.files.reading import Row, read
from api.files.report import Report
from api.files.writing import Desk, Progress, Write, carry_out
from exchange.prescribing import codes
from exchange.prescribing.codes import OWN_SYSTEM, Code
from exchange.prescribing.errors import BadCodeList
from exchange.prescribing.states import SNOMED
from exchange.words import required

SYSTEMS = {"": OWN_SYSTEM, "own": OWN_SYSTEM} | dict.fromkeys(("snomed", "snomed ct", "sct"), SNOMED)
"""What people call a code system → its address; an address stands for itself."""
KINDS = dict.fromkeys(("", "need", "concern"), "need") | dict.fromkeys(("flag", "safety flag"), "flag")


async def import_codes(
    database: Database,
    bank_id: UUID,
    data: bytes,
    *,
    file_name: str,
    at: datetime,
    is_dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Import a code list from the bytes of a CSV file; a second import changes nothing.

    What was chosen on referrals stays chosen, under the words that it had or its bare code.

    Raises:
        NoAdministrator: nobody in whose name to import.
    """
    report = Report(kind="codes", file=file_name, is_dry_run=is_dry_run)
    rows = read(data, CODES, report)

    async def prepare(desk: Desk) -> tuple[Write, Callable[[], Awaitable[None]]]:
        writer = _Codes(desk, report)
        await writer.look()
        return writer.write, writer.finish

    return await carry_out(
        database, bank_id, report, rows, prepare, at=at, skip_bad=skip_bad, progress=progress
    )


class _Codes:
    """Gathers the lines, then puts them in place of the old list at once."""

    def __init__(self, desk: Desk, report: Report) -> None:
        self.desk, self.report = desk, report
        self.old: dict[str, Code] = {}
        self.new: dict[str, Code] = {}

    async def look(self) -> None:
        self.old = {one.code: one for one in await codes.own(self.desk.session, self.desk.administrator)}

    async def write(self, row: Row) -> bool:
        line = Code(
            required(row["code"], field="code", characters_max=codes.CODE_CHARACTERS_MAX),
            required(row["words"], field="words", characters_max=codes.WORDS_CHARACTERS_MAX),
            _system(row["system"]),
            _kind(row["kind"]),
        )
        if line.code in self.new:
            raise BadCodeList("This code stands in the file twice.", field="code")
        self.new[line.code] = line
        return self.old.get(line.code) != line

    async def finish(self) -> None:
        gone = self.old.keys() - self.new.keys()
        if gone:
            self.report.notes.append(f"{len(gone)} codes that the file does not have are offered no longer.")
        if self.new:
            await codes.replace(self.desk.session, self.desk.administrator, self.new.values())


def _system(typed: str) -> str:
    known = SYSTEMS.get(typed.strip().casefold(), typed.strip())
    if ":" not in known or not known.isprintable() or " " in known:
        raise BadCodeList("A code system is an address, or SNOMED CT.", field="system")
    return known


def _kind(typed: str) -> str:
    found = KINDS.get(typed.strip().casefold())
    if found is None:
        raise BadCodeList("A code is a need or a flag.", field="kind")
    return found
