"""Sealing: a bank's new transfers folded into its Merkle tree, and the new root chained to the last seal.

A seal is made in the background, in a transaction of its own. Published (printed in the minutes, mailed to
a member), it fixes all that was booked before it. What must never happen: a transfer that slips under a
seal without being in its tree, because its transaction committed after a later one's; see
`sql/0001_16_seal_begin.sql`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.calls import call
from ledger.chain import Seal, seal_hash
from ledger.leaves import read_in_pieces
from ledger.merkle import HASH_BYTES, Tree, root_of, split
from ledger.tables import SealRow

LEAVES_ENOUGH = 65_536
"""Leaves after which a seal ends, with the transaction that the last one read is of."""
FIRST_PREVIOUS = bytes(HASH_BYTES)

BEGIN = "select * from ledger_seal_begin(:bank_id, :enough)"
WRITE = (
    "select ledger_seal_end(:bank_id, :at, :number, :tree_size, :leaf_count, :clock, :root, :previous, "
    ":hash, :frontier, :leaf_hashes, :transfer_ids)"
)


async def seal(session: AsyncSession, bank_id: UUID, *, at: datetime) -> Seal | None:
    """Seal what was booked since the last seal; None when nothing was.

    A seal takes some 65,000 transfers, or one transaction that wrote more: call it again until it returns
    None. What transactions that are still running will have booked is left for the next seal.
    """
    begun = await call(session, BEGIN, bank_id=bank_id, enough=LEAVES_ENOUGH)
    if not begun.leaf_count:
        return None
    tree = Tree(split(begun.frontier), begun.tree_size)
    leaves = await read_in_pieces(
        session, bank_id, begun.first_clock, begun.stop, count=begun.leaf_count, also=tree.add
    )
    facts = {
        "number": begun.number + 1,
        "tree_size": tree.size,
        "root": root_of(tree.frontier),
        "previous": begun.hash,
    }
    made = Seal(
        bank_id=bank_id,
        sealed_at=at,
        hash=seal_hash(bank_id=bank_id, sealed_at=at, **facts),
        **facts,
    )
    await call(
        session,
        WRITE,
        bank_id=bank_id,
        at=at,
        hash=made.hash,
        leaf_count=begun.leaf_count,
        clock=begun.stop,
        frontier=b"".join(tree.frontier),
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
