"""Matrices that read one input, with their biases where they have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from glasswright.model import ops
from glasswright.records.families import family_of
from glasswright.records.model import Model


@dataclass(frozen=True, slots=True)
class LowRank:
    """What is added to a matrix's product: factor * up (down x) (Hu et al. 2021, section 4.1)."""

    down_KD: Tensor
    up_NK: Tensor
    factor: float


class Projection:
    """The matrices in `slots`, stored as the family stores them, and the low-rank ones beside them where there are."""

    def __init__(self, model: Model, weights: Mapping[str, Any], *slots: str):
        self.linear = ops.linear_transposed if family_of(model.family).transposed else ops.linear
        self.matrices = [weights[f"{slot}.weight"] for slot in slots]
        self.biases = [weights.get(f"{slot}.bias") for slot in slots]
        self.adapters: list[LowRank | None] = [weights.get(f"{slot}.adapter") for slot in slots]

    def __call__(self, x_RD: Tensor) -> tuple[Tensor, ...]:
        """What each of them makes of x: (R, N) each."""
        if any(self.adapters):
            x_RD, also_RD = ops.share(x_RD, 2)
            outs_RN = _adapted(self.linear(x_RD, *self.matrices), also_RD, self.adapters)
        else:
            outs_RN = self.linear(x_RD, *self.matrices)
        return tuple(
            out_RN if bias_N is None else ops.add_bias(out_RN, bias_N)
            for out_RN, bias_N in zip(outs_RN, self.biases, strict=True)
        )


def _adapted(outs_RN: tuple[Tensor, ...], x_RD: Tensor, adapters: Sequence[LowRank | None]) -> tuple[Tensor, ...]:
    """What the matrices gave, and what the low-rank ones beside them add."""
    lows_RK = iter(ops.linear(x_RD, *(it.down_KD for it in adapters if it)))
    return tuple(
        out_RN if it is None else ops.add(out_RN, _raised(it, next(lows_RK)))
        for out_RN, it in zip(outs_RN, adapters, strict=True)
    )


def _raised(adapter: LowRank, low_RK: Tensor) -> Tensor:
    (high_RN,) = ops.linear(low_RK, adapter.up_NK)
    return ops.scaled(high_RN, adapter.factor)
