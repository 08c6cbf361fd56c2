"""Matrix products whose every output is one sum with one order (rule 3).

    out[m, n] = (chunk 0 + chunk 1) + chunk 2 + ...                     each + rounded, left to right
    chunk c   = fma(a[m, k], b[k, n], ... fma(a[m, k0], b[k0, n], +0))  k = k0, k0 + 1, ... from k0 = 512 c

A fast kernel that keeps a tile of outputs in registers sums in this order anyway, and whole chunks can be computed
apart. Three layouts, named by how the operands lie in memory (n as written, t transposed):

    matmul_nt   out_MN = a_MK b_NK^T    a layer's output: x weight^T
    matmul_nn   out_MN = a_MK b_KN      its input's gradient: dy weight
    matmul_tn   out_MN = a_KM^T b_KN    its weight's gradient: dy^T x

Axes: M rows of out, N columns of out, K terms of each sum.
"""

import numpy as np

from glasswright.kernels.fma import fma

KERNELS = ["matmul_nn", "matmul_nt", "matmul_tn"]

# Terms per chunk. Part of the definition: another number gives other bits.
CHUNK = 512


def matmul_nn(a_MK: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write the product of two matrices.

    Shapes:  a_MK (M, K), b_KN (K, N), out_MN (M, N); any may be 0. A sum of no terms is +0.
    Dtypes:  float32 in and out; each step fused and rounded once to float32.
    Error:   at most (min(K, 512) + K/512) * 2**-24 * sum |a b| per output, to first order.
    Raises:  ValueError if the shapes do not fit.
    """
    num_k = a_MK.shape[1]
    if b_KN.shape[0] != num_k:
        raise ValueError(f"b: expected {num_k} terms a sum, as in a of shape {a_MK.shape}, found shape {b_KN.shape}")
    expected = (a_MK.shape[0], b_KN.shape[1])
    if out_MN.shape != expected:
        raise ValueError(f"out: expected shape {expected}, found {out_MN.shape}")
    if num_k == 0:
        out_MN[...] = 0.0
    for start in range(0, num_k, CHUNK):
        chunk_MN = _chunk(a_MK[:, start : start + CHUNK], b_KN[start : start + CHUNK])
        out_MN[...] = chunk_MN if start == 0 else out_MN + chunk_MN


def matmul_nt(a_MK: np.ndarray, b_NK: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_MK b_NK^T: matmul_nn with b lying transposed."""
    matmul_nn(a_MK, b_NK.T, out_MN)


def matmul_tn(a_KM: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
    """Write a_KM^T b_KN: matmul_nn with a lying transposed."""
    matmul_nn(a_KM.T, b_KN, out_MN)


def _chunk(a_MK: np.ndarray, b_KN: np.ndarray) -> np.ndarray:
    sum_MN = np.zeros((a_MK.shape[0], b_KN.shape[1]), np.float32)
    for k in range(a_MK.shape[1]):
        sum_MN = fma(a_MK[:, k, None], b_KN[None, k, :], sum_MN)
    return sum_MN
