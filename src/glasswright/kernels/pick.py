"""The next token: drawn from the logits by a number between 0 and 1, or the likeliest.

    max       = logit[0] or a larger one after it              rule 8, from -inf: the first of equal ones
    weight[v] = exp((logit[v] - max) / temperature)            exp of elementary.py
    total[v]  = total[v-1] + weight[v]                         left to right
    token     = the first v with total[v] > fraction * total[V-1]; the last v where there is none

At temperature 0 the token is the place of max.
"""

import numpy as np

from glasswright.kernels.checks import array, number
from glasswright.kernels.elementary import exp_of


def pick(logits_V: np.ndarray, temperature: float, fraction: float) -> int:
    """The token that `fraction` falls on.

    Shapes:  logits_V (V,), V >= 1.
    Dtypes:  float32; temperature and fraction exact in binary32.
    Raises:  ValueError unless temperature >= 0 and 0 <= fraction < 1.
    """
    logits = array("logits_V", logits_V, None)
    heat, part = number("temperature", temperature), number("fraction", fraction)
    if not len(logits):
        raise ValueError("logits_V: expected at least one logit, got none")
    if not heat >= 0 or not 0 <= part < 1:
        raise ValueError(f"expected temperature >= 0 and 0 <= fraction < 1, got {temperature} and {fraction}")
    known = np.where(np.isnan(logits), -np.inf, logits)
    likeliest = int(np.argmax(known))
    if heat == 0:
        return likeliest
    with np.errstate(all="ignore"):
        total = np.add.accumulate(exp_of((logits - known[likeliest]) / heat))
        above = np.flatnonzero(total > part * total[-1])
    return int(above[0]) if len(above) else len(logits) - 1
