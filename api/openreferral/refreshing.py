"""Other organisations' feeds, read again by themselves each day, beside the worker and never in its way.

A feed may take minutes to answer, so it has a loop of its own: no message about somebody's safety waits for
it. What must never happen: a transaction that stays open while a feed is read.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from api.database import Database
from api.openreferral.importing import import_services
from exchange.prescribing import feeds

log = logging.getLogger("evenhour.feeds")
LOOK_EVERY_SECONDS = 300.0


async def refresh(database: Database, *, at: datetime) -> int:
    """Read every feed that is due now; returns how many."""
    async with database.transaction(None) as session:
        due = await feeds.banks_with_feeds_due(session, at=at)
    return sum([await refresh_bank(database, bank_id, at=at) for bank_id in due])


async def refresh_bank(database: Database, bank_id: UUID, *, at: datetime) -> int:
    """Read one bank's feeds that are due now; returns how many."""
    done = 0
    while address := await _claim(database, bank_id, at):
        try:
            await import_services(database, bank_id, address, at=at)
        except Exception as error:  # noqa: BLE001  # one feed's trouble must not stop another's
            log.warning("bank %s: a feed: %s", bank_id, type(error).__name__)
        done += 1
    return done


async def _claim(database: Database, bank_id: UUID, at: datetime) -> str | None:
    async with database.transaction(bank_id) as session:
        return await feeds.claim(session, bank_id, at=at)


async def keep_fresh(database: Database, clock: Callable[[], datetime], is_stopped: asyncio.Event) -> None:
    """Look for feeds that are due until told to stop; whoever ends the task ends what it reads too."""
    while not is_stopped.is_set():
        try:
            await refresh(database, at=clock())
        except Exception as error:  # noqa: BLE001  # the database may be away for a while
            log.warning("Feeds could not be looked for (%s).", type(error).__name__)
        try:
            await asyncio.wait_for(is_stopped.wait(), LOOK_EVERY_SECONDS)
        except TimeoutError:
            continue
