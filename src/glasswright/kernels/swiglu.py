"""The gated activation of the feed-forward layer, and its gradient.

    s      = sigmoid(gate)             in elementary.py
    silu   = gate * s
    out    = silu * up

    dup    = dout * silu
    dgate  = (dout * up) * (s * fma(gate, 1 - s, 1))

Every operation written is rounded once. A gate of -inf gives NaN (infinity times zero). Shapes: (R, F) all. Dtypes:
float32 throughout. Source: Shazeer 2020, SwiGLU without biases.
"""

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.elementary import sigmoid_of
from glasswright.kernels.fma import fma

KERNELS = ["swiglu", "swiglu_backward"]


def swiglu(gate_RF: np.ndarray, up_RF: np.ndarray, out_RF: np.ndarray) -> None:
    """Write silu(gate) * up."""
    door = Door()
    gate = door.reads("gate_RF", gate_RF, None, None)
    up = door.reads("up_RF", up_RF, *gate.shape)
    out = door.writes("out_RF", out_RF, *gate.shape)
    with np.errstate(all="ignore"):
        out[...] = (gate * sigmoid_of(gate)) * up


def swiglu_backward(
    dout_RF: np.ndarray, gate_RF: np.ndarray, up_RF: np.ndarray, dgate_RF: np.ndarray, dup_RF: np.ndarray
) -> None:
    """The gradient of `swiglu`. Either result may be written over any input."""
    door = Door()
    dout = door.reads("dout_RF", dout_RF, None, None)
    gate = door.reads("gate_RF", gate_RF, *dout.shape)
    up = door.reads("up_RF", up_RF, *dout.shape)
    inputs = ("dout_RF", "gate_RF", "up_RF")
    dgate_out = door.writes("dgate_RF", dgate_RF, *dout.shape, may_be=inputs)
    dup_out = door.writes("dup_RF", dup_RF, *dout.shape, may_be=inputs)
    with np.errstate(all="ignore"):
        s = sigmoid_of(gate)
        dup = dout * (gate * s)
        dgate = (dout * up) * (s * fma(gate, np.float32(1) - s, np.float32(1)))
    dup_out[...] = dup
    dgate_out[...] = dgate
