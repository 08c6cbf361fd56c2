"""The kernels of a GPU, on tensors in its memory."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor

from glasswright.errors import Misuse
from glasswright.kernels.cuda import launches
from glasswright.kernels.cuda.threads import Gpu


class Cuda:
    """What is asked for runs on `gpu`, one kernel after the other; threads of the processor have no part in it."""

    def __init__(self, stand_ins: Mapping[str, str], gpu: Gpu):
        self._stand_ins, self._gpu, self.device = stand_ins, gpu, gpu.device

    def kernel(self, name: str) -> Callable[..., Any]:
        name = self._stand_ins.get(name, name)
        if name not in launches.LAUNCHES:
            raise Misuse(f"the kernel {name} is not there for GPUs", hint="use --device cpu")
        return partial(launches.run, name, self._gpu)

    def empty(self, *shape: int) -> Tensor:
        return self._gpu.empty(*shape)

    def record(self, work: Callable[[], Tensor]) -> None:  # noqa: ARG002
        return None

    def set_num_threads(self, num_threads: int) -> None:
        """Nothing: a GPU has its own."""
