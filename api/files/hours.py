"""Hours from another system or a paper ledger: history that both sides agreed to long ago.

Each is told on its day and booked today, by a coordinator who took no part, with the file and line as its
evidence; a limit that history crossed is raised, since hours already given are never refused.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from api.database import Database
from api.files import words
from api.files.headers import HOURS
from api.files.people import People, everybody
from api.files.reading import Row, read
from api.files.report import Report
from api.files.writing import Desk, ImportedOtherwise, Progress, Write, carry_out, tell_nobody
from exchange.hours import log, verbs
from exchange.hours.errors import DayInFuture
from exchange.hours.log import Telling
from exchange.hours.tables import Hours
from exchange.membership import banks
from exchange.membership.errors import WithOneself
from exchange.words import clean

REASON = "imported"
SIDES = ("giver", "receiver")


async def import_hours(
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
    """Import hours from the bytes of a CSV file, as confirmed history.

    Ids come from the bank and the other system's number (or, without one, from the line's contents and how
    often they stood in the file before), so a second import changes nothing.

    Raises:
        NoAdministrator: nobody in whose name to import.
    """
    report = Report(kind="hours", file=file_name, is_dry_run=is_dry_run)
    rows = read(data, HOURS, report)
    writers: list[_Hours] = []

    async def prepare(desk: Desk) -> tuple[Write, Callable[[], Awaitable[None]]]:
        writers.append(_Hours(desk, await everybody(desk), file_name))
        return writers[0].write, writers[0].finish

    written = await carry_out(
        database, bank_id, report, rows, prepare, at=at, skip_bad=skip_bad, progress=progress
    )
    written.notes += [note for writer in writers for note in writer.notes()]
    return written


class _Hours:
    """Writes hours one by one."""

    def __init__(self, desk: Desk, people: People, file_name: str) -> None:
        self.desk, self.people, self.file_name = desk, people, file_name
        self.seen: Counter[str] = Counter()
        self.new: list[UUID] = []
        self.raised: set[UUID] = set()

    async def write(self, row: Row) -> bool:
        giver_id, receiver_id = (self._who(row, side) for side in SIDES)
        if giver_id == receiver_id:
            raise WithOneself(field="receiver")
        telling = self._telling(row, giver_id, receiver_id)
        known = await self.desk.session.get(Hours, (self.desk.bank_id, telling.hours_id))
        if known is not None:
            _check_same(known, telling, giver_id)
            return False
        await self._agreed(telling)
        self.new.append(telling.hours_id)
        return True

    async def _agreed(self, telling: Telling) -> None:
        clerk = self.desk.free_of(telling.with_id, telling.on_behalf_of or telling.with_id)
        session, at = self.desk.session, self.desk.at
        await log.log(session, clerk, telling, at=self._told_at(telling))
        found = await verbs.confirm(session, clerk, telling.hours_id, evidence=telling.evidence, at=at)
        if found.state == "awaiting_approval":
            if "floor" in found.approval_reasons:
                self.raised.add(found.receiver_id)
            checker = await self.desk.checker_of(found)
            await verbs.approve(session, checker, found.hours_id, floor="raise", reason=REASON, at=at)

    async def finish(self) -> None:
        await tell_nobody(self.desk, "hours_id", self.new)

    def notes(self) -> list[str]:
        if not self.raised:
            return []
        return [f"{len(self.raised)} people had received more than the bank's limit; theirs was raised."]

    def _who(self, row: Row, side: str) -> UUID:
        return self.people.find(
            side, external_id=row[f"{side}_id"], telephone=row[f"{side}_telephone"], name=row[side]
        )

    def _telling(self, row: Row, giver_id: UUID, receiver_id: UUID) -> Telling:
        minutes = words.whole_minutes(row["minutes"], row["hours"])
        log.check_minutes(minutes)
        done_on = words.day(row["done_on"], field="done_on")
        if done_on > banks.today(self.desk.bank, self.desk.at):
            raise DayInFuture
        told = "/".join([str(giver_id), str(receiver_id), str(minutes), done_on.isoformat(), row["skill"]])
        return Telling(
            hours_id=self._id(row, told),
            direction="gave",
            with_id=receiver_id,
            minutes=minutes,
            done_on=done_on,
            skill=row["skill"] or None,
            note=row["note"] or None,
            on_behalf_of=giver_id,
            reason=REASON,
            evidence=f"{self.file_name}:{row.line}",
        )

    def _id(self, row: Row, told: str) -> UUID:
        """From the other system's number; two lines that say the same without one are two exchanges."""
        if row["external_id"]:
            return self._own_id(row["external_id"])
        self.seen[told] += 1
        return uuid5(self.desk.bank_id, f"import/hours-by-words/{told}/{self.seen[told]}")

    def _own_id(self, external_id: str) -> UUID:
        try:
            return UUID(external_id)
        except ValueError:
            return uuid5(self.desk.bank_id, f"import/hours/{external_id.casefold()}")

    def _told_at(self, telling: Telling) -> datetime:
        """The evening of the day itself: how long a bank looks back is a rule for new hours."""
        evening = datetime.combine(telling.done_on, time(21), ZoneInfo(self.desk.bank.time_zone))
        return min(evening.astimezone(UTC), self.desk.at)


def _check_same(known: Hours, telling: Telling, giver_id: UUID) -> None:
    """A line that was imported before says what it said then.

    Raises:
        ImportedOtherwise
    """
    before = (known.giver_id, known.receiver_id, known.minutes, known.done_on, known.skill)
    now = (giver_id, telling.with_id, telling.minutes, telling.done_on, clean(telling.skill, field="skill"))
    if before != now:
        raise ImportedOtherwise
