"""An NVIDIA GPU: memory from torch, kernels compiled where they are first asked for, one stream, in order."""

import ctypes
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from glasswright.errors import Misuse
from glasswright.kernels.cuda.compiler import INSTALL, machine_code
from glasswright.kernels.cuda.threads import Argument

# Tensor cores that multiply bytes as integer_matmul.cu asks them to came with it.
LOWEST_CAPABILITY = (8, 0)


class Device:
    """The GPU that torch computes on.

    Raises:  Misuse if there is none, it is too old, or what runs kernels on it is not installed.
    """

    device = "cuda"

    def __init__(self) -> None:
        if not is_there():
            raise Misuse(
                "no GPU is here that torch can use", hint=f"use --device cpu, or {INSTALL} where there is an NVIDIA GPU"
            )
        capability = torch.cuda.get_device_capability()
        if capability < LOWEST_CAPABILITY:
            lowest, found = (".".join(map(str, it)) for it in (LOWEST_CAPABILITY, capability))
            raise Misuse(
                f"the GPU is of compute capability {found}: {lowest} is the lowest there are kernels for",
                hint="use --device cpu",
            )
        try:
            import cuda.core
        except ImportError as missing:
            raise Misuse(f"what runs kernels on a GPU is not installed: {missing}", hint=INSTALL) from missing
        self._core: Any = cuda.core
        self._architecture = "sm_{}{}".format(*capability)
        self._here = _Here(self._core)
        self._kernel = cache(lambda file, kernel: self._module(file).get_kernel(kernel))
        self._module = cache(lambda file: cuda.core.ObjectCode.from_cubin(machine_code(file, self._architecture)))
        self._stream = cache(cuda.core.Stream.from_handle)

    def empty(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.empty(shape, dtype=dtype, device=self.device)

    def launch(self, file: str, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Argument]) -> None:
        self._here.is_current()
        config = self._core.LaunchConfig(grid=(*grid, 1), block=(block, 1, 1))
        stream = self._stream(torch.cuda.current_stream().cuda_stream)
        self._core.launch(stream, config, self._kernel(file, kernel), *map(_value, arguments))


def is_there() -> bool:
    """Whether there is a GPU that torch can use."""
    return torch.cuda.is_available()


def free_memory() -> int:
    """Bytes that are free on the GPU that torch computes on."""
    free: int = torch.cuda.mem_get_info()[0]
    return free


class _Here(threading.local):
    """Makes torch's context that of each thread that launches a kernel, once."""

    def __init__(self, core: Any) -> None:
        torch.cuda.init()  # type: ignore[no-untyped-call]
        core.Device(torch.cuda.current_device()).set_current()

    def is_current(self) -> None:
        """It is, as soon as this can be called: threading.local makes each thread its own."""


def _value(argument: Argument) -> Any:
    """As a kernel takes it: 64 bits, or a binary32 number."""
    if isinstance(argument, Tensor):
        return argument.data_ptr()
    return ctypes.c_float(argument) if isinstance(argument, float) else ctypes.c_int64(argument)
