"""An item of an evaluation set: what a model is asked, and what is right.

    place      file:row of the set, from 1
    requests   pairs of a context and a continuation, whose probability behind the context is asked for
    right      which of the requests are right; of one request there is nothing to choose
    cluster    what items share that are not independent of each other: a passage, a pair of twins
    wanted     the answer that a text must give, where one is to be written and not chosen

A row of a file is read by name; what is not there, or of another type, is an error that says file, row and field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from glasswright.errors import Misuse
from glasswright.records.canonical import digest

MAX_CHOICES = 1000


class Malformed(Misuse):
    """A row of an evaluation set is not as the task expects it."""


class Request(NamedTuple):
    """A continuation whose probability behind a context is asked for."""

    context: str
    continuation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of an evaluation set."""

    place: str
    requests: tuple[Request, ...]
    right: tuple[int, ...] = (0,)
    cluster: str = ""  # "": the item is one of its own
    wanted: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.requests) <= MAX_CHOICES:
            raise Malformed(f"{self.place}: expected 1 to {MAX_CHOICES} choices, found {len(self.requests)}")
        for number in self.right:
            if not 0 <= number < len(self.requests):
                raise Malformed(f"{self.place}: choice {number} is said to be right, of {len(self.requests)}")
        if not self.cluster:
            object.__setattr__(self, "cluster", self.place)

    def digest(self) -> str:
        """Of all that is asked and right.

        Raises:  Malformed if a text holds half of a surrogate pair, which no encoding has.
        """
        record = {
            "cluster": self.cluster,
            "place": self.place,
            "requests": [list(request) for request in self.requests],
            "right": list(self.right),
            "wanted": self.wanted,
        }
        try:
            return digest(record)
        except UnicodeEncodeError as error:
            raise Malformed(f"{self.place}: a text that is no Unicode: {error.reason}") from error


class Row:
    """A row of a file, whose fields are read by name and type."""

    def __init__(self, place: str, fields: Any):
        if not isinstance(fields, Mapping):
            raise Malformed(f"{place}: expected an object, found {type(fields).__name__}")
        self.place, self._fields = place, fields

    def text(self, name: str) -> str:
        """A field that is a text.

        Raises:  Malformed, as the others do.
        """
        value = self._field(name)
        if not isinstance(value, str):
            raise self._wrong(name, "a text")
        return value

    def texts(self, name: str) -> list[str]:
        """A field that is a list of texts."""
        value = self._field(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self._wrong(name, "a list of texts")
        return value

    def number(self, name: str) -> int:
        """A field that counts from 0, as a number or as its digits."""
        value = self._field(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            return int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name, "a number")
        return value

    def chosen(self, context: str, choices: list[str], right: int, *, cluster: str = "") -> Item:
        """An item whose choices are words behind one context."""
        requests = tuple(Request(context, f" {choice}") for choice in choices)
        return Item(place=self.place, requests=requests, right=(right,), cluster=cluster)

    def _field(self, name: str) -> Any:
        if name not in self._fields:
            raise Malformed(f"{self.place}: no field {name!r}")
        return self._fields[name]

    def _wrong(self, name: str, expected: str) -> Malformed:
        return Malformed(f"{self.place}: {name}: expected {expected}, found {type(self._fields[name]).__name__}")
