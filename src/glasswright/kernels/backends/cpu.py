"""The C++ twins, on the processor's own memory."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils.dlpack import to_dlpack  # type: ignore[attr-defined]  # documented, not in its __all__

from glasswright import kernels


class Cpu:
    """The twins on one instruction set, or on the process's own where none is named."""

    device = "cpu"

    def __init__(self, isa: str | None = None):
        self.isa, self._twins = isa, kernels.native()

    def kernel(self, name: str) -> Callable[..., Any]:
        if self.isa is not None and self._twins.active_isa() != self.isa:
            self._twins.use_isa(self.isa)
        return partial(_lent, getattr(self._twins, name))

    def empty(self, *shape: int) -> Tensor:
        return torch.empty(shape)

    def set_num_threads(self, num_threads: int) -> None:
        self._twins.set_num_threads(num_threads)


def _lent(twin: Callable[..., Any], *arguments: Any) -> Any:
    """Call a twin, lending it the memory of tensors for the time of the call."""
    return twin(*[_memory(argument) if isinstance(argument, Tensor) else argument for argument in arguments])


def _memory(tensor: Tensor) -> Any:
    """A tensor's memory as DLPack's capsule: a tenth of the cost of its __dlpack__, and parameters may be lent too.

    Raises:  ValueError for a view that negates what lies in memory.
    """
    if tensor.is_neg():
        raise ValueError("expected a tensor whose elements are what lies in memory, got a view that negates it")
    return to_dlpack(tensor)
