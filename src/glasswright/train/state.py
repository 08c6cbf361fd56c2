"""The state of a run: what a step takes from one value to the next, named by the number of the step it is after.

model.*                                        parameters
adamw.first_moment.*, adamw.second_moment.*    moments of the parameters that AdamW moves
muon.momentum.*                                and of those that Muon does
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glasswright.attest.tensors import tensors_root
from glasswright.records.transcript import StateRecord
from glasswright.train.digests import digests_of


@dataclass(frozen=True, slots=True)
class State:
    """Parameters by the model's names, and moments by the optimizer's: float32, changed in place."""

    parameters: Mapping[str, Tensor]
    moments: Mapping[str, Tensor]

    def tensors(self) -> dict[str, np.ndarray]:
        """Every tensor by its name in the record, as an array: the state's own memory where it lies on the CPU."""
        return {name: tensor.cpu().numpy() for name, tensor in self._named().items()}

    def _named(self) -> dict[str, Tensor]:
        named = {f"model.{name}": parameter for name, parameter in self.parameters.items()} | dict(self.moments)
        return {name: tensor.detach() for name, tensor in named.items()}

    def load(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Take over a full state.

        Raises:  ValueError if a tensor is missing, unexpected, or of another shape or dtype.
        """
        state = self._named()
        if state.keys() != tensors.keys():
            raise ValueError(f"expected other tensors: {sorted(state.keys() ^ tensors.keys())[:3]} ...")
        for name, values in state.items():
            found = tensors[name]
            if tuple(values.shape) != found.shape or found.dtype != np.float32:
                raise ValueError(
                    f"{name}: expected float32 of {tuple(values.shape)}, found {found.dtype} of {found.shape}"
                )
            values.copy_(torch.from_numpy(found.copy()))  # torch warns of memory that may not be written

    def record(self, *, step: int, segment: int) -> StateRecord:
        """The state's digests, as it is after `step` steps, at the end of `segment`."""
        digests = digests_of(self.tensors())
        return StateRecord(segment=segment, step=step, root=tensors_root(digests), tensors=digests)
