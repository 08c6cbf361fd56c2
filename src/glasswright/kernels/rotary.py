"""Rotary position embedding: each pair of a head's channels is turned by an angle that grows with the position.

R rows (row r has position r mod T), T positions of the table, H heads, E channels of a head, e = E/2 pairs.
Channel i is paired with channel i + e (the layout of Hugging Face's "rotate_half").

    angle[t,i]      = float(first_position + t) * inverse_frequency[i]      rounded once
    out[..., i]     = fma(x[i],   cos[t,i], -(x[i+e] * sin[t,i]))
    out[..., i+e]   = fma(x[i+e], cos[t,i],   x[i]   * sin[t,i])

The gradient turns back: the same with -sin. Dtypes: float32 throughout; positions below 2^24 (rule 14).
Source: Su et al. 2021, eq. 34, in the half-split layout.
"""

import numpy as np

from glasswright.kernels.checks import Door, integer
from glasswright.kernels.elementary import cos_of, sin_of
from glasswright.kernels.fma import fma

KERNELS = ["rotary_table", "rotary", "rotary_backward"]

MAX_POSITIONS = 1 << 24


def rotary_table(inverse_frequency_e: np.ndarray, first_position: int, cos_Te: np.ndarray, sin_Te: np.ndarray) -> None:
    """Write the cosines and sines for T positions from first_position on.

    Raises:  ValueError if a position is negative or would not be exact in binary32.
    """
    door = Door()
    inverse_frequency = door.reads("inverse_frequency_e", inverse_frequency_e, None)
    cosines = door.writes("cos_Te", cos_Te, None, len(inverse_frequency))
    sines = door.writes("sin_Te", sin_Te, *cosines.shape)
    first = integer("first_position", first_position, -(2**63), 2**63 - 1)
    if first < 0 or first + len(cosines) > MAX_POSITIONS:
        raise ValueError(
            f"first_position: expected positions from 0 to {MAX_POSITIONS - 1}, got {len(cosines)} from {first}"
        )
    position_T = np.arange(first, first + len(cosines)).astype(np.float32)
    with np.errstate(all="ignore"):
        angle_Te = position_T[:, None] * inverse_frequency
    cosines[...] = cos_of(angle_Te)
    sines[...] = sin_of(angle_Te)


def rotary(x_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, out_RHE: np.ndarray) -> None:
    """Turn each head by its row's position. out may be x."""
    turn(x_RHE, cos_Te, sin_Te, out_RHE, np.float32(1), "x_RHE", "out_RHE")


def rotary_backward(dout_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, dx_RHE: np.ndarray) -> None:
    """The gradient of `rotary`. dx may be dout."""
    turn(dout_RHE, cos_Te, sin_Te, dx_RHE, np.float32(-1), "dout_RHE", "dx_RHE")


def turn(
    x_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, out_RHE: np.ndarray, direction: np.float32,
    x_name: str, out_name: str,
) -> None:  # fmt: skip
    door = Door()
    x = door.reads(x_name, x_RHE, None, None, None)
    cosines = door.reads("cos_Te", cos_Te, None, x.shape[2] // 2)
    sines = door.reads("sin_Te", sin_Te, *cosines.shape)
    out = door.writes(out_name, out_RHE, *x.shape, may_be=(x_name,))
    if x.shape[2] % 2 or not len(cosines):
        raise ValueError(
            f"{x_name}: expected an even head and a table of positions, "
            f"got a head of {x.shape[2]} and {len(cosines)} positions"
        )
    if not x.size:
        return
    half = x.shape[2] // 2
    position_R = np.arange(len(x)) % len(cosines)
    cos_R1e, sin_R1e = cosines[position_R][:, None, :], direction * sines[position_R][:, None, :]
    with np.errstate(all="ignore"):
        low, high = x[:, :, :half], x[:, :, half:]
        turned_low = fma(low, cos_R1e, -(high * sin_R1e))
        turned_high = fma(high, cos_R1e, low * sin_R1e)
    out[:, :, :half] = turned_low
    out[:, :, half:] = turned_high
