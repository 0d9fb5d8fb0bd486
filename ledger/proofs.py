"""Proofs that stand alone: JSON in a letter, checked with nothing but itself and a published seal.

This module, `chain`, `merkle` and `phrases` need nothing but Python's standard library, so an auditor can
run them where there is no database. What must never happen: a proof believed for the hashes it brings
along itself; `agrees_with` asks for the words that were published.
"""

import json
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from ledger.chain import Seal, seal_hash
from ledger.merkle import extends, includes, leaf_hash
from ledger.phrases import is_phrase_of

DAY_ZERO = date(2000, 1, 1)
MOMENT_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
IDS = ("bank_id", "transfer_id", "payer_id", "payee_id", "reference", "reverses", "captures")
NO_TRANSFER = (LookupError, AttributeError, TypeError, ValueError, OverflowError, struct.error)
"""What building a leaf ends in when a value is missing, or is none that a transfer can have."""
NUMBERS = ("amount_minor", "payer_version", "payer_balance", "payee_version", "payee_balance")
OTHERS = ("currency", "booked_at", "happened_on", "late_for")


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That a transfer, every value of it, is in the tree under a seal."""

    transfer: dict[str, Any]
    index: int
    path: list[bytes]
    seal: Seal

    def is_sound(self) -> bool:
        """Whether the transfer's own values lead to the seal's root, and the seal to its hash."""
        try:
            leaf = leaf_hash(leaf_data(self.transfer))
            is_of_bank = str(self.seal.bank_id) == self.transfer["bank_id"]
            is_in_tree = includes(leaf, self.index, self.seal.tree_size, self.path, self.seal.root)
            return is_in_tree and is_of_bank and is_sealed(self.seal)
        except NO_TRANSFER:
            return False

    def as_json(self) -> str:
        shown = {
            "kind": "inclusion",
            "transfer": self.transfer,
            "index": self.index,
            "seal": _shown(self.seal),
        }
        return json.dumps(shown | {"path": [node.hex() for node in self.path]}, indent=1)


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the books under a newer seal begin with all that was under an older one."""

    older: Seal
    newer: Seal
    path: list[bytes]

    def is_sound(self) -> bool:
        """Whether the newer tree begins with the older one, and both seals are whole."""
        sizes = (self.older.tree_size, self.newer.tree_size)
        grew = extends(*sizes, self.path, self.older.root, self.newer.root)
        return (
            grew
            and self.older.bank_id == self.newer.bank_id
            and all(map(is_sealed, (self.older, self.newer)))
        )

    def as_json(self) -> str:
        shown = {"kind": "consistency", "older": _shown(self.older), "newer": _shown(self.newer)}
        return json.dumps(shown | {"path": [node.hex() for node in self.path]}, indent=1)


def agrees_with(proof: Inclusion | Consistency, phrase: str) -> bool:
    """Whether a proof is sound and rests on the seal whose words were published.

    For growth, the words are those of the older seal: the ones that somebody wrote down long ago.
    """
    published = proof.seal if isinstance(proof, Inclusion) else proof.older
    return proof.is_sound() and is_phrase_of(phrase, published.hash)


def is_sealed(seal: Seal) -> bool:
    """Whether a seal's hash is that of its own contents."""
    made = seal_hash(
        bank_id=seal.bank_id,
        number=seal.number,
        tree_size=seal.tree_size,
        root=seal.root,
        previous=seal.previous,
        sealed_at=seal.sealed_at,
    )
    return made == seal.hash


def leaf_data(transfer: dict[str, Any]) -> bytes:
    """A transfer's bytes in the tree: the same as in `sql/0001_15_leaf.sql`, from JSON values.

    Raises:
        LookupError, ValueError, …: for what is missing, or is no transfer's value; see `NO_TRANSFER`.
    """
    if transfer.keys() != {*IDS, *NUMBERS, *OTHERS}:
        raise ValueError
    amount, *left = (_number(transfer[name]) for name in NUMBERS)
    booked = datetime.fromisoformat(transfer["booked_at"]) - MOMENT_ZERO
    late_for, *links = (transfer[name] for name in ("late_for", "reference", "reverses", "captures"))
    seldom = [late_for if late_for is None else _day(late_for)]
    seldom += [link if link is None else _id(link) for link in links]
    parts = [amount.to_bytes(7, "big")]
    parts += [_id(transfer[name]) for name in ("transfer_id", "payer_id", "payee_id")]
    parts += [struct.pack(">5q", *left, booked // MICROSECOND), _day(transfer["happened_on"])]
    parts += [b"\x01" if any(seldom) else b"\x00"]
    parts += [b"\x01" + part if part else b"\x00" for part in seldom if any(seldom)]
    return b"".join([*parts, transfer["currency"].encode()])


def _number(shown: int) -> int:
    if type(shown) is not int:
        raise ValueError
    return shown


def _id(shown: str) -> bytes:
    if str(UUID(shown)) != shown:
        raise ValueError
    return UUID(shown).bytes


def _day(shown: str) -> bytes:
    day = date.fromisoformat(shown)
    if str(day) != shown:
        raise ValueError
    return struct.pack(">i", (day - DAY_ZERO).days)


def read_proof(shown: str) -> Inclusion | Consistency:
    """A proof from its JSON."""
    found = json.loads(shown)
    path = [bytes.fromhex(node) for node in found["path"]]
    if found["kind"] == "inclusion":
        return Inclusion(found["transfer"], int(found["index"]), path, _seal(found["seal"]))
    return Consistency(_seal(found["older"]), _seal(found["newer"]), path)


def _shown(seal: Seal) -> dict[str, Any]:
    return {
        "bank_id": str(seal.bank_id),
        "number": seal.number,
        "tree_size": seal.tree_size,
        "root": seal.root.hex(),
        "previous": seal.previous.hex(),
        "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "hash": seal.hash.hex(),
        "phrase": seal.phrase,
    }


def _seal(shown: dict[str, Any]) -> Seal:
    return Seal(
        bank_id=UUID(shown["bank_id"]),
        number=int(shown["number"]),
        tree_size=int(shown["tree_size"]),
        root=bytes.fromhex(shown["root"]),
        previous=bytes.fromhex(shown["previous"]),
        sealed_at=datetime.fromisoformat(shown["sealed_at"]),
        hash=bytes.fromhex(shown["hash"]),
    )
