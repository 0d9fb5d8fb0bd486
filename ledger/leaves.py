"""A bank's transfers as the leaves of its Merkle tree, in the order of its log.

The database writes each as a line of text, a piece of the log at a time, and while it writes the next piece
this one is hashed here. (By the same thread: another would take turns with it, and make the database wait.)
What must never happen: leaves that end with half a transaction, since a seal may end with them.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.merkle import leaf_hashes

ID_BYTES = 16
LAST_ID = UUID(int=2**128 - 1)
PIECE = 2048
"""Leaves read at a time."""

BY_CLOCK = text("""
    select set_config('enable_seqscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true),
           set_config('max_parallel_workers_per_gather', '0', true)
""")
"""For the rest of the transaction: the newest rows are found by their clock, however little the planner
knows about a table that grows all day; one plan serves all pieces; and the other processor hashes."""

# A falsified row's line is one line, too.
READ = text("""
    select max(clock) as clock, coalesce(string_agg(uuid_send(transfer_id), ''), '') as ids,
           convert_to(coalesce(string_agg(line, E'\\n'), ''), 'UTF8') as lines
    from (select clock, transfer_id, replace(ledger_line(t), E'\\n', ' ') as line
          from ledger_transfer t
          where bank_id = :bank_id and (clock, transfer_id) > (:clock, :transfer_id) and clock < :stop
          order by clock, transfer_id limit :size) piece
""")


@dataclass(slots=True)
class Leaves:
    """Some leaves in their order: their hashes, and their transfers' ids one behind the other."""

    stop: int
    """The clock before which they were written; what follows begins there."""
    hashes: list[bytes]
    ids: bytes


async def read_leaves(
    session: AsyncSession,
    bank_id: UUID,
    start: int,
    stop: int,
    *,
    enough: int | None = None,
    also: Callable[[list[bytes]], object] = lambda _hashes: None,
) -> Leaves:
    """The leaves written from clock `start` to before `stop`, or the first ones.

    After `enough` they end with the transaction that the last one is of. `also` is called with each piece's
    hashes, in order, while the next piece is on its way.
    """
    await session.execute(BY_CLOCK)
    hashes: list[bytes] = []
    ids: list[bytes] = []

    async def read(clock: int, last: UUID) -> Row[Any]:
        after = {"bank_id": bank_id, "clock": clock, "transfer_id": last, "stop": stop, "size": PIECE}
        return (await session.execute(READ, after)).one()

    piece = await read(start - 1, LAST_ID)
    while piece.ids:
        ids.append(piece.ids)
        if enough is not None and len(hashes) + PIECE >= enough:
            stop = min(stop, piece.clock + 1)
        following = asyncio.create_task(read(piece.clock, UUID(bytes=piece.ids[-ID_BYTES:])))
        try:
            await asyncio.sleep(0)  # the next piece is asked for before this one is looked at
            made = leaf_hashes(piece.lines.split(b"\n"))
            hashes += made
            also(made)
            piece = await following
        except BaseException:
            # Whoever gives up leaves no question behind on a session that others will use.
            await asyncio.wait([following])
            raise
    return Leaves(stop, hashes, b"".join(ids))
