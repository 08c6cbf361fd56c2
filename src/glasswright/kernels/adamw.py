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

from glasswright.kernels.checks import Door, number
from glasswright.kernels.fma import fma


def adamw(
    param_N: np.ndarray, grad_N: np.ndarray, first_moment_N: np.ndarray, second_moment_N: np.ndarray,
    clip: float, learning_rate: float, beta1: float, beta2: float, epsilon: float, weight_decay: float,
    bias_correction1: float, bias_correction2: float,
) -> None:  # fmt: skip
    """Move param, first_moment and second_moment, of any one shape, by one step."""
    door = Door()
    param = door.writes_flat("param_N", param_N)
    grad = door.reads_flat("grad_N", grad_N, len(param))
    first = door.writes_flat("first_moment_N", first_moment_N, len(param))
    second = door.writes_flat("second_moment_N", second_moment_N, len(param))
    one, factor, rate = np.float32(1), number("clip", clip), number("learning_rate", learning_rate)
    beta1_32, beta2_32 = number("beta1", beta1), number("beta2", beta2)
    epsilon_32, weight_decay_32 = number("epsilon", epsilon), number("weight_decay", weight_decay)
    correction1, correction2 = (
        number("bias_correction1", bias_correction1),
        number("bias_correction2", bias_correction2),
    )
    with np.errstate(all="ignore"):
        step = rate / correction1
        unbias = one / np.sqrt(correction2)
        decay = fma(-rate, weight_decay_32, one)
        g = grad * factor
        first[...] = fma(beta1_32, first, (one - beta1_32) * g)
        second[...] = fma(beta2_32, second, ((one - beta2_32) * g) * g)
        update = first / fma(np.sqrt(second), unbias, epsilon_32)
        param[...] = fma(-step, update, decay * param)
