"""The C++ twins, on the processor's own memory."""

import ctypes
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.dlpack import to_dlpack  # type: ignore[attr-defined]  # documented, not in its __all__

from glasswright import kernels
from glasswright.kernels.backends import tape

# Of glibc's malloc.h, and what they are set to. By default it hands memory back to the system as soon as a few arrays
# are free, and takes it again page by page: some percent of a step of benchmarks/training.py.
M_TRIM_THRESHOLD, KEPT_BYTES = -1, 2**30
M_MMAP_THRESHOLD, OWN_MAPPING_BYTES = -3, 2**25
# Where an array begins: at a line of the cache, as wide as the widest vector.
ALIGNMENT_BYTES = 64


class Cpu:
    """The twins on one instruction set, or on the process's own where none is named."""

    device = "cpu"

    def __init__(self, stand_ins: Mapping[str, str], isa: str | None):
        self.isa, self._twins, self._stand_ins = isa, kernels.native(), stand_ins
        _keep_freed_memory()

    def kernel(self, name: str) -> Callable[..., Any]:
        if self.isa is not None and self._twins.active_isa() != self.isa:
            self._twins.use_isa(self.isa)
        return partial(_lent, getattr(self._twins, self._stand_ins.get(name, name)))

    def empty(self, *shape: int) -> Tensor:
        """Room for an array, aligned here and not by the allocator: glibc looks for more room than an aligned block
        takes, so a freed one's place is too small for the next of its size, and a step ends with half its memory in
        such holes. As a buffer, since torch's `from_numpy` looks to a tape like numbers that Python made."""
        if not (size := math.prod(shape)):
            return torch.empty(shape)
        room_N = np.empty(size + ALIGNMENT_BYTES // np.float32().itemsize, np.float32)
        first_byte = -room_N.__array_interface__["data"][0] % ALIGNMENT_BYTES
        return torch.frombuffer(room_N, dtype=torch.float32, count=size, offset=first_byte).view(shape)

    def record(self, work: Callable[[], Tensor]) -> tape.Tape | None:
        return tape.record(self._twins, work)

    def set_num_threads(self, num_threads: int) -> None:
        self._twins.set_num_threads(num_threads)


def _keep_freed_memory() -> None:
    """Let the C library, where it is glibc, keep what one leaf gives back for the next."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(M_MMAP_THRESHOLD, OWN_MAPPING_BYTES)


def _lent(twin: Callable[..., Any], *arguments: Any) -> Any:
    """Call a twin, lending it the memory of tensors for the time of the call, or of the tape that keeps it."""
    tape.hold([argument for argument in arguments if isinstance(argument, Tensor)])
    return twin(*[_memory(argument) if isinstance(argument, Tensor) else argument for argument in arguments])


def _memory(tensor: Tensor) -> Any:
    """A tensor's memory as DLPack's capsule: a tenth of the cost of its __dlpack__, and parameters may be lent too.

    Raises:  ValueError for a view that negates what lies in memory.
    """
    if tensor.is_neg():
        raise ValueError("expected a tensor whose elements are what lies in memory, got a view that negates it")
    return to_dlpack(tensor)
