"""From what was written to what the schema asks for, with the place of everything that does not fit.

The schema is the record `Recipe`: the type of a field says how its text is read, so `language: no` is Norwegian, `0.1`
is the decimal 0.1 with no float in between, and `yes` where a boolean belongs is refused rather than understood.
"""

import re
import types
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from glasswright.errors import Misuse
from glasswright.recipe.document import Mapping, Node, Scalar, Sequence
from glasswright.records.part import Part

INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,4})?")
NOTHING = ("", "~", "null")
MAX_LISTED = 10

Place = tuple[str | int, ...]  # the way from the top of the recipe to a value: ("sources", 0, "kind")


@dataclass
class Reading:
    """A recipe being read: where it is, and what did not fit so far."""

    where: str
    nodes: dict[Place, Node] = field(default_factory=dict)  # values by place
    problems: list[tuple[int, int, str]] = field(default_factory=list)

    def part(self, node: Node, schema: type[Part], place: Place) -> dict[str, Any]:
        """A section: its known keys, each read by its own type."""
        self.nodes[place] = node
        if not isinstance(node, Mapping):
            self.refuse(node, place, f"expected keys and values, found {describe(node)}")
            return {}
        values: dict[str, Any] = {}
        first_line: dict[str, int] = {}
        for key, value in node.items:
            if key.text in first_line:
                self.refuse(key, (*place, key.text), f"the key is here twice, first on line {first_line[key.text]}")
            elif key.text not in schema.model_fields:
                self.refuse(key, (*place, key.text), f"unknown key; {nearest(key.text, list(schema.model_fields))}")
            else:
                annotation = schema.model_fields[key.text].annotation
                values[key.text] = self.value(value, annotation, (*place, key.text))
            first_line.setdefault(key.text, key.line)
        return values

    def value(self, node: Node, annotation: Any, place: Place) -> Any:
        """A value of the schema's type; after a problem, anything: then the reading only looks for more problems."""
        self.nodes[place] = node
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.value(node, arguments[0], place)
        if origin in (Union, types.UnionType):
            if isinstance(node, Scalar) and node.is_plain and node.text in NOTHING:
                return None
            return self.value(node, next(a for a in arguments if a is not type(None)), place)
        if origin is tuple:
            if not isinstance(node, Sequence):
                return self.refuse(node, place, f"expected a list, found {describe(node)}")
            return tuple(self.value(item, arguments[0], (*place, i)) for i, item in enumerate(node.items))
        if isinstance(annotation, type) and issubclass(annotation, Part):
            return self.part(node, annotation, place)
        return self.scalar(node, annotation, place)

    def scalar(self, node: Node, annotation: Any, place: Place) -> Any:
        if not isinstance(node, Scalar):
            return self.refuse(node, place, f"expected {wanted(annotation)}, found {describe(node)}")
        if node.is_plain and node.text in NOTHING:
            return self.refuse(node, place, f"expected {wanted(annotation)}, found nothing")
        if get_origin(annotation) is Literal:
            options = {str(option): option for option in get_args(annotation)}
            if node.text in options:
                return options[node.text]
            return self.refuse(node, place, f"found {describe(node)}; {nearest(node.text, list(options))}")
        if annotation is str:
            return node.text
        text = node.text if node.is_plain else ""  # a quoted number is a text
        if annotation is bool and text in ("true", "false"):
            return text == "true"
        if annotation is int and INTEGER.fullmatch(text) and len(text) <= 20:
            return int(text)
        if annotation is Decimal and DECIMAL.fullmatch(text):
            return Decimal(text)
        return self.refuse(node, place, f"expected {wanted(annotation)}, found {describe(node)}")

    def refuse(self, node: Node, place: Place, message: str) -> None:
        self.problems.append((node.line, node.column, f"{dotted(place)}: {message}" if place else message))

    def refuse_where(self, place: Place, message: str) -> None:
        """The same for a place that may not be written: then the nearest section around it that is."""
        around = place
        while around not in self.nodes:
            around = around[:-1]
        self.refuse(self.nodes[around], place, message)

    def finish(self) -> None:
        """Raises:  Misuse that lists the problems in the order of the file, if there are any."""
        if not self.problems:
            return
        lines = [f"{self.where}:{line}:{column}: {message}" for line, column, message in sorted(self.problems)]
        if len(lines) > MAX_LISTED:
            lines[MAX_LISTED:] = [f"and {len(lines) - MAX_LISTED} more"]
        raise Misuse("\n".join(lines), hint="docs/recipe.md lists every key; `glasswright new NAME` writes an example")


def wanted(annotation: Any) -> str:
    """A type in words."""
    words = {bool: "true or false", int: "a whole number", Decimal: "a decimal number", str: "a text"}
    if get_origin(annotation) is Literal:
        return " or ".join(str(option) for option in get_args(annotation))
    return words[annotation]


def describe(node: Node) -> str:
    """What was written, in words."""
    if isinstance(node, Mapping):
        return "keys and values"
    if isinstance(node, Sequence):
        return "a list"
    assert isinstance(node, Scalar)
    if node.is_plain:
        return shortened(node.text) or "nothing"
    return f"the text {shortened(repr(node.text))}"


def nearest(word: str, options: list[str]) -> str:
    """The option that was probably meant, or all of them."""
    close = get_close_matches(word, options, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"expected one of {', '.join(options)}"


def dotted(place: Place) -> str:
    """("sources", 0, "kind") as people write it: sources[0].kind."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return text.removeprefix(".")


def shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
