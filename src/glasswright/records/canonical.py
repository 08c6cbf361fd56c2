"""One byte encoding for every record, and its digest.

Canonical JSON is RFC 8785 restricted to null, booleans, integers below 2^53, strings, lists and objects with ASCII
keys. There are no floats: a binary32 value is written as its bit pattern ("0x3f800000"), a decimal as its digits
("0.02"). On this subset Python's own encoder with sorted keys gives exactly the bytes of RFC 8785 (a test holds it to
the `rfc8785` package), so a record has one encoding in any language.
"""

import hashlib
import json
import struct
from collections import Counter
from typing import Any

from glasswright.errors import Misuse

_PLAIN, _LISTS = (bool, str), (list, tuple)
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
MAX_EXACT_INTEGER = 2**53 - 1  # RFC 8785, section 3.2.2.3: I-JSON integers


def canonical_bytes(value: Any) -> bytes:
    """Encode a value.

    Raises:  ValueError for anything outside the subset: a float, a large integer, a non-ASCII key, a lone surrogate.
    """
    _require_subset(value)
    return _ENCODER.encode(value).encode("utf-8")


def digest(value: Any) -> str:
    """sha256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def parse(data: bytes, where: str) -> Any:
    """Decode JSON strictly: a duplicate key, a float or a NaN is refused, as is text that is not UTF-8.

    Raises:  Misuse naming `where` and the place in it.
    """
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Misuse(f"{where}: not a canonical record: {error}", hint="the file was edited or damaged") from error


def float_bits(value: float) -> str:
    """A binary32 value as its bit pattern, "0x3f800000" for 1.0. The value must already be a binary32 value."""
    packed = struct.pack("<f", value)
    if struct.unpack("<f", packed)[0] != value and value == value:
        raise ValueError(f"{value!r} is not a binary32 value")
    return f"0x{struct.unpack('<I', packed)[0]:08x}"


def float_from_bits(bits: str) -> float:
    """The binary32 value behind a bit pattern, as a Python float."""
    return float(struct.unpack("<f", struct.pack("<I", int(bits, 16)))[0])


def _require_subset(value: Any) -> None:
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, int):
        if abs(value) > MAX_EXACT_INTEGER:
            raise ValueError(f"integer {value} does not fit in 53 bits: write it as a string")
        return
    if isinstance(value, _LISTS):
        for item in value:
            if type(item) is not str:
                _require_subset(item)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"key {key!r}: expected an ASCII string")
            if type(item) is not str:
                _require_subset(item)
        return
    raise ValueError(f"{type(value).__name__} {value!r} has no canonical encoding: write a float as its bit pattern")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"duplicate key {twice!r}")
    return result


def _refuse_number(text: str) -> Any:
    raise ValueError(f"number {text}: records hold no floats")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_keys, parse_float=_refuse_number, parse_constant=_refuse_number)
