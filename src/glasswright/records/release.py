"""The top of a release: the roots that a rebuild must reach, and every file with its digest."""

from dataclasses import asdict, dataclass
from typing import Any

from glasswright.records.canonical import digest

RELEASE_SCHEMA = "glasswright/release/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """What the release root covers. Another correct implementation must be able to reach the same."""

    numerics: int
    recipe: str  # digest of the resolved recipe
    ledger: str  # Merkle root over the ledger's rows
    tokens: str  # digest of the token map, which holds the shards' and the tokenizer's digests
    transcript: str  # Merkle root over schedule, step records and state records
    weights: str  # Merkle root over the tensor digests of the model

    @property
    def root(self) -> str:
        """The release root."""
        return digest(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file of the release: path with `/`, relative to the release folder."""

    path: str
    size_bytes: int
    chunks: tuple[str, ...]  # sha256 of each 256 KiB chunk; for safetensors see attest.tensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """`release.json`."""

    name: str
    roots: Roots
    manifest: str  # digest of manifest.json, which lists every other file
    observed: dict[str, Any]  # when, where and by which builder; never compared

    def record(self) -> dict[str, Any]:
        return {
            "schema": RELEASE_SCHEMA,
            "name": self.name,
            "root": self.roots.root,
            "determined": asdict(self.roots),
            "manifest": self.manifest,
            "observed": self.observed,
        }
