"""A row of a table for each token, and the gradient with respect to the table.

    out[r]      = table[token[r]]                                  a copy
    dtable[v]   = ((+0 + dout[r0]) + dout[r1]) + ...               r0 < r1 < ... are the rows with token v

A table row whose token is not met is +0. The order is (token, row), whatever thread meets a token first (rule 10).
"""

import numpy as np

from glasswright.kernels.checks import Door

KERNELS = ["embedding", "embedding_backward"]


def embedding(table_VD: np.ndarray, token_R: np.ndarray, out_RD: np.ndarray) -> None:
    """Copy table rows.

    Dtypes:  float32; token int64.
    Raises:  ValueError naming the first row whose token is not in the table.
    """
    door = Door()
    table = door.reads("table_VD", table_VD, None, None)
    token = door.reads("token_R", token_R, None, dtype=np.int64)
    out = door.writes("out_RD", out_RD, len(token), table.shape[1])
    require_tokens(token, num_tokens=len(table))
    out[...] = table[token]


def embedding_backward(dout_RD: np.ndarray, token_R: np.ndarray, dtable_VD: np.ndarray) -> None:
    """The gradient of `embedding` with respect to its table; writes every row of dtable."""
    door = Door()
    dtable = door.writes("dtable_VD", dtable_VD, None, None)
    token = door.reads("token_R", token_R, None, dtype=np.int64)
    dout = door.reads("dout_RD", dout_RD, len(token), dtable.shape[1])
    require_tokens(token, num_tokens=len(dtable))
    dtable[...] = 0
    with np.errstate(all="ignore"):
        for row, v in enumerate(token):
            dtable[v] += dout[row]


def require_tokens(token_R: np.ndarray, *, num_tokens: int) -> None:
    for row in np.flatnonzero((token_R < 0) | (token_R >= num_tokens))[:1]:
        raise ValueError(f"token_R: expected ids from 0 to {num_tokens - 1}, got {token_R[row]} at row {row}")
