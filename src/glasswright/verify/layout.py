"""Where the tensors of a safetensors file lie, read by a parser of its own that accepts one spelling only.

The header must be, byte for byte, the one that follows from the tensors' names, dtypes and shapes: then no bytes
belong to two tensors or to none, no name is there twice, and nothing hides in padding or metadata.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, BinaryIO

from glasswright.errors import ClaimFalse
from glasswright.verify.decode import parse_strictly

MAX_HEADER_BYTES = 100_000_000  # safetensors' own limit
BYTES_OF = {
    "U64": 8,
    "I64": 8,
    "F64": 8,
    "F32": 4,
    "U32": 4,
    "I32": 4,
    "F16": 2,
    "U16": 2,
    "I16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
}  # in the order tensors lie in
RANK = {dtype: rank for rank, dtype in enumerate(BYTES_OF)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A tensor, and where its bytes lie in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A safetensors file: `header_bytes` in front (its length included), then the tensors without gaps."""

    header_bytes: int
    places: tuple[Place, ...]


def read_layout(file: BinaryIO, size_bytes: int, where: str) -> Layout:
    """Read the header at the start of `file`, which is `size_bytes` long.

    Raises:  ClaimFalse naming the file, and the tensor where there is one.
    """
    num_bytes = int.from_bytes(file.read(8), "little")
    if size_bytes < 8 or num_bytes > min(MAX_HEADER_BYTES, size_bytes - 8):
        raise ClaimFalse(f"{where}: a header of {num_bytes} bytes does not fit in a file of {size_bytes}")
    header = file.read(num_bytes)
    entries = parse_strictly(header, f"{where}: header")
    if not isinstance(entries, dict) or entries.pop("__metadata__", None) != {"format": "pt"}:
        raise ClaimFalse(f'{where}: header: expected tensors and the metadata {{"format":"pt"}}')
    start = 8 + num_bytes
    places = sorted(
        (_place(name, entry, start, f"{where}: tensor {name}") for name, entry in entries.items()),
        key=lambda place: (RANK[place.dtype], place.name),
    )
    _require_no_gap(places, start, size_bytes, where)
    if header != _canonical_header(places, start):
        raise ClaimFalse(f"{where}: header: not in its one spelling (order of keys, spaces, padding)")
    return Layout(header_bytes=start, places=tuple(places))


def _place(name: str, entry: Any, start: int, where: str) -> Place:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ClaimFalse(f"{where}: expected dtype, shape and data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in BYTES_OF:
        raise ClaimFalse(f"{where}: dtype {dtype!r} is none of {', '.join(BYTES_OF)}")
    if not _are_counts(shape) or not _are_counts(offsets) or len(offsets) != 2:
        raise ClaimFalse(f"{where}: shape {shape!r} or data_offsets {offsets!r} are not counts")
    size = math.prod(shape) * BYTES_OF[dtype]
    if offsets[1] - offsets[0] != size:
        raise ClaimFalse(f"{where}: {dtype} of shape {shape} takes {size} bytes, data_offsets {offsets} do not")
    return Place(name=name, dtype=dtype, shape=tuple(shape), begin=start + offsets[0], end=start + offsets[1])


def _require_no_gap(places: list[Place], start: int, size_bytes: int, where: str) -> None:
    end = start
    for place in places:
        if place.begin < end:
            raise ClaimFalse(
                f"{where}: tensor {place.name}: overlaps the tensor before it by {end - place.begin} bytes"
            )
        if place.begin > end:
            raise ClaimFalse(f"{where}: tensor {place.name}: {place.begin - end} bytes before it belong to no tensor")
        end = place.end
    if end != size_bytes:
        raise ClaimFalse(f"{where}: the tensors end at byte {end}, the file at {size_bytes}: truncated or added to")


def _canonical_header(places: list[Place], start: int) -> bytes:
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    for place in places:
        offsets = [place.begin - start, place.end - start]
        entries[place.name] = {"dtype": place.dtype, "shape": list(place.shape), "data_offsets": offsets}
    text = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    return text + b" " * (-len(text) % 8)


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
