"""The choice of experts: equal bits, what is chosen and in which order, the gradient, and what must be noticed."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.kernels import definitions, native, router

SCORINGS = ["softmax", "sigmoid"]


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def outputs(rows: int, experts: int, num: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full((rows, experts), 7, np.float32), np.full((rows, num), -7), np.full((rows, num), 7, np.float32)


def forward_call(scoring: str, logits: np.ndarray, num: int, *options: Any) -> tuple[Any, ...]:
    bias = [] if scoring == "softmax" else [floats(logits.shape[1], seed=9)]
    return (logits, *bias, *options, *outputs(*logits.shape, num))


def route(
    kernels: Any, scoring: str, logits: np.ndarray, bias: np.ndarray | None, num: int, *options: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(score, expert, weight)."""
    written = outputs(*logits.shape, num)
    given_bias = [] if scoring == "softmax" else [bias]
    getattr(kernels, f"{scoring}_router")(logits, *given_bias, *options, *written)
    return written


def sigmoid_logits(scores: list[float]) -> np.ndarray:
    return np.log(np.array(scores) / (1 - np.array(scores)))[None].astype(np.float32)


# ---- the same bits on both sides


@pytest.mark.parametrize("scoring", SCORINGS)
@given(data=st.data(), seed=st.integers(0, 9), rows=st.integers(0, 5), normalized=st.integers(0, 1))
def test_twins_are_bit_equal_for_every_shape(twins, scoring, data, seed, rows, normalized):
    groups = data.draw(st.integers(1, 6))
    size = data.draw(st.integers(1, 20))
    kept = data.draw(st.integers(1, groups))
    num = data.draw(st.integers(1, min(kept * size, 9)))
    # Few values, so that many are equal.
    logits = np.round(floats(rows, groups * size, seed=seed) * 2) / 2
    options = (groups, kept, normalized, 0.625)
    assert twins.agree(f"{scoring}_router", *forward_call(scoring, logits, num, *options), offset=seed % 4)
    score, expert, _ = route(native(), scoring, logits, floats(groups * size), num, *options)
    backward = (floats(rows, num, seed=seed), score, expert, normalized, 0.625, np.empty_like(logits))
    assert twins.agree(f"{scoring}_router_backward", *backward, offset=seed % 4)


@pytest.mark.parametrize("scoring", SCORINGS)
def test_twins_are_bit_equal_on_several_tasks(twins, scoring):
    logits, options = floats(700, 48), (4, 2, 1, 2.5)
    assert twins.agree(f"{scoring}_router", *forward_call(scoring, logits, 5, *options), threads=(1, 2, 3))
    score, expert, _ = route(native(), scoring, logits, floats(48), 5, *options)
    backward = (floats(700, 5), score, expert, 1, 2.5, np.empty_like(logits))
    assert twins.agree(f"{scoring}_router_backward", *backward, threads=(1, 2, 3))


@pytest.mark.parametrize("scoring", SCORINGS)
def test_twins_are_bit_equal_at_special_values(twins, scoring, specials):
    a, b = np.meshgrid(specials, specials)
    logits = np.stack([a.ravel(), b.ravel(), np.roll(a.ravel(), 3), np.zeros(a.size, np.float32)], axis=1)
    for groups, normalized in ((1, 0), (1, 1), (2, 1)):
        call = forward_call(scoring, logits.astype(np.float32), 2, groups, 1, normalized, 1.0)
        assert twins.agree(f"{scoring}_router", *call)


@pytest.mark.parametrize("scoring", SCORINGS)
def test_another_choice_among_equals_is_noticed(twins, monkeypatch, scoring):
    call = list(forward_call(scoring, np.zeros((3, 8), np.float32), 2, 1, 1, 1, 1.0))
    if scoring == "sigmoid":
        call[1] = np.zeros(8, np.float32)
    assert twins.agree(f"{scoring}_router", *call)
    monkeypatch.setattr(router, "largest", lambda x, num: list(range(len(x) - num, len(x))))
    assert not twins.agree(f"{scoring}_router", *call)


def test_another_order_of_a_total_is_noticed(twins, monkeypatch):
    monkeypatch.setattr(router, "total_of", lambda s: np.add.accumulate(s[:, ::-1], axis=1)[:, -1] + router.FLOOR)
    assert not twins.agree("softmax_router", *forward_call("softmax", floats(200, 16), 6, 1, 1, 1, 1.0))


# ---- what is chosen


def best_by_trying_all(choice: list[float], num: int) -> list[int]:
    """The only set in which no expert should give way to a better one, or to an equal one before it."""
    fits = [
        chosen
        for chosen in combinations(range(len(choice)), num)
        if all((choice[a], -a) > (choice[b], -b) for a in chosen for b in range(len(choice)) if b not in chosen)
    ]
    assert len(fits) == 1
    return list(fits[0])


@given(st.lists(st.sampled_from([0.25, 0.5, 0.75]), min_size=4, max_size=8), st.integers(1, 4))
def test_the_largest_are_chosen_and_of_equal_ones_the_first(twins, scores, num):
    for _, kernels in twins.each():
        _, expert, _ = route(kernels, "sigmoid", sigmoid_logits(scores), np.zeros(len(scores), np.float32), num,
                             1, 1, 0, 1.0)  # fmt: skip
        assert expert[0].tolist() == best_by_trying_all(scores, num)


def test_groups_are_limited_by_their_best_or_by_the_sum_of_their_best_two(twins):
    scores = [0.9, 0.1, 0.1, 0.6, 0.5, 0.1]  # of the first group the best is larger, of the second the best two
    for _, kernels in twins.each():
        _, by_best, _ = route(kernels, "softmax", sigmoid_logits(scores), None, 2, 2, 1, 0, 1.0)
        assert by_best[0].tolist() == [0, 1]
        _, by_two, _ = route(kernels, "sigmoid", sigmoid_logits(scores), np.zeros(6, np.float32), 2, 2, 1, 0, 1.0)
        assert by_two[0].tolist() == [3, 4]


def test_of_equal_groups_the_first_are_kept(twins):
    for _, kernels in twins.each():
        _, expert, _ = route(kernels, "softmax", np.zeros((1, 12), np.float32), None, 5, 4, 2, 0, 1.0)
        assert expert[0].tolist() == [0, 1, 2, 3, 4]


def test_a_bias_moves_the_choice_and_no_weight(twins):
    logits, bias = sigmoid_logits([0.75, 0.5, 0.25]), np.array([0, 0, 1], np.float32)
    for _, kernels in twins.each():
        score, expert, weight = route(kernels, "sigmoid", logits, bias, 2, 1, 1, 0, 1.0)
        assert expert[0].tolist() == [0, 2]
        assert weight.tolist() == score[:, [0, 2]].tolist()


def test_nan_is_chosen_last_and_is_found_in_the_weights(twins):
    logits = np.array([[np.nan, 0, 0, 1]], np.float32)
    for _, kernels in twins.each():
        _, expert, weight = route(kernels, "sigmoid", logits, np.zeros(4, np.float32), 3, 1, 1, 1, 1.0)
        assert expert[0].tolist() == [1, 2, 3]
        assert np.isfinite(weight).all()
        _, expert, weight = route(kernels, "softmax", logits, None, 2, 1, 1, 1, 1.0)
        assert expert[0].tolist() == [0, 1]
        assert np.isnan(weight).all()


def test_weights_that_are_normalized_add_up_to_the_scale_even_of_scores_that_all_underflow(twins):
    for _, kernels in twins.each():
        _, _, weight = route(kernels, "softmax", floats(50, 9), None, 4, 1, 1, 1, 2.5)
        assert np.abs(weight.astype(np.float64).sum(axis=1) - 2.5).max() < 2.5 * 8 * 2.0**-24  # 3 sums, 4 quotients
        _, _, weight = route(kernels, "sigmoid", np.full((1, 3), -200, np.float32), floats(3), 2, 1, 1, 1, 1.0)
        assert weight.tolist() == [[0, 0]]


# ---- the gradient


@pytest.mark.parametrize("normalized", [0, 1])
@pytest.mark.parametrize("scoring", SCORINGS)
def test_gradients_agree_with_central_differences_in_binary64(scoring, normalized):
    logits, dweight, step = floats(6, 8), floats(6, 3), 1e-6
    score, expert, _ = route(native(), scoring, logits, np.zeros(8, np.float32), 3, 1, 1, normalized, 1.5)
    dlogits = np.empty_like(logits)
    getattr(native(), f"{scoring}_router_backward")(dweight, score, expert, normalized, 1.5, dlogits)

    def weighted(logits: np.ndarray) -> np.ndarray:
        """What each row contributes to a loss whose gradient by the weights is dweight; the choice stays."""
        e = np.exp(logits)
        s = np.take_along_axis(e / e.sum(axis=1, keepdims=True) if scoring == "softmax" else e / (1 + e), expert, 1)
        return ((s / s.sum(axis=1, keepdims=True) if normalized else s) * 1.5 * dweight).sum(axis=1)

    for x in range(8):
        moved = np.zeros(8)
        moved[x] = step
        by_x = (weighted(logits + moved) - weighted(logits - moved)) / (2 * step)
        assert np.abs(dlogits[:, x] - by_x).max() < 1e-5  # a few roundings of numbers near 1, and step^2


# ---- what is refused

REFUSED = [
    ((3, 1, 1, 1.0), 2, "num_groups: expected a divisor of 8 not below 1, got 3"),
    ((2, 4, 1, 1.0), 2, "num_groups: expected a divisor of 8 not below 4, got 2"),
    ((4, 1, 1, 1.0), 3, "expert_RK: expected 1 to 2 experts a row, got 3"),
    ((1, 1, 1, 1.0), 0, "expert_RK: expected 1 to 8 experts a row, got 0"),
    ((1, 1, 2, 1.0), 2, "is_normalized: expected 0 to 1, got 2"),
]


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize(("options", "num", "words"), REFUSED)
def test_what_cannot_be_chosen_is_refused_by_both_sides(scoring, options, num, words):
    for kernels in (definitions(), native()):
        with pytest.raises(ValueError, match=words):
            getattr(kernels, f"{scoring}_router")(*forward_call(scoring, floats(2, 8), num, *options))


NOT_ASCENDING = [([[0, 1], [2, 2]], 2, (1, 1)), ([[3, 1], [0, 1]], 1, (0, 1)), ([[0, 8], [0, 1]], 8, (0, 1)),
                 ([[-1, 3], [0, 1]], -1, (0, 0))]  # fmt: skip


@pytest.mark.parametrize("scoring", SCORINGS)
@pytest.mark.parametrize(("expert", "found", "at"), NOT_ASCENDING)
def test_experts_that_are_not_ascending_are_refused_by_both_sides(scoring, expert, found, at):
    for kernels in (definitions(), native()):
        call = (floats(2, 2), floats(2, 8), np.array(expert), 1, 1.0, floats(2, 8))
        with pytest.raises(
            ValueError, match=f"expert_RK: expected ascending .* 0 to 7 .*, got {found} at \\({at[0]}, {at[1]}\\)"
        ):
            getattr(kernels, f"{scoring}_router_backward")(*call)
