"""Where kernels run: chosen by where a tensor lies, at the moment a kernel is asked for.

    cpu           the C++ twins, on the instruction set that GLASSWRIGHT_KERNELS names or the widest there is
    definition    the same tensors, computed by the definitions: GLASSWRIGHT_KERNELS=definition

Torch's tensors go in and out as they are; nothing is copied on the way to a kernel.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Protocol

from torch import Tensor

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.kernels.backends.cpu import Cpu
from glasswright.kernels.backends.definition import Definition
from glasswright.kernels.backends.tape import Tape


class Backend(Protocol):
    """The kernels of one kind of device."""

    @property
    def device(self) -> str:
        """Torch's name for where its tensors lie."""

    def kernel(self, name: str) -> Callable[..., Any]:
        """A kernel by the name of its definition; it takes tensors where the definition takes arrays."""

    def empty(self, *shape: int) -> Tensor:
        """A float32 tensor for a kernel to write to."""

    def record(self, work: Callable[[], Tensor]) -> Tape | None:
        """Do work that can be played again; None, and it is to be done otherwise, if it cannot."""

    def set_num_threads(self, num_threads: int) -> None:
        """How many threads kernels that are called from this thread use."""


def of(tensor: Tensor) -> Backend:
    """The backend that computes on `tensor`.

    Raises:  Misuse if there is none for its device, or GLASSWRIGHT_KERNELS names none.
    """
    return on(tensor.device.type)


def on(device: str) -> Backend:
    """The same by torch's name for a device."""
    return _made(device, kernels.wanted())


@cache
def _made(device: str, wanted: str | None) -> Backend:
    if device != "cpu":
        raise Misuse(f"no kernels compute on the device {device}", hint="keep the tensors on the CPU")
    return Definition() if wanted == kernels.DEFINITION else Cpu(wanted)
