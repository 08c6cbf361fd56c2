"""A safetensors file by its header: eight bytes of length, JSON, then the tensors end to end and nothing else.

Refused, as by the format's own description: a header beyond the file or above 100 MB, JSON that is none or names a key
twice, an unknown type, offsets that overlap, leave a gap or disagree with shape and type, bytes behind the last tensor.
"""

import json
from math import prod
from pathlib import Path
from typing import Any

from glasswright.records.verdict import Answer, Finding

MAX_HEADER_BYTES = 100_000_000  # the reference implementation's limit
TYPE_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


def scan_safetensors(file: Path, shown: str) -> Finding:
    """The finding of one file. Only its header is read."""
    claim = f"{shown}: the header describes the bytes"
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if size < 8 or length > min(size - 8, MAX_HEADER_BYTES):
                return _refuted(claim, f"the header says it has {length} bytes, the file has {size}")
            header = opened.read(length)
        wrong = _wrong(json.loads(header, object_pairs_hook=_unique), size - 8 - length)
    except OSError as error:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"could not be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        return _refuted(claim, f"the header is not the JSON it should be: {error}")
    if wrong:
        return _refuted(claim, wrong)
    return Finding(
        claim=claim, answer=Answer.PROVED, evidence=f"{length} bytes of header, {size - 8 - length} bytes of tensors"
    )


def _wrong(header: Any, num_bytes: int) -> str | None:
    """What is wrong with a header; None if nothing is."""
    if not isinstance(header, dict):
        return "the header is not an object"
    spans = []
    for name, entry in header.items():
        if name == "__metadata__":
            if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
                return "__metadata__ is not text by name"
            continue
        if problem := _wrong_entry(entry):
            return f"{name}: {problem}"
        spans.append((*entry["data_offsets"], name))
    return _wrong_spans(sorted(spans), num_bytes)


def _wrong_entry(entry: Any) -> str | None:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        return "expected dtype, shape and data_offsets"
    shape, offsets = entry["shape"], entry["data_offsets"]
    if entry["dtype"] not in TYPE_BITS:
        return f"unknown type {entry['dtype']!r}"
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        return "shape or offsets are no sizes"
    needed = prod(shape) * TYPE_BITS[entry["dtype"]]
    if needed != (offsets[1] - offsets[0]) * 8:
        return f"{offsets[1] - offsets[0]} bytes for shape {shape} of {entry['dtype']}"
    return None


def _wrong_spans(spans: list[tuple[int, int, str]], num_bytes: int) -> str | None:
    end = 0
    for first, last, name in spans:
        if first != end:
            return f"{name}: begins at {first}, where {end} was expected: {'an overlap' if first < end else 'a gap'}"
        end = last
    return None if end == num_bytes else f"the tensors take {end} bytes, {num_bytes} are there"


def _sizes(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(v, int) and not isinstance(v, bool) and v >= 0 for v in values)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice")
    return result


def _refuted(claim: str, evidence: str) -> Finding:
    return Finding(
        claim=claim,
        answer=Answer.REFUTED,
        evidence=evidence,
        hint="fetch it again; a file that was made so should not be loaded",
    )
