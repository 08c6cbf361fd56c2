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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glasswright.errors import Misuse
from glasswright.store.atomic import atomic_file

MAX_HEADER_BYTES = 100_000_000  # safetensors' own limit
METADATA = "__metadata__"
# In safetensors' own order, which decides where a tensor lies.
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
RANK = {name: rank for rank, name in enumerate(DTYPES)}
NAME_OF = {dtype: name for name, dtype in DTYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a tensor's bytes lie in the data part of a file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def save(path: Path, tensors: Mapping[str, np.ndarray]) -> None:
    """Write the tensors to `path`, whole or not at all.

    Raises:  ValueError for a dtype that safetensors has no name for; WriteFailed if the disk does not take it.
    """
    places = _lay_out(tensors)
    with atomic_file(path) as file:
        file.write(_header(places))
        for place in places:
            array = np.ascontiguousarray(tensors[place.name], dtype=DTYPES[place.dtype])
            file.write(array.reshape(-1).view(np.uint8).data)


def load(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file by name: read-only views of the mapped file, in the order they lie in.

    Raises:  Misuse naming the file, and the tensor where there is one, if it is not a sound safetensors file.
    """
    try:
        data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))
    except (OSError, ValueError) as error:
        raise Misuse(f"{path}: cannot be read as safetensors: {error}") from error
    places, start = _read_header(path, data)
    return {
        place.name: data[start + place.begin : start + place.end].view(DTYPES[place.dtype]).reshape(place.shape)
        for place in places
    }


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


def _lay_out(tensors: Mapping[str, np.ndarray]) -> list[Place]:
    if METADATA in tensors:
        raise ValueError(f"{METADATA}: not a tensor's name in safetensors")
    dtypes = {name: dtype_name(array) for name, array in tensors.items()}
    places, begin = [], 0
    for name in sorted(tensors, key=lambda name: (-RANK[dtypes[name]], name)):
        end = begin + tensors[name].nbytes
        places.append(Place(name=name, dtype=dtypes[name], shape=tensors[name].shape, begin=begin, end=end))
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


def _read_header(path: Path, data: np.ndarray) -> tuple[list[Place], int]:
    """The places in order of their offsets, and where the data part starts."""
    num_bytes = int.from_bytes(data[:8].tobytes(), "little")
    if len(data) < 8 or num_bytes > min(MAX_HEADER_BYTES, len(data) - 8):
        raise Misuse(f"{path}: header of {num_bytes} bytes in a file of {len(data)}: truncated or not safetensors")
    try:
        header = json.loads(data[8 : 8 + num_bytes].tobytes().decode("utf-8"), object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise Misuse(f"{path}: header is not safetensors: {error}") from error
    if not isinstance(header, dict):
        raise Misuse(f"{path}: header is not safetensors: expected an object, found {type(header).__name__}")
    places = [_place(path, name, entry) for name, entry in header.items() if name != METADATA]
    places.sort(key=lambda place: (place.begin, place.end))
    _require_no_gap(path, places, len(data) - 8 - num_bytes)
    return places, 8 + num_bytes


def _place(path: Path, name: str, entry: Any) -> Place:
    where = f"{path}: tensor {name!r}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise Misuse(f"{where}: expected dtype, shape and data_offsets, found {entry!r}")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise Misuse(f"{where}: dtype {dtype!r} is none of {', '.join(DTYPES)}")
    if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
        raise Misuse(f"{where}: shape {shape!r} or data_offsets {offsets!r} are not counts")
    size = math.prod(shape) * DTYPES[dtype].itemsize
    if offsets[1] - offsets[0] != size:
        raise Misuse(f"{where}: {dtype} of shape {shape} takes {size} bytes, the offsets {offsets} do not")
    return Place(name=name, dtype=dtype, shape=tuple(shape), begin=offsets[0], end=offsets[1])


def _require_no_gap(path: Path, places: list[Place], num_bytes: int) -> None:
    """Every byte of the data part belongs to exactly one tensor."""
    end = 0
    for place in places:
        if place.begin != end:
            raise Misuse(f"{path}: tensor {place.name!r} begins at {place.begin}, the one before ends at {end}")
        end = place.end
    if end != num_bytes:
        raise Misuse(f"{path}: the tensors take {end} bytes, the file holds {num_bytes}: truncated or added to")


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name is used twice")
    return result
