"""A call of every kernel at any length, on numbers at the edges of the number line."""

from collections.abc import Callable
from typing import Any

import numpy as np

SMALLEST = 2.0**-149
SMALL = 2.0**-80  # the product of two rounds to zero
TIE = 2.0**-75  # the product of two lies halfway between zero and the smallest number
HUGE = 2.0**127
PALETTES = [
    [SMALL],
    [-SMALL],
    [1.0],
    [1.0, -1.0],
    [np.inf],
    [0.0, -0.0, SMALL, -SMALL, TIE, -TIE],
    [0.0, -0.0, SMALLEST, -SMALLEST, SMALL, -SMALL, TIE, -TIE, 1.0, -1.0],
    [0.0, -0.0, SMALLEST, -SMALL, TIE, 1.0, -1.0, HUGE, -HUGE, np.inf],
]


class Draw:
    """Arrays whose numbers are drawn from one palette each."""

    def __init__(self, *seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, *shape: int) -> np.ndarray:
        palette = PALETTES[self.rng.integers(len(PALETTES))]
        return self.rng.choice(np.array(palette, np.float32), shape)

    def ids(self, num: int, end: int) -> np.ndarray:
        return self.rng.integers(0, end, num)


def blank(*shape: int) -> np.ndarray:
    return np.full(shape, 7, np.float32)


def blank_ids(*shape: int) -> np.ndarray:
    return np.full(shape, -7)


def few(n: int) -> int:
    return min(n, 2)


def groups(n: int) -> tuple[int, int]:
    """How many groups n experts are in, and how many of them are kept."""
    return (3, 2) if n % 3 == 0 else (1, 1)


def ascending(x: Draw, rows: int, num: int, end: int) -> np.ndarray:
    return np.sort([x.rng.permutation(end)[:num] for _ in range(rows)], axis=1)


PRODUCTS = ("", "integer_")  # of version 1, and of version 2

# Each kernel on rows of n elements, or on n of whatever else its vectors go along.
CASES: dict[str, Callable[[Draw, int], tuple[Any, ...]]] = {
    **{name: lambda x, n: (x(n), blank(n)) for name in ("exp", "log", "sin", "cos", "sigmoid", "tanh", "erf")},
    "add": lambda x, n: (x(n), x(n), blank(n)),
    "ordered_sum": lambda x, n: (x(n), blank(1)),
    "sum_of_squares": lambda x, n: (x(n), blank(1)),
    "all_finite": lambda x, n: (x(n),),
    "rmsnorm": lambda x, n: (x(2, n), x(n), float(x(1)[0]), blank(2, n), blank(2)),
    "rmsnorm_backward": lambda x, n: (x(2, n), x(2, n), x(n), x(2), blank(2, n), blank(n)),
    "add_rmsnorm": lambda x, n: (x(2, n), x(2, n), x(n), SMALLEST, blank(2, n), blank(2, n), blank(2)),
    "add_rmsnorm_backward": lambda x, n: (x(2, n), x(2, n), x(2, n), x(n), x(2), blank(2, n), blank(n)),
    "layernorm": lambda x, n: (x(2, n), x(n), x(n), float(x(1)[0]), blank(2, n), blank(2), blank(2)),
    "add_layernorm": lambda x, n: (
        x(2, n), x(2, n), x(n), x(n), SMALLEST, blank(2, n), blank(2, n), blank(2), blank(2)
    ),
    "add_layernorm_backward": lambda x, n: (
        x(2, n), x(2, n), x(2, n), x(n), x(2), x(2), blank(2, n), blank(n), blank(n)
    ),
    "add_bias": lambda x, n: (x(3, n), x(n), blank(3, n)),
    "bias_gradient": lambda x, n: (x(3, n), blank(n)),
    "rotary_table": lambda x, n: (x(n), 3, blank(2, n), blank(2, n)),
    **{
        name: lambda x, n: (x(2, 2, 2 * n + n % 3), x(2, n), x(2, n), blank(2, 2, 2 * n + n % 3))
        for name in ("rotary", "rotary_backward", "rotary_interleaved", "rotary_interleaved_backward")
    },
    "swiglu": lambda x, n: (x(2, n), x(2, n), blank(2, n)),
    "swiglu_backward": lambda x, n: (x(2, n), x(2, n), x(2, n), blank(2, n), blank(2, n)),
    **{name: lambda x, n: (x(2, n), blank(2, n)) for name in ("gelu", "gelu_tanh")},
    **{name: lambda x, n: (x(2, n), x(2, n), blank(2, n)) for name in ("gelu_backward", "gelu_tanh_backward")},
    **{name: lambda x, n: (x(2, n), x(2, n), blank(2, n)) for name in ("geglu", "geglu_tanh")},
    **{
        name: lambda x, n: (x(2, n), x(2, n), x(2, n), blank(2, n), blank(2, n))
        for name in ("geglu_backward", "geglu_tanh_backward")
    },
    "embedding": lambda x, n: (x(3, n), x.ids(5, 3), blank(5, n)),
    "embedding_backward": lambda x, n: (x(5, n), x.ids(5, 3), blank(3, n)),
    "adamw": lambda x, n: (x(n), x(n), x(n), x(n), *(float(y) for y in x(8))),
    **{f"{version}muon": lambda x, n: (
        x(3, n), x(3, n), x(3, n), *(float(y) for y in x(4))
    ) for version in PRODUCTS},
    **{f"{version}matmul_nt": lambda x, n: (x(3, n), x(n, n), blank(3, n)) for version in PRODUCTS},
    **{f"{version}matmul_nn": lambda x, n: (x(n, 3), x(3, n), blank(n, n)) for version in PRODUCTS},
    **{f"{version}matmul_tn": lambda x, n: (x(n, 3), x(n, n), blank(3, n)) for version in PRODUCTS},
    **{f"{version}linear_cross_entropy": lambda x, n: (
        x(3, n % 19 + 1), x(n, n % 19 + 1), x.ids(3, n), float(x(1)[0]), [0.0, 2.0][n % 2],
        blank(3), blank(3, n % 19 + 1), blank(n, n % 19 + 1),
    ) for version in PRODUCTS},
    **{f"{version}linear_cross_entropy_frozen": lambda x, n: (
        x(3, n % 19 + 1), x(n, n % 19 + 1), x.ids(3, n), float(x(1)[0]), [0.0, 2.0][n % 2],
        blank(3), blank(3, n % 19 + 1),
    ) for version in PRODUCTS},
    **{f"{version}linear_cross_entropy_loss": lambda x, n: (
        x(3, n % 19 + 1), x(n, n % 19 + 1), x.ids(3, n), 2.0, blank(3)
    ) for version in PRODUCTS},
    "attention": lambda x, n: (
        x(1, 3, 2, n % 37 + 1), x(1, n + 2, 1, n % 37 + 1), x(1, n + 2, 1, n % 31 + 1), float(x(1)[0]),
        n % 3 * 20, n % 2 * 8.0, blank(1, 3, 2, n % 31 + 1), blank(1, 2, 3),
    ),
    "continued_attention": lambda x, n: (
        x(2, 3, 2, n % 37 + 1), x(2, 3, 1, n % 37 + 1), x(2, 3, 1, n % 31 + 1), np.array([n]), float(x(1)[0]),
        n % 3 * 20, n % 2 * 8.0, x(2, n + 5, 1, n % 37 + 1), x(2, n + 5, 1, n % 31 + 1),
        blank(2, 3, 2, n % 31 + 1), blank(2, 2, 3),
    ),
    "attention_backward": lambda x, n: (
        x(1, n % 37 + 1, 2, 2 * n), x(1, n % 37 + 1, 2, n), x(1, n % 37 + 1, 1, n), x(1, n % 37 + 1, 1, 2 * n),
        x(1, n % 37 + 1, 2, 2 * n), x(1, 2, n % 37 + 1), float(x(1)[0]), n % 3 * 6, n % 2 * 8.0,
        blank(1, n % 37 + 1, 2, n), blank(1, n % 37 + 1, 1, n), blank(1, n % 37 + 1, 1, 2 * n),
    ),
    "softmax_router": lambda x, n: (
        x(3, n), *groups(n), int(x.ids(1, 2)[0]), float(x(1)[0]), blank(3, n), blank_ids(3, few(n)), blank(3, few(n)),
    ),
    "sigmoid_router": lambda x, n: (
        x(3, n), x(n), *groups(n), int(x.ids(1, 2)[0]), float(x(1)[0]),
        blank(3, n), blank_ids(3, few(n)), blank(3, few(n)),
    ),
    **{f"{name}_router_backward": lambda x, n: (
        x(3, few(n)), x(3, n), ascending(x, 3, few(n), n), int(x.ids(1, 2)[0]), float(x(1)[0]), blank(3, n),
    ) for name in ("softmax", "sigmoid")},
    "dispatch": lambda x, n: (ascending(x, n, 2, 3), blank_ids(n, 2), blank_ids(2 * n), blank_ids(3)),
    "combine": lambda x, n: (x(6, n), x.rng.permutation(6).reshape(3, 2), x(3, 2), blank(3, n)),
    "combine_backward": lambda x, n: (
        x(3, n), x(6, n), x.rng.permutation(6).reshape(3, 2), x(3, 2), blank(6, n), blank(3, 2),
    ),
    "norm_and_clip": lambda x, n: (np.abs(x(n)), 1.0, blank(2)),
    "scale": lambda x, n: (x(n), float(x(1)[0]), blank(n)),
    "soft_cap": lambda x, n: (x(n), float(x(1)[0]), blank(n)),
    "pick": lambda x, n: (x(n), 0.5, 0.25),
    "first_not_below": lambda x, n: (x.ids(n, 50).astype(np.uint32), 49),
    "first_not_finite": lambda x, n: (x(n),),
    "first_above": lambda x, n: (x(n), 1.0),
    "first_shrunk": lambda x, n: (x(n), x(n), 1.0, 0.0),
    "first_moved": lambda x, n: (x(n), x(n), 1.0, 2.0),
    "first_misspelt": lambda x, n: (
        x.ids(n, 50).astype(np.uint32), np.arange(1, 51, dtype=np.uint32), np.arange(52, dtype=np.uint8),
        np.zeros(4 * n, np.uint8),
    ),
    "philox": lambda _, n: (1, 2, 3, 4, 5, 6, np.zeros((n, 4), np.uint32)),
    "uniform": lambda _, n: (1, 5, 0.25, blank(n)),
    "permutation": lambda _, n: (1, 5, 7, n),
}  # fmt: skip
