"""The worker: events into messages, messages out, hours reminded, holds ended; bank by bank, for ever.

Any number may run at once, in the service or beside it: each claims what it works on. What must never
happen: a provider called inside a transaction, or one bank's trouble stopping another's.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

import ledger
import notifications
from api import announce, formats, overtaken, safety
from api.database import Database
from api.openreferral import refreshing
from api.settings import Settings
from exchange import outbox
from exchange.activities import clockwork
from exchange.appointments import chase as appointments
from exchange.directory import reviews
from exchange.hours.chase import chase
from exchange.membership import banks, code_requests
from exchange.outbox import Event
from exchange.prescribing import chase as referrals
from exchange.prescribing import clearances, purses, visits
from notifications import Policy
from notifications.channels.console import ConsoleChannel
from notifications.channels.contract import Channel
from notifications.channels.smtp import EmailChannel
from notifications.channels.twilio import TwilioChannel
from notifications.policy import parse_quiet_hours

log = logging.getLogger("evenhour.worker")

IDLE_SECONDS = 0.1
"""How long an idle worker waits before it looks again."""
FAILED_SECONDS_MAX = 30.0
SEAL_AFTER = (timedelta(minutes=30), timedelta(minutes=5), timedelta(minutes=1))
"""How long after a bank was last busy its books are sealed, the soonest last."""
WORDS_KEPT = timedelta(days=90)
"""How long the words of messages told and texts dealt with are kept: past the longest time to object."""
CLAIMS_KEPT = timedelta(days=30)
"""No provider brings a text again after that."""
STATUS_PATH = "/api/v1/webhooks/twilio/status"


def channels(settings: Settings) -> dict[str, Channel]:
    """The ways out that the settings ask for; each has a console twin."""
    console = ConsoleChannel(settings.messages_path)
    found: dict[str, Channel] = {"sms": console, "email": console}
    if settings.sms_provider == "twilio":
        assert settings.twilio_account_sid
        assert settings.twilio_auth_token
        assert settings.twilio_from
        found["sms"] = TwilioChannel(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            sender=settings.twilio_from,
            callback_url=settings.public_url.rstrip("/") + STATUS_PATH,
            api_url=settings.twilio_api_url,
        )
    if settings.smtp_url:
        found["email"] = EmailChannel(url=settings.smtp_url, sender=settings.mail_from)
    return found


async def close_channel(channel: Channel) -> None:
    """Let go of a provider's connections."""
    if isinstance(channel, TwilioChannel):
        await channel.close()


async def policy(session: AsyncSession, bank_id: UUID, settings: Settings) -> Policy:
    """What one bank and its operator decided about words out."""
    bank = await banks.get(session, bank_id)
    return Policy(
        bank_name=bank.name,
        contact=formats.telephone(bank.telephone) if bank.telephone else "",
        time_zone=bank.time_zone,
        quiet=parse_quiet_hours(settings.quiet_hours),
        sms_budget_number_day=settings.sms_budget_number_day,
        sms_budget_bank_day=settings.sms_budget_bank_day,
    )


@dataclass(slots=True)
class Worker:
    """One worker: what it works with."""

    database: Database
    settings: Settings
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    sealing: dict[UUID, list[datetime]] = field(default_factory=dict)
    """Banks that were busy, and when their books are still to be sealed, the next time last."""
    forgotten: dict[UUID, datetime] = field(default_factory=dict)
    """When each bank's old words were last erased by this worker."""

    async def run(self, is_stopped: asyncio.Event) -> None:
        """Work until told to stop; a failure is logged by its kind and tried again."""
        feeds = asyncio.create_task(refreshing.keep_fresh(self.database, self.clock, is_stopped))
        try:
            await self._work(is_stopped)
        finally:
            feeds.cancel()
            await asyncio.gather(feeds, return_exceptions=True)

    async def _work(self, is_stopped: asyncio.Event) -> None:
        failures = 0
        while not is_stopped.is_set():
            try:
                done, failures = await self.once(), 0
            except Exception as error:  # noqa: BLE001  # the database may be away for a while
                done, failures = 0, failures + 1
                log.warning("The worker could not work (%s); it tries again.", type(error).__name__)
            if not done:
                await _pause(is_stopped, min(IDLE_SECONDS * 2**failures, FAILED_SECONDS_MAX))

    async def until_done(self) -> int:
        """Work until nothing is due; returns how many things were done."""
        total = 0
        while done := await self.once():
            total += done
        return total

    async def once(self) -> int:
        """Everything that is due now, in every bank; returns how many things were done."""
        at = self.clock()
        async with self.database.transaction(None) as session:
            due = set(await outbox.banks_with_work(session, at=at))
            due |= set(await notifications.banks_with_messages(session, at=at))
            due |= set(await referrals.banks_with_referrals_due(session, at=at))
            due |= set(await ledger.banks_with_due_holds(session, at=at))
        due |= {bank_id for bank_id, when in self.sealing.items() if when[-1] <= at}
        return sum([await self.bank(bank_id) for bank_id in sorted(due)])

    async def bank(self, bank_id: UUID) -> int:
        """Everything that is due now in one bank."""
        done = 0
        steps = (
            self._alert,
            self._expire,
            self._chase,
            self._look_after,
            self._tell,
            self._deliver,
            self._forget,
            self._seal,
        )
        for step in steps:
            try:
                done += await step(bank_id)
            except Exception as error:  # noqa: BLE001  # one bank's trouble must not stop another's
                log.warning("bank %s: %s: %s", bank_id, step.__name__, type(error).__name__)
        return done

    async def _alert(self, bank_id: UUID) -> int:
        """The next person of an alert that nobody took; and the day's digests, whose hour may have come."""
        at = self.clock()
        async with self.database.transaction(bank_id) as session:
            decided = await policy(session, bank_id, self.settings)
            done = await notifications.escalate_due(session, bank_id, policy=decided, at=at)
            return done + await notifications.tell_digests(session, bank_id, policy=decided, at=at)

    async def _expire(self, bank_id: UUID) -> int:
        """Give back what was set aside, and neither used nor released in its time."""
        async with self.database.transaction(bank_id) as session:
            return len(await ledger.expire_holds(session, bank_id, at=self.clock()))

    async def _chase(self, bank_id: UUID) -> int:
        """Remind, ask and hand over what is due: hours, agreed help, and offers and asks to be looked at."""
        at = self.clock()
        async with self.database.transaction(bank_id) as session:
            done = await chase(session, bank_id, at=at)
            done += await appointments.chase(session, bank_id, at=at)
            done += await reviews.ask_due(session, bank_id, at=at)
            return done + await clockwork.run(session, bank_id, at=at)

    async def _look_after(self, bank_id: UUID) -> int:
        async with self.database.transaction(bank_id) as session:
            done = await referrals.chase(session, bank_id, at=self.clock())
            done += await visits.chase(session, bank_id, at=self.clock())
            done += await clearances.chase(session, bank_id, at=self.clock())
            return done + await purses.expire(session, bank_id, at=self.clock())

    async def _tell(self, bank_id: UUID) -> int:
        async with self.database.transaction(bank_id) as session:
            events = await outbox.claim(session, bank_id, at=self.clock())
            decided = await policy(session, bank_id, self.settings) if events else None
            for event in events:
                assert decided
                await self._tell_one(session, event, decided)
        if events:
            busy = self.clock()
            self.sealing[bank_id] = [busy + after for after in SEAL_AFTER]
        return len(events)

    async def _forget(self, bank_id: UUID) -> int:
        """Once a day: erase words that were told long ago, and counts that matter no longer."""
        at = self.clock()
        if self.forgotten.get(bank_id, datetime.min.replace(tzinfo=UTC)) > at - timedelta(days=1):
            return 0
        self.forgotten[bank_id] = at
        async with self.database.transaction(bank_id) as session:
            await notifications.forget_older(session, bank_id, before=at - WORDS_KEPT)
            await notifications.forget_digests(session, bank_id, before=at - WORDS_KEPT)
            await notifications.forget_claims(session, before=at - CLAIMS_KEPT)
            await code_requests.forget(session, at=at)
        return 0

    async def _tell_one(self, session: AsyncSession, event: Event, decided: Policy) -> None:
        at = self.clock()
        try:
            async with session.begin_nested():
                if event.kind in safety.KINDS:
                    await safety.tell(session, event, decided)
                await overtaken.drop(session, event, at=at)
                found = await announce.notices(session, event, sender=self.settings.mail_from)
                now, later = [n for n in found if not n.may_wait], [n for n in found if n.may_wait]
                await notifications.queue_many(session, event.bank_id, now, policy=decided, at=at)
                await notifications.keep_for_digest(session, event.bank_id, later, policy=decided, at=at)
        except Exception as error:  # noqa: BLE001  # tried again later, and left to a person in the end
            log.warning("event %s (%s): %s", event.event_id, event.kind, type(error).__name__)
            outbox.postpone(event, at=at)
        else:
            outbox.settle(event, at=at)

    async def _seal(self, bank_id: UUID) -> int:
        """Seal what a busy bank booked; what a transaction still running held back has a second time."""
        at, times = self.clock(), self.sealing.get(bank_id, [])
        if not times or times[-1] > at:
            return 0
        async with self.database.transaction(bank_id) as session:
            sealed = await ledger.seal(session, bank_id, at=at)
        if sealed is None:
            times.pop()
        if not times:
            del self.sealing[bank_id]
        return 1 if sealed else 0

    async def _deliver(self, bank_id: UUID) -> int:
        async with self.database.transaction(bank_id) as session:
            decided = await policy(session, bank_id, self.settings)
        return await notifications.deliver_due(
            self.database.transaction, bank_id, self.channels, at=self.clock(), policy=decided
        )


async def _pause(is_stopped: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(is_stopped.wait(), seconds)
    except TimeoutError:
        return
