"""JSON files that other programs obey: each must be, byte for byte, the one that follows from recipe and tokens.

A file that says the same with other spaces is refused too, for bytes that follow from nothing can hide something.
"""

import json
from collections.abc import Iterator
from typing import Any

from glasswright.errors import ClaimFalse
from glasswright.verify.decode import EDITED

Difference = tuple[str, str]  # (place, what is wrong there)


def require_exactly(data: bytes, expected: bytes, where: str) -> None:
    """Compare a file with the one expected.

    Raises:  ClaimFalse naming the first key that is missing, beyond or another; the spelling, if only that differs.
    """
    if data == expected:
        return
    for place, wrong in _differences(parse_object(data, where), parse_object(expected, where), ""):
        raise ClaimFalse(f"{where}: {place if place.isprintable() else ascii(place):.200}: {wrong}", hint=EDITED)
    raise ClaimFalse(f"{where}: not in its one spelling (order of keys, spaces, numbers, line ends)", hint=EDITED)


def parse_object(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object as programs in general write it, which may hold decimals; no key twice.

    Raises:  ClaimFalse if it is none.
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ClaimFalse(f"{where}: not JSON: {error}", hint=EDITED) from error
    if not isinstance(value, dict):
        raise ClaimFalse(f"{where}: expected an object, found {type(value).__name__}", hint=EDITED)
    return value


def _differences(found: Any, expected: Any, place: str) -> Iterator[Difference]:
    if type(found) is not type(expected):
        yield place, f"expected {_short(expected)}, found {_short(found)}"
    elif isinstance(found, dict):
        inside = f"{place}." if place else ""
        for key in sorted(found.keys() ^ expected.keys()):
            yield inside + key, "has no place in this file" if key in found else "missing"
        for key in found:
            yield from _differences(found[key], expected[key], inside + key)
    elif isinstance(found, list):
        for number, (here, there) in enumerate(zip(found, expected, strict=False)):
            yield from _differences(here, there, f"{place}[{number}]")
        if len(found) != len(expected):
            yield place, f"expected {len(expected)} items, found {len(found)}"
    elif found != expected:
        yield place, f"expected {_short(expected)}, found {_short(found)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise ValueError(f"the key {name!r:.60} is there twice")
        result[name] = value
    return result


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")
