"""Where kernels run, and which: chosen by where a tensor lies and whose numerics are followed, when one is asked for.

    cpu           the C++ twins, on the instruction set that GLASSWRIGHT_KERNELS names or the widest there is
    definition    the same tensors, computed by the definitions: GLASSWRIGHT_KERNELS=definition
    cuda          the kernels of an NVIDIA GPU
    meta          the same, and nothing is computed: tensors without memory show what a GPU would be asked for

Operations ask for kernels by the names they have in version 1 of docs/numerics.md. Whoever follows another version says
so once, around all of it:

    with backends.following(recipe.numerics):       this thread, and what it hands to others with its context
        ...

Torch's tensors go in and out as they are; nothing is copied on the way to a kernel.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Protocol

from torch import Tensor

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.kernels.backends.cpu import Cpu
from glasswright.kernels.backends.cuda import Cuda
from glasswright.kernels.backends.definition import Definition
from glasswright.kernels.backends.tape import Tape
from glasswright.kernels.cuda.device import Device
from glasswright.kernels.cuda.rehearsal import Rehearsal

# By version: the kernel that stands in for another.
STAND_INS: Mapping[int, Mapping[str, str]] = {
    1: {},
    2: {
        name: f"integer_{name}"
        for name in (
            *("matmul_nn", "matmul_nt", "matmul_tn", "muon"),
            *("linear_cross_entropy", "linear_cross_entropy_frozen", "linear_cross_entropy_loss"),
        )
    },
}

_numerics: ContextVar[int] = ContextVar("numerics", default=1)


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


@contextmanager
def following(numerics: int) -> Iterator[None]:
    """Kernels of a version of docs/numerics.md, in this context."""
    before = _numerics.set(numerics)
    try:
        yield
    finally:
        _numerics.reset(before)


def of(tensor: Tensor) -> Backend:
    """The backend that computes on `tensor`.

    Raises:  Misuse if there is none for its device, or GLASSWRIGHT_KERNELS names none.
    """
    return on(tensor.device.type)


def on(device: str) -> Backend:
    """The same by torch's name for a device."""
    return _made(device, kernels.wanted(), _numerics.get())


@cache
def _made(device: str, wanted: str | None, numerics: int) -> Backend:
    stand_ins = STAND_INS[numerics]
    if device == "cuda":
        return Cuda(stand_ins, Device())
    if device == "meta":
        return Cuda(stand_ins, Rehearsal())
    if device != "cpu":
        raise Misuse(f"no kernels compute on the device {device}", hint="keep the tensors on the CPU")
    return Definition(stand_ins) if wanted == kernels.DEFINITION else Cpu(stand_ins, wanted)
