"""What a child's tensor should be, and where a kind of derivation says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from glasswright.records.lineage import Kind

Slack = Callable[[float], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A tensor that should be there. What it holds is computed when it is asked for.

    numbers:  in float32, by the one rule of the kind
    as_it_is: the type and bytes of a parent's tensor that is taken over, where it is
    slack:    how far from the exact numbers the same sum may end in any order, if each step is rounded by at most
              `unit` parts of itself; None where no sum is taken
    """

    shape: tuple[int, ...]
    numbers: Callable[[], np.ndarray]
    as_it_is: tuple[str, Callable[[], np.ndarray]] | None = None
    slack: Slack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """A child's tensors by name, as they follow from the parents'.

    words:       what each of them is then said to be
    is_optional: names that some writers leave out
    """

    kind: Kind
    tensors: Mapping[str, Derived]
    words: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    is_optional: Callable[[str], bool] = lambda name: False  # noqa: ARG005
