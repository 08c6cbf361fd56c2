"""Merkle trees over ordered leaves, shaped as in RFC 9162 (Certificate Transparency), section 2.1.

    leaf hash   sha256(0x00 || leaf)
    node hash   sha256(0x01 || left || right)
    the left subtree of n leaves holds the largest power of two below n
    the root of nothing is sha256 of the empty string

An inclusion proof is the list of sibling hashes from leaf to root (section 2.1.3).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from glasswright.tree import combine


def leaf_hash(leaf: bytes | memoryview) -> bytes:
    """Hash a leaf. The 0x00 in front keeps a leaf from ever being read as a node."""
    hasher = hashlib.sha256(b"\x00")
    hasher.update(leaf)
    return hasher.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtree roots into one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_hashes(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in one pass and O(log n) memory."""
    remaining = iter(hashes)
    first = next(remaining, None)
    return hashlib.sha256(b"").digest() if first is None else combine(chain([first], remaining), node_hash)


def merkle_root(leaves: Iterable[bytes | memoryview]) -> str:
    """The root over leaves, in hex."""
    return root_of_hashes(leaf_hash(leaf) for leaf in leaves).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That the leaf at `index` is one of the `num_leaves` under a root."""

    index: int
    num_leaves: int
    siblings: tuple[str, ...]  # hex, from the leaf upwards

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.num_leaves:
            raise ValueError(f"index: expected 0 to {self.num_leaves - 1}, got {self.index}")


def prove_inclusion(hashes: Sequence[bytes], index: int) -> InclusionProof:
    """The proof for leaf `index` of a tree given by its leaf hashes."""
    return InclusionProof(
        index=index, num_leaves=len(hashes), siblings=tuple(sibling.hex() for sibling in _path(hashes, index))
    )


def root_from_proof(leaf: bytes, proof: InclusionProof) -> str:
    """The root that a leaf and its proof lead to; the caller compares it with the one it trusts.

    Source:  RFC 9162, section 2.1.3.2.
    Raises:  ValueError if the proof has too many or too few siblings for its place in the tree.
    """
    node, last = proof.index, proof.num_leaves - 1
    root = leaf_hash(leaf)
    for sibling in map(bytes.fromhex, proof.siblings):
        if last == 0:
            raise ValueError("siblings: more than the tree is deep")
        if node % 2 or node == last:
            root = node_hash(sibling, root)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            root = node_hash(root, sibling)
        node, last = node // 2, last // 2
    if last != 0:
        raise ValueError("siblings: fewer than the tree is deep")
    return root.hex()


def _path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    if len(hashes) == 1:
        return []
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    if index < split:
        return [*_path(hashes[:split], index), root_of_hashes(hashes[split:])]
    return [*_path(hashes[split:], index - split), root_of_hashes(hashes[:split])]
