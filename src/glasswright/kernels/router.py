"""Which experts a row goes to, with what weight, and the gradient of the weights.

R rows, X experts, K chosen for each row, G groups of X / G neighbouring experts.

    score     = softmax(logits[r])      e[x] = exp(logit[x] - max), score[x] = e[x] / sum; max by rule 8, sum by rule 5
             or sigmoid(logits[r])      in elementary.py
    choice    = score                   softmax
             or score + bias            sigmoid: the bias moves the choice and enters nothing else

    The groups kept are the `num_kept` whose best choice (softmax), or sum of the best two (sigmoid), is largest; the
    experts chosen are the K of them whose choice is largest. Of equal ones the lower index wins; NaN counts as -inf.
    A row's chosen experts are written, and go through every sum below, in ascending order of their index.

    normalized:  total = ((s[0] + s[1]) + ...) + FLOOR, n[j] = s[j] / total, weight[j] = n[j] * scale
    otherwise:   weight[j] = s[j] * scale                                    s[j] the score of the j-th chosen

    g[j]      = dweight[j] * scale
    ds[j]     = (g[j] - c) / total      normalized; c the chain fma(g[j], n[j], c) from +0
             or g[j]
    dlogit[x] = score[x] * (ds[x] - i)  softmax; i the chain fma(ds[j], s[j], i) from +0; ds is +0 where not chosen
             or ds[j] * (s[j] * (1 - s[j])), +0 where not chosen             sigmoid

The choice has no gradient. Every operation written is rounded once. Dtypes: float32; experts int64.
Source: softmax as in Mixtral (Jiang et al. 2024, section 2.1, normalized) and DeepSeek V2 (2024, section 2.2.1, with
groups); sigmoid as in DeepSeek V3 (2024, equations 13 to 16), FLOOR from the code published with it.
"""

import numpy as np

from glasswright.kernels.checks import Door, ascending, number
from glasswright.kernels.elementary import exp_of, sigmoid_of
from glasswright.kernels.fma import fma
from glasswright.kernels.scalars import integer
from glasswright.kernels.sums import sum_rows

KERNELS = ["softmax_router", "softmax_router_backward", "sigmoid_router", "sigmoid_router_backward"]

FLOOR = np.float32(float.fromhex("0x1.79ca10p-67"))  # 1e-20: no total of sigmoids that all underflow is zero


def softmax_router(
    logits_RX: np.ndarray, num_groups: int, num_kept: int, is_normalized: int, scale: float,
    score_RX: np.ndarray, expert_RK: np.ndarray, weight_RK: np.ndarray,
) -> None:  # fmt: skip
    """Choose by softmax. Writes the scores too, which the gradient needs.

    Shapes:  X a multiple of num_groups; 1 <= K <= num_kept * X / num_groups.
    Raises:  ValueError naming the argument that does not fit.
    """
    door = Door()
    logits = door.reads("logits_RX", logits_RX, None, None)
    score, expert, weight = written(door, logits, score_RX, expert_RK, weight_RK)
    groups = checked_groups(expert, logits.shape[1], num_groups, num_kept)
    normalized, scale_32 = integer("is_normalized", is_normalized, 0, 1), number("scale", scale)
    score[...] = softmax_of(logits)
    for choice_X, expert_K in zip(score, expert, strict=True):
        expert_K[...] = chosen(choice_X, *groups, 1, len(expert_K))
    weight[...] = weights(score, expert, normalized, scale_32)


def sigmoid_router(
    logits_RX: np.ndarray, bias_X: np.ndarray, num_groups: int, num_kept: int, is_normalized: int, scale: float,
    score_RX: np.ndarray, expert_RK: np.ndarray, weight_RK: np.ndarray,
) -> None:  # fmt: skip
    """Choose by sigmoid and bias. Writes the scores too, without the bias.

    Shapes:  X a multiple of num_groups; 1 <= K <= num_kept * X / num_groups.
    Raises:  ValueError naming the argument that does not fit.
    """
    door = Door()
    logits = door.reads("logits_RX", logits_RX, None, None)
    bias = door.reads("bias_X", bias_X, logits.shape[1])
    score, expert, weight = written(door, logits, score_RX, expert_RK, weight_RK)
    groups = checked_groups(expert, logits.shape[1], num_groups, num_kept)
    normalized, scale_32 = integer("is_normalized", is_normalized, 0, 1), number("scale", scale)
    score[...] = sigmoid_of(logits)
    with np.errstate(all="ignore"):
        choice_RX = score + bias
    for choice_X, expert_K in zip(choice_RX, expert, strict=True):
        expert_K[...] = chosen(choice_X, *groups, 2, len(expert_K))
    weight[...] = weights(score, expert, normalized, scale_32)


def softmax_router_backward(
    dweight_RK: np.ndarray, score_RX: np.ndarray, expert_RK: np.ndarray, is_normalized: int, scale: float,
    dlogits_RX: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `softmax_router` with respect to its logits.

    Raises:  ValueError if a row's experts are not ascending numbers below X, or another argument does not fit.
    """
    door = Door()
    score, expert, dweight = read(door, score_RX, expert_RK, dweight_RK)
    dlogits = door.writes("dlogits_RX", dlogits_RX, *score.shape)
    s_RK, ds_RK = score_gradients(score, expert, dweight, is_normalized, scale)
    ds_RX = np.zeros_like(score)
    np.put_along_axis(ds_RX, expert, ds_RK, axis=1)
    with np.errstate(all="ignore"):
        dlogits[...] = score * (ds_RX - chain(ds_RK, s_RK)[:, None])


def sigmoid_router_backward(
    dweight_RK: np.ndarray, score_RX: np.ndarray, expert_RK: np.ndarray, is_normalized: int, scale: float,
    dlogits_RX: np.ndarray,
) -> None:  # fmt: skip
    """The gradient of `sigmoid_router` with respect to its logits.

    Raises:  ValueError if a row's experts are not ascending numbers below X, or another argument does not fit.
    """
    door = Door()
    score, expert, dweight = read(door, score_RX, expert_RK, dweight_RK)
    dlogits = door.writes("dlogits_RX", dlogits_RX, *score.shape)
    s_RK, ds_RK = score_gradients(score, expert, dweight, is_normalized, scale)
    dlogits[...] = 0
    with np.errstate(all="ignore"):
        np.put_along_axis(dlogits, expert, ds_RK * (s_RK * (np.float32(1) - s_RK)), axis=1)


def written(
    door: Door, logits: np.ndarray, score_RX: np.ndarray, expert_RK: np.ndarray, weight_RK: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(score, expert, weight)."""
    score = door.writes("score_RX", score_RX, *logits.shape)
    expert = door.writes("expert_RK", expert_RK, len(logits), None, dtype=np.int64)
    return score, expert, door.writes("weight_RK", weight_RK, *expert.shape)


def read(
    door: Door, score_RX: np.ndarray, expert_RK: np.ndarray, dweight_RK: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(score, expert, dweight)."""
    score = door.reads("score_RX", score_RX, None, None)
    expert = door.reads("expert_RK", expert_RK, len(score), None, dtype=np.int64)
    return score, expert, door.reads("dweight_RK", dweight_RK, *expert.shape)


def checked_groups(expert: np.ndarray, num_experts: int, num_groups: int, num_kept: int) -> tuple[int, int]:
    groups = integer("num_groups", num_groups, 1, 2**24)
    kept = integer("num_kept", num_kept, 1, 2**24)
    if num_experts % groups or kept > groups:
        raise ValueError(f"num_groups: expected a divisor of {num_experts} not below {kept}, got {groups}")
    require_chosen(expert, most=kept * (num_experts // groups))
    return groups, kept


def require_chosen(expert: np.ndarray, most: int) -> None:
    if not 1 <= expert.shape[1] <= most:
        raise ValueError(f"expert_RK: expected 1 to {most} experts a row, got {expert.shape[1]}")


def softmax_of(logits_RX: np.ndarray) -> np.ndarray:
    max_R = without_nan(logits_RX).max(axis=1)
    with np.errstate(all="ignore"):
        exp_RX = exp_of(logits_RX - max_R[:, None])
        return np.asarray(exp_RX / sum_rows(exp_RX)[:, None])


def chosen(choice_X: np.ndarray, num_groups: int, num_kept: int, num_best: int, num_chosen: int) -> list[int]:
    """The experts of a row, ascending; a group is as good as the sum of its best `num_best`."""
    size = len(choice_X) // num_groups
    best_Gx = np.sort(without_nan(choice_X).reshape(num_groups, size), axis=1)[:, ::-1][:, :num_best]
    with np.errstate(all="ignore"):
        groups = largest(best_Gx.sum(axis=1), num_kept)
    allowed = [x for group in groups for x in range(group * size, (group + 1) * size)]
    return [allowed[i] for i in largest(choice_X[allowed], num_chosen)]


def largest(x_N: np.ndarray, num: int) -> list[int]:
    """Where the largest stand, ascending; of equal ones the first."""
    by_size = np.argsort(-without_nan(x_N), kind="stable")
    return sorted(by_size[:num].tolist())


def without_nan(x_N: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(x_N), np.float32(-np.inf), x_N)


def weights(score_RX: np.ndarray, expert_RK: np.ndarray, is_normalized: int, scale: np.float32) -> np.ndarray:
    s_RK = np.take_along_axis(score_RX, expert_RK, axis=1)
    with np.errstate(all="ignore"):
        return (s_RK / total_of(s_RK)[:, None] if is_normalized else s_RK) * scale


def total_of(s_RK: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.add.accumulate(s_RK, axis=1)[:, -1] + FLOOR


def score_gradients(
    score: np.ndarray, expert: np.ndarray, dweight: np.ndarray, is_normalized: int, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """The chosen scores, and the gradient with respect to them."""
    normalized, scale_32 = integer("is_normalized", is_normalized, 0, 1), number("scale", scale)
    require_chosen(expert, most=score.shape[1])
    ascending("expert_RK", expert, score.shape[1])
    s_RK = np.take_along_axis(score, expert, axis=1)
    with np.errstate(all="ignore"):
        g_RK = dweight * scale_32
        if not normalized:
            return s_RK, g_RK
        total_R1 = total_of(s_RK)[:, None]
        return s_RK, (g_RK - chain(g_RK, s_RK / total_R1)[:, None]) / total_R1


def chain(a_RK: np.ndarray, b_RK: np.ndarray) -> np.ndarray:
    """fma(a[j], b[j], sum) from +0 in ascending j."""
    sum_R = np.zeros(len(a_RK), np.float32)
    for a_R, b_R in zip(a_RK.T, b_RK.T, strict=True):
        sum_R = fma(a_R, b_R, sum_R)
    return sum_R
