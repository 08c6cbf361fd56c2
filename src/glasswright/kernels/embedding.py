"""A row of a table for each token, and the gradient with respect to the table.

    out[r]      = table[token[r]]                                  a copy
    dtable[v]   = ((+0 + dout[r0]) + dout[r1]) + ...               r0 < r1 < ... are the rows with token v

A table row whose token is not met is +0. The order is (token, row), whatever thread meets a token first (rule 10).
"""

import numpy as np

from glasswright.kernels.checks import array

KERNELS = ["embedding", "embedding_backward"]


def embedding(table_VD: np.ndarray, token_R: np.ndarray, out_RD: np.ndarray) -> None:
    """Copy table rows.

    Dtypes:  float32; token int64.
    Raises:  ValueError naming the first row whose token is not in the table.
    """
    table = array("table_VD", table_VD, None, None)
    token = tokens_of(token_R, num_tokens=len(table))
    array("out_RD", out_RD, len(token), table.shape[1])[...] = table[token]


def embedding_backward(dout_RD: np.ndarray, token_R: np.ndarray, dtable_VD: np.ndarray) -> None:
    """The gradient of `embedding` with respect to its table; writes every row of dtable."""
    dtable = array("dtable_VD", dtable_VD, None, None)
    token = tokens_of(token_R, num_tokens=len(dtable))
    dout = array("dout_RD", dout_RD, len(token), dtable.shape[1])
    dtable[...] = 0
    with np.errstate(all="ignore"):
        for row, v in enumerate(token):
            dtable[v] += dout[row]


def tokens_of(token_R: np.ndarray, *, num_tokens: int) -> np.ndarray:
    token = array("token_R", token_R, None, dtype=np.int64)
    outside = np.flatnonzero((token < 0) | (token >= num_tokens))
    if len(outside):
        row = outside[0]
        raise ValueError(f"token_R: expected ids from 0 to {num_tokens - 1}, got {token[row]} at row {row}")
    return token
