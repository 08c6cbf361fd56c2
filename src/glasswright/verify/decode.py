"""JSON as records, with nothing missing, nothing beyond, and every type exact."""

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, NoReturn, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Span
from glasswright.verify.folder import REPLACE, Folder

T = TypeVar("T")
WRITTEN_AS_LISTS = frozenset({Span})
WRITTEN_WITHOUT_NULLS = frozenset({DocumentTokens})  # what such a record does not have is not written
Decoder = Callable[[Any], Any]
MAX_LINE_BYTES = 2**30
EDITED = "the file was edited or damaged"


def parse_strictly(data: bytes, where: str) -> Any:
    """Decode canonical JSON.

    Raises:  ClaimFalse for anything else: a release's records are canonical, or they are not a release's.
    """
    try:
        return parse(data, where)
    except Misuse as error:
        raise ClaimFalse(str(error), hint=error.hint) from error


def read_record(folder: Folder, path: str, *, may_end_in_newline: bool = True) -> Any:
    """A file that is one record, in its one encoding."""
    data = folder.read(path)
    record = parse_strictly(data, path)
    if encode(record, path) != (data.removesuffix(b"\n") if may_end_in_newline else data):
        raise ClaimFalse(f"{path}: not in canonical form (RFC 8785: sorted keys, no spaces)", hint=EDITED)
    return record


def encode(record: Any, where: str) -> bytes:
    """The canonical bytes of a record that a release holds.

    Raises:  ClaimFalse where it has none, as an integer beyond 2^53.
    """
    try:
        return canonical_bytes(record)
    except (ValueError, RecursionError) as error:
        raise ClaimFalse(f"{where}: {error}", hint=EDITED) from error


def read_lines(folder: Folder, path: str) -> Iterator[tuple[str, Any]]:
    """The JSON lines of a file, each with its place."""
    with folder.open(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES), b""), start=1):
            where = f"{path}:{number}"
            if len(line) == MAX_LINE_BYTES:
                raise ClaimFalse(f"{where}: a line of {MAX_LINE_BYTES} bytes or more", hint=REPLACE)
            if not line.endswith(b"\n"):
                raise ClaimFalse(f"{where}: the last line has no end: truncated", hint=REPLACE)
            yield where, parse_strictly(line, where)


def read_halves(folder: Folder, path: str) -> Iterator[tuple[str, Any]]:
    """The determined halves of a file's lines, each with its place."""
    for where, record in read_lines(folder, path):
        if not isinstance(record, dict) or record.keys() != {"determined", "observed"}:
            raise ClaimFalse(f"{where}: expected the halves determined and observed", hint=EDITED)
        yield where, record["determined"]


def decode(kind: type[T], value: Any, where: str) -> T:
    """The record of type `kind` that `value` encodes.

    Raises:  ClaimFalse naming the field.
    """
    try:
        return cast(T, _decoder(cast(Any, kind))(value))
    except _Wrong as wrong:
        raise ClaimFalse(f"{where}{wrong.place}: {wrong}", hint=EDITED) from None


@contextmanager
def placed(**place: int | str) -> Iterator[None]:
    """Say of whatever is refuted within the block where it is."""
    try:
        yield
    except ClaimFalse as error:
        error.place = {**place, **error.place}
        raise


class _Wrong(Exception):
    """A value that does not fit; on its way up it learns its place."""

    place = ""


@cache
def _decoder(kind: Any) -> Decoder:
    """What turns JSON values into values of this type, put together once per type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _record_decoder(cast(type, kind))
    if origin is tuple:
        return _list_decoder(_decoder(arguments[0]))
    if origin in (Union, types.UnionType):
        inner = _decoder(next(option for option in arguments if option is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return lambda value: value if value in arguments else _refuse(f"one of {arguments}", value)
    plain = origin or kind
    return lambda value: value if type(value) is plain else _refuse(plain.__name__, value)


def _record_decoder(kind: type) -> Decoder:
    """An object with the record's fields as its keys; a span is a list of its fields in order."""
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    may_be_absent = frozenset(it.name for it in fields(kind) if it.default is None and kind in WRITTEN_WITHOUT_NULLS)

    def decode_record(value: Any) -> Any:
        if kind in WRITTEN_AS_LISTS:
            value = dict(zip(decoders, value, strict=True)) if _has_items(value, len(decoders)) else None
        if type(value) is not dict:
            _refuse(f"a {kind.__name__}", value)
        for name in (value.keys() ^ decoders.keys()) - (may_be_absent - value.keys()):
            found = "is not a field of" if name in value else "is missing from"
            raise _Wrong(f"{name!r} {found} a {kind.__name__}")
        decoded = {}
        for name, decoder in decoders.items():
            if name in may_be_absent and name not in value:
                continue
            try:
                decoded[name] = decoder(value[name])
                if name in may_be_absent and decoded[name] is None:
                    _refuse("no null: what is not there is not written", None)
            except _Wrong as wrong:
                wrong.place = f": {name}{wrong.place}"
                raise
        try:
            return kind(**decoded)
        except ValueError as error:
            raise _Wrong(str(error)) from error

    return decode_record


def _list_decoder(item: Decoder) -> Decoder:
    def decode_list(value: Any) -> Any:
        if type(value) is not list:
            _refuse("a list", value)
        decoded = []
        try:
            for element in value:
                decoded.append(item(element))
        except _Wrong as wrong:
            wrong.place = f"[{len(decoded)}]{wrong.place}"
            raise
        return tuple(decoded)

    return decode_list


def _has_items(value: Any, count: int) -> bool:
    return type(value) is list and len(value) == count


def _refuse(expected: str, found: Any) -> NoReturn:
    text = repr(found)
    raise _Wrong(f"expected {expected}, found {text if len(text) <= 60 else text[:57] + '...'}")
