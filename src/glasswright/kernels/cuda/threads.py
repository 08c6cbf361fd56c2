"""A GPU as kernels are launched on it: so many threads, or so many warps."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

Argument = Tensor | int | float  # a tensor's memory, a whole number of 64 bits, a binary32 number
NOTHING = 0  # where a kernel can do without an array

BLOCK, WARP = 256, 32


class Gpu(Protocol):
    """What runs kernels: a device, or in tests the emulation of one."""

    @property
    def device(self) -> str:
        """Torch's name for where its tensors lie."""

    def empty(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Memory for a kernel to write to."""

    def launch(self, file: str, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Argument]) -> None:
        """Start a kernel of x.cu on a grid of blocks of so many threads, after what was started before."""


def threads(gpu: Gpu, file: str, kernel: str, num: int, *arguments: Argument, rows: int = 1) -> None:
    """A thread for each of `num` pieces of work, in `rows` rows of blocks."""
    if num and rows:
        gpu.launch(file, kernel, (blocks(num, BLOCK), rows), BLOCK, arguments)


def warps(gpu: Gpu, file: str, kernel: str, num: int, *arguments: Argument) -> None:
    """A warp for each of `num` pieces of work."""
    threads(gpu, file, kernel, num * WARP, *arguments)


def blocks(num: int, size: int) -> int:
    """How many of a size hold `num`."""
    return -(-num // size)
