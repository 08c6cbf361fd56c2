"""Muon: an optimizer for matrices that replaces the momentum by the nearest matrix with all singular values near 1.

    g        = clip * grad
    momentum = fma(beta, momentum, g)
    u        = fma(beta, momentum, g)                          Nesterov: one more step the same way
    X        = u, or u^T where u has more rows than columns
    X        = X * (1 / (sqrt(sum of squares of u) + epsilon)) sum_of_squares of u as it lies; IEEE sqrt and division

    five times:                                                Newton-Schulz: X -> a X + (b S + c S S) X, S = X X^T
        S    = X X^T                                           rule 3
        S2   = S S                                             rule 3
        B    = fma(c, S2, b * S)
        X    = fma(a, X, B X)                                  B X by rule 3

    o        = X, or X^T
    scale    = 0.2 * sqrt(max(rows, columns))                  in binary32
    param    = fma(-learning_rate, fma(weight_decay, param, scale * o), param)

S, S2 and B are their own transposes bit for bit: element (i, j) and element (j, i) add the same products in the same
order, because a product of two numbers commutes exactly. So one triangle is enough.

integer_muon (version 2) is the same with the three products by integer_product of integer_matmul.py. They are their own
transposes too: a sum of integers has no order, and |X| being below 1.3 no scale takes one out of the normal range.

An o with singular values near 1 has elements of root mean square about 1 / sqrt(max(rows, columns)); the scale brings
them to AdamW's usual 0.2, so that its learning rates and weight decays carry over.

Source:  K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024: iteration, coefficients.
         J. Liu et al., "Muon is scalable for LLM training", arXiv 2502.16982, section 2.2: scale, weight decay. They
         iterate in bfloat16; here everything is binary32.
"""

from collections.abc import Callable

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.fma import fma
from glasswright.kernels.integer_matmul import integer_product
from glasswright.kernels.matmul import product
from glasswright.kernels.sums import squares

KERNELS = ["integer_muon", "muon"]

Product = Callable[[np.ndarray, np.ndarray], np.ndarray]

# Newton-Schulz coefficients a, b, c: 3.4445, -4.7750, 2.0315, K. Jordan et al. 2024.
A = np.float32(float.fromhex("0x1.b8e560p+1"))
B = np.float32(float.fromhex("-0x1.31999ap+2"))
C = np.float32(float.fromhex("0x1.040832p+1"))
NUM_STEPS = 5
# 1e-7: keeps the update of a zero gradient at zero.
EPSILON = np.float32(float.fromhex("0x1.ad7f2ap-24"))
# 0.2: the root mean square of AdamW's updates, J. Liu et al. 2025.
RMS = np.float32(float.fromhex("0x1.99999ap-3"))


def muon(
    param_MN: np.ndarray,
    grad_MN: np.ndarray,
    momentum_MN: np.ndarray,
    clip: float,
    learning_rate: float,
    momentum_beta: float,
    weight_decay: float,
) -> None:
    """Update a parameter and its momentum in place.

    Shapes:  param_MN, grad_MN, momentum_MN (M, N).
    Dtypes:  float32; the numbers exact in binary32. clip is always multiplied in, 1 means none.
    Raises:  ValueError naming the argument that does not fit.
    """
    update(param_MN, grad_MN, momentum_MN, clip, learning_rate, momentum_beta, weight_decay, product)


def integer_muon(
    param_MN: np.ndarray,
    grad_MN: np.ndarray,
    momentum_MN: np.ndarray,
    clip: float,
    learning_rate: float,
    momentum_beta: float,
    weight_decay: float,
) -> None:
    """The same by version 2."""
    update(param_MN, grad_MN, momentum_MN, clip, learning_rate, momentum_beta, weight_decay, integer_product)


def update(
    param_MN: np.ndarray,
    grad_MN: np.ndarray,
    momentum_MN: np.ndarray,
    clip: float,
    learning_rate: float,
    momentum_beta: float,
    weight_decay: float,
    product: Product,
) -> None:
    """`muon` by the product given."""
    door = Door()
    param = door.writes("param_MN", param_MN, None, None)
    grad = door.reads("grad_MN", grad_MN, *param.shape)
    momentum = door.writes("momentum_MN", momentum_MN, *param.shape)
    clip_32, rate = number("clip", clip), number("learning_rate", learning_rate)
    beta, decay = number("momentum_beta", momentum_beta), number("weight_decay", weight_decay)

    with np.errstate(all="ignore"):
        g = clip_32 * grad
        momentum[...] = fma(beta, momentum, g)
        orthogonal = orthogonalized(fma(beta, momentum, g), product)
        scale = RMS * np.sqrt(np.float32(max(param.shape)))
        param[...] = fma(-rate, fma(decay, param, scale * orthogonal), param)


def orthogonalized(u_MN: np.ndarray, product: Product) -> np.ndarray:
    """The matrix with u's singular vectors and singular values near 1 (0.7 to 1.2, but for those u nearly lacks)."""
    inverse = np.float32(1) / (np.sqrt(squares(u_MN.reshape(-1))) + EPSILON)
    is_tall = u_MN.shape[0] > u_MN.shape[1]
    x = (u_MN.T if is_tall else u_MN) * inverse
    for _ in range(NUM_STEPS):
        s = product(x, x.T)
        b = fma(C, product(s, s), B * s)
        x = fma(A, x, product(b, x))
    return np.asarray(x.T if is_tall else x)
