"""A GPU's kernels on arrays in the processor's memory, called as the definitions are: for checks, not for work."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from glasswright.kernels.cuda import launches
from glasswright.kernels.cuda.threads import Gpu


class OnArrays:
    """`gpu`'s kernels by name. Each copies the arrays to the GPU, and back what they are afterwards."""

    def __init__(self, gpu: Gpu):
        self._gpu = gpu

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in launches.LAUNCHES:
            raise AttributeError(name)
        return partial(self._run, name)

    def _run(self, name: str, *arguments: Any) -> Any:
        there = [_copied(it, self._gpu.device) if isinstance(it, np.ndarray) else it for it in arguments]
        answer = launches.run(name, self._gpu, *there)
        for here, tensor in zip(arguments, there, strict=True):
            if isinstance(here, np.ndarray):
                here[...] = tensor.cpu().numpy()
        return answer


def _copied(array: np.ndarray, device: str) -> torch.Tensor:
    return torch.from_numpy(array.copy()).to(device)
