"""The resolved recipe as YAML: one key a line, and it loads to the same digest.

Texts that could be mistaken for anything else are written in double quotes with YAML's escapes.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from glasswright.records.part import Part, digits
from glasswright.records.recipe import Recipe

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*")
NEVER_PLAIN = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def write_resolved(recipe: Recipe) -> str:
    """The release's `recipe.yaml`."""
    return "".join(line + "\n" for line in _section(recipe, ""))


def write_entry(part: Part, indent: str) -> str:
    """An entry of a list, to be put into a recipe by hand; what is left to its default is left out."""
    lines = [f"{key}: {scalar(value)}" for key, value in part.model_dump(exclude_defaults=True).items()]
    return f"{indent}- " + f"\n{indent}  ".join(lines)


def _section(part: Part, indent: str) -> Iterator[str]:
    for key in type(part).model_fields:
        if key in part.model_fields_set:
            yield from _entry(key, getattr(part, key), indent)


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Part):
        yield f"{indent}{key}:"
        yield from _section(value, indent + "  ")
    elif isinstance(value, tuple) and value:
        yield f"{indent}{key}:"
        for item in value:
            lines = (
                _section(item, indent + "    ") if isinstance(item, Part) else iter([indent + "    " + scalar(item)])
            )
            yield f"{indent}  - {next(lines).lstrip()}"
            yield from lines
    else:
        yield f"{indent}{key}: {scalar(value)}"


def scalar(value: Any) -> str:
    """One value on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return digits(value)
    if isinstance(value, tuple):
        assert not value, "a list with entries takes several lines"
        return "[]"
    assert isinstance(value, str), f"no spelling for {type(value).__name__}"
    if PLAIN.fullmatch(value) and value.lower() not in NEVER_PLAIN:
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable() and character != "\ufeff":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
