"""A GPU that computes nothing: shows which kernels some work takes, and that its tensors lie and fit where they should.

Its tensors have shapes and no memory: torch calls the device meta.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from glasswright.kernels.cuda.threads import Argument


class Rehearsal:
    """Takes every launch for done."""

    device = "meta"

    def empty(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.empty(shape, dtype=dtype, device=self.device)

    def launch(self, file: str, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Argument]) -> None:
        """Nothing."""
