"""Causal attention with grouped queries, and its gradient, in an order that no batch and no cache may change.

    logit[t, u]  = cap(sum_e (q[t, e] scale) k[u, e])         for the keys u that query t sees
    weight[t, u] = exp(logit[t, u] - maximum[t])
    out[t]       = sum_u weight[t, u] v[u] / sum_u weight[t, u]

Axes: S sequences, T queries, U keys (U >= T), H query heads, G key/value heads, E head dimension of queries and keys, F
that of values; query head h reads key/value head h // (H/G). Query t stands at position p = U-T+t and sees the keys at
the positions 0 ... p, or with a window of W > 0 the last W of these, p-W+1 ... p. With U = T this is the pass over a
whole text, with U > T its continuation from a cache of keys and values, with the same bits.

An unseen key is absent: no term of any chain and no candidate for a maximum; what lies there, even NaN, is never met. A
block of which a query sees no key is absent too: nothing is rescaled for it. A *chain* is a fused multiply-add a term,
each rounded once, from +0 in the order stated. Blocks of 64 keys are anchored at position 0 (rule 11), with a window as
without. The seven steps of one query of one head:

1. q[e] scale, rounded; the chain over ascending e of (q[e] scale) k[u, e]. Without a soft cap (0) this is logit[u];
   with one, logit[u] = soft_cap tanh(chain / soft_cap) by the tanh of elementary.py, three roundings.
2. Take the key blocks in ascending order with maximum = -inf, sum = +0, out[f] = +0. In each:
3. the new maximum is found by compare-and-select: a logit takes its place where maximum < logit (rule 8; NaN does not);
   weight[u] = exp(logit[u] - new maximum), rescale = exp(old maximum - new maximum), by the exp of elementary.py;
4. sum = fma(sum, rescale, block), where block is the tree of rule 5 with key u in lane u % 64;
5. out[f] = out[f] rescale, rounded, and the chain over ascending u of weight[u] v[u, f] goes on from there.
6. At the end out[f] = out[f] (1 / sum), two roundings.
7. logsumexp = maximum + log(sum), by the log of elementary.py.

A weight is never -0, so the empty lanes of a partial block may hold +0 (sums.py). The rule of the online maximum:
Milakov and Gimelshein 2018, "Online normalizer calculation for softmax", section 3; we go block by block. The window:
Beltagy et al. 2020, "Longformer", section 3.1, its causal half. The soft cap: Gemma Team 2024, "Gemma 2", section 2.
"""

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.elementary import exp_of, log_of, tanh_of
from glasswright.kernels.fma import fma
from glasswright.kernels.scalars import integer
from glasswright.kernels.sums import NUM_LANES, add_lanes, dot_rows

KERNELS = ["attention", "continued_attention", "attention_backward"]

# Keys per block: one for each lane of rule 5.
BLOCK = NUM_LANES
# No window is wider; none at all is this one.
MAX_WINDOW = 1 << 31


def attention(
    q_STHE: np.ndarray,
    k_SUGE: np.ndarray,
    v_SUGF: np.ndarray,
    scale: float,
    window: int,
    soft_cap: float,
    out_STHF: np.ndarray,
    logsumexp_SHT: np.ndarray,
) -> None:
    """Write the attended values, and of each query the logarithm of its sum of exp(logit), for the gradient.

    Shapes:  as named; H a multiple of G, U >= T, E >= 1, F >= 1; S and T may be 0.
    Dtypes:  float32 in, accumulated and out.
    Units:   window in positions, 0 for none; soft_cap in those of a logit, 0 for none; logsumexp in nats.
    Raises:  ValueError if the shapes do not fit, if the window is none, or if a number is not exact in binary32.
    """
    door = Door()
    q = door.reads("q_STHE", q_STHE, None, None, None, None)
    k = door.reads("k_SUGE", k_SUGE, q.shape[0], None, None, q.shape[3])
    v = door.reads("v_SUGF", v_SUGF, *k.shape[:3], None)
    out = door.writes("out_STHF", out_STHF, *q.shape[:3], v.shape[3])
    logsumexp = door.writes("logsumexp_SHT", logsumexp_SHT, q.shape[0], q.shape[2], q.shape[1])
    _require_that_queries_fit(q, k, v)
    exact_scale, exact_cap = number("scale", scale), number("soft_cap", soft_cap)
    T, H, U = q.shape[1], q.shape[2], k.shape[1]
    sight = _Sight(T, U, integer("window", window, 0, MAX_WINDOW))

    with np.errstate(all="ignore"):
        logit_SHTU, _ = _cap(_logits(q, k, exact_scale), exact_cap)
        v_SHUF = _by_query_head(v, H)
        maximum_SHT = np.full(logsumexp.shape, -np.inf, np.float32)
        sum_SHT = np.zeros(logsumexp.shape, np.float32)
        out_SHTF = np.zeros(out.transpose(0, 2, 1, 3).shape, np.float32)
        for first in range(0, U, BLOCK):
            keys = range(first, min(first + BLOCK, U))
            rows = sight.of_block(keys)
            old_maximum_SHT = maximum_SHT.copy()
            for u in keys:
                seen = sight.of(u)
                _raise_maximum(maximum_SHT[..., seen], logit_SHTU[..., seen, u])
            weight_SHTL = np.zeros((*logsumexp.shape, BLOCK), np.float32)
            for u in keys:
                seen = sight.of(u)
                weight_SHTL[..., seen, u % BLOCK] = exp_of(logit_SHTU[..., seen, u] - maximum_SHT[..., seen])

            rescale_SHT = exp_of(old_maximum_SHT[..., rows] - maximum_SHT[..., rows])
            block_SHT = add_lanes(weight_SHTL[..., rows, :].reshape(-1, BLOCK)).reshape(rescale_SHT.shape)
            sum_SHT[..., rows] = fma(sum_SHT[..., rows], rescale_SHT, block_SHT)
            out_SHTF[..., rows, :] *= rescale_SHT[..., None]
            for u in keys:
                seen = sight.of(u)
                out_SHTF[..., seen, :] = fma(
                    weight_SHTL[..., seen, u % BLOCK, None], v_SHUF[..., u, None, :], out_SHTF[..., seen, :]
                )
        out[...] = (out_SHTF * (np.float32(1) / sum_SHT)[..., None]).transpose(0, 2, 1, 3)
        logsumexp[...] = maximum_SHT + log_of(sum_SHT)


def continued_attention(
    q_STHE: np.ndarray,
    k_STGE: np.ndarray,
    v_STGF: np.ndarray,
    position_1: np.ndarray,
    scale: float,
    window: int,
    soft_cap: float,
    keys_SCGE: np.ndarray,
    values_SCGF: np.ndarray,
    out_STHF: np.ndarray,
    logsumexp_SHT: np.ndarray,
) -> None:
    """Keep the keys and values of T positions where they belong, and write `attention` over all up to them.

    Shapes:  C positions of room; the first query stands at position_1[0], an int64, and position_1[0] + T <= C. What
             `keys` and `values` hold beyond is not read.
    Raises:  ValueError where `attention` does, or if the positions are not within the room.
    """
    door = Door()
    q = door.reads("q_STHE", q_STHE, None, None, None, None)
    S, T, _, E = q.shape
    k = door.reads("k_STGE", k_STGE, S, T, None, E)
    v = door.reads("v_STGF", v_STGF, S, T, k.shape[2], None)
    position = door.reads("position_1", position_1, 1, dtype=np.int64)
    keys = door.writes("keys_SCGE", keys_SCGE, S, None, *k.shape[2:])
    values = door.writes("values_SCGF", values_SCGF, S, keys.shape[1], *v.shape[2:])
    out = door.writes("out_STHF", out_STHF, *q.shape[:3], v.shape[3])
    logsumexp = door.writes("logsumexp_SHT", logsumexp_SHT, S, q.shape[2], T)
    _require_that_queries_fit(q, k, v)
    first, room = int(position[0]), keys.shape[1]
    if not 0 <= first <= room - T:
        raise ValueError(f"position_1: expected {T} positions within the {room} of keys_SCGE, got {T} from {first}")
    number("scale", scale), integer("window", window, 0, MAX_WINDOW), number("soft_cap", soft_cap)
    end = first + T
    keys[:, first:end], values[:, first:end] = k, v
    attention(q, keys[:, :end].copy(), values[:, :end].copy(), scale, window, soft_cap, out, logsumexp)


def attention_backward(
    dout_STHF: np.ndarray,
    q_STHE: np.ndarray,
    k_STGE: np.ndarray,
    v_STGF: np.ndarray,
    out_STHF: np.ndarray,
    logsumexp_SHT: np.ndarray,
    scale: float,
    window: int,
    soft_cap: float,
    dq_STHE: np.ndarray,
    dk_STGE: np.ndarray,
    dv_STGF: np.ndarray,
) -> None:
    """Write the gradient of `attention` for U = T, given that of its output and what it wrote.

    With logit[t, u] and the tanh[t, u] in it as in step 1 of the forward pass, and for seen keys only, every operation
    rounded once:

        weight[t, u] = exp(logit[t, u] - logsumexp[t])
        delta[t]     = dot product of dout[t] and out[t] in 64 lanes and a tree, as `dot_rows` of sums.py
        dlogit[t, u] = weight[t, u] (dweight - delta[t]), dweight = chain over ascending f of dout[t, f] v[u, f];
                       with a soft cap, this times fma(-tanh[t, u], tanh[t, u], 1)
        dq[t, e]     = scale (chain over ascending u of dlogit[t, u] k[u, e])
        dk[u, e]     = chain of dlogit[t, u] (q[t, e] scale)
        dv[u, f]     = chain of weight[t, u] dout[t, f]

    The chains of dk and dv run over the query heads of the group in ascending order and, in each, over ascending t,
    without a break between heads.

    Shapes:  as named, T keys and T queries.
    Dtypes:  float32 in, accumulated and out.
    Raises:  ValueError if the shapes do not fit, if the window is none, or if a number is not exact in binary32.
    Source:  Dao et al. 2022, "FlashAttention", algorithm 4: weights anew from logsumexp, delta from dout and out.
    """
    door = Door()
    q = door.reads("q_STHE", q_STHE, None, None, None, None)
    S, T, H, E = q.shape
    k = door.reads("k_STGE", k_STGE, S, T, None, E)
    v = door.reads("v_STGF", v_STGF, *k.shape[:3], None)
    F = v.shape[3]
    dout = door.reads("dout_STHF", dout_STHF, S, T, H, F)
    out = door.reads("out_STHF", out_STHF, S, T, H, F)
    logsumexp = door.reads("logsumexp_SHT", logsumexp_SHT, S, H, T)
    dq = door.writes("dq_STHE", dq_STHE, *q.shape)
    dk = door.writes("dk_STGE", dk_STGE, *k.shape)
    dv = door.writes("dv_STGF", dv_STGF, *v.shape)
    _require_that_queries_fit(q, k, v)
    exact_scale, exact_cap = number("scale", scale), number("soft_cap", soft_cap)
    sight = _Sight(T, T, integer("window", window, 0, MAX_WINDOW))

    with np.errstate(all="ignore"):
        logit_SHTU, slope_SHTU = _cap(_logits(q, k, exact_scale), exact_cap)
        weight_SHTU = exp_of(logit_SHTU - logsumexp[..., None])
        delta_STH = dot_rows(dout.reshape(-1, F), out.reshape(-1, F)).reshape(S, T, H)
        dweight_SHTU = _logits(dout, v, np.float32(1))
        dlogit_SHTU = weight_SHTU * (dweight_SHTU - delta_STH.transpose(0, 2, 1)[..., None])
        if slope_SHTU is not None:
            dlogit_SHTU = dlogit_SHTU * slope_SHTU

        k_SHUE = _by_query_head(k, H)
        dq_SHTE = np.zeros((S, H, T, E), np.float32)
        for u in range(T):
            seen = sight.of(u)
            dq_SHTE[..., seen, :] = fma(dlogit_SHTU[..., seen, u, None], k_SHUE[..., u, None, :], dq_SHTE[..., seen, :])
        dq[...] = (dq_SHTE * exact_scale).transpose(0, 2, 1, 3)
        _sum_over_queries(sight, dlogit_SHTU, q * exact_scale, dk)
        _sum_over_queries(sight, weight_SHTU, dout, dv)


class _Sight:
    """Which queries see a key, and which keys a query sees, as slices."""

    def __init__(self, num_queries: int, num_keys: int, window: int):
        self.num_queries, self.before, self.window = num_queries, num_keys - num_queries, window or MAX_WINDOW

    def of(self, u: int) -> slice:
        """The queries that see key u."""
        return self.of_block(range(u, u + 1))

    def of_block(self, keys: range) -> slice:
        """The queries that see any of these keys."""
        first, end = keys[0] - self.before, keys[-1] - self.before + self.window
        return slice(max(0, first), max(0, min(end, self.num_queries)))

    def from_(self, t: int) -> slice:
        """The keys that query t sees."""
        p = self.before + t
        return slice(max(0, p - self.window + 1), p + 1)


def _require_that_queries_fit(q_STHE: np.ndarray, k_SUGE: np.ndarray, v_SUGF: np.ndarray) -> None:
    T, H, E = q_STHE.shape[1:]
    U, G = k_SUGE.shape[1:3]
    if G == 0 or H % G:
        raise ValueError(f"k: expected a number of heads that divides the {H} of q, got {G}")
    if U < T:
        raise ValueError(f"k: expected at least the {T} positions of q, got {U}")
    if E == 0:
        raise ValueError("q: expected a head dimension of at least 1, got 0")
    if v_SUGF.shape[3] == 0:
        raise ValueError("v: expected a head dimension of at least 1, got 0")


def _by_query_head(x_SUGE: np.ndarray, num_heads: int) -> np.ndarray:
    """x_SHUE: each key/value head once for every query head that reads it."""
    return x_SUGE.transpose(0, 2, 1, 3).repeat(num_heads // x_SUGE.shape[2], axis=1)


def _logits(q_STHE: np.ndarray, k_SUGE: np.ndarray, scale: np.float32) -> np.ndarray:
    """logit_SHTU before the cap: for every pair, seen or not."""
    q_SHTE = (q_STHE * scale).transpose(0, 2, 1, 3)
    k_SHUE = _by_query_head(k_SUGE, q_STHE.shape[2])
    logit_SHTU = np.zeros((*q_SHTE.shape[:3], k_SHUE.shape[2]), np.float32)
    for e in range(q_SHTE.shape[3]):
        logit_SHTU = fma(q_SHTE[..., e, None], k_SHUE[..., None, :, e], logit_SHTU)
    return logit_SHTU


def _cap(logit_SHTU: np.ndarray, soft_cap: np.float32) -> tuple[np.ndarray, np.ndarray | None]:
    """The logits with their cap, and the slope of the cap there; as they are, and None, where there is no cap."""
    if soft_cap == 0:
        return logit_SHTU, None
    tanh_SHTU = tanh_of(logit_SHTU / soft_cap)
    return soft_cap * tanh_SHTU, fma(-tanh_SHTU, tanh_SHTU, np.float32(1))


def _raise_maximum(maximum: np.ndarray, candidate: np.ndarray) -> None:
    maximum[...] = np.where(maximum < candidate, candidate, maximum)


def _sum_over_queries(sight: _Sight, factor_SHTU: np.ndarray, x_STHE: np.ndarray, out_SUGE: np.ndarray) -> None:
    """out[u] = chain over the heads of the group, then over the queries t that see u, of factor[t, u] x[t]."""
    S, T, H, E = x_STHE.shape
    G = out_SUGE.shape[2]
    x_STGIE = x_STHE.reshape(S, T, G, H // G, E)
    factor_SGITU = factor_SHTU.reshape(S, G, H // G, T, T)
    sum_SUGE = np.zeros((S, T, G, E), np.float32)
    for i in range(H // G):
        for t in range(T):
            seen = sight.from_(t)
            factor_SUG = factor_SGITU[:, :, i, t, seen].transpose(0, 2, 1)
            sum_SUGE[:, seen] = fma(factor_SUG[..., None], x_STGIE[:, t, None, :, i], sum_SUGE[:, seen])
    out_SUGE[...] = sum_SUGE
