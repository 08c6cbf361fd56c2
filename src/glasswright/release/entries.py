"""The manifest: every file of a folder with its size and its digests, each byte hashed once."""

import hashlib
from pathlib import Path

from glasswright.attest.merkle import leaf_hash
from glasswright.attest.tensors import chunks
from glasswright.records.release import FileEntry, Manifest
from glasswright.store import tensors


def list_files(folder: Path, known: Manifest | None = None) -> Manifest:
    """Every file below `folder`; those that are `known` are taken to be as they were."""
    entries = {entry.path: entry for entry in known.files} if known is not None else {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name not in entries and path.is_file():
            entries[name] = _entry(name, path)
    return Manifest(files=tuple(entries[name] for name in sorted(entries)))


def _entry(name: str, path: Path) -> FileEntry:
    size_bytes = path.stat().st_size
    if path.suffix == ".safetensors":
        return FileEntry(path=name, size_bytes=size_bytes, chunks=_chunk_hashes(path))
    with path.open("rb") as file:
        return FileEntry(path=name, size_bytes=size_bytes, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _chunk_hashes(path: Path) -> tuple[str, ...]:
    hashes = [leaf_hash(tensors.read_header(path))]
    for array in tensors.load(path).values():
        hashes += map(leaf_hash, chunks(array.reshape(-1).view("u1").data))
    return tuple(leaf.hex() for leaf in hashes)
