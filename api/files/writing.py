"""The one way in which a file is written: line by line through the verbs, whole or not at all.

Each line has a savepoint of its own, so that one bad line tells its reason and leaves the others to be
judged. A dry run does everything and takes it back. What must never happen: news of an import sent to the
people it is about; they were told, if ever, when it happened.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.database import Database
from api.files.reading import Row
from api.files.report import Report
from exchange.errors import ExchangeError
from exchange.hours import relations
from exchange.hours.tables import Hours
from exchange.membership import banks, organisations, viewer
from exchange.membership.tables import Bank, Member, Party
from exchange.membership.viewer import Viewer
from exchange.outbox import Event
from exchange.permissions import Relation, may, require

SLICE = 500
"""Keys named in one statement."""


class NoAdministrator(ExchangeError):
    """This bank has no active administrator, in whose name a file could be imported."""

    code = "no_administrator"


class NobodyFree(ExchangeError):
    """Everybody who may write this down took part in it; another coordinator has to be named first."""

    code = "nobody_free"
    field = "line"


class ImportedOtherwise(ExchangeError):
    """This id was imported before, or stands on a line above, with other contents: correct it in the bank."""

    code = "imported_otherwise"
    field = "external_id"


@dataclass(slots=True)
class Desk:
    """One import's transaction: in which bank, in whose name, and rows held so they are read once."""

    session: AsyncSession
    bank: Bank
    staff: list[Viewer]
    """Administrators, coordinators, and whom the bank named to decide: the first coordinator who took no part
    writes a line down."""
    at: datetime
    kept: list[Any]

    @property
    def bank_id(self) -> UUID:
        return self.bank.bank_id

    @property
    def administrator(self) -> Viewer:
        return self.staff[0]

    def free_of(self, *involved: UUID) -> Viewer:
        """A coordinator who takes no part, themselves or for an organisation.

        Raises:
            NobodyFree
        """
        for each in self.staff:
            if each.roles & {"coordinator"} and not each.party_ids & set(involved):
                return each
        raise NobodyFree

    async def checker_of(self, hours: Hours) -> Viewer:
        """Somebody who may approve what a coordinator wrote down for both: another one, where there is one.

        Raises:
            NobodyFree
        """
        for each in self.staff:
            if may(each.roles, "hours.approve", await relations.relations(self.session, each, hours)):
                return each
        raise NobodyFree


async def sit_down(session: AsyncSession, bank_id: UUID, at: datetime) -> Desk:
    """The desk at which the bank's administrator imports a file.

    Raises:
        NoAdministrator
    """
    found: list[Viewer] = []
    for role in ("administrator", "coordinator"):
        for member_id in sorted(await organisations.holders_of(session, bank_id, role)):
            seen = await viewer.load(session, bank_id, member_id)
            if seen is not None and seen not in found:
                found.append(seen)
    if not found or "administrator" not in found[0].roles:
        raise NoAdministrator
    bank = await banks.get(session, bank_id)
    for member_id in await relations.deputies(session, bank) - {each.member_id for each in found}:
        found += [seen for seen in [await viewer.load(session, bank_id, member_id)] if seen is not None]
    require(found[0].roles, "data.import", [Relation.BANK])
    kept: list[Any] = []
    for table in (Party, Member):
        kept += (await session.scalars(select(table).where(col(table.bank_id) == bank_id))).all()
    return Desk(session, bank, found, at, kept)


Write = Callable[[Row], Awaitable[bool]]
"""Writes one line; says whether it was new."""


Progress = Callable[[int, int], None]
"""Is called with the lines that are done, and how many there are."""


def _tell_nobody(done: int, lines: int) -> None:
    """Where nobody watches."""
    del done, lines


async def carry_out(
    database: Database,
    bank_id: UUID,
    report: Report,
    rows: Sequence[Row],
    prepare: Callable[[Desk], Awaitable[tuple[Write, Callable[[], Awaitable[None]]]]],
    *,
    at: datetime,
    skip_bad: bool,
    progress: Progress | None = None,
) -> Report:
    """Write the rows; all in one transaction, which is taken back for a dry run or a bad line.

    `prepare` gives the function that writes one line, and one to call when all are written.
    """
    tell = progress or _tell_nobody
    async with database.transaction(bank_id) as session:
        desk = await sit_down(session, bank_id, at)
        write, finish = await prepare(desk)
        for done, row in enumerate(rows):
            tell(done, len(rows))
            await _one(session, report, row, write)
        tell(len(rows), len(rows))
        await finish()
        report.is_written = not report.is_dry_run and (skip_bad or report.is_good)
        if not report.is_written:
            await session.rollback()
    return report


async def _one(session: AsyncSession, report: Report, row: Row, write: Write) -> None:
    try:
        async with session.begin_nested():
            is_new = await write(row)
    except ExchangeError as error:
        report.add(row.line, error.field or "line", str(error), error.code)
    else:
        report.written += is_new
        report.unchanged += not is_new


async def tell_nobody(desk: Desk, key: str, ids: Iterable[UUID]) -> None:
    """Settle the events about what was just imported: `key` is the payload's, `ids` its values."""
    wanted = [str(each) for each in ids]
    for start in range(0, len(wanted), SLICE):
        await desk.session.execute(
            update(Event)
            .where(
                col(Event.bank_id) == desk.bank_id,
                col(Event.handled_at).is_(None),
                col(Event.payload)[key].astext.in_(wanted[start : start + SLICE]),
            )
            .values(handled_at=desk.at)
            .execution_options(synchronize_session=False)
        )
