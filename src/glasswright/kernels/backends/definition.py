"""The definitions, called with torch's tensors: slow, and right by definition."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from glasswright import kernels


class Definition:
    """Every kernel as it is defined."""

    device = "cpu"

    def __init__(self, stand_ins: Mapping[str, str]) -> None:
        self._definitions, self._stand_ins = kernels.definitions(), stand_ins

    def kernel(self, name: str) -> Callable[..., Any]:
        definition = getattr(self._definitions, self._stand_ins.get(name, name))
        return lambda *arguments: definition(*map(_array, arguments))

    def empty(self, *shape: int) -> Tensor:
        return torch.empty(shape)

    def record(self, work: Callable[[], Tensor]) -> None:  # noqa: ARG002
        return None

    def set_num_threads(self, num_threads: int) -> None:
        self._definitions.set_num_threads(num_threads)


def _array(argument: Any) -> Any:
    return argument.detach().numpy() if isinstance(argument, Tensor) else argument
