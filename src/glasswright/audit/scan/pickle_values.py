"""The values that a pickle's machine holds, and what it has heard."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Broken(Exception):
    """The opcodes end, or make no sense, here: the loader would stop as well."""


class Name(NamedTuple):
    """Something imported."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Made:
    """What a call gave, or a thing whose contents are of no interest here."""

    by: Any = None
    arguments: Any = None
    state: list[tuple[Any, Any]] = field(default_factory=list)


MARK, NONE = Made(), Made()
ARRAY = Name("joblib.numpy_pickle", "NumpyArrayWrapper")
DTYPE = Name("numpy", "dtype")


@dataclass
class Heard:
    """What was heard while the machine ran."""

    names: dict[Name, None] = field(default_factory=dict)
    odd: dict[str, None] = field(default_factory=dict)  # what cannot be judged by name, in words
    persistent: list[Any] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)
    num_opcodes: int = 0
    num_calls: int = 0


def item_bytes(dtype: Any) -> int | None:
    """The size of one item of a NumPy type: 0 if it holds objects, None if it is not known."""
    if (
        not isinstance(dtype, Made)
        or dtype.by != DTYPE
        or not isinstance(dtype.arguments, tuple)
        or not dtype.arguments
    ):
        return None
    has_fields = any(isinstance(state, tuple) and len(state) > 3 and state[3] is not NONE for _, state in dtype.state)
    found = re.fullmatch(r"[|<>=]?([biufcmMSUVO?])(\d{0,9})", str(dtype.arguments[0]))
    if found is None or has_fields:
        return None
    kind, size = found.groups()
    return 0 if kind == "O" else int(size or "1") * (4 if kind == "U" else 1)
