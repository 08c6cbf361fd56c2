"""What a file of weights says that it holds, by its header alone: how many parameters, and its metadata.

    safetensors   eight bytes of length, then JSON: name -> type, shape
    GGUF          magic, version, counts, metadata, then name, shape and type of every tensor

A stranger's header may say anything: what is read of it, and how much is kept, has bounds. A whole number may hold
several parameters of a few bits each, so of integers only an upper bound is known.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from glasswright.audit.subject import WEIGHT_FILE, Snapshot
from glasswright.foreign import NotRead, opened

MAX_HEADER_BYTES = 2**26  # 64 MiB: the longest vocabulary in a real GGUF has some 10
MAX_JSON_BYTES = 2**23  # JSON takes some thirty times its size in memory; the longest real one has 4 MB
MAX_READ = 128  # headers of a snapshot
MAX_ITEMS = 2_000_000  # tensors, keys, and strings of lists
MAX_TEXT_BYTES = 4_096  # of a metadata value that is kept
MAX_METADATA = 1_000
MAX_NESTED = 4
MAX_PARAMETERS = 2**63
WHOLE_NUMBER_BITS = {"U8": 8, "I8": 8, "I16": 16, "U16": 16, "I32": 32, "U32": 32, "I64": 64, "U64": 64}
GGUF = b"GGUF"
GGUF_VERSIONS = (2, 3)
GGUF_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of numbers, by type
GGUF_TEXT, GGUF_LIST = 8, 9
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
            return _gguf(_Bounded(file)) if begin.startswith(GGUF) else _safetensors(_Bounded(file))
    except NotRead as error:
        raise NoHeader(error.why) from error


class _Bounded:
    """A file that ends early, or goes on for ever, as an error."""

    def __init__(self, file: BinaryIO):
        self._file, self._left, self._items = file, MAX_HEADER_BYTES, 0

    def take(self, size: int) -> bytes:
        if size > self._left:
            raise NoHeader(f"its header goes beyond {MAX_HEADER_BYTES:,} bytes")
        self._left -= size
        data = self._file.read(size)
        if len(data) != size:
            raise NoHeader("it ends within its header")
        return data

    def number(self, form: str) -> int:
        value: int = struct.unpack("<" + form, self.take(struct.calcsize(form)))[0]
        return value

    def count(self, form: str = "Q") -> int:
        """A number of things that follow."""
        value = self.number(form)
        self._items += value
        if self._items > MAX_ITEMS:
            raise NoHeader(f"its header names more than {MAX_ITEMS:,} things")
        return value

    def text(self) -> bytes:
        return self.take(self.number("Q"))


def _safetensors(file: _Bounded) -> Header:
    length = file.number("Q")
    if length > MAX_JSON_BYTES:
        raise NoHeader(f"its header goes beyond {MAX_JSON_BYTES:,} bytes")
    header = file.take(length)
    try:
        named = json.loads(header)
    except (ValueError, RecursionError) as error:
        raise NoHeader("its header is no JSON") from error
    if not isinstance(named, dict):
        raise NoHeader("its header is no object")
    metadata = named.pop("__metadata__", {})
    total = sum(_parameters_of(entry) for entry in named.values())
    return Header(min(total, MAX_PARAMETERS), _kept(metadata if isinstance(metadata, dict) else {}))


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


def _gguf(file: _Bounded) -> Header:
    file.take(len(GGUF))
    if (version := file.number("I")) not in GGUF_VERSIONS:
        raise NoHeader(f"it is GGUF of version {version}, which is not read")
    num_tensors, num_keys = file.count(), file.count()
    metadata = {}
    for _ in range(num_keys):
        key, value = file.text(), _gguf_value(file, file.number("I"), 0)
        if value is not None:
            metadata[_text(key)] = _text(value)
    total = sum(_gguf_tensor(file) for _ in range(num_tensors))
    return Header(min(total, MAX_PARAMETERS), _kept(metadata))


def _gguf_value(file: _Bounded, kind: int, depth: int) -> bytes | None:
    """A value that is text; None for any other, which is passed over."""
    if kind == GGUF_TEXT:
        return file.text()
    if kind == GGUF_LIST:
        inner = file.number("I")
        if inner in GGUF_SIZES:
            file.take(file.number("Q") * GGUF_SIZES[inner])
            return None
        if depth == MAX_NESTED:
            raise NoHeader(f"its header has lists more than {MAX_NESTED} deep")
        for _ in range(file.count()):
            _gguf_value(file, inner, depth + 1)
        return None
    if kind not in GGUF_SIZES:
        raise NoHeader(f"its header has a value of kind {kind}, which is none")
    file.take(GGUF_SIZES[kind])
    return None


def _gguf_tensor(file: _Bounded) -> int:
    file.text()
    shape: list[Any] = [file.number("Q") for _ in range(file.count("I"))]
    file.take(4 + 8)  # type, offset
    return _product(shape)


def _kept(metadata: dict[Any, Any]) -> tuple[tuple[str, str], ...]:
    texts = [(str(key), value) for key, value in metadata.items() if isinstance(value, str)]
    return tuple((key, value) for key, value in texts[:MAX_METADATA] if len(value) <= MAX_TEXT_BYTES)


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")
