"""Other organisations' services, from their open data: read first, then written in one transaction."""

import asyncio
from datetime import datetime
from pathlib import Path
from uuid import UUID

from api.database import Database
from api.files.report import Report
from api.files.writing import sit_down
from api.openreferral import feed as feeds
from api.openreferral.feed import Feed, FeedTrouble
from exchange.errors import ExchangeError
from exchange.prescribing import feeds as followed
from exchange.prescribing import signposts


async def import_services(
    database: Database, bank_id: UUID, source: str, *, at: datetime, is_dry_run: bool = False
) -> Report:
    """Import a feed from the web or a file; what cannot be read is told and left out, the rest is kept.

    Raises:
        NoAdministrator: nobody in whose name to import.
    """
    report = Report(kind="services", file=source, is_dry_run=is_dry_run)
    try:
        found = await _read(source)
        if not found.services:
            raise FeedTrouble("The feed is empty, so what is there stays.")  # noqa: TRY301 - as one that is broken
    except FeedTrouble as trouble:
        report.add(1, "feed", str(trouble), "feed_not_read")
        await _note_trouble(database, bank_id, report, str(trouble), at)
        return report
    await _write(database, bank_id, report, found, at)
    return report


async def _note_trouble(
    database: Database, bank_id: UUID, report: Report, trouble: str, at: datetime
) -> None:
    """On the desk, for a feed that the bank follows already."""
    async with database.transaction(bank_id) as session:
        if not report.is_dry_run and await followed.is_followed(session, bank_id, report.file):
            desk = await sit_down(session, bank_id, at)
            await followed.note(session, desk.administrator, report.file, trouble=trouble, at=at)


async def _read(source: str) -> Feed:
    if feeds.is_address(source):
        return await feeds.fetch(source)
    try:
        return feeds.from_file(await asyncio.to_thread(Path(source).read_bytes))
    except OSError:
        raise FeedTrouble("There is no such file.") from None


async def _write(database: Database, bank_id: UUID, report: Report, found: Feed, at: datetime) -> None:
    name = report.file if feeds.is_address(report.file) else Path(report.file).name
    async with database.transaction(bank_id) as session:
        desk = await sit_down(session, bank_id, at)
        seen = set()
        for number, entry in feeds.entries(found, report):
            try:
                became = await signposts.keep(session, desk.administrator, name, entry, at=at)
            except ExchangeError as broken:
                report.add(number, broken.field or "service", str(broken), broken.code)
                continue
            seen.add(entry.external_id)
            report.written += became != "same"
            report.unchanged += became == "same"
        if found.is_whole:
            gone = await signposts.take_down(session, desk.administrator, name, still_there=seen)
            report.notes.append(f"{gone} that the feed has no more are taken down.")
        else:
            report.notes.append("The feed was not read to its end, so nothing is taken down.")
        if feeds.is_address(report.file):
            trouble = None if found.is_whole else "It broke off before its end."
            await followed.note(session, desk.administrator, report.file, trouble=trouble, at=at)
        report.is_written = not report.is_dry_run
        if report.is_dry_run:
            await session.rollback()
