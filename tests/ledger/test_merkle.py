"""The tree against RFC 6962's own definition, written again here in its words."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadPhrase
from ledger.merkle import (
    consistency_path,
    extends,
    grow,
    includes,
    inclusion_path,
    leaf_hash,
    root,
    root_of,
)
from ledger.phrases import is_phrase_of, phrase_of

# The reference leaves and roots of Certificate Transparency's own test vectors.
VECTOR_LEAVES = [
    bytes.fromhex(data)
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def by_definition(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root([leaf_hash(data) for data in VECTOR_LEAVES[:size]]).hex() == VECTOR_ROOTS[size - 1]


@given(st.integers(0, 70), st.integers(0, 70))
def test_a_tree_grown_in_two_goes_is_the_tree_by_definition(first: int, second: int) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(first + second)]
    frontier = grow(grow([], 0, b"".join(leaves[:first])), first, b"".join(leaves[first:]))
    assert root_of(frontier) == by_definition(leaves)


@given(st.integers(1, 70), st.data())
def test_every_leaf_has_its_proof_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, top = inclusion_path(leaves, index), root(leaves)
    assert includes(leaves[index], index, size, path, top)
    assert not includes(leaf_hash(b"other"), index, size, path, top)
    assert not includes(leaves[index], index + 1, size, path, top)
    assert not includes(leaves[index], index, size, [*path, top], top)
    if path:
        assert not includes(leaves[index], index, size, path[:-1], top)


@given(st.integers(1, 70), st.data())
def test_a_tree_that_only_grew_has_its_proof_and_a_rewritten_one_none(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    old = data.draw(st.integers(1, size))
    path = consistency_path(leaves, old)
    assert extends(old, size, path, root(leaves[:old]), root(leaves))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], leaf_hash(b"other"), *leaves[changed + 1 :]]
    forged = consistency_path(rewritten, old)
    assert not extends(old, size, forged, root(leaves[:old]), root(rewritten))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_phrase_is_eight_words_and_belongs_to_one_hash(one: bytes, other: bytes) -> None:
    phrase = phrase_of(one)
    assert len(phrase.split()) == 8
    assert is_phrase_of(phrase.upper().replace(" ", "-"), one)
    assert is_phrase_of(phrase, other) == (one[:16] == other[:16])


@pytest.mark.parametrize("phrase", ["", "lusab", "lusab " * 7, "hello world " * 4])
def test_words_that_are_no_phrase_are_said_to_be_none(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        is_phrase_of(phrase, bytes(32))


def test_the_phrase_alphabet_is_the_published_one() -> None:
    assert phrase_of(bytes.fromhex("7f000001") + bytes(12)).startswith("lusab babad")
