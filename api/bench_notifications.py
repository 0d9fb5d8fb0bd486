"""How words out behave under `kill -9` and provider faults, and how fast: `evenhour bench notifications`.

Workers are real processes, killed at random moments; the provider is the stand-in, in this process, which
remembers all that it took. A naive sender that does not look up runs through the same trials and must
fail them. What must never happen: a figure printed here that was not measured.
"""

import asyncio
import contextlib
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import Any, Final
from uuid import UUID

import uvloop
from sqlalchemy import select
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.database import Database
from notifications import Address, Notice, Policy, deliver_due, queue_many
from notifications.channels.standin import Faults, StandIn, serve
from notifications.channels.twilio import TwilioChannel
from notifications.tables import Message

FAULTS: Final = Faults(error_after_accept=0.05, hang_after_accept=0.03, too_many_requests=0.05)
LEASE: Final = timedelta(seconds=3)
TIMEOUT_SECONDS: Final = 0.5
"""In trials only: short enough that a thousand of them end today, with the lease still six times as long."""
BATCH: Final = 6
WORKERS: Final = 2
IDLE_SECONDS: Final = 0.05
DRAIN_SECONDS_MAX: Final = 90
POLICY: Final = Policy(
    bank_name="Trial",
    contact="020 7946 0000",
    quiet=None,
    sms_budget_number_day=1_000_000,
    sms_budget_bank_day=100_000_000,
)
ACCOUNT: Final = "AC" + "0" * 32


@dataclass(frozen=True, slots=True)
class Trials:
    """What became of every message over all kills. `unsettled` were still on their way at the end."""

    kills: int
    messages: int
    lost: int
    doubled: int
    unsettled: int
    looked_up: int
    seconds: float

    @property
    def is_exact(self) -> bool:
        return self.lost == self.doubled == self.unsettled == 0


def channel_to(api_url: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> TwilioChannel:
    """The real channel, pointed at the stand-in."""
    return TwilioChannel(
        account_sid=ACCOUNT,
        auth_token="trial",  # noqa: S106  # the stand-in asks for none
        sender="+447700900999",
        callback_url="https://example.org/api/v1/webhooks/twilio/status",
        api_url=api_url,
        timeout_seconds=timeout_seconds,
    )


def notices(count: int, *, start: int = 0, numbers: int = 100_000) -> list[Notice]:
    """Gifts to tell of. With few `numbers`, several people's words to one number are the same."""
    return [
        Notice(
            event_id=uuid7(),
            recipient_id=uuid7(),
            template="gift_received",
            parameters={"giver": f"Ann {n % numbers}", "duration": "1 h"},
            language="en",
            address=Address(channel="sms", to=f"+4477{n % numbers:08d}"),
        )
        for n in range(start, start + count)
    ]


async def queue_all(database: Database, bank_id: UUID, told: list[Notice]) -> None:
    """Queue in one transaction, now."""
    async with database.transaction(bank_id) as session:
        await queue_many(session, bank_id, told, policy=POLICY, at=datetime.now(UTC))


def _worker(database_url: str, api_url: str, bank_id: UUID, is_naive: bool) -> None:
    """One worker's whole life; it ends by being killed."""
    uvloop.run(_work_for_ever(database_url, api_url, bank_id, is_naive=is_naive))


async def _work_for_ever(database_url: str, api_url: str, bank_id: UUID, *, is_naive: bool) -> None:
    database, channel = Database(database_url, pool_size=2), channel_to(api_url)
    channel.can_look_up = not is_naive
    while True:
        done = await deliver_due(
            database.transaction, bank_id, {"sms": channel}, at=datetime.now(UTC), limit=BATCH, lease=LEASE
        )
        if not done:
            await asyncio.sleep(IDLE_SECONDS)


class Crew:
    """Workers that are killed and replaced."""

    def __init__(self, *arguments: object) -> None:
        self._arguments = arguments
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", __name__])
        self._workers: list[BaseProcess] = []

    def start(self) -> None:
        while len(self._workers) < WORKERS:
            worker = self._context.Process(target=_worker, args=self._arguments, daemon=True)
            worker.start()
            self._workers.append(worker)

    def kill(self, position: int) -> None:
        """`kill -9`, and wait until it is gone."""
        worker = self._workers.pop(position % len(self._workers))
        worker.kill()
        worker.join()
        worker.close()

    def kill_all(self) -> None:
        while self._workers:
            self.kill(0)


async def kill_trials(
    database_url: str,
    *,
    kills: int,
    seed: int = 0,
    is_naive: bool = False,
    faults: Faults = FAULTS,
    until_doubled: bool = False,
) -> Trials:
    """Queue, work, and kill workers at random moments; then let the rest drain and count what was sent.

    `until_doubled` ends the draining at the first message sent twice: a control has shown what it is for.
    """
    dice, bank_id, started = random.Random(seed), uuid7(), time.monotonic()  # noqa: S311  # dice, no secret
    database = Database(database_url, pool_size=2)
    standin = StandIn(faults=faults, chance=random.Random(seed + 1), keeps_requests=True)  # noqa: S311
    queued = 0
    async with serve(standin):
        crew = Crew(database_url, standin.url, bank_id, is_naive)
        with contextlib.ExitStack() as stack:
            stack.callback(crew.kill_all)
            for _ in range(kills):
                size = dice.randint(3, 12)
                await queue_all(database, bank_id, notices(size, start=queued, numbers=40))
                queued += size
                await asyncio.to_thread(crew.start)
                await _busy(standin, dice.randint(1, 8))
                await asyncio.sleep(dice.uniform(0.0, 0.05))
                await asyncio.to_thread(crew.kill, dice.randint(0, WORKERS - 1))
            standin.faults = Faults()
            await asyncio.to_thread(crew.start)
            await _drained(database, bank_id, is_over=lambda: until_doubled and _is_doubled(standin))
    # Counted once the workers are gone and the provider has nothing left to take.
    found = await _count(database, bank_id, standin)
    await database.close()
    return replace(found, kills=kills, seconds=round(time.monotonic() - started, 1))


async def _busy(standin: StandIn, more: int) -> None:
    """Wait until the workers have made that many more requests, so that a kill meets them at work."""
    target = len(standin.requests) + more
    await _until(lambda: len(standin.requests) >= target, seconds_max=LEASE.total_seconds())


async def _until(is_so: Callable[[], bool], *, seconds_max: float = DRAIN_SECONDS_MAX) -> None:
    """Look every two milliseconds until it is so, or for as long as is reasonable."""
    for _ in range(round(seconds_max / 0.002)):
        if is_so():
            return
        await asyncio.sleep(0.002)


def _is_doubled(standin: StandIn) -> bool:
    """Whether the provider took one of our references twice."""
    return len(set(standin.callbacks.values())) < len(standin.callbacks)


async def _drained(database: Database, bank_id: UUID, *, is_over: Callable[[], bool]) -> None:
    """Wait until nothing is on its way, or it is over, or for as long as is reasonable."""
    for _ in range(DRAIN_SECONDS_MAX * 5):
        if is_over() or not await _unsettled(database, bank_id):
            return
        await asyncio.sleep(0.2)


async def _unsettled(database: Database, bank_id: UUID) -> int:
    async with database.transaction(bank_id) as session:
        rows = await session.scalars(
            select(col(Message.id)).where(
                col(Message.bank_id) == bank_id,
                col(Message.state).in_(("pending", "sending", "maybe_sent")),
            )
        )
        return len(rows.all())


async def _count(database: Database, bank_id: UUID, standin: StandIn) -> Trials:
    """Compare what we wanted sent with what the provider took: for each number and wording, as many."""
    async with database.transaction(bank_id) as session:
        rows = await session.execute(
            select(col(Message.address), col(Message.body)).where(col(Message.bank_id) == bank_id)
        )
        wanted = Counter((row.address, row.body) for row in rows)
    taken = Counter((message["to"], message["body"]) for message in standin.messages)
    return Trials(
        kills=0,
        messages=wanted.total(),
        lost=(wanted - taken).total(),
        doubled=(taken - wanted).total(),
        unsettled=await _unsettled(database, bank_id),
        looked_up=sum(request.method == "GET" for request in standin.requests),
        seconds=0.0,
    )


@dataclass(frozen=True, slots=True)
class Speed:
    """Rates in messages a second; the wait from commit to POST in milliseconds."""

    queued_per_second: float
    worked_per_second: float
    commit_to_post_ms_p50: float
    commit_to_post_ms_p99: float


async def speed(database_url: str, *, messages: int = 4000, singles: int = 100) -> Speed:
    """How fast messages are queued and worked, and how soon one leaves when nothing else happens."""
    database, bank_id = Database(database_url), uuid7()
    async with serve(StandIn()) as standin:
        started = time.monotonic()
        for start in range(0, messages, 100):
            await queue_all(database, bank_id, notices(100, start=start))
        queued = messages / (time.monotonic() - started)
        worked = await _worked(database_url, standin, bank_id, messages)
        waits = await _waits(database, standin, singles)
    await database.close()
    return Speed(
        queued_per_second=round(queued, 1),
        worked_per_second=round(worked, 1),
        commit_to_post_ms_p50=round(waits[len(waits) // 2], 1),
        commit_to_post_ms_p99=round(waits[min(len(waits) - 1, len(waits) * 99 // 100)], 1),
    )


async def _worked(database_url: str, standin: StandIn, bank_id: UUID, messages: int) -> float:
    """Two worker processes empty the queue; counted from the first message taken to the last."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    workers = [
        context.Process(target=_work_fast, args=(database_url, standin.url, bank_id), daemon=True)
        for _ in range(WORKERS)
    ]
    try:
        for worker in workers:
            await asyncio.to_thread(worker.start)
        await _until(lambda: bool(standin.messages))
        started = time.monotonic()
        await _until(lambda: len(standin.messages) >= messages)
        return len(standin.messages) / (time.monotonic() - started)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()


def _work_fast(database_url: str, api_url: str, bank_id: UUID) -> None:
    uvloop.run(_work_batches(database_url, api_url, bank_id))


async def _work_batches(database_url: str, api_url: str, bank_id: UUID) -> None:
    database, channel = Database(database_url, pool_size=2), channel_to(api_url, timeout_seconds=10)
    while True:
        done = await deliver_due(
            database.transaction, bank_id, {"sms": channel}, at=datetime.now(UTC), limit=200
        )
        if not done:
            await asyncio.sleep(IDLE_SECONDS)


async def _waits(database: Database, standin: StandIn, singles: int) -> list[float]:
    """Milliseconds from a commit to its POST, one message at a time, to a worker that idles as ours does."""
    bank_id, waits = uuid7(), []
    async with _idle_worker(database, standin, bank_id):
        for number in range(singles):
            before = len(standin.messages)
            await queue_all(database, bank_id, notices(1, start=number))
            committed = time.monotonic()
            await _until(lambda: len(standin.messages) > before)  # noqa: B023  # awaited within the round
            waits.append((time.monotonic() - committed) * 1000)
            await asyncio.sleep(0.02)
    return sorted(waits)


@contextlib.asynccontextmanager
async def _idle_worker(database: Database, standin: StandIn, bank_id: UUID) -> AsyncIterator[None]:
    async with channel_to(standin.url) as channel:

        async def work() -> None:
            while True:
                if not await deliver_due(
                    database.transaction, bank_id, {"sms": channel}, at=datetime.now(UTC)
                ):
                    await asyncio.sleep(0.1)

        task = asyncio.create_task(work())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def bench(database_url: str, *, kills: int = 1000) -> dict[str, Any]:
    """Everything `evenhour bench notifications --json` prints, on a migrated database."""
    exact = await kill_trials(database_url, kills=kills, seed=1)
    naive = await kill_trials(database_url, kills=max(20, kills // 20), seed=1, is_naive=True)
    return {
        "trials": asdict(exact) | {"is_exact": exact.is_exact},
        "naive_control": asdict(naive) | {"fails_as_it_must": not naive.is_exact},
        "speed": asdict(await speed(database_url)),
    }
