"""The optimizer step: one norm over all gradients, then Muon or AdamW for each parameter.

norm     sqrt of the tensors' sums of squares added up in the order of their names
clip     gradient_clip / norm where norm > gradient_clip, else 1
Muon     the layers' matrices, where the recipe says muon
AdamW    everything else; weight decay only on matrices
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.model.llama import Llama
from glasswright.records.canonical import float_from_bits
from glasswright.records.recipe import Optimizer as OptimizerRecipe
from glasswright.records.transcript import Schedule
from glasswright.train.schedule import COLUMNS


@dataclass(frozen=True, slots=True)
class Rates:
    """One row of the schedule table."""

    adamw_learning_rate: float
    muon_learning_rate: float
    bias_correction1: float
    bias_correction2: float

    @classmethod
    def at(cls, schedule: Schedule, step: int) -> "Rates":
        assert schedule.columns == COLUMNS
        return cls(*map(float_from_bits, schedule.rows[step - 1]))


@dataclass(frozen=True, slots=True)
class Norm:
    """The norm of a gradient and the factor that clips it: binary32 values."""

    norm: float
    clip: float


class Optimizer:
    """Holds the moments and updates the parameters in place."""

    def __init__(self, model: Llama, recipe: OptimizerRecipe):
        self.parameters = {name: parameter.detach() for name, parameter in sorted(model.named_parameters())}
        self.matrices = {name for name in self.parameters if is_muon(name, self.parameters[name], recipe)}
        self.beta1, self.beta2, self.epsilon, self.weight_decay, self.momentum, self.gradient_clip = map(
            nearest_binary32,
            (
                recipe.beta1,
                recipe.beta2,
                recipe.epsilon,
                recipe.weight_decay,
                recipe.muon_momentum,
                recipe.gradient_clip,
            ),
        )
        self.state: dict[str, Tensor] = {}
        for name, parameter in self.parameters.items():
            kinds = ["muon.momentum"] if name in self.matrices else ["adamw.first_moment", "adamw.second_moment"]
            for kind in kinds:
                self.state[f"{kind}.{name}"] = torch.zeros_like(parameter)

    def norm(self, gradients: dict[str, Tensor]) -> Norm:
        """The norm over all gradients, and the clip factor. Either may be NaN or infinite; the caller looks."""
        total, part = np.float32(0), ops.new(1)
        for name in self.parameters:
            ops.kernel.sum_of_squares(ops.array(gradients[name]).reshape(-1), part)
            total = np.float32(total + part[0])
        norm = np.sqrt(total)
        clip = np.float32(self.gradient_clip) / norm if norm > np.float32(self.gradient_clip) else np.float32(1)
        return Norm(float(norm), float(clip))

    @property
    def largest_first(self) -> list[str]:
        """The parameters' names in the order that shares out best among workers; each is updated by itself."""
        return sorted(self.parameters, key=lambda name: -self.parameters[name].numel())

    def update(self, name: str, *, gradients: dict[str, Tensor], clip: float, rates: Rates) -> None:
        """Update one parameter and its moments in place."""
        if name in self.matrices:
            self._muon(name, gradients[name], clip, rates)
        else:
            self._adamw(name, gradients[name], clip, rates)

    def _muon(self, name: str, gradient: Tensor, clip: float, rates: Rates) -> None:
        ops.kernel.muon(
            ops.array(self.parameters[name]),
            ops.array(gradient),
            ops.array(self.state[f"muon.momentum.{name}"]),
            clip,
            rates.muon_learning_rate,
            self.momentum,
            self.weight_decay,
        )

    def _adamw(self, name: str, gradient: Tensor, clip: float, rates: Rates) -> None:
        parameter = self.parameters[name]
        ops.kernel.adamw(
            ops.array(parameter).reshape(-1),
            ops.array(gradient).reshape(-1),
            ops.array(self.state[f"adamw.first_moment.{name}"]).reshape(-1),
            ops.array(self.state[f"adamw.second_moment.{name}"]).reshape(-1),
            clip,
            rates.adamw_learning_rate,
            self.beta1,
            self.beta2,
            self.epsilon,
            self.weight_decay if parameter.dim() > 1 else 0.0,
            rates.bias_correction1,
            rates.bias_correction2,
        )


def is_muon(name: str, parameter: Tensor, recipe: OptimizerRecipe) -> bool:
    """Muon is for the matrices between the embeddings (Jordan et al. 2024)."""
    return recipe.kind == "muon" and parameter.dim() == 2 and ".layers." in name
