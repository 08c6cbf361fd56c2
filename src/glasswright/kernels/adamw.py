"""One step of AdamW, in place.

Scalars, each operation rounded once:

    step    = learning_rate / bias_correction1
    unbias  = 1 / sqrt(bias_correction2)
    decay   = fma(-learning_rate, weight_decay, 1)
    rest1   = 1 - beta1,  rest2 = 1 - beta2

For every element:

    g       = grad * clip
    first   = fma(beta1, first, rest1 * g)
    second  = fma(beta2, second, (rest2 * g) * g)
    param   = fma(-step, first / fma(sqrt(second), unbias, epsilon), decay * param)

bias_correction1 = 1 - beta1^t and bias_correction2 = 1 - beta2^t come, like every scalar here, from the schedule table
as binary32 (rule 12): no power is taken at run time. clip is 1 or the factor that brings the gradient's norm down.
Dtypes: float32 throughout. Source: Loshchilov and Hutter 2019, algorithm 2.
"""

import numpy as np

from glasswright.kernels.checks import flat, number
from glasswright.kernels.fma import fma


def adamw(
    param_N: np.ndarray, grad_N: np.ndarray, first_moment_N: np.ndarray, second_moment_N: np.ndarray,
    clip: float, learning_rate: float, beta1: float, beta2: float, epsilon: float, weight_decay: float,
    bias_correction1: float, bias_correction2: float,
) -> None:  # fmt: skip
    """Move param, first_moment and second_moment, of any one shape, by one step."""
    param = flat("param_N", param_N)
    grad = flat("grad_N", grad_N, len(param))
    first = flat("first_moment_N", first_moment_N, len(param))
    second = flat("second_moment_N", second_moment_N, len(param))
    one = np.float32(1)
    rate, beta1_, beta2_ = number("learning_rate", learning_rate), number("beta1", beta1), number("beta2", beta2)
    with np.errstate(all="ignore"):
        step = rate / number("bias_correction1", bias_correction1)
        unbias = one / np.sqrt(number("bias_correction2", bias_correction2))
        decay = fma(-rate, number("weight_decay", weight_decay), one)
        g = grad * number("clip", clip)
        first[...] = fma(beta1_, first, (one - beta1_) * g)
        second[...] = fma(beta2_, second, ((one - beta2_) * g) * g)
        update = first / fma(np.sqrt(second), unbias, number("epsilon", epsilon))
        param[...] = fma(-step, update, decay * param)
