"""A safetensors file by its header: eight bytes of length, JSON, then the tensors end to end and nothing else.

Refused, as by the format's own description: a header beyond the file or above 100 MB, JSON that is none or names a key
twice, an unknown type, offsets that overlap, leave a gap or disagree with shape and type, bytes behind the last tensor.
"""

import json
from typing import Any

from glasswright.audit.scan.bounds import MAX_NAME_CHARACTERS, beginning
from glasswright.audit.scan.item import Item
from glasswright.records.verdict import Answer, Finding

MAX_HEADER_BYTES = 100_000_000  # the reference implementation's limit
MAX_LOOKED_AT_BYTES = 2**24  # JSON takes some thirty times its size in memory; the longest real header has 4 MB
MAX_SIZE = 2**63  # no size, and no product of sizes, goes beyond
TYPE_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


def scan_safetensors(item: Item) -> Finding:
    """The finding of one file. Only its header is read."""
    claim = f"{item.shown}: the header describes the bytes"
    with item.open() as file:
        length = int.from_bytes(beginning(file, 8), "little")
        if item.size_bytes < 8 or length > min(item.size_bytes - 8, MAX_HEADER_BYTES):
            return _refuted(claim, f"the header says it has {length} bytes, the file has {item.size_bytes}")
        if length > MAX_LOOKED_AT_BYTES:
            told = f"the header has {length:,} bytes; at most {MAX_LOOKED_AT_BYTES:,} are looked at"
            return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=told)
        header = beginning(file, length)
    num_bytes = item.size_bytes - 8 - length
    try:
        wrong = _wrong(_record(header), num_bytes)
    except (ValueError, RecursionError) as error:
        return _refuted(claim, f"the header is not the JSON it should be: {str(error)[:200]}")
    if wrong:
        return _refuted(claim, wrong)
    evidence = f"{length} bytes of header, {num_bytes} bytes of tensors"
    return Finding(claim=claim, answer=Answer.PROVED, evidence=evidence)


def _record(header: bytes) -> Any:
    """The JSON of a header: UTF-8 from its first brace on, filled up with spaces, and no number that JSON has not.

    Raises:  ValueError.
    """
    text = header.decode("utf-8")
    if not text.startswith("{") or not text.rstrip(" ").endswith("}"):
        raise ValueError("something stands around it")
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


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
            return f"{name[:MAX_NAME_CHARACTERS]}: {problem}"
        spans.append((*entry["data_offsets"], name))
    return _wrong_spans(sorted(spans), num_bytes)


def _wrong_entry(entry: Any) -> str | None:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        return "expected dtype, shape and data_offsets"
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in TYPE_BITS:
        return f"unknown type {str(entry['dtype'])[:MAX_NAME_CHARACTERS]!r}"
    if not _sizes(shape) or not _sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        return "shape or offsets are no sizes"
    if _product(shape) * TYPE_BITS[entry["dtype"]] != (offsets[1] - offsets[0]) * 8:
        return f"{offsets[1] - offsets[0]} bytes for shape {str(shape[:9])[:MAX_NAME_CHARACTERS]} of {entry['dtype']}"
    return None


def _product(shape: list[int]) -> int:
    """How many elements, or a number that no file has: sizes without end are not multiplied out."""
    product = 1
    for size in shape:
        product *= size
        if product >= MAX_SIZE:
            return MAX_SIZE
    return product


def _wrong_spans(spans: list[tuple[int, int, str]], num_bytes: int) -> str | None:
    end = 0
    for first, last, name in spans:
        if first != end:
            kind = "an overlap" if first < end else "a gap"
            return f"{name[:MAX_NAME_CHARACTERS]}: begins at {first}, where {end} was expected: {kind}"
        end = last
    return None if end == num_bytes else f"the tensors take {end} bytes, {num_bytes} are there"


def _sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and 0 <= value < MAX_SIZE for value in values)


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
