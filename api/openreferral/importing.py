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
    except FeedTrouble as trouble:
        report.add(1, "feed", str(trouble), "feed_not_read")
        return report
    await _write(database, bank_id, report, found, at)
    return report


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
        report.is_written = not report.is_dry_run
        if report.is_dry_run:
            await session.rollback()
