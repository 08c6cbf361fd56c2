"""What a file of weights says that it holds, by its header alone: how many parameters, and its metadata.

    safetensors   eight bytes of length, then JSON: name -> type, shape
    GGUF          `foreign.gguf`

A stranger's header may say anything: what is read of it, and how much is kept, has bounds. A whole number may hold
several parameters of a few bits each, so of integers only an upper bound is known.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from glasswright.audit.subject import WEIGHT_FILE, Snapshot
from glasswright.foreign import NotRead, gguf, opened, size_of

MAX_JSON_BYTES = 2**23  # JSON takes some thirty times its size in memory; the longest real one has 4 MB
MAX_READ = 128  # headers of a snapshot
MAX_TEXT_BYTES = 4_096  # of a metadata value that is kept
MAX_METADATA = 1_000
MAX_PARAMETERS = 2**63
WHOLE_NUMBER_BITS = {"U8": 8, "I8": 8, "I16": 16, "U16": 16, "I32": 32, "U32": 32, "I64": 64, "U64": 64}
LENGTH_BYTES = 8  # of a safetensors header
LFS_POINTER = b"version https://git-lfs.github.com/spec/"


class NoHeader(Exception):
    """The file has no header that can be read; the message says why."""


class IsPointer(NoHeader):
    """The file stands for one that lies elsewhere: a Git LFS pointer."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says that it holds."""

    num_parameters: int  # at most
    metadata: tuple[tuple[str, str], ...]  # those that are text


@lru_cache(maxsize=64)
def headers(snapshot: Snapshot) -> Mapping[str, Header | NoHeader]:
    """The headers of the first weights of a snapshot that are at hand, by path, or why there is none."""
    if snapshot.root is None:
        return {}
    files = [e.path for e in snapshot.entries if e.line is None and WEIGHT_FILE.search(e.path)]
    found: dict[str, Header | NoHeader] = {}
    for path in files[:MAX_READ]:
        try:
            found[path] = read_header(path, snapshot.root)
        except NoHeader as why:
            found[path] = why
    return MappingProxyType(found)


def read_header(path: str, root: Path) -> Header:
    """The header of the weights file `path` below `root`, told by its content.

    Raises:  NoHeader, IsPointer.
    """
    try:
        with opened(path, below=root) as file:
            begin = file.read(len(LFS_POINTER))
            file.seek(0)
            if begin == LFS_POINTER:
                raise IsPointer("a Git LFS pointer: the weights lie elsewhere")
            return _gguf(file) if begin.startswith(gguf.MAGIC) else _safetensors(file)
    except NotRead as error:
        raise NoHeader(error.why) from error


def _safetensors(file: BinaryIO) -> Header:
    length = int.from_bytes(_taken(file, LENGTH_BYTES), "little")
    if length > MAX_JSON_BYTES:
        raise NoHeader(f"its header goes beyond {MAX_JSON_BYTES:,} bytes")
    header = _taken(file, length)
    try:
        named = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise NoHeader("its header is no JSON") from error
    if not isinstance(named, dict):
        raise NoHeader("its header is no object")
    metadata = named.pop("__metadata__", {})
    total = sum(_parameters_of(entry) for entry in named.values())
    return Header(min(total, MAX_PARAMETERS), _kept(metadata if isinstance(metadata, dict) else {}))


def _taken(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise NoHeader("it ends within its header")
    return data


def _parameters_of(entry: Any) -> int:
    shape = entry.get("shape") if isinstance(entry, dict) else None
    if not isinstance(shape, list):
        raise NoHeader("a tensor in its header has no shape")
    return _product(shape) * WHOLE_NUMBER_BITS.get(str(entry.get("dtype")), 1)


def _product(shape: list[Any]) -> int:
    product = 1
    for size in shape:
        if type(size) is not int or size < 0:
            raise NoHeader("a tensor in its header has no shape")
        product = min(product * size, MAX_PARAMETERS)
    return product


def _gguf(file: BinaryIO) -> Header:
    header = gguf.Header(file, size_of(file))
    try:
        header.read()
    except (gguf.Wrong, gguf.Unread) as error:
        raise NoHeader(str(error)) from error
    total = sum(_product(list(tensor.shape)) for tensor in header.tensors)
    return Header(min(total, MAX_PARAMETERS), _kept(header.keys))


def _kept(metadata: dict[Any, Any]) -> tuple[tuple[str, str], ...]:
    texts = [(str(key), value) for key, value in metadata.items() if isinstance(value, str)]
    return tuple((key, value) for key, value in texts[:MAX_METADATA] if len(value) <= MAX_TEXT_BYTES)
