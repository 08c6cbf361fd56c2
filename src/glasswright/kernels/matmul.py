"""Matrix products whose every output is one sum with one order (rule 3).

    out[m, n] = (chunk 0 + chunk 1) + chunk 2 + ...                     each + rounded, left to right
    chunk c   = fma(a[m, k], b[k, n], ... fma(a[m, k0], b[k0, n], +0))  k = k0, k0 + 1, ... from k0 = 512 c

A fast kernel that keeps a tile of outputs in registers sums in this order anyway, and whole chunks can be computed
apart. Three layouts, named by how the operands lie in memory (n as written, t transposed):

    matmul_nt   out_MN = a_MK b_NK^T    a layer's output: x weight^T
    matmul_nn   out_MN = a_MK b_KN      its input's gradient: dy weight
    matmul_tn   out_MN = a_KM^T b_KN    its weight's gradient: dy^T x

Axes: M rows of out, N columns of out, K terms of each sum.

Shapes:  any axis may be 0; a sum of no terms is +0.
Dtypes:  float32 in and out; each step fused and rounded once to float32.
Error:   at most (min(K, 512) + K/512) * 2**-24 * sum |a b| per output, to first order.
Raises:  ValueError naming the argument that does not fit.
"""

from collections.abc import Callable

import numpy as np

from glasswright.kernels.checks import Door
from glasswright.kernels.fma import fma

KERNELS = ["matmul_nn", "matmul_nt", "matmul_tn"]

# Terms per chunk. Part of the definition: another number gives other bits.
CHUNK = 512


def matmul_nn(a_MK: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_MK b_KN."""
    door = Door()
    a = door.reads("a_MK", a_MK, None, None)
    b = door.reads("b_KN", b_KN, a.shape[1], None)
    out = door.writes("out_MN", out_MN, a.shape[0], b.shape[1])
    out[...] = product(a, b)


def matmul_nt(a_MK: np.ndarray, b_NK: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_MK b_NK^T."""
    door = Door()
    a = door.reads("a_MK", a_MK, None, None)
    b = door.reads("b_NK", b_NK, None, a.shape[1])
    out = door.writes("out_MN", out_MN, a.shape[0], b.shape[0])
    out[...] = product(a, b.T)


def matmul_tn(a_KM: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_KM^T b_KN."""
    door = Door()
    a = door.reads("a_KM", a_KM, None, None)
    b = door.reads("b_KN", b_KN, a.shape[0], None)
    out = door.writes("out_MN", out_MN, a.shape[1], b.shape[1])
    out[...] = product(a.T, b)


def product(a_MK: np.ndarray, b_KN: np.ndarray) -> np.ndarray:
    """The sums of the chunks of K, added left to right."""
    return sum_of_chunks(a_MK, b_KN, chunk_sum)


def sum_of_chunks(
    a_MK: np.ndarray, b_KN: np.ndarray, chunk_sum: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    """What `chunk_sum` makes of each chunk of K, added left to right."""
    num_k = a_MK.shape[1]
    if num_k == 0:
        return np.zeros((a_MK.shape[0], b_KN.shape[1]), np.float32)
    sum_MN = chunk_sum(a_MK[:, :CHUNK], b_KN[:CHUNK])
    for first in range(CHUNK, num_k, CHUNK):
        with np.errstate(all="ignore"):
            sum_MN = sum_MN + chunk_sum(a_MK[:, first : first + CHUNK], b_KN[first : first + CHUNK])
    return sum_MN


def chunk_sum(a_MK: np.ndarray, b_KN: np.ndarray) -> np.ndarray:
    """One chain of fused multiply-adds per output, from +0 in ascending k."""
    sum_MN = np.zeros((a_MK.shape[0], b_KN.shape[1]), np.float32)
    for k in range(a_MK.shape[1]):
        sum_MN = fma(a_MK[:, k, None], b_KN[None, k, :], sum_MN)
    return sum_MN
