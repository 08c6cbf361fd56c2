"""Initial weights: uniform on a dyadic grid from counter-based bits, the same on every machine.

    gains                  1
    o_proj, down_proj      0: each layer starts as the identity (Goyal et al. 2017, section 5.1, for residual branches)
    embedding, head        standard deviation 0.02
    other matrices         standard deviation 1 / sqrt(number of inputs)

A uniform value on [-a, a] has standard deviation a / sqrt(3). The random bits of a tensor depend on the recipe's
seed, the tensor's name and the element's index only, so a layer added elsewhere changes nothing here.
"""

import hashlib
from fractions import Fraction

import torch

from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.llama import Llama

EMBEDDING_DEVIATION = Fraction(2, 100)  # Radford et al. 2019, section 2.3 and its code


@torch.no_grad()
def initialize(model: Llama, seed: int) -> None:
    """Set every parameter of `model` from the seed."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.fill_(1.0)
        elif name.endswith(("o_proj.weight", "down_proj.weight")):
            parameter.zero_()
        else:
            ops.uniform_(parameter, seed=seed, purpose=purpose_of(name), half_width=half_width(name, parameter))


def purpose_of(name: str) -> int:
    """The 32-bit purpose that keys a tensor's random bits."""
    return int.from_bytes(hashlib.sha256(f"initial {name}".encode()).digest()[:4], "little")


def half_width(name: str, parameter: torch.Tensor) -> float:
    """Where the uniform distribution of a matrix ends, as a binary32 value."""
    if name.endswith(("embed_tokens.weight", "lm_head.weight")):
        return nearest_binary32(square_root(3 * EMBEDDING_DEVIATION**2))
    return nearest_binary32(square_root(Fraction(3, parameter.shape[1])))
