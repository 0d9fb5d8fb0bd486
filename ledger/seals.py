"""Sealing: a bank's new transfers folded into its Merkle tree, and the new root chained to the last seal.

A seal is made in the background, in a transaction of its own. Published (printed in the minutes, mailed to
a member), it fixes all that was booked before it. What must never happen: a transfer that slips under a
seal without being in its tree, because its transaction committed after a later one's; see
`sql/0001_16_seal_begin.sql`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.calls import call
from ledger.chain import Seal, seal_hash
from ledger.merkle import HASH_BYTES, grow, root_of, split
from ledger.tables import SealRow

LEAVES_MAX = 65_536
"""Leaves in one seal, unless a single transaction wrote more."""
FIRST_PREVIOUS = bytes(HASH_BYTES)

BOOKED = """
    select coalesce(string_agg(leaf, ''::bytea), '') as hashes, coalesce(string_agg(id, ''::bytea), '') as ids
    from (select ledger_leaf(t) as leaf, uuid_send(transfer_id) as id
          from ledger_transfer t
          where bank_id = :bank_id and clock >= :start and clock < :stop
          order by clock, transfer_id) leaves
"""
LEAVES = text(BOOKED)

BY_CLOCK = text("""
    select set_config('enable_seqscan', 'off', true),
           set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true)
""")
"""For the rest of the transaction: the newest rows are found by their clock, however little the planner
knows about a table that grows all day; and many are hashed by as many processes as the server lends."""

WRITE = (
    "select ledger_seal_end(:bank_id, :at, :number, :tree_size, :leaf_count, :clock, :root, :previous, "
    ":hash, :frontier, :leaf_hashes, :transfer_ids)"
)


async def seal(session: AsyncSession, bank_id: UUID, *, at: datetime) -> Seal | None:
    """Seal what was booked since the last seal, at most some 65,000 transfers; None when nothing was.

    Call it again until it returns None. What transactions that are still running will have booked is left
    for the next seal.
    """
    begun = await call(
        session,
        "select * from ledger_seal_begin(:bank_id, :leaves_max)",
        bank_id=bank_id,
        leaves_max=LEAVES_MAX,
    )
    await session.execute(BY_CLOCK)
    leaves = (
        await session.execute(
            LEAVES, {"bank_id": bank_id, "start": begun.sealed_clock, "stop": begun.watermark}
        )
    ).one()
    if not leaves.hashes:
        return None
    last = await _last(session, bank_id)
    hashes = split(leaves.hashes)
    old_size = last.tree_size if last else 0
    frontier = grow(split(last.frontier) if last else [], old_size, hashes)
    facts = {
        "number": last.number + 1 if last else 1,
        "tree_size": old_size + len(hashes),
        "root": root_of(frontier),
        "previous": last.hash if last else FIRST_PREVIOUS,
    }
    made = Seal(
        bank_id=bank_id,
        sealed_at=at,
        hash=seal_hash(bank_id=bank_id, sealed_at=at, **facts),  # type: ignore[arg-type]
        **facts,  # type: ignore[arg-type]
    )
    await call(
        session,
        WRITE,
        bank_id=bank_id,
        at=at,
        hash=made.hash,
        leaf_count=len(hashes),
        clock=begun.watermark,
        frontier=b"".join(frontier),
        leaf_hashes=leaves.hashes,
        transfer_ids=leaves.ids,
        **facts,
    )
    return made


async def newest_seals(session: AsyncSession, bank_id: UUID, *, newest: int = 50) -> list[Seal]:
    """A bank's newest seals, the newest first."""
    columns = [col(getattr(SealRow, name)) for name in Seal.__slots__]
    rows = await session.execute(
        select(*columns)
        .where(col(SealRow.bank_id) == bank_id)
        .order_by(col(SealRow.number).desc())
        .limit(newest)
    )
    return [Seal(**row) for row in rows.mappings()]


async def _last(session: AsyncSession, bank_id: UUID) -> SealRow | None:
    return await session.scalar(
        select(SealRow).where(col(SealRow.bank_id) == bank_id).order_by(col(SealRow.number).desc()).limit(1)
    )
