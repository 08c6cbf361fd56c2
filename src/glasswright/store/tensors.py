"""Tensors in safetensors files: one file content for one set of tensors.

    8 bytes     length of the header, little endian
    header      JSON, padded with spaces to a multiple of 8 bytes:
                {"__metadata__": {"format": "pt"}, NAME: {"dtype", "shape", "data_offsets": [begin, end]}, ...}
    data        the tensors' little-endian C-ordered bytes, without gaps

Tensors lie in falling order of their dtype's width, then by name, and the header follows the data. With at most one
metadata key (with two, the `safetensors` package writes them in hash order) these are the bytes that package writes.
"""

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glasswright.errors import Misuse
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.store import floats
from glasswright.store.atomic import atomic_file

MAX_HEADER_BYTES = 100_000_000  # safetensors' own limit
MAX_DIMENSIONS = 64  # of a tensor, each below 2**63: so that to multiply them takes no time
METADATA = "__metadata__"
# Bits of an element, in safetensors' own order, which decides where a tensor lies.
BITS = {
    **{"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8},
    **{"I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32},
    **{"C64": 64, "F64": 64, "I64": 64, "U64": 64},
}
# Those that NumPy has.
DTYPES = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("u1"),
    "I8": np.dtype("i1"),
    "I16": np.dtype("<i2"),
    "U16": np.dtype("<u2"),
    "F16": np.dtype("<f2"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U64": np.dtype("<u8"),
}
RANK = {name: rank for rank, name in enumerate(BITS)}
NAME_OF = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tensor's bytes lie in the data part of a file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def size_bytes(self) -> int:
        return self.end - self.begin


def save(
    path: Path,
    tensors: Mapping[str, np.ndarray],
    halves: Mapping[str, str] | None = None,
    *,
    report: Report = silent,
) -> None:
    """Write the tensors to `path`, whole or not at all.

    halves:  float32 tensors that are written in 16 bits, by name: "BF16" or "F16", which have to hold every value

    Raises:  ValueError for a dtype that safetensors has no name for, and for a value that the 16 bits do not hold;
             WriteFailed if the disk does not take it.
    """
    halves = halves or {}

    def bytes_of(place: Place) -> np.ndarray:
        array = tensors[place.name]
        if place.name in halves:
            return floats.narrowed(array, place.dtype)
        return np.ascontiguousarray(array, dtype=DTYPES[place.dtype])

    kinds = {name: (halves.get(name) or dtype_name(array), array.shape) for name, array in tensors.items()}
    save_each(path, kinds, bytes_of, report=report)


def save_each(
    path: Path,
    kinds: Mapping[str, tuple[str, tuple[int, ...]]],
    bytes_of: Callable[[Place], np.ndarray],
    *,
    report: Report = silent,
) -> None:
    """Write tensors of which one is in memory at a time to `path`, whole or not at all.

    kinds:     dtype and shape of each, by name
    bytes_of:  what is written for it

    Raises:  WriteFailed if the disk does not take it.
    """
    places = _lay_out(kinds)
    with atomic_file(path) as file:
        file.write(_header(places))
        for place in places:
            report(of_bytes("write", place.begin, places[-1].end))
            file.write(bytes_of(place).reshape(-1).view(np.uint8).data)
        if places:
            report(of_bytes("write", places[-1].end, places[-1].end))


def load(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file by name: read-only views of the mapped file, in the order they lie in.

    Raises:  Misuse naming the file, and the tensor where there is one, if it is not a sound safetensors file.
    """
    try:
        data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError) as error:
        raise Misuse(f"{path}: cannot be read as safetensors: {error}") from error
    with path.open("rb") as file:
        places, start = read_places(file, str(path))
    for place in places:
        if place.dtype not in DTYPES:
            raise Misuse(f"{path}: tensor {place.name!r}: dtype {place.dtype!r} is none of {', '.join(DTYPES)}")
    return {
        place.name: data[start + place.begin : start + place.end].view(DTYPES[place.dtype]).reshape(place.shape)
        for place in places
    }


def read_places(file: BinaryIO, path: str) -> tuple[list[Place], int]:
    """The places of a file's tensors in order of their offsets, and where the data part starts.

    Raises:  Misuse naming the file, and the tensor where there is one, if it is not a sound safetensors file.
    """
    size, num_bytes = os.fstat(file.fileno()).st_size, int.from_bytes(file.read(8), "little")
    if size < 8 or num_bytes > min(MAX_HEADER_BYTES, size - 8):
        raise Misuse(f"{path}: header of {num_bytes} bytes in a file of {size}: truncated or not safetensors")
    try:
        header = json.loads(file.read(num_bytes).decode("utf-8"), object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{path}: header is not safetensors: {error}") from error
    if not isinstance(header, dict):
        raise Misuse(f"{path}: header is not safetensors: expected an object, found {type(header).__name__}")
    places = [_place(path, name, entry) for name, entry in header.items() if name != METADATA]
    places.sort(key=lambda place: (place.begin, place.end))
    _require_no_gap(path, places, size - 8 - num_bytes)
    return places, 8 + num_bytes


def read_header(path: Path) -> bytes:
    """The bytes before the data: the header with its length in front."""
    with path.open("rb") as file:
        length = file.read(8)
        return length + file.read(int.from_bytes(length, "little"))


def dtype_name(array: np.ndarray) -> str:
    """safetensors' name for an array's dtype.

    Raises:  ValueError if it has none.
    """
    try:
        return NAME_OF[array.dtype.newbyteorder("<")]
    except KeyError:
        raise ValueError(f"{array.dtype} has no name in safetensors") from None


def _lay_out(kinds: Mapping[str, tuple[str, tuple[int, ...]]]) -> list[Place]:
    if METADATA in kinds:
        raise ValueError(f"{METADATA}: not a tensor's name in safetensors")
    places, begin = [], 0
    for name in sorted(kinds, key=lambda name: (-RANK[kinds[name][0]], name)):
        dtype, shape = kinds[name]
        end = begin + math.prod(shape) * BITS[dtype] // 8
        places.append(Place(name=name, dtype=dtype, shape=shape, begin=begin, end=end))
        begin = end
    return places


def _header(places: list[Place]) -> bytes:
    entries: dict[str, Any] = {METADATA: {"format": "pt"}}
    for place in places:
        offsets = [place.begin, place.end]
        entries[place.name] = {"dtype": place.dtype, "shape": list(place.shape), "data_offsets": offsets}
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _place(path: str, name: str, entry: Any) -> Place:
    where = f"{path}: tensor {name!r}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Misuse(f"{where}: expected dtype, shape and data_offsets, found {entry!r}")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BITS:
        raise Misuse(f"{where}: dtype {dtype!r} is none of {', '.join(BITS)}")
    if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
        raise Misuse(f"{where}: shape {shape!r} or data_offsets {offsets!r} are not counts")
    size, odd_bits = divmod(math.prod(shape) * BITS[dtype], 8)
    if offsets[1] - offsets[0] != size or odd_bits:
        raise Misuse(f"{where}: {dtype} of shape {shape} takes {size} bytes, the offsets {offsets} do not")
    return Place(name=name, dtype=dtype, shape=tuple(shape), begin=offsets[0], end=offsets[1])


def _require_no_gap(path: str, places: list[Place], num_bytes: int) -> None:
    """Every byte of the data part belongs to exactly one tensor."""
    end = 0
    for place in places:
        if place.begin != end:
            raise Misuse(f"{path}: tensor {place.name!r} begins at {place.begin}, the one before ends at {end}")
        end = place.end
    if end != num_bytes:
        raise Misuse(f"{path}: the tensors take {end} bytes, the file holds {num_bytes}: truncated or added to")


def _are_counts(values: Any) -> bool:
    is_short = isinstance(values, list) and len(values) <= MAX_DIMENSIONS
    return is_short and all(type(value) is int and 0 <= value < 2**63 for value in values)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name is used twice")
    return result
