"""The optimizer step: one norm over all gradients, then Muon or AdamW for each parameter.

norm     sqrt of the tensors' sums of squares added up in the order of their names
clip     gradient_clip / norm where norm > gradient_clip, else 1
Muon     the layers' matrices, where the recipe says muon
AdamW    everything else; weight decay only on matrices
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.records.canonical import float_from_bits
from glasswright.records.decoder import DECAYED, Parameter, muon_s
from glasswright.records.recipe import Optimizer as OptimizerRecipe
from glasswright.records.transcript import Schedule
from glasswright.train.schedule import COLUMNS
from glasswright.train.state import State


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
    """The rule that moves parameters and their moments; the state itself is the caller's."""

    def __init__(self, recipe: OptimizerRecipe, layout: Iterable[Parameter]):
        self.muon_s = muon_s(recipe, layout)
        self.decayed = {it.name for it in layout if it.role in DECAYED}
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

    def initial_state(self, parameters: Mapping[str, Tensor]) -> State:
        """The state of these parameters before the first step: all moments are zero."""
        moments = {
            f"{kind}.{name}": torch.zeros_like(parameter, requires_grad=False)
            for name, parameter in sorted(parameters.items())
            for kind in (("muon.momentum",) if name in self.muon_s else ("adamw.first_moment", "adamw.second_moment"))
        }
        return State(parameters, moments)

    def norm(self, gradients: Mapping[str, Tensor]) -> Norm:
        """The norm over all gradients, and the clip factor. Either may be NaN or infinite; the caller looks."""
        in_order = [gradients[name] for name in sorted(gradients)]
        return Norm(*ops.norm_and_clip(in_order, self.gradient_clip).tolist())

    def update(self, name: str, *, state: State, gradients: Mapping[str, Tensor], clip: float, rates: Rates) -> None:
        """Update one parameter and its moments in place. Parameters do not depend on each other."""
        parameter, gradient = state.parameters[name], gradients[name]
        if name in self.muon_s:
            ops.muon_(
                parameter,
                gradient,
                state.moments[f"muon.momentum.{name}"],
                clip=clip,
                learning_rate=rates.muon_learning_rate,
                momentum=self.momentum,
                weight_decay=self.weight_decay,
            )
        else:
            ops.adamw_(
                parameter,
                gradient,
                state.moments[f"adamw.first_moment.{name}"],
                state.moments[f"adamw.second_moment.{name}"],
                clip=clip,
                learning_rate=rates.adamw_learning_rate,
                beta1=self.beta1,
                beta2=self.beta2,
                epsilon=self.epsilon,
                weight_decay=self.weight_decay if name in self.decayed else 0.0,
                bias_correction1=rates.bias_correction1,
                bias_correction2=rates.bias_correction2,
            )
