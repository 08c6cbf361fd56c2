"""The top of a release: the roots of its parts, which a rebuild must reach, and every file with its digest.

    release.json    the parts' roots, the release root over them, digest of manifest.json
    manifest.json   every other file: path, size, digest
    statements/     what others have said and signed of the release; no part of it, and in no list

Both files are canonical JSON without a final newline, so a file's sha256 is the digest of its record. Nothing in
release.json is a matter of who built it, when and where: that is in code/build.json.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from glasswright.records.recipe import Recipe

RELEASE_SCHEMA = "glasswright/release/2"
FIRST_SCHEMA = "glasswright/release/1"  # of releases that are still checked, and no longer made
ManifestSchema = Literal["glasswright/manifest/1"]

# What each part's root covers. A stage to come adds a part; it changes no other.
PARTS = {
    "ledger": "Merkle root over the ledger's rows",
    "model": "Merkle root over path and sha256 of what lies in model/ beside weights and card",
    "recipe": "digest of the resolved recipe, as it is written",
    "tokens": "digest of the token map, which holds the digests of shards and tokenizer",
    "transcript": "Merkle root over state, schedule and step records in the order of time",
    "weights": "Merkle root over the digests of the tensors of model.safetensors",
}
PARENTS_PART = "parents"  # of a release that has some: digest of parents.json
PRIVATE_PART = "private"  # of a release whose documents are private: digest of private.json
WEIGHTS, ADAPTER_WEIGHTS = "model/model.safetensors", "model/adapter_model.safetensors"
BESIDE_MODEL_PART = ("model/README.md", WEIGHTS, ADAPTER_WEIGHTS)  # the card, and the weights, which are a part
PARTS_OF_FIRST = ("recipe", "ledger", "tokens", "transcript", "weights")  # of releases of the first schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """What the release root covers. Another correct implementation must be able to reach the same."""

    numerics: int
    parts: Mapping[str, str]  # name -> root


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
    """`manifest.json`: every file but itself, release.json and statements/, ordered by path."""

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
    """`release.json`: every field follows from another file of the release."""

    name: str  # the recipe's
    root: str  # follows from the roots; see attest.parts
    roots: Roots
    manifest: str  # digest of manifest.json, which lists every other file

    def record(self) -> dict[str, Any]:
        return {
            "schema": RELEASE_SCHEMA,
            "name": self.name,
            "root": self.root,
            "numerics": self.roots.numerics,
            "parts": dict(self.roots.parts),
            "manifest": self.manifest,
        }


def weights_of(recipe: Recipe) -> str:
    """The file that holds what was trained."""
    return ADAPTER_WEIGHTS if recipe.adapter is not None else WEIGHTS
