"""NumPy's own files: a header that is a Python literal, then numbers, or a pickle where the type holds objects."""

import ast
import io
import re
from dataclasses import replace
from typing import Any

from glasswright.audit.scan.bounds import beginning
from glasswright.audit.scan.item import Item, held
from glasswright.audit.scan.pickles import MAX_PICKLE_BYTES, scan_pickle
from glasswright.audit.scan.says import proved, unknown
from glasswright.records.verdict import Finding

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 2**16  # of a type with thousands of fields; NumPy itself asks before it reads more than 10,000
LENGTH_BYTES = {1: 2, 2: 4, 3: 4}  # by the format's version
NUMBERS = re.compile(r"[|<>=]?[?biufcaSUVmM]\d*(\[\w+(/\d+)?\])?")  # and dates, and texts of fixed length
KEYS = {"descr", "fortran_order", "shape"}


def scan_array(item: Item) -> Finding | None:
    """The finding of one file."""
    claim = f"{item.shown}: loading it calls nothing unsafe"
    with item.open() as file:
        data = beginning(file, MAX_HEADER_BYTES)
    try:
        header, begins_at = _header(data)
        has_objects = _has_objects(header["descr"])
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError) as error:
        return unknown(claim, f"its header is not NumPy's: {str(error)[:200]}")
    if not has_objects:
        return proved(claim, f"numbers of type {str(header['descr'])[:80]}, by its header")
    whole = item.beginning(MAX_PICKLE_BYTES + begins_at)[begins_at:]
    size_bytes = max(len(whole), item.size_bytes - begins_at)
    return scan_pickle(replace(item, shown=f"{item.shown}/objects.pkl", open=held(whole), size_bytes=size_bytes))


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The header, and where it ends."""
    file = io.BytesIO(data)
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it begins as no array does")
    num_bytes = LENGTH_BYTES[int.from_bytes(file.read(2)[:1], "little")]
    length = int.from_bytes(file.read(num_bytes), "little")
    text = file.read(length)
    if len(text) < length:
        raise ValueError(f"{length:,} bytes of header, where at most {MAX_HEADER_BYTES:,} are looked at")
    header = ast.literal_eval(text.decode("utf-8", "replace").strip())
    if not isinstance(header, dict) or set(header) != KEYS:
        raise ValueError("expected descr, fortran_order and shape")
    return header, file.tell()


def _has_objects(descr: Any) -> bool:
    """Whether any field of a type holds objects, which are written as a pickle."""
    if isinstance(descr, str):
        if not NUMBERS.fullmatch(descr) and "o" not in descr.lower():
            raise ValueError(f"its type is {descr[:40]!r}, which NumPy does not write")
        return not NUMBERS.fullmatch(descr)
    if isinstance(descr, tuple) and len(descr) == 2:  # a type and its shape
        return _has_objects(descr[0])
    if isinstance(descr, list):
        return any(_has_objects(field[1]) for field in descr)
    raise ValueError("its type is none")
