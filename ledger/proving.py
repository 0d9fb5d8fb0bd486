"""Taking proofs out of the books, for somebody outside who trusts neither them nor us.

What must never happen: a proof handed out that does not check; each is checked before it leaves.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ledger.chain import Seal
from ledger.errors import NotSealedYet, UnknownSeal, UnknownTransfer
from ledger.leaves import ID_BYTES
from ledger.merkle import consistency_path, inclusion_path, split
from ledger.proofs import IDS, NUMBERS, Consistency, Inclusion
from ledger.tables import SealRow, TransferRow


async def inclusion_proof(session: AsyncSession, bank_id: UUID, transfer_id: UUID) -> Inclusion:
    """That a transfer is under the seal that was the first to hold it.

    Raises:
        LedgerError: `UnknownTransfer` or `NotSealedYet`.
    """
    transfer = await session.scalar(
        select(TransferRow).where(
            col(TransferRow.bank_id) == bank_id, col(TransferRow.transfer_id) == transfer_id
        )
    )
    if transfer is None:
        raise UnknownTransfer(transfer_id=transfer_id)
    row = await session.scalar(
        select(SealRow)
        .where(col(SealRow.bank_id) == bank_id, col(SealRow.clock) > transfer.clock)
        .order_by(col(SealRow.number))
        .limit(1)
    )
    if row is None:
        raise NotSealedYet(transfer_id=transfer_id)
    place = split(row.transfer_ids, ID_BYTES).index(transfer_id.bytes)
    index = row.tree_size - row.leaf_count + place
    leaves = await _leaves(session, bank_id, row.number)
    proof = Inclusion(_values(transfer), index, inclusion_path(leaves, index), _seal(row))
    assert proof.is_sound(), f"transfer {transfer_id} is not what seal {row.number} holds: run an audit"
    return proof


async def consistency_proof(session: AsyncSession, bank_id: UUID, older: int, newer: int) -> Consistency:
    """That the books under the seal numbered `newer` begin with all that was under `older`.

    Raises:
        UnknownSeal: this bank has no seal of that number, or they are the wrong way round.
    """
    found = await session.scalars(
        select(SealRow).where(col(SealRow.bank_id) == bank_id, col(SealRow.number).in_([older, newer]))
    )
    rows = {row.number: _seal(row) for row in found}
    for number in (older, newer):
        if number not in rows or older > newer:
            raise UnknownSeal(number=number)
    leaves = await _leaves(session, bank_id, newer)
    proof = Consistency(rows[older], rows[newer], consistency_path(leaves, rows[older].tree_size))
    assert proof.is_sound(), f"seal {newer} does not extend seal {older}: run an audit"
    return proof


async def _leaves(session: AsyncSession, bank_id: UUID, number: int) -> list[bytes]:
    found = await session.scalars(
        select(col(SealRow.leaf_hashes))
        .where(col(SealRow.bank_id) == bank_id, col(SealRow.number) <= number)
        .order_by(col(SealRow.number))
    )
    return split(b"".join(found))


def _seal(row: SealRow) -> Seal:
    return Seal(**{name: getattr(row, name) for name in Seal.__slots__})


def _values(row: TransferRow) -> dict[str, Any]:
    """A transfer as JSON can carry it, exactly."""
    ids = {name: str(found) if (found := getattr(row, name)) else None for name in IDS}
    return ids | {
        **{name: getattr(row, name) for name in NUMBERS},
        "booked_at": row.booked_at.isoformat(timespec="microseconds"),
        "happened_on": row.happened_on.isoformat(),
        "late_for": row.late_for.isoformat() if row.late_for else None,
        "currency": row.currency,
    }
