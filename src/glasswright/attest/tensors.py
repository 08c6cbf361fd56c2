"""The identity of a tensor and of a set of tensors: Merkle roots over chunks, so that a difference has a place.

tensor   leaf 0 = canonical JSON of {"dtype", "name", "shape"}; leaf i = bytes of chunk i, 256 KiB each
tensors  leaves = canonical JSON of each TensorDigest, ordered by name
"""

from collections.abc import Iterable, Iterator, Sequence

from glasswright.attest.merkle import leaf_hash, merkle_root, root_of_hashes
from glasswright.records.canonical import canonical_bytes
from glasswright.records.transcript import TensorDigest

CHUNK_BYTES = 256 * 1024


def chunks(data: bytes | memoryview) -> Iterator[memoryview]:
    """Cut bytes in chunks; nothing has no chunks."""
    view = memoryview(data).cast("B") if len(data) else memoryview(b"")
    for start in range(0, len(view), CHUNK_BYTES):
        yield view[start : start + CHUNK_BYTES]


def tensor_digest(name: str, dtype: str, shape: Sequence[int], data: bytes | memoryview) -> TensorDigest:
    """The digest of a tensor from its little-endian C-contiguous bytes."""
    return tensor_digest_of_hashes(name, dtype, shape, [leaf_hash(chunk) for chunk in chunks(data)])


def tensor_digest_of_hashes(name: str, dtype: str, shape: Sequence[int], chunk_hashes: Iterable[bytes]) -> TensorDigest:
    """The same from the leaf hashes of the chunks."""
    description = canonical_bytes({"dtype": dtype, "name": name, "shape": list(shape)})
    root = root_of_hashes([leaf_hash(description), *chunk_hashes]).hex()
    return TensorDigest(name=name, dtype=dtype, shape=tuple(shape), digest=root)


def tensors_root(tensors: Iterable[TensorDigest]) -> str:
    """One root over a set of tensors, whatever the order they are given in."""
    return merkle_root(
        canonical_bytes({"digest": t.digest, "dtype": t.dtype, "name": t.name, "shape": list(t.shape)})
        for t in sorted(tensors, key=lambda t: t.name)
    )
