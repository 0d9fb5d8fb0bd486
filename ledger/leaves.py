"""A bank's transfers as the leaves of its Merkle tree, in the order of its log.

The database hashes them: many at once for an audit, shared out among as many processes as it lends; for a
seal by one, a piece at a time, while the tree grows here by the piece before. What must never happen: a leaf
left out between two pieces, or read with both; they are cut by the log's clock, each where the last one ends.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from ledger.merkle import HASH_BYTES

ID_BYTES = 16
PIECE = 8192
"""Leaves read at a time, about."""
HASHED_AT_ONCE = 1024 * HASH_BYTES
"""Between two looks at what the database, or anybody else, has to say."""
SHARES = 4
SHARED_FROM = 4096
"""Fewer leaves are read by one process: to start others takes as long as to hash some hundreds."""

BY_CLOCK = text("""
    select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)
""")
"""For the rest of the transaction: the newest rows are found by their clock, however little the planner
knows about a table that grows all day; and what is in shares is shared out."""

SHARE = """
    select {share} as share, string_agg(leaf, '') as hashes, string_agg(uuid_send(transfer_id), '') as ids
    from (select transfer_id, ledger_leaf(t) as leaf
          from ledger_transfer t
          where bank_id = :bank_id and clock >= :cut_{share} and clock < :cut_{next}
          order by clock, transfer_id) these
"""


def _question(shares: int) -> str:
    """One question for all leaves between the first cut and the last, a share between each two."""
    each = " union all ".join(SHARE.format(share=n, next=n + 1) for n in range(shares))
    return f"""
        select coalesce(string_agg(hashes, '' order by share), '') as hashes,
               coalesce(string_agg(ids, '' order by share), '') as ids
        from ({each}) shares
    """  # noqa: S608  # made of the numbers of shares alone


READ = {shares: text(_question(shares)) for shares in (1, SHARES)}


@dataclass(slots=True)
class Leaves:
    """Some leaves in their order: their hashes, and their transfers' ids, one behind the other."""

    hashes: bytes = b""
    ids: bytes = b""

    def __len__(self) -> int:
        return len(self.ids) // ID_BYTES


async def read_leaves(session: AsyncSession, bank_id: UUID, start: int, stop: int, *, count: int) -> Leaves:
    """All leaves written from clock `start` to before `stop`; at most 33 million, which is a gigabyte.

    `count` says how many are expected: whether it is worth to share them out.
    """
    await session.execute(BY_CLOCK)
    return await _read(session, bank_id, start, stop, shares=SHARES if count >= SHARED_FROM else 1)


async def read_in_pieces(
    session: AsyncSession,
    bank_id: UUID,
    start: int,
    stop: int,
    *,
    count: int,
    also: Callable[[bytes], object],
) -> Leaves:
    """The same leaves; `also` is called with their hashes, some at a time, while more are on their way."""
    await session.execute(BY_CLOCK)
    cuts = _cuts(start, stop, -(-count // PIECE))
    pieces = list(pairwise(cuts))
    leaves = Leaves()

    async def read(place: int) -> Leaves:
        if place == len(pieces):
            return Leaves()
        return await _read(session, bank_id, *pieces[place], shares=1)

    piece = await read(0)
    for place in range(1, len(pieces) + 1):
        leaves.hashes += piece.hashes
        leaves.ids += piece.ids
        following = asyncio.create_task(read(place))
        try:
            for at in range(0, len(piece.hashes), HASHED_AT_ONCE):
                await asyncio.sleep(0)  # the next piece is asked for before this one is looked at
                also(piece.hashes[at : at + HASHED_AT_ONCE])
            piece = await following
        except BaseException:
            # Whoever gives up leaves no question behind on a session that others will use.
            await asyncio.wait([following])
            raise
    return leaves


async def _read(session: AsyncSession, bank_id: UUID, start: int, stop: int, *, shares: int) -> Leaves:
    cuts = {f"cut_{n}": cut for n, cut in enumerate(_cuts(start, stop, shares))}
    found = (await session.execute(READ[shares], {"bank_id": bank_id, **cuts})).one()
    return Leaves(found.hashes, found.ids)


def _cuts(start: int, stop: int, parts: int) -> list[int]:
    """Where to cut a stretch of the clock into so many parts of the same length."""
    return [start + (stop - start) * n // parts for n in range(parts + 1)]
