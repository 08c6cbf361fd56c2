"""Initial weights: uniform on a dyadic grid from counter-based bits, the same on every machine.

    gain                   1, or 0 where what is multiplied with is 1 + gain
    bias, selection bias   0
    output                 0: each layer starts as the identity (Goyal et al. 2017, section 5.1, for residual branches)
    adapter's up matrix    0: training starts from the parent (Hu et al. 2021, section 4.1)
    adapter's down matrix  standard deviation 1 / sqrt(3 * number of inputs), as peft has it
    embedding, head        standard deviation 0.02
    matrix, router         standard deviation 1 / sqrt(number of inputs)

A uniform value on [-a, a] has standard deviation a / sqrt(3). The random bits of a tensor depend on the recipe's
seed, the tensor's name and the element's index only, so a layer added elsewhere changes nothing here.
"""

import hashlib
from fractions import Fraction

import torch

from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import Parameter

EMBEDDING_DEVIATION = Fraction(2, 100)  # Radford et al. 2019, section 2.3 and its code


@torch.no_grad()
def initialize(model: Decoder, seed: int) -> None:
    """Set every parameter of `model` that is trained, from the seed."""
    gain = 0.0 if model.config.model.norm.plus_one else 1.0
    for it in model.trained_layout:
        parameter = model.trained[it.name]
        if it.role == "gain":
            parameter.fill_(gain)
        elif it.role in ("bias", "selection", "output", "adapter_up"):
            parameter.zero_()
        else:
            ops.uniform_(parameter, seed=seed, purpose=purpose_of(it.name), half_width=half_width(it))


def purpose_of(name: str) -> int:
    """The 32-bit purpose that keys a tensor's random bits."""
    return int.from_bytes(hashlib.sha256(f"initial {name}".encode()).digest()[:4], "little")


def half_width(it: Parameter) -> float:
    """Where the uniform distribution of a matrix ends, as a binary32 value."""
    if it.role in ("embedding", "head"):
        return nearest_binary32(square_root(3 * EMBEDDING_DEVIATION**2))
    return nearest_binary32(square_root(Fraction(1 if it.role == "adapter_down" else 3, it.num_inputs)))
