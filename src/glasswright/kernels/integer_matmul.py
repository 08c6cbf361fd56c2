"""Matrix products by integers, which add up to the same sum in any order (version 2).

    out[m, n] = (chunk 0 + chunk 1) + chunk 2 + ...             512 terms each, as in matmul.py; each + rounded
    chunk     = (nearest(S) * scale(a)) * scale(b)              two products, left to right
    S         = sum over k of 256 hi hi' + hi lo' + lo hi'      an integer below 2^31: no order, no rounding

Within a chunk, each row of a and each column of b is a power of two and integers of 16 bits in two slices:

    m         = the largest |x|, at least 2^-112
    e         = its exponent, floor(log2 m); one more where rint(m 2^(14-e)) is above 32639
    q         = rint(x 2^(14-e)), ties to even              -32639 to 32639
    q         = 256 hi + lo                                 hi -127 to 127, lo -128 to 127
    scale     = 2^(e-10)                                    a normal number, as 2^(14-e) is

The product of two low slices is left out: it is of the size of what rounding to q has already lost. NaN or infinity in
a row or a column makes its scale NaN, and with it every output it has a part in.

The layouts nt, nn and tn, the axes and what is accepted are those of matmul.py.

Dtypes:  float32 in; an integer sum; float32 out.
Error:   of a chunk of K terms at most 1.01 K A B 2^-13, A and B being the largest |a| and |b|, or 2^-112 where that is
         more; then rounded to binary32, and once more where that is subnormal. Beyond 2^128 on the way, which takes a
         row of a from 2^97 on, it is infinite.
Raises:  ValueError naming the argument that does not fit.
Source:  the splitting of Ootomo, Ozaki and Yokota (2024, "DGEMM on integer matrix multiplication unit"), with a scale
         a chunk and one product fewer.
"""

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.matmul import sum_of_chunks

KERNELS = ["integer_matmul_nn", "integer_matmul_nt", "integer_matmul_tn"]

MAX_Q = 127 * 256 + 127  # the largest whose high slice is 127
MIN_EXPONENT = -112


def integer_matmul_nn(a_MK: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_MK b_KN."""
    door = Door()
    a = door.reads("a_MK", a_MK, None, None)
    b = door.reads("b_KN", b_KN, a.shape[1], None)
    out = door.writes("out_MN", out_MN, a.shape[0], b.shape[1])
    out[...] = integer_product(a, b)


def integer_matmul_nt(a_MK: np.ndarray, b_NK: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_MK b_NK^T."""
    door = Door()
    a = door.reads("a_MK", a_MK, None, None)
    b = door.reads("b_NK", b_NK, None, a.shape[1])
    out = door.writes("out_MN", out_MN, a.shape[0], b.shape[0])
    out[...] = integer_product(a, b.T)


def integer_matmul_tn(a_KM: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_KM^T b_KN."""
    door = Door()
    a = door.reads("a_KM", a_KM, None, None)
    b = door.reads("b_KN", b_KN, a.shape[0], None)
    out = door.writes("out_MN", out_MN, a.shape[1], b.shape[1])
    out[...] = integer_product(a.T, b)


def integer_product(a_MK: np.ndarray, b_KN: np.ndarray) -> np.ndarray:
    """The sums of the chunks of K, added left to right."""
    return sum_of_chunks(a_MK, b_KN, chunk_sum)


def chunk_sum(a_MK: np.ndarray, b_KN: np.ndarray) -> np.ndarray:
    """The exact sum of one chunk's integers, converted once and scaled twice."""
    a_q, a_scale_M = quantized(a_MK)
    b_q, b_scale_N = quantized(b_KN.T)
    with np.errstate(all="ignore"):
        sum_MN: np.ndarray = nearest(integer_sum(a_q, b_q)) * a_scale_M[:, None] * b_scale_N
    return sum_MN


def quantized(x_RK: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(q_RK, scale_R): each row as integers of 16 bits (held in 64) and what one of their products' places is worth."""
    is_finite_R = np.isfinite(x_RK).all(axis=1)
    x_RK = np.where(is_finite_R[:, None], x_RK, np.float32(0))
    max_R = np.abs(x_RK).max(axis=1, initial=2.0**MIN_EXPONENT)
    e_R = np.frexp(max_R)[1] - 1
    e_R = e_R + (np.rint(times_power(max_R, 14 - e_R)) > MAX_Q)
    q_RK = np.rint(times_power(x_RK, 14 - e_R[:, None])).astype(np.int64)
    return q_RK, np.where(is_finite_R, times_power(np.float32(1), e_R - 10), np.float32(np.nan))


def slices(q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(hi, lo) with q = 256 hi + lo."""
    hi = (q + 128) >> 8
    return hi, q - 256 * hi


def integer_sum(a_MK: np.ndarray, b_NK: np.ndarray) -> np.ndarray:
    """S of every row of a with every row of b."""
    (a_hi, a_lo), (b_hi, b_lo) = slices(a_MK), slices(b_NK)
    sum_MN: np.ndarray = 256 * (a_hi @ b_hi.T) + a_hi @ b_lo.T + a_lo @ b_hi.T
    return sum_MN


def nearest(integers: np.ndarray) -> np.ndarray:
    """The nearest binary32 numbers, ties to even."""
    return integers.astype(np.float32)


def times_power(x: np.ndarray | np.float32, exponent: np.ndarray) -> np.ndarray:
    """x * 2^exponent in float32, the power being a normal number."""
    power = ((np.asarray(exponent, np.int32) + 127) << 23).view(np.float32)
    with np.errstate(all="ignore"):
        product: np.ndarray = x * power
    return product
