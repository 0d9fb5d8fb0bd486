"""A bank's transfers as the leaves of its Merkle tree, in the order of its log.

The database hashes them: all that a seal says it holds at once, by as many processes as it lends, or the next
ones a piece at a time, while the tree grows here by the piece before. What must never happen: leaves that end
with half a transaction, since a seal may end with them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

ID_BYTES = 16
LAST_ID = UUID(int=2**128 - 1)
PIECE = 8192
"""Leaves read at a time."""

BY_CLOCK = text("""
    select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)
""")
"""For the rest of the transaction: the newest rows are found by their clock, however little the planner
knows about a table that grows all day; and whenever there are many, they are shared out."""

LEAVES = """
    select coalesce(string_agg(leaf, ''), '') as hashes,
           coalesce(string_agg(uuid_send(transfer_id), ''), '') as ids, max(clock) as clock
    from (select clock, transfer_id, ledger_leaf(t) as leaf
          from ledger_transfer t
          where bank_id = :bank_id and {after} and clock < :stop
          order by clock, transfer_id{limit}) these
"""
READ = text(LEAVES.format(after="clock >= :start", limit=""))
READ_SOME = text(LEAVES.format(after="(clock, transfer_id) > (:clock, :transfer_id)", limit=" limit :size"))


@dataclass(slots=True)
class Leaves:
    """Some leaves in their order: their hashes, and their transfers' ids, one behind the other."""

    stop: int
    """The clock before which they were written; what follows begins there."""
    hashes: bytes = b""
    ids: bytes = b""

    def __len__(self) -> int:
        return len(self.ids) // ID_BYTES


async def read_leaves(session: AsyncSession, bank_id: UUID, start: int, stop: int) -> Leaves:
    """All leaves written from clock `start` to before `stop`; at most 33 million, which is a gigabyte."""
    await session.execute(BY_CLOCK)
    where = {"bank_id": bank_id, "start": start, "stop": stop}
    found = (await session.execute(READ, where)).one()
    return Leaves(stop, found.hashes, found.ids)


async def read_first_leaves(
    session: AsyncSession,
    bank_id: UUID,
    start: int,
    stop: int,
    *,
    enough: int,
    also: Callable[[bytes], object] = lambda _hashes: None,
) -> Leaves:
    """The first leaves written from clock `start` to before `stop`, or all when they are not enough.

    After `enough` they end with the transaction that the last one is of. `also` is called with each piece's
    hashes, in order, while the next piece is on its way.
    """
    await session.execute(BY_CLOCK)
    leaves = Leaves(stop)

    async def read(clock: int, last: UUID) -> Row[Any]:
        after = {"bank_id": bank_id, "clock": clock, "transfer_id": last, "stop": leaves.stop, "size": PIECE}
        return (await session.execute(READ_SOME, after)).one()

    piece = await read(start - 1, LAST_ID)
    while True:
        leaves.hashes += piece.hashes
        leaves.ids += piece.ids
        if len(piece.ids) < PIECE * ID_BYTES:
            also(piece.hashes)
            return leaves
        if len(leaves) >= enough:
            leaves.stop = min(leaves.stop, piece.clock + 1)
        following = asyncio.create_task(read(piece.clock, UUID(bytes=piece.ids[-ID_BYTES:])))
        try:
            await asyncio.sleep(0)  # the next piece is asked for before this one is looked at
            also(piece.hashes)
            piece = await following
        except BaseException:
            # Whoever gives up leaves no question behind on a session that others will use.
            await asyncio.wait([following])
            raise
