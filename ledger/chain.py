"""What a seal says, and the hash that chains it to the one before.

Like the tree and the proofs, this needs nothing but Python: an auditor runs it without our database. What
must never happen: a word of the seal that its hash does not cover.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from ledger.phrases import phrase_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A published proof of a bank's books up to a moment: all an auditor needs to check a proof against."""

    bank_id: UUID
    number: int
    tree_size: int
    root: bytes
    previous: bytes
    """The hash of the seal before; 32 zero bytes for the first."""
    sealed_at: datetime
    hash: bytes

    @property
    def phrase(self) -> str:
        return phrase_of(self.hash)


def seal_hash(
    *, bank_id: UUID, number: int, tree_size: int, root: bytes, previous: bytes, sealed_at: datetime
) -> bytes:
    """What chains a seal to the last: SHA-256 of a line of text that anybody can build by hand."""
    moment = sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    line = f"evenhour-seal {bank_id} {number} {tree_size} {root.hex()} {previous.hex()} {moment}"
    return sha256(line.encode()).digest()
