"""The release root: a Merkle root over the roots of its parts, so that one part can be proved alone.

    leaf 0     canonical JSON of {"numerics", "schema"}
    leaf i     canonical JSON of {"digest", "name"} of part i, ordered by name

The schema in front keeps a root from being read under another schema's rules.
"""

from collections.abc import Mapping

from glasswright.attest.merkle import InclusionProof, leaf_hash, merkle_root, prove_inclusion, root_from_proof
from glasswright.records.canonical import canonical_bytes, digest
from glasswright.records.release import PARTS_OF_FIRST, RELEASE_SCHEMA, Roots


def release_root(roots: Roots) -> str:
    """The root over all parts."""
    return merkle_root(_leaves(roots))


def prove_part(roots: Roots, name: str) -> InclusionProof:
    """That the part `name` has the root stated, under the release root.

    Raises:  KeyError if there is no such part.
    """
    index = 1 + sorted(roots.parts).index(name) if name in roots.parts else None
    if index is None:
        raise KeyError(name)
    return prove_inclusion([leaf_hash(leaf) for leaf in _leaves(roots)], index)


def root_from_part(name: str, part_root: str, proof: InclusionProof) -> str:
    """The release root that a part and its proof lead to; the caller compares it with the one it trusts.

    Raises:  ValueError if the proof does not fit its place in the tree.
    """
    return root_from_proof(_leaf(name, part_root), proof)


def files_root(sha256_of: Mapping[str, str]) -> str:
    """One root over files, from the sha256 of each by its path."""
    return merkle_root(canonical_bytes({"path": path, "sha256": sha256_of[path]}) for path in sorted(sha256_of))


def release_root_of_first_schema(roots: Roots) -> str:
    """The root of a release of schema 1: a digest over its five roots at once."""
    return digest({"numerics": roots.numerics, **{name: roots.parts[name] for name in PARTS_OF_FIRST}})


def _leaves(roots: Roots) -> list[bytes]:
    header = canonical_bytes({"numerics": roots.numerics, "schema": RELEASE_SCHEMA})
    return [header, *(_leaf(name, roots.parts[name]) for name in sorted(roots.parts))]


def _leaf(name: str, part_root: str) -> bytes:
    return canonical_bytes({"digest": part_root, "name": name})
