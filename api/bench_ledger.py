"""How fast the books are on this machine, as ratios to the least that could be called a transfer.

`R` is a minimal PL/pgSQL transfer under pgbench (`benchmarks/`); everything else is measured on the same
server, in turn with it, and divided by it, so that the figures mean the same on any machine. What must
never happen: a figure measured with something switched off that the service has on.
"""

import asyncio
import gc
import os
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

import ledger
from api.bench_rows import post_row_by_row
from api.books import audit_books
from api.database import Addresses, Database
from api.migrate import migrate

FOLDER = Path(__file__).parent.parent / "benchmarks"
ACCOUNTS = 10_000
LIST_ITEMS = 100
CLIENTS = 8
CALLERS = 16
WRITERS = CLIENTS
LONG_HISTORY, SHORT_HISTORY = 1_000_000, 1_000
HISTORY_DAYS = 700
READS = 200
SLICES = 4
"""Of each measurement, in turn with as many of the baseline."""
SEALED = 20_000
"""Transfers written, and then sealed, to compare the two."""
TODAY = date(2026, 5, 12)
NOON = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)

Report = Callable[[str], None]

OPEN_ALL = text(
    "select ledger_open_account(:bank_id, key, 'HOUR', null, null, :at) "
    "from unnest(cast(:keys as uuid[])) key"
)

TARGETS = {
    "batch_uniform": (">=", 2.0),
    "batch_hot": (">=", 2.3),
    "single": (">=", 0.40),
    "seal_cost": ("<=", 0.10),
    "audit_speed": (">=", 10.0),
    "read_growth": ("<=", 1.5),
}


class PgbenchMissing(RuntimeError):
    """The baseline is measured with PostgreSQL's own pgbench: install it, or use the embedded server."""


@dataclass(slots=True)
class LedgerBench:
    """What was measured: `R` in transfers a second, and each figure as a ratio, a list of rounds each."""

    baseline_per_second: list[float] = field(default_factory=list)
    per_second: dict[str, list[float]] = field(default_factory=dict)
    ratio_rounds: dict[str, list[float]] = field(default_factory=dict)
    reads_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    """Median milliseconds of each read, on the short history and the long one."""

    def as_dict(self) -> dict[str, Any]:
        """The whole as JSON shows it: medians first, then every round."""
        ratios = {name: round(statistics.median(rounds), 3) for name, rounds in self.ratio_rounds.items()}
        met = {
            name: (ratios[name] >= target if sign == ">=" else ratios[name] <= target)
            for name, (sign, target) in TARGETS.items()
            if name in ratios
        }
        return {
            "R": round(statistics.median(self.baseline_per_second), 1),
            **ratios,
            "targets": {name: f"{sign} {target}" for name, (sign, target) in TARGETS.items()},
            "met": met,
            "rounds": {name: [round(r, 3) for r in rounds] for name, rounds in self.ratio_rounds.items()},
            "R_rounds": [round(r, 1) for r in self.baseline_per_second],
            "per_second": {
                name: round(statistics.median(found), 1) for name, found in self.per_second.items()
            },
            "reads_ms": self.reads_ms,
        }


async def bench_ledger(
    addresses: Addresses, report: Report, *, rounds: int = 3, seconds: float = 4.0
) -> LedgerBench:
    """Measure everything in a database of its own, which is dropped at the end; takes some minutes.

    Raises:
        PgbenchMissing: neither the embedded server's programs nor the path have pgbench.
    """
    found = LedgerBench()
    async with _scratch(addresses) as scratch, _bank(scratch) as bank:
        ways = bank.ways()
        for name, way in ways.items():
            report(f"warming up: {name}")
            await _rate(way, seconds / 4)
        for turn in range(rounds):
            for name, way in ways.items():
                rate, base = await _in_turn(scratch, way, seconds)
                found.baseline_per_second.append(base)
                found.per_second.setdefault(name, []).append(rate)
                found.ratio_rounds.setdefault(name, []).append(rate / base)
                report(f"round {turn + 1}: {name} {rate:,.0f}/s, R {base:,.0f}/s, ratio {rate / base:.2f}")
        await _measure_proof(scratch, bank, found, report, rounds)
        await _measure_reads(bank, found, report)
    return found


@asynccontextmanager
async def _scratch(addresses: Addresses) -> AsyncIterator[Addresses]:
    """A new database on the same server, migrated, with the baseline's schema beside ours."""
    if addresses.owner is None:
        raise PgbenchMissing("The bench needs EVENHOUR_DATABASE_OWNER_URL to make a database of its own.")
    name = f"evenhour_bench_{os.getpid()}"
    owner = make_url(addresses.owner).set(database=name).render_as_string(hide_password=False)
    application = make_url(addresses.application).set(database=name).render_as_string(hide_password=False)
    maintenance = create_async_engine(addresses.owner, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with maintenance.connect() as connection:
        await connection.execute(
            text(f"create database {name} template template0 encoding utf8 locale 'C.UTF-8'")
        )
    scratch = Addresses(application, owner, addresses.programs)
    try:
        await migrate(scratch)
        plain = await asyncpg.connect(**_login(owner))
        await plain.execute((FOLDER / "baseline_schema.sql").read_text())
        await plain.close()
        yield scratch
    finally:
        async with maintenance.connect() as connection:
            await connection.execute(text(f"drop database if exists {name} with (force)"))
        await maintenance.dispose()


def _login(url: str) -> dict[str, Any]:
    parts = make_url(url)
    host = parts.query.get("host", parts.host)
    found = {"host": host, "port": parts.port, "user": parts.username, "password": parts.password}
    return {key: value for key, value in found.items() if value} | {"database": parts.database}


async def _baseline(scratch: Addresses, seconds: float) -> float:
    """Transfers a second of the minimal statement: 8 clients, 10,000 accounts, uniform."""
    program = scratch.programs / "pgbench" if scratch.programs else shutil.which("pgbench")
    if program is None:
        raise PgbenchMissing(PgbenchMissing.__doc__)
    login = _login(str(scratch.owner))
    arguments = ["-h", str(login["host"]), "-U", str(login["user"]), "-n", "-M", "prepared"]
    arguments += ["-c", str(CLIENTS), "-j", "2", "-T", str(max(1, round(seconds)))]
    arguments += ["-f", str(FOLDER / "baseline.pgbench")]
    if "port" in login:
        arguments += ["-p", str(login["port"])]
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments,
        str(login["database"]),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PGPASSWORD": str(login.get("password", ""))},
    )
    said, _ = await process.communicate()
    return float(said.decode().split("tps = ")[1].split()[0])


async def _in_turn(scratch: Addresses, way: "Way", seconds: float) -> tuple[float, float]:
    """Transfers a second one way, and of the least: a slice of one, a slice of the other.

    A machine that is shared may change its speed within seconds; slices that lie close together share it.
    """
    rates, bases = [], []
    for _ in range(SLICES):
        bases.append(await _baseline(scratch, seconds / SLICES))
        rates.append(await _rate(way, seconds / SLICES))
    return statistics.mean(rates), statistics.mean(bases)


@dataclass(slots=True)
class Way:
    """One way of writing into the books: what is to be booked, how, and by how many at a time."""

    make: Callable[[], list[ledger.Transfer]]
    book: Callable[[list[ledger.Transfer]], Awaitable[object]]
    callers: int
    per_second: float = 0
    """Lists a second, as last measured."""


async def _rate(way: Way, seconds: float) -> float:
    """Transfers a second of so many callers in this one process.

    What they book is made before the clock starts, as a caller has it in hand; should it run out, more is
    made while the clock runs. Python is not made to look through this stock again and again: no caller has
    seconds of work lying about.
    """
    stock = [way.make() for _ in range(round(way.per_second * seconds * 3 / 2))]
    gc.collect()
    gc.freeze()
    lists, done, start = 0, 0, time.perf_counter()

    async def call() -> None:
        nonlocal lists, done
        while time.perf_counter() < start + seconds:
            items = stock.pop() if stock else way.make()
            await way.book(items)
            lists += 1
            done += len(items)

    await asyncio.gather(*(call() for _ in range(way.callers)))
    taken = time.perf_counter() - start
    gc.unfreeze()
    way.per_second = lists / taken
    return done / taken


@dataclass(slots=True)
class _Bank:
    """A bank with 10,000 accounts, and each way of writing into it that is measured."""

    bank_id: UUID
    rows_bank_id: UUID
    """Another bank with the same accounts, for rows that no audit would pass."""
    keys: list[UUID]
    """The first one is that of the account which is hot."""
    database: Database
    direct: ledger.Direct
    owner: Database
    chance: Random = field(default_factory=lambda: Random(7))  # noqa: S311  # a bench wants the same each time

    def ways(self) -> dict[str, Way]:
        return {
            "batch_uniform": Way(lambda: self._some(self._uniform, LIST_ITEMS), self._direct, WRITERS),
            "batch_hot": Way(lambda: self._some(self._hot, LIST_ITEMS), self._direct, WRITERS),
            "batch_session": Way(lambda: self._some(self._uniform, LIST_ITEMS), self._session, WRITERS),
            "single": Way(lambda: self._some(self._uniform, 1), self._direct, CALLERS),
            "session": Way(lambda: self._some(self._uniform, 1), self._session, CALLERS),
            "row_by_row": Way(lambda: self._some(self._uniform, 1), self._row_by_row, CALLERS),
        }

    def _uniform(self) -> tuple[UUID, UUID]:
        payer = int(self.chance.random() * ACCOUNTS)
        payee = int(self.chance.random() * (ACCOUNTS - 1))
        return self.keys[payer], self.keys[payee + (payee >= payer)]

    def _hot(self) -> tuple[UUID, UUID]:
        other = self.keys[1 + int(self.chance.random() * (ACCOUNTS - 1))]
        return (self.keys[0], other) if self.chance.random() < 1 / 2 else (other, self.keys[0])

    def _some(self, sides: Callable[[], tuple[UUID, UUID]], count: int) -> list[ledger.Transfer]:
        return [self._transfer(*sides()) for _ in range(count)]

    def _transfer(self, payer: UUID, payee: UUID) -> ledger.Transfer:
        return ledger.Transfer(
            transfer_id=uuid7(),
            payer_id=payer,
            payee_id=payee,
            amount_minor=1 + int(self.chance.random() * 480),
            happened_on=TODAY,
        )

    async def _direct(self, items: list[ledger.Transfer]) -> None:
        await self.direct.post(items, at=NOON)

    async def _session(self, items: list[ledger.Transfer]) -> None:
        async with self.database.transaction(self.bank_id) as session:
            await ledger.post(session, self.bank_id, items, at=NOON)

    async def _row_by_row(self, items: list[ledger.Transfer]) -> None:
        (item,) = items
        async with self.owner.transaction(self.rows_bank_id) as session:
            await post_row_by_row(session, self.rows_bank_id, item.payer_id, item.payee_id, at=NOON)


@asynccontextmanager
async def _bank(scratch: Addresses) -> AsyncIterator[_Bank]:
    bank_id, rows_bank_id = uuid7(), uuid7()
    database = Database(scratch.application, pool_size=CALLERS)
    owner = Database(str(scratch.owner), pool_size=CALLERS)
    keys = [ledger.busy_account_id(), *(uuid7() for _ in range(ACCOUNTS - 1))]
    for each in (bank_id, rows_bank_id):
        async with database.transaction(each) as session:
            await ledger.open_currency(session, each, "HOUR", minor_per_major=60, label="hours")
            await session.execute(OPEN_ALL, {"bank_id": each, "keys": keys, "at": NOON})
    async with ledger.open_direct(bank_id, connections=CALLERS, **_login(scratch.application)) as direct:
        yield _Bank(bank_id, rows_bank_id, keys, database, direct, owner)
    await database.close()
    await owner.close()


async def _measure_proof(
    scratch: Addresses, bank: _Bank, found: LedgerBench, report: Report, rounds: int
) -> None:
    """What sealing adds to writing, and how much faster auditing is: in the same rounds, under one load."""
    await _fill(bank, LONG_HISTORY, report)
    await _seal_all(bank)
    way = bank.ways()["batch_uniform"]
    for _ in range(rounds):
        written, writing = await _write(way, SEALED)
        start = time.perf_counter()
        await _seal_all(bank)
        cost = (time.perf_counter() - start) / writing
        found.ratio_rounds.setdefault("seal_cost", []).append(cost)
        report(f"sealing {written:,} transfers took {cost:.3f} of the time that writing them took")
        start = time.perf_counter()
        done = await audit_books(scratch, bank.bank_id, lambda _what, _done, _total: None)
        speed = done.checked["transfers"] / (time.perf_counter() - start)
        assert done.is_clean, done.findings
        found.per_second.setdefault("audit", []).append(speed)
        found.ratio_rounds.setdefault("audit_speed", []).append(speed / (written / writing))
        report(f"an audit of {done.checked['transfers']:,} transfers: {speed:,.0f}/s")


async def _write(way: Way, transfers: int) -> tuple[int, float]:
    """Book so many, and say how many it were and how many seconds it took."""
    stock = [way.make() for _ in range(transfers // LIST_ITEMS)]
    gc.collect()
    gc.freeze()

    async def call() -> None:
        while stock:
            await way.book(stock.pop())

    start = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(way.callers)))
    taken = time.perf_counter() - start
    gc.unfreeze()
    return transfers, taken


async def _seal_all(bank: _Bank) -> None:
    while True:
        async with bank.database.transaction(bank.bank_id) as session:
            if await ledger.seal(session, bank.bank_id, at=NOON) is None:
                return


async def _fill(bank: _Bank, entries: int, report: Report) -> None:
    """Give the hot account a long history, and the last one a short one, over the same days."""
    long, short = bank.keys[0], bank.keys[-1]
    for account, wanted in ((short, SHORT_HISTORY), (long, entries)):
        async with bank.database.transaction(bank.bank_id) as session:
            has = (await ledger.balance(session, bank.bank_id, account)).version
        while has < wanted:
            items = [
                ledger.Transfer(
                    transfer_id=uuid7(),
                    payer_id=account,
                    payee_id=bank.keys[1 + (has + n) % (ACCOUNTS - 2)],
                    amount_minor=1,
                    happened_on=TODAY - timedelta(days=(has + n) % HISTORY_DAYS),
                )
                for n in range(min(5_000, wanted - has))
            ]
            async with bank.database.transaction(bank.bank_id) as session:
                await ledger.post(session, bank.bank_id, items, at=NOON)
            has += len(items)
            report(f"a history of {has:,} entries")


async def _measure_reads(bank: _Bank, found: LedgerBench, report: Report) -> None:
    """The same reads on an account with a thousand entries and on one with a million, in turn."""
    day = TODAY - timedelta(days=HISTORY_DAYS // 2)

    async def page(session: AsyncSession, account: UUID) -> object:
        return await ledger.statement(session, bank.bank_id, account)

    reads: dict[str, Callable[[AsyncSession, UUID], Awaitable[object]]] = {
        "balance": lambda s, account: ledger.balance(s, bank.bank_id, account),
        "balance_as_of": lambda s, account: ledger.balance(s, bank.bank_id, account, as_of=day),
        "statement": page,
    }
    accounts = {"short": bank.keys[-1], "long": bank.keys[0]}
    for name, read in reads.items():
        taken: dict[str, list[float]] = {"short": [], "long": []}
        for _ in range(READS):
            for kind, account in accounts.items():
                async with bank.database.transaction(bank.bank_id) as session:
                    start = time.perf_counter()
                    await read(session, account)
                    taken[kind].append((time.perf_counter() - start) * 1000)
        medians = {kind: round(statistics.median(times), 3) for kind, times in taken.items()}
        found.reads_ms[name] = medians
        found.ratio_rounds[f"read_growth_{name}"] = [medians["long"] / medians["short"]]
        report(f"{name}: {medians['short']} ms, with a million entries {medians['long']} ms")
    worst = max(medians["long"] / medians["short"] for medians in found.reads_ms.values())
    found.ratio_rounds["read_growth"] = [worst]
