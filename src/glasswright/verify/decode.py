"""JSON as records, with nothing missing, nothing beyond, and every type exact."""

import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.verify.folder import REPLACE, Folder

T = TypeVar("T")
EDITED = "the file was edited or damaged"


def parse_strictly(data: bytes, where: str) -> Any:
    """Decode canonical JSON.

    Raises:  ClaimFalse for anything else: a release's records are canonical, or they are not a release's.
    """
    try:
        return parse(data, where)
    except Misuse as error:
        raise ClaimFalse(str(error), hint=error.hint) from error


def read_record(folder: Folder, path: str) -> Any:
    """A file that is one record, in its one encoding; a final newline is allowed."""
    data = folder.read(path)
    record = parse_strictly(data, path)
    try:
        is_canonical = canonical_bytes(record) == data.removesuffix(b"\n")
    except (ValueError, RecursionError) as error:
        raise ClaimFalse(f"{path}: {error}", hint=EDITED) from error
    if not is_canonical:
        raise ClaimFalse(f"{path}: not in canonical form (RFC 8785: sorted keys, no spaces)", hint=EDITED)
    return record


def read_lines(folder: Folder, path: str) -> Iterator[tuple[str, Any]]:
    """The JSON lines of a file, each with its place."""
    with folder.open(path) as file:
        for number, line in enumerate(file, start=1):
            where = f"{path}:{number}"
            if not line.endswith(b"\n"):
                raise ClaimFalse(f"{where}: the last line has no end: truncated", hint=REPLACE)
            yield where, parse_strictly(line, where)


def read_determined(folder: Folder, path: str, kind: type[T]) -> Iterator[T]:
    """The determined halves of a file's lines, as records of type `kind`."""
    for where, record in read_lines(folder, path):
        if not isinstance(record, dict) or record.keys() != {"determined", "observed"}:
            raise ClaimFalse(f"{where}: expected the halves determined and observed", hint=EDITED)
        yield decode(kind, record["determined"], where)


def decode(kind: type[T], value: Any, where: str) -> T:
    """The record of type `kind` that `value` encodes.

    Raises:  ClaimFalse naming the field.
    """
    return cast(T, _decode(kind, value, where))


def _decode(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        return _decode_record(cast(type, kind), value, where)
    origin = get_origin(kind)
    if origin is tuple:
        _require(isinstance(value, list), where, "a list", value)
        return tuple(_decode(get_args(kind)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return None if value is None else _decode(options[0], value, where)
    if origin is Literal:
        _require(value in get_args(kind), where, f"one of {get_args(kind)}", value)
        return value
    if origin is dict:
        _require(isinstance(value, dict), where, "an object", value)
        return value
    _require(type(value) is kind, where, kind.__name__, value)
    return value


def _decode_record(kind: type, value: Any, where: str) -> Any:
    """An object with the record's fields as keys, or a list of its fields in order (as spans are written)."""
    hints = _hints(kind)
    if isinstance(value, list) and len(value) == len(hints):
        value = dict(zip(hints, value, strict=True))
    _require(isinstance(value, dict), where, f"a {kind.__name__}", value)
    for name in value.keys() ^ hints.keys():
        found = "is not a field of" if name in value else "is missing from"
        raise ClaimFalse(f"{where}: {name!r} {found} a {kind.__name__}", hint=EDITED)
    decoded = {name: _decode(hint, value[name], f"{where}: {name}") for name, hint in hints.items()}
    try:
        return kind(**decoded)
    except ValueError as error:
        raise ClaimFalse(f"{where}: {error}", hint=EDITED) from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _require(holds: bool, where: str, expected: str, found: Any) -> None:
    if not holds:
        text = repr(found)
        found_text = text if len(text) <= 60 else f"{text[:57]}..."
        raise ClaimFalse(f"{where}: expected {expected}, found {found_text}", hint=EDITED)
