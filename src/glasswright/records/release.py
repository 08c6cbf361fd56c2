"""The top of a release: the roots that a rebuild must reach, and every file with its digest.

    release.json    roots, release root, digest of manifest.json, observed
    manifest.json   every other file: path, size, digest

Both are canonical JSON without a final newline, so a file's sha256 is the digest of its record.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from glasswright.records.canonical import digest

RELEASE_SCHEMA = "glasswright/release/1"
ManifestSchema = Literal["glasswright/manifest/1"]


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
    """A file of the release: path with `/`, relative to the release folder.

    A safetensors file has `chunks`: the Merkle leaf hash of its header (with the length in front), then those of each
    tensor's 256 KiB chunks in the order of the file, from which the tensors' digests follow. Any other file has
    `sha256`.
    """

    path: str
    size_bytes: int
    sha256: str | None = None
    chunks: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if (self.sha256 is None) == (self.chunks is None):
            raise ValueError(f"{self.path}: expected either sha256 or chunks")
        if (self.chunks is not None) != self.path.endswith(".safetensors"):
            raise ValueError(f"{self.path}: chunks are for safetensors files, and only for them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`manifest.json`: every file but itself and release.json, ordered by path."""

    files: tuple[FileEntry, ...]
    schema: ManifestSchema = "glasswright/manifest/1"

    def __post_init__(self) -> None:
        paths = [entry.path for entry in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("files: expected each path once, in order")

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Manifest":
        return cls(
            schema=record["schema"],
            files=tuple(
                FileEntry(**{**entry, "chunks": None if entry["chunks"] is None else tuple(entry["chunks"])})
                for entry in record["files"]
            ),
        )


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

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Release":
        """Read a record; that its `root` follows from its roots is for `verify` to say."""
        return cls(
            name=record["name"],
            roots=Roots(**record["determined"]),
            manifest=record["manifest"],
            observed=record["observed"],
        )
