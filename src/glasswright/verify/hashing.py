"""One read of every byte. Threads share the files; hashlib lets them run side by side.

A safetensors file is hashed in chunks (its header, then 256 KiB of a tensor at a time), any other file whole. The
chunk hashes tell where a file differs, and the digests of the tensors follow from them without a second read.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, BinaryIO

from glasswright import foreign
from glasswright.attest.merkle import leaf_hash
from glasswright.attest.tensors import CHUNK_BYTES, tensor_digest_of_hashes
from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.progress import Progress, Report
from glasswright.records.release import FileEntry
from glasswright.records.transcript import TensorDigest
from glasswright.verify.folder import REPLACE, Folder
from glasswright.verify.layout import Layout, read_layout

CHUNKS_PER_TASK = 64
MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of a safetensors file that is hashed by itself."""

    tensor: str | None  # None: the header
    number: int  # within the tensor, from 0
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """What a file's bytes hash to: `sha256` of it all, or for safetensors the leaf hash of every chunk."""

    size_bytes: int
    sha256: str | None = None
    layout: Layout | None = None
    chunks: tuple[Chunk, ...] = ()
    hashes: tuple[bytes, ...] = ()

    def tensors(self, prefix: str = "") -> list[TensorDigest]:
        """The digests of the tensors, each name with `prefix` in front."""
        assert self.layout is not None
        by_name: dict[str, list[bytes]] = {place.name: [] for place in self.layout.places}
        for chunk, leaf in zip(self.chunks, self.hashes, strict=True):
            if chunk.tensor is not None:
                by_name[chunk.tensor].append(leaf)
        return [
            tensor_digest_of_hashes(prefix + place.name, place.dtype, place.shape, by_name[place.name])
            for place in self.layout.places
        ]


Outcome = Hashed | ClaimFalse | Unknown | OSError


def hash_files(folder: Folder, files: Iterable[FileEntry], num_threads: int, report: Report) -> dict[str, Outcome]:
    """Hash files of the release; where one cannot be, the reason stands in its place."""
    pool = ThreadPoolExecutor(num_threads)
    try:
        plans = {entry.path: _attempt(_plan, folder, entry) for entry in files}
        meter = _Meter(report, sum(plan.size_bytes for plan in plans.values() if isinstance(plan, Hashed)))
        running = {
            path: [pool.submit(_hash, folder, path, task, meter) for task in _tasks(plan)]
            for path, plan in plans.items()
            if isinstance(plan, Hashed)
        }
        return {
            path: _attempt(_whole, plan, running[path]) if isinstance(plan, Hashed) else plan
            for path, plan in plans.items()
        }
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(work: Callable[..., Hashed], *arguments: Any) -> Outcome:
    try:
        return work(*arguments)
    except (ClaimFalse, Unknown, OSError) as error:
        return error


def _plan(folder: Folder, entry: FileEntry) -> Hashed:
    """What there is to hash."""
    with folder.open(entry.path) as file:
        if entry.chunks is None:
            return Hashed(size_bytes=entry.size_bytes)
        layout = read_layout(file, entry.size_bytes, entry.path)
    return Hashed(size_bytes=entry.size_bytes, layout=layout, chunks=tuple(_chunks(layout)))


def _chunks(layout: Layout) -> Iterator[Chunk]:
    yield Chunk(tensor=None, number=0, begin=0, end=layout.header_bytes)
    for place in layout.places:
        for number, begin in enumerate(range(place.begin, place.end, CHUNK_BYTES)):
            yield Chunk(tensor=place.name, number=number, begin=begin, end=min(begin + CHUNK_BYTES, place.end))


def _tasks(plan: Hashed) -> list[tuple[Chunk, ...]]:
    """The chunks in portions for one thread each; a file without chunks is one portion."""
    if plan.layout is None:
        return [()]
    return [plan.chunks[i : i + CHUNKS_PER_TASK] for i in range(0, len(plan.chunks), CHUNKS_PER_TASK)]


def _hash(folder: Folder, path: str, task: tuple[Chunk, ...], meter: "_Meter") -> list[bytes]:
    buffer = memoryview(bytearray(max((chunk.end - chunk.begin for chunk in task), default=MIB)))
    with folder.open(path) as file:
        if not task:
            return [_hash_whole(file, buffer, meter)]
        return [_hash_chunk(file, path, chunk, buffer, meter) for chunk in task]


def _hash_whole(file: BinaryIO, buffer: memoryview, meter: "_Meter") -> bytes:
    hasher, offset = hashlib.sha256(), 0
    while num_read := foreign.read_at(file, buffer, offset):
        hasher.update(buffer[:num_read])
        offset += num_read
        meter.add(num_read)
    return hasher.digest()


def _hash_chunk(file: BinaryIO, path: str, chunk: Chunk, buffer: memoryview, meter: "_Meter") -> bytes:
    size, num_read = chunk.end - chunk.begin, 0
    while num_read < size:
        more = foreign.read_at(file, buffer[num_read:size], chunk.begin + num_read)
        if not more:
            raise ClaimFalse(f"{path}: ends at byte {chunk.begin + num_read}, within what it lists", hint=REPLACE)
        num_read += more
    meter.add(size)
    return leaf_hash(buffer[:size])


def _whole(plan: Hashed, running: list[Future[list[bytes]]]) -> Hashed:
    parts = [task.result() for task in running]
    if plan.layout is None:
        return replace(plan, sha256=parts[0][0].hex())
    return replace(plan, hashes=tuple(leaf for part in parts for leaf in part))


class _Meter:
    """Counts bytes from every thread and reports each further MiB."""

    def __init__(self, report: Report, total: int):
        self.report, self.total, self.done, self.lock = report, total, 0, Lock()

    def add(self, num_bytes: int) -> None:
        with self.lock:
            before, self.done = self.done, self.done + num_bytes
            if before // MIB < self.done // MIB:
                self.report(Progress(what="verify", done=self.done // MIB, total=self.total // MIB, unit="MiB"))
