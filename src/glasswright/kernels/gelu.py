"""The activations named after the normal distribution, alone and with a gate, and their gradients.

    gelu         out = x * share(x)             gelu_tanh         the same with its own share and slope
    geglu        out = (gate * share) * up      geglu_tanh
    backward     dx  = dout * slope(x)          dup = dout * (gate * share),  dgate = (dout * up) * slope(gate)

The share of x that passes is how likely a normal number lies below x, or near that; the slope is that of x * share:

    gelu         share   = fma(1/2, erf(x * SQRT_HALF), 1/2)
                 density = exp((x * x) * -1/2) * DENSITY_AT_ZERO
                 slope   = fma(x, density, share)
    gelu_tanh    square  = x * x
                 share   = sigmoid(x * fma(square, CUBE, LINE))       that is (1 + tanh(half of it)) / 2
                 slope   = share * fma(x * (1 - share), fma(square, 3 CUBE, LINE), 1)

Every operation written is rounded once; LINE = 2 sqrt(2/pi) and CUBE = 0.044715 LINE, rounded once. The gradient of a
number whose square overflows may be NaN. Shapes: (R, F) all. Dtypes: float32 throughout.
Source: Hendrycks and Gimpel 2016, section 2; with a gate: Shazeer 2020, eq. 6 (GEGLU without biases).
"""

from collections.abc import Callable

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.elementary import erf_of, exp_of, sigmoid_of
from glasswright.kernels.fma import fma

KERNELS = [
    "gelu", "gelu_backward", "gelu_tanh", "gelu_tanh_backward",
    "geglu", "geglu_backward", "geglu_tanh", "geglu_tanh_backward",
]  # fmt: skip

HALF, ONE = np.float32(0.5), np.float32(1)
SQRT_HALF = np.float32(float.fromhex("0x1.6a09e6p-1"))
DENSITY_AT_ZERO = np.float32(float.fromhex("0x1.988454p-2"))  # 1 / sqrt(2 pi)
LINE = np.float32(float.fromhex("0x1.988454p+0"))
CUBE = np.float32(float.fromhex("0x1.2444f2p-4"))
THREE_CUBE = np.float32(float.fromhex("0x1.b6676cp-3"))

Curve = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def by_erf(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(share, slope) of gelu."""
    with np.errstate(all="ignore"):
        share = fma(HALF, erf_of(x * SQRT_HALF), HALF)
        density = exp_of((x * x) * -HALF) * DENSITY_AT_ZERO
        return share, fma(x, density, share)


def by_tanh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(share, slope) of gelu_tanh."""
    with np.errstate(all="ignore"):
        square = x * x
        share = sigmoid_of(x * fma(square, CUBE, LINE))
        return share, share * fma(x * (ONE - share), fma(square, THREE_CUBE, LINE), ONE)


def gelu(x_RF: np.ndarray, out_RF: np.ndarray) -> None:
    """Write x times the chance that a normal number lies below x."""
    forward(by_erf, x_RF, out_RF)


def gelu_backward(dout_RF: np.ndarray, x_RF: np.ndarray, dx_RF: np.ndarray) -> None:
    """The gradient of `gelu`. dx may be any input."""
    backward(by_erf, dout_RF, x_RF, dx_RF)


def gelu_tanh(x_RF: np.ndarray, out_RF: np.ndarray) -> None:
    """Write what approximates `gelu` with a hyperbolic tangent."""
    forward(by_tanh, x_RF, out_RF)


def gelu_tanh_backward(dout_RF: np.ndarray, x_RF: np.ndarray, dx_RF: np.ndarray) -> None:
    """The gradient of `gelu_tanh`. dx may be any input."""
    backward(by_tanh, dout_RF, x_RF, dx_RF)


def geglu(gate_RF: np.ndarray, up_RF: np.ndarray, out_RF: np.ndarray) -> None:
    """Write gelu(gate) * up."""
    gated_forward(by_erf, gate_RF, up_RF, out_RF)


def geglu_backward(
    dout_RF: np.ndarray, gate_RF: np.ndarray, up_RF: np.ndarray, dgate_RF: np.ndarray, dup_RF: np.ndarray
) -> None:
    """The gradient of `geglu`. Either result may be written over any input."""
    gated_backward(by_erf, dout_RF, gate_RF, up_RF, dgate_RF, dup_RF)


def geglu_tanh(gate_RF: np.ndarray, up_RF: np.ndarray, out_RF: np.ndarray) -> None:
    """Write gelu_tanh(gate) * up."""
    gated_forward(by_tanh, gate_RF, up_RF, out_RF)


def geglu_tanh_backward(
    dout_RF: np.ndarray, gate_RF: np.ndarray, up_RF: np.ndarray, dgate_RF: np.ndarray, dup_RF: np.ndarray
) -> None:
    """The gradient of `geglu_tanh`. Either result may be written over any input."""
    gated_backward(by_tanh, dout_RF, gate_RF, up_RF, dgate_RF, dup_RF)


def forward(curve: Curve, x_RF: np.ndarray, out_RF: np.ndarray) -> None:
    door = Door()
    x = door.reads("x_RF", x_RF, None, None)
    out = door.writes("out_RF", out_RF, *x.shape)
    with np.errstate(all="ignore"):
        out[...] = x * curve(x)[0]


def backward(curve: Curve, dout_RF: np.ndarray, x_RF: np.ndarray, dx_RF: np.ndarray) -> None:
    door = Door()
    dout = door.reads("dout_RF", dout_RF, None, None)
    x = door.reads("x_RF", x_RF, *dout.shape)
    dx = door.writes("dx_RF", dx_RF, *dout.shape, may_be=("dout_RF", "x_RF"))
    with np.errstate(all="ignore"):
        dx[...] = dout * curve(x)[1]


def gated_forward(curve: Curve, gate_RF: np.ndarray, up_RF: np.ndarray, out_RF: np.ndarray) -> None:
    door = Door()
    gate = door.reads("gate_RF", gate_RF, None, None)
    up = door.reads("up_RF", up_RF, *gate.shape)
    out = door.writes("out_RF", out_RF, *gate.shape)
    with np.errstate(all="ignore"):
        out[...] = (gate * curve(gate)[0]) * up


def gated_backward(
    curve: Curve, dout_RF: np.ndarray, gate_RF: np.ndarray, up_RF: np.ndarray, dgate_RF: np.ndarray, dup_RF: np.ndarray
) -> None:
    door = Door()
    dout = door.reads("dout_RF", dout_RF, None, None)
    gate = door.reads("gate_RF", gate_RF, *dout.shape)
    up = door.reads("up_RF", up_RF, *dout.shape)
    inputs = ("dout_RF", "gate_RF", "up_RF")
    dgate_out = door.writes("dgate_RF", dgate_RF, *dout.shape, may_be=inputs)
    dup_out = door.writes("dup_RF", dup_RF, *dout.shape, may_be=inputs)
    with np.errstate(all="ignore"):
        share, slope = curve(gate)
        dup = dout * (gate * share)
        dgate = (dout * up) * slope
    dup_out[...] = dup
    dgate_out[...] = dgate
