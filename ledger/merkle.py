"""The Merkle tree of RFC 6962 (Certificate Transparency), as pure arithmetic on hashes.

It is what a book's transfers are folded into: one root of 32 bytes stands for all of them in their order,
short proofs show that a transfer is among them and that a later tree only grew. Nothing here knows
transfers or databases, so that an auditor can read it, or write it again in another language, in an
evening. What must never happen: a leaf and a node hashed alike, which would let one pass for the other.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib import import_module
from typing import Any

HASH_BYTES = 32
PAIR_BYTES = 2 * HASH_BYTES


def _pythons_own() -> Callable[[bytes], Any]:
    """SHA-256 as Python brings it along, where it does.

    For a node's 65 bytes it takes three quarters of the time that `hashlib` needs to reach OpenSSL's.
    """
    for name in ("_sha2", "_sha256"):
        try:
            return import_module(name).sha256  # type: ignore[no-any-return]
        except (ImportError, AttributeError):
            continue
    return sha256


_node_sha256 = _pythons_own()
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """RFC 6962 §2.1: a leaf is hashed with a zero byte before it."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: a node is hashed with a one byte before its two children."""
    return sha256(b"\x01" + left + right).digest()


def split(joined: bytes, width: int = HASH_BYTES) -> list[bytes]:
    """Hashes (or ids) that were stored one behind the other."""
    return [joined[at : at + width] for at in range(0, len(joined), width)]


def grow(frontier: Sequence[bytes], size: int, leaves: bytes) -> list[bytes]:
    """The frontier of a tree of `size` leaves after `leaves` (their hashes, one behind the other) were added.

    A frontier is the roots of the tree's perfect subtrees from left to right, one for each bit of its
    size: all that is needed to go on growing, and to know the root. The new leaves are hashed level by level:
    a subtree of the old tree joins at its own level, and who has no neighbour there stays.
    """
    old, grown, level = list(frontier), [], leaves
    while level or size:
        if size & 1:
            level = old.pop() + level
        if len(level) % PAIR_BYTES:
            grown.append(level[-HASH_BYTES:])
            level = level[:-HASH_BYTES]
        pairs = range(0, len(level), PAIR_BYTES)
        level = b"".join([_node_sha256(b"\x01" + level[at : at + PAIR_BYTES]).digest() for at in pairs])
        size >>= 1
    return grown[::-1]


class Tree:
    """A tree that grows: its frontier and its size."""

    def __init__(self, frontier: Sequence[bytes], size: int) -> None:
        self.frontier, self.size = list(frontier), size

    def add(self, leaves: bytes) -> None:
        self.frontier = grow(self.frontier, self.size, leaves)
        self.size += len(leaves) // HASH_BYTES


def root_of(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = node_hash(node, root)
    return root


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes."""
    return root_of(grow([], 0, b"".join(leaves)))


def _left_size(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 6962 §2.1.1: what to hash a leaf with, from the bottom up, to arrive at the root."""
    if len(leaves) == 1:
        return []
    middle = _left_size(len(leaves))
    if index < middle:
        return [*inclusion_path(leaves[:middle], index), root(leaves[middle:])]
    return [*inclusion_path(leaves[middle:], index - middle), root(leaves[:middle])]


def consistency_path(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """RFC 6962 §2.1.2: nodes that show the tree of the first `old_size` leaves inside this one."""
    return _consistency(leaves, old_size, is_whole=True)


def _consistency(leaves: Sequence[bytes], old_size: int, *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [root(leaves)]
    middle = _left_size(len(leaves))
    if old_size <= middle:
        return [*_consistency(leaves[:middle], old_size, is_whole=is_whole), root(leaves[middle:])]
    below = _consistency(leaves[middle:], old_size - middle, is_whole=False)
    return [*below, root(leaves[:middle])]


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether a path proves that `leaf` (its hash) stands at `index` in a tree of `size` with this root.

    RFC 9162 §2.1.3.2, the same tree's verification step by step.
    """
    if not 0 <= index < size:
        return False
    position, last, found = index, size - 1, leaf
    for node in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(node, found)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            found = node_hash(found, node)
        position, last = position >> 1, last >> 1
    return last == 0 and found == expected_root


def extends(old_size: int, new_size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether a path proves that the tree of `new_size` begins with the tree of `old_size`.

    RFC 9162 §2.1.4.2.
    """
    if old_size == new_size:
        return not path and old_root == new_root
    if not 0 < old_size < new_size or not path:
        return False
    nodes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, node)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root
