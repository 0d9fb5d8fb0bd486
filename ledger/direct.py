"""Bulk work's own way into one bank's books: each list a transaction of its own, many at the same time.

A request's session asks the database four times for one list: begin, name the bank, post, commit. Here it
is one question, on connections that know their bank. The database commits in memory and answers, so that
accounts which many lists touch are let go before the disk has anything. Only then does the caller wait for
the disk, and all who wait by then wait together: one flush of the log serves them all. Nothing is lost by
it, since the log is written in order: whatever a list was built on is on disk behind it.

What must never happen: an answer for a list that a power cut could still take back.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Self
from uuid import UUID

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from ledger.calls import named_error
from ledger.transfers import Posted, Transfer, all_posted, arrays, asked, check_list

CONNECTIONS = 16
LISTS_AT_ONCE = 4
"""More would mostly wait for each other's accounts, and look at each of these again when its turn comes."""
CLOSE_SECONDS = 5

SETTINGS = "select set_config('evenhour.bank_id', $1, false), set_config('synchronous_commit', $2, false)"
POST_PLAIN_ONE = "select ledger_post_plain_one($1, $2, $3, $4, $5, $6, $7, $8, $9)"
POST_ONE = "select ledger_post_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
POST_LIST = "select ledger_post($1, $2, false, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
AWAIT_DISK = "select pg_logical_emit_message(true, 'evenhour', '')"
"""The least that can be committed and waited for. The log is one: everything before it is on disk with it."""


LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""What a connection that is gone shows itself as, by when it went."""


NOT_PLAIN = (
    asyncpg.NoDataFoundError,
    asyncpg.UniqueViolationError,
    asyncpg.CheckViolationError,
    asyncpg.NumericValueOutOfRangeError,
)
"""How `ledger_post_plain_one` says that a transfer is for `ledger_post_one`."""


class BooksLost(ConnectionError):
    """It is not known whether the list is booked: open the books anew, and send it again."""

    def __str__(self) -> str:
        return str(self.__doc__)


class Direct:
    """One bank's books on connections of their own; see `open_direct`."""

    def __init__(self, bank_id: UUID, lines: Sequence["_Line"], disk: "_Disk") -> None:
        self._bank_id = bank_id
        self._free: asyncio.LifoQueue[_Line] = asyncio.LifoQueue()
        self._place_for_lists = asyncio.Semaphore(LISTS_AT_ONCE)
        self._disk = disk
        self._is_lost = False
        for line in lines:
            self._free.put_nowait(line)

    async def post(self, transfers: Sequence[Transfer], *, at: datetime) -> list[Posted]:
        """Book a list of at most 10,000 transfers whole or not at all, as a transaction of its own.

        When this returns it is committed and on disk. A list whose answer was lost may be sent again, as with
        `ledger.post`. As many single transfers are booked at a time as there are connections, and four lists;
        others wait their turn.

        Raises:
            LedgerError: the rule that the first failing item broke; `item` is its index.
            BooksLost: a connection was lost, by this call or one before it, or the disk did not answer.
            asyncpg.PostgresError: what else the server says, as that it was told to stop; nothing is booked.
        """
        if not transfers:
            return []
        check_list(transfers)
        try:
            posted = await (self._book_one if len(transfers) == 1 else self._book_list)(transfers, at)
            await self._disk.has_all()
        except BooksLost:
            self._is_lost = True
            raise
        return posted

    async def _book_one(self, transfers: Sequence[Transfer], at: datetime) -> list[Posted]:
        (item,) = transfers
        booked = await self._ask(lambda line: line.book_one(self._bank_id, item, at))
        return [Posted(*asked(item), *booked)]

    async def _book_list(self, transfers: Sequence[Transfer], at: datetime) -> list[Posted]:
        facts = arrays(transfers)
        async with self._place_for_lists:
            booked = await self._ask(lambda line: line.post_list.fetchval(self._bank_id, at, *facts.values()))
        return all_posted(transfers, facts, booked)

    async def _ask(self, question: Callable[["_Line"], Awaitable[Any]]) -> Any:
        """What the database answers on a connection that is free."""
        line = await self._free.get()
        try:
            if self._is_lost:
                raise BooksLost
            return await question(line)
        except LOST as error:
            self._is_lost = True
            raise BooksLost from error
        except asyncpg.PostgresError as error:
            rule = named_error(error)
            if rule is None:
                raise
            raise rule from error
        finally:
            self._free.put_nowait(line)


@asynccontextmanager
async def open_direct(
    bank_id: UUID, *, connections: int = CONNECTIONS, **login: Any
) -> AsyncIterator[Direct]:
    """Connect to one bank's books for bulk work; `login` is what `asyncpg.connect` takes.

    What is booked here and not yet answered may be read by others before it is on disk: a power cut can take
    it back from them, and from nobody who was answered.
    """
    opened: list[asyncpg.Connection] = []

    async def connect(commits: str) -> asyncpg.Connection:
        opened.append(await asyncpg.connect(**login))
        await opened[-1].execute(SETTINGS, str(bank_id), commits)
        return opened[-1]

    try:
        disk = _Disk(await (await connect("on")).prepare(AWAIT_DISK))
        lines = [await _Line.on(await connect("off")) for _ in range(connections)]
        yield Direct(bank_id, lines, disk)
    finally:
        try:
            for connection in opened:
                await connection.close(timeout=CLOSE_SECONDS)
        finally:
            for connection in opened:
                connection.terminate()  # which a closed one does not mind


class _Line(NamedTuple):
    """A connection that commits without waiting for the disk, and what is asked on it."""

    post_plain_one: PreparedStatement
    post_one: PreparedStatement
    post_list: PreparedStatement

    @classmethod
    async def on(cls, connection: asyncpg.Connection) -> Self:
        return cls(*[await connection.prepare(each) for each in (POST_PLAIN_ONE, POST_ONE, POST_LIST)])

    async def book_one(self, bank_id: UUID, item: Transfer, at: datetime) -> asyncpg.Record:
        facts = (
            bank_id,
            at,
            item.transfer_id,
            item.payer_id,
            item.payee_id,
            item.amount_minor,
            item.happened_on,
        )
        try:
            return await self.post_plain_one.fetchval(*facts, item.currency, item.reference)
        except NOT_PLAIN:
            return await self.post_one.fetchval(*facts, item.may_be_late, item.currency, item.reference)


class _Disk:
    """Where everybody waits until what they committed is on disk.

    One question is asked at a time. It vouches for those who came before it was asked; whoever comes later
    waits for the next.
    """

    def __init__(self, question: PreparedStatement) -> None:
        self._question = question
        self._waiting: list[asyncio.Future[None]] = []
        self._asking: asyncio.Task[None] | None = None

    async def has_all(self) -> None:
        """Return when all that was committed before this call is on disk."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(told)
        if self._asking is None:
            self._ask()
        await told

    def _ask(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._asking = asyncio.create_task(self._flush())
        self._asking.add_done_callback(partial(self._tell, waiting))

    async def _flush(self) -> None:
        # Of its own, since on a closed connection the call itself fails, not what it returns.
        await self._question.fetchval()

    def _tell(self, waiting: list[asyncio.Future[None]], answer: asyncio.Task[None]) -> None:
        failure = None if answer.cancelled() else answer.exception()
        for told in waiting:
            if told.done():
                continue  # its caller no longer waits
            if answer.cancelled():
                told.cancel()
            elif failure:
                lost = BooksLost()
                lost.__cause__ = failure
                told.set_exception(lost)
            else:
                told.set_result(None)
        self._asking = None
        if self._waiting:
            self._ask()
