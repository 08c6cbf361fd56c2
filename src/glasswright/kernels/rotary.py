"""Rotary position embedding: pairs of a head's channels are turned by an angle that grows with the position.

R rows (row r has position r mod T), T positions of the table, H heads, E channels of a head, e pairs, 2 e <= E.
Channels from 2 e on are copied. Channel i is paired with channel i + e (the layout of Hugging Face's "rotate_half"):

    angle[t,i]      = float(first_position + t) * inverse_frequency[i]      rounded once
    out[..., i]     = fma(x[i],   cos[t,i], -(x[i+e] * sin[t,i]))
    out[..., i+e]   = fma(x[i+e], cos[t,i],   x[i]   * sin[t,i])

Interleaved, channel 2 i is paired with channel 2 i + 1, by the same two lines. The gradient turns back: the same with
-sin. Dtypes: float32 throughout; positions below 2^24 (rule 14).
Source: Su et al. 2021, eq. 34, where pairs are interleaved.
"""

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.elementary import cos_of, sin_of
from glasswright.kernels.fma import fma
from glasswright.kernels.scalars import integer

KERNELS = ["rotary_table", "rotary", "rotary_backward", "rotary_interleaved", "rotary_interleaved_backward"]

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
    turn(x_RHE, cos_Te, sin_Te, out_RHE, "x_RHE", "out_RHE", are_neighbours=False, direction=1)


def rotary_backward(dout_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, dx_RHE: np.ndarray) -> None:
    """The gradient of `rotary`. dx may be dout."""
    turn(dout_RHE, cos_Te, sin_Te, dx_RHE, "dout_RHE", "dx_RHE", are_neighbours=False, direction=-1)


def rotary_interleaved(x_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, out_RHE: np.ndarray) -> None:
    """Turn each head by its row's position, neighbours being pairs. out may be x."""
    turn(x_RHE, cos_Te, sin_Te, out_RHE, "x_RHE", "out_RHE", are_neighbours=True, direction=1)


def rotary_interleaved_backward(
    dout_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, dx_RHE: np.ndarray
) -> None:
    """The gradient of `rotary_interleaved`. dx may be dout."""
    turn(dout_RHE, cos_Te, sin_Te, dx_RHE, "dout_RHE", "dx_RHE", are_neighbours=True, direction=-1)


def turn(
    x_RHE: np.ndarray, cos_Te: np.ndarray, sin_Te: np.ndarray, out_RHE: np.ndarray, x_name: str, out_name: str, *,
    are_neighbours: bool, direction: int,
) -> None:  # fmt: skip
    door = Door()
    x = door.reads(x_name, x_RHE, None, None, None)
    cosines = door.reads("cos_Te", cos_Te, None, None)
    sines = door.reads("sin_Te", sin_Te, *cosines.shape)
    out = door.writes(out_name, out_RHE, *x.shape, may_be=(x_name,))
    positions, pairs = cosines.shape
    if 2 * pairs > x.shape[2] or not positions:
        raise ValueError(
            f"{x_name}: expected a head of at least {2 * pairs} channels and a table of positions, "
            f"got a head of {x.shape[2]} and {positions} positions"
        )
    if not x.size:
        return
    position_R = np.arange(len(x)) % positions
    cos_R1e, sin_R1e = cosines[position_R][:, None, :], np.float32(direction) * sines[position_R][:, None, :]
    first, second = (slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)) if are_neighbours else (
        slice(0, pairs), slice(pairs, 2 * pairs)
    )  # fmt: skip
    with np.errstate(all="ignore"):
        low, high = x[:, :, first], x[:, :, second]
        turned_low = fma(low, cos_R1e, -(high * sin_R1e))
        turned_high = fma(high, cos_R1e, low * sin_R1e)
    out[:, :, 2 * pairs :] = x[:, :, 2 * pairs :]
    out[:, :, first] = turned_low
    out[:, :, second] = turned_high
