"""The manifest: every file of a folder with its size and its digests, each byte hashed once."""

import hashlib
from pathlib import Path

from glasswright.attest.merkle import leaf_hash
from glasswright.attest.tensors import chunks
from glasswright.records.release import FileEntry, Manifest
from glasswright.store import tensors


def list_files(folder: Path) -> Manifest:
    """Every file below `folder`."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    entries = [_entry(folder, path) for path in paths]
    return Manifest(files=tuple(sorted(entries, key=lambda entry: entry.path)))


def _entry(folder: Path, path: Path) -> FileEntry:
    name, size_bytes = path.relative_to(folder).as_posix(), path.stat().st_size
    if path.suffix == ".safetensors":
        return FileEntry(path=name, size_bytes=size_bytes, chunks=_chunk_hashes(path))
    with path.open("rb") as file:
        return FileEntry(path=name, size_bytes=size_bytes, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _chunk_hashes(path: Path) -> tuple[str, ...]:
    hashes = [leaf_hash(tensors.read_header(path))]
    for array in tensors.load(path).values():
        hashes += map(leaf_hash, chunks(array.reshape(-1).view("u1").data))
    return tuple(leaf.hex() for leaf in hashes)
