"""Members from a spreadsheet: signed up through the same verb as at a kitchen table, and told nothing yet.

Age is asked: a column, a date of birth (which is not kept), or the operator's word for the whole file.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from api.database import Database
from api.files import words
from api.files.headers import MEMBERS
from api.files.people import People, everybody, member_id_of, plain
from api.files.reading import Row, read
from api.files.report import Report
from api.files.writing import Desk, Progress, Write, carry_out, tell_nobody
from exchange.errors import ExchangeError, TextMissing
from exchange.membership import banks, members, parties
from exchange.membership.contacts import ContactDraft, normalise
from exchange.membership.errors import ContactMissing
from exchange.membership.members import NewMember
from exchange.membership.tables import Party

ADULT_YEARS = 18
FOUND_BY = ("external_id", "telephone", "email")
TOTALS = ("age_band", "ethnicity", "disability")


class AgeNotAsked(ExchangeError):
    """Nothing says whether this person is 18 or over: fill in 'Over 18', or a date of birth."""

    code = "age_not_asked"
    field = "is_adult"


class TwiceInFile(ExchangeError):
    """This person stands in the file before."""

    code = "twice_in_file"
    field = "line"


async def import_members(
    database: Database,
    bank_id: UUID,
    data: bytes,
    *,
    file_name: str,
    at: datetime,
    is_dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
    all_are_adults: bool = False,
) -> Report:
    """Import members from the bytes of a CSV file.

    Ids come from the bank and the other system's number (or, without one, from name and contacts), so a
    second import changes nothing. `all_are_adults` is the operator's own word that age was asked.

    Raises:
        NoAdministrator: nobody in whose name to import.
    """
    report = Report(kind="members", file=file_name, is_dry_run=is_dry_run)
    rows = read(data, MEMBERS, report)
    if rows:
        _check_columns(rows, report)

    async def prepare(desk: Desk) -> tuple[Write, Callable[[], Awaitable[None]]]:
        writer = _Members(desk, await everybody(desk), all_are_adults=all_are_adults)
        return writer.write, writer.finish

    written = await carry_out(
        database, bank_id, report, rows, prepare, at=at, skip_bad=skip_bad, progress=progress
    )
    written.notes += _notes(rows)
    return written


def _check_columns(rows: list[Row], report: Report) -> None:
    seen = {name for row in rows for name in row.values}
    if not seen & {"name", "full_name", "first_name"}:
        report.add(1, "name", "No column says what people are called.", "column_missing")


def _notes(rows: list[Row]) -> list[str]:
    return [
        f"No column says who may be {told}: {what} were taken as safe. Ask, and correct it."
        for asked, needs, told, what in UNASKED
        if any(needs in row.values for row in rows) and not any(asked in row.values for row in rows)
    ]


UNASKED = (
    ("may_text", "telephone", "texted", "mobiles"),
    ("may_email", "email", "e-mailed", "e-mail addresses"),
)
"""A column that should be there, the one it is about, and what is said when it is missing."""


class _Members:
    """Writes members one by one, and knows whom it has met."""

    def __init__(self, desk: Desk, people: People, *, all_are_adults: bool) -> None:
        self.desk, self.people, self.all_are_adults = desk, people, all_are_adults
        self.in_file: set[UUID] = set()
        self.new: list[UUID] = []

    async def write(self, row: Row) -> bool:
        draft, joined_at = self._draft(row), self._joined_at(row)
        status = words.choice(row["status"], words.STATUSES, field="status") or "active"
        contacts = [
            each.value if each.kind == "post" else normalise(each.value)[1] for each in draft.contacts
        ]
        member_id = self._id(row, draft, contacts)
        if member_id in self.in_file:
            raise TwiceInFile
        known = await self.desk.session.get(Party, (self.desk.bank_id, member_id))
        if known is not None:
            self.in_file.add(member_id)
            return False
        if self.people.same_person([draft.name, draft.full_name or ""], contacts):
            return False
        await members.sign_up(
            self.desk.session, self.desk.administrator, draft, member_id=member_id, at=joined_at
        )
        self.in_file.add(member_id)
        if status != "active":
            await members.set_status(self.desk.session, self.desk.administrator, member_id, status)
        self.new.append(member_id)
        self.people.meet(member_id, [draft.name, draft.full_name or draft.name], contacts)
        self.desk.kept.append(await parties.get(self.desk.session, self.desk.bank_id, member_id))
        return True

    async def finish(self) -> None:
        await tell_nobody(self.desk, "member_id", self.new)

    def _id(self, row: Row, draft: NewMember, contacts: list[str]) -> UUID:
        if row["external_id"]:
            return self._own_id(row["external_id"]) or member_id_of(self.desk.bank_id, row["external_id"])
        told = "/".join([plain(draft.full_name or draft.name), *sorted(contacts)])
        return uuid5(self.desk.bank_id, f"import/member-by-words/{told}")

    def _own_id(self, external_id: str) -> UUID | None:
        """An id that an export of this same bank wrote."""
        try:
            own = UUID(external_id)
        except ValueError:
            return None
        return own if own in self.people.ids else None

    def _joined_at(self, row: Row) -> datetime:
        if not row["joined_on"]:
            return self.desk.at
        joined_on = words.day(row["joined_on"], field="joined_on")
        if joined_on > banks.today(self.desk.bank, self.desk.at):
            raise words.NotADay("That day has not come yet.", field="joined_on")
        noon = datetime.combine(joined_on, time(12), ZoneInfo(self.desk.bank.time_zone))
        return min(noon.astimezone(UTC), self.desk.at)

    def _draft(self, row: Row) -> NewMember:
        name, full_name = _names(row)
        return NewMember(
            name=name,
            full_name=full_name,
            contacts=_contacts(row),
            is_adult=self._is_adult(row),
            language=words.choice(row["language"], words.LANGUAGES, field="language") or "en",
            preferred_channel=words.choice(
                row["preferred_channel"], words.CHANNELS, field="preferred_channel"
            ),
            source=row["source"] or "import",
            address=row["address"] or None,
            small_area=row["small_area"] or None,
            access_needs=row["access_needs"] or None,
            is_listed=words.yes_or_no(row["is_listed"], field="is_listed", default=False),
            characteristics={key: row[key] for key in TOTALS if row[key]},
        )

    def _is_adult(self, row: Row) -> bool:
        if row["date_of_birth"]:
            born = words.day(row["date_of_birth"], field="date_of_birth")
            return _years(born, banks.today(self.desk.bank, self.desk.at)) >= ADULT_YEARS
        if not row["is_adult"] and not self.all_are_adults:
            raise AgeNotAsked
        return words.yes_or_no(row["is_adult"], field="is_adult", default=self.all_are_adults)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _names(row: Row) -> tuple[str, str | None]:
    """The name somebody uses, and their full one."""
    full = row["full_name"] or " ".join(part for part in (row["first_name"], row["last_name"]) if part)
    name = row["name"] or full
    if not name:
        raise TextMissing(field="name")
    return name, full or None


def _contacts(row: Row) -> list[ContactDraft]:
    """Telephones, e-mail and address, each with what the line says is safe."""
    safe = {
        "may_leave_voicemail": words.yes_or_no(
            row["may_leave_voicemail"], field="may_leave_voicemail", default=False
        ),
        "may_post": words.yes_or_no(row["may_post"], field="may_post", default=True),
        "is_discreet": words.yes_or_no(row["is_discreet"], field="is_discreet", default=False),
    }
    hours = {name: words.clock(row[name], field=name) for name in ("safe_from", "safe_until")}
    found = {}
    for name, asked in (("telephone", "may_text"), ("email", "may_email")):
        may_write = words.yes_or_no(row[asked], field=asked, default=True)
        for typed in row.several.get(name, []):
            draft = ContactDraft(value=typed, may_write=may_write, **safe, **hours)  # type: ignore[arg-type]
            found[_reachable(typed, name)] = draft
    if row["address"]:
        found[row["address"]] = ContactDraft(value=row["address"], kind="post", **safe, **hours)  # type: ignore[arg-type]
    if not found:
        raise ContactMissing(field="telephone")
    return list(found.values())


def _reachable(typed: str, name: str) -> str:
    """The canonical contact; a problem is told under the column's own field."""
    try:
        return normalise(typed)[1]
    except ExchangeError as error:
        error.field = name
        raise
