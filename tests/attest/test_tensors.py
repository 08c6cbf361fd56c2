"""A tensor's digest follows from its name, dtype, shape and bytes, and from nothing else."""

import hashlib

from glasswright.attest.merkle import leaf_hash, node_hash
from glasswright.attest.tensors import CHUNK_BYTES, chunks, tensor_digest, tensor_digest_of_hashes, tensors_root

DATA = bytes(range(256)) * (2 * CHUNK_BYTES // 256) + b"tail"
SHAPE = (len(DATA) // 4,)


def test_a_small_tensor_s_digest_is_a_tree_of_two_leaves() -> None:
    description = leaf_hash(b'{"dtype":"F32","name":"x","shape":[2]}')
    expected = node_hash(description, hashlib.sha256(b"\x00" + bytes(8)).digest())
    assert tensor_digest("x", "F32", (2,), bytes(8)).digest == expected.hex()


def test_chunks_are_the_bytes_in_order() -> None:
    cut = list(chunks(DATA))
    assert [len(chunk) for chunk in cut] == [CHUNK_BYTES, CHUNK_BYTES, 4]
    assert b"".join(cut) == DATA
    assert list(chunks(b"")) == []


def test_the_digest_follows_from_the_hashes_of_the_chunks() -> None:
    hashes = [leaf_hash(chunk) for chunk in chunks(DATA)]
    assert tensor_digest_of_hashes("x", "F32", SHAPE, hashes) == tensor_digest("x", "F32", SHAPE, DATA)


def test_any_change_changes_the_digest() -> None:
    flipped = bytearray(DATA)
    flipped[CHUNK_BYTES + 7] ^= 1
    others = [
        tensor_digest("y", "F32", SHAPE, DATA),
        tensor_digest("x", "I32", SHAPE, DATA),
        tensor_digest("x", "F32", (SHAPE[0], 1), DATA),
        tensor_digest("x", "F32", SHAPE, flipped),
    ]
    assert tensor_digest("x", "F32", SHAPE, DATA).digest not in {other.digest for other in others}


def test_the_root_of_a_set_does_not_depend_on_the_order_given() -> None:
    first, second = (tensor_digest(name, "F32", (2,), bytes(8)) for name in "ab")
    assert tensors_root([first, second]) == tensors_root([second, first])
    assert tensors_root([first]) != tensors_root([first, second])
