"""Trees as in RFC 9162: known roots, a proof for every leaf, and no proof for anything else."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.attest.merkle import (
    InclusionProof,
    leaf_hash,
    merkle_root,
    node_hash,
    prove_inclusion,
    root_from_proof,
)

# Leaves and roots of the reference tests of Certificate Transparency (google/certificate-transparency, merkletree).
LEAVES = [
    bytes.fromhex(text)
    for text in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle_root(LEAVES[:size]) == ROOTS[size]


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_every_leaf_has_a_proof_that_leads_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = prove_inclusion([leaf_hash(leaf) for leaf in leaves], index)
    assert root_from_proof(leaves[index], proof) == merkle_root(leaves)


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=20), st.data())
def test_a_proof_for_another_leaf_leads_elsewhere(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = prove_inclusion([leaf_hash(leaf) for leaf in leaves], index)
    assert root_from_proof(leaves[index] + b"x", proof) != merkle_root(leaves)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_proof_of_the_wrong_length_is_refused(change: int) -> None:
    proof = prove_inclusion([leaf_hash(leaf) for leaf in LEAVES], 3)
    siblings = proof.siblings[:-1] if change < 0 else (*proof.siblings, proof.siblings[0])
    with pytest.raises(ValueError, match="siblings"):
        root_from_proof(LEAVES[3], InclusionProof(index=3, num_leaves=8, siblings=siblings))


def test_a_place_outside_the_tree_is_refused() -> None:
    with pytest.raises(ValueError, match="index: expected 0 to 7, got 8"):
        InclusionProof(index=8, num_leaves=8, siblings=())


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert merkle_root([left + right]) != merkle_root([b"a", b"b"])


def test_a_leaf_hash_is_sha256_behind_a_zero_byte() -> None:
    assert leaf_hash(memoryview(b"abc")) == hashlib.sha256(b"\x00abc").digest()
