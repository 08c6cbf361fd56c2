"""What a rule says of an object in a config, and what rules ask of its texts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from glasswright.records.verdict import Answer


class Wrong(NamedTuple):
    """What an object asks for."""

    answer: Answer
    told: str
    classes: tuple[str, ...] = ()  # `module.Class`, in a Python file of the same folder


@dataclass(frozen=True)
class Rule:
    """What an object may ask for, and examples that do and that do not."""

    keys: frozenset[str]
    wrong: Callable[[dict[str, Any]], Iterator[Wrong]]
    bad: tuple[Any, ...]
    good: tuple[Any, ...] = ()


def leaves(path: str) -> bool:
    """Whether a path leads out of the folder that it is relative to, on any system."""
    parts = PurePosixPath(path.replace("\\", "/"))
    return parts.is_absolute() or ".." in parts.parts or path[1:2] == ":" or path.startswith("~") or "://" in path


def texts(value: Any) -> list[str]:
    """Every text in a value, at any depth that JSON has."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict | list):
            left += value.values() if isinstance(value, dict) else value
    return sorted(set(found))


def refuted(told: str, classes: list[str] | None = None) -> Wrong:
    """What runs or reads something of the folder's choice."""
    return Wrong(Answer.REFUTED, told, tuple(classes or ()))


def unknown(told: str) -> Wrong:
    """What may."""
    return Wrong(Answer.UNKNOWN, told)


def is_of(module: str, libraries: list[str] | tuple[str, ...]) -> bool:
    """Whether a module is of one of some libraries."""
    return module.split(".")[0] in libraries
