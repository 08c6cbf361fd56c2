"""Golden digests of every kernel called from Python: the bits of the numerics, both versions.

The digest is sha256 over the outputs in order of argument, every NaN as one; the conformance program has a wider list.
"""

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from glasswright.kernels import definitions, looks, native

Arguments = tuple[object, ...]


class Inputs:
    """Numbers of one case: the streams (seed 1, purposes 0, 1, 2, ...)."""

    def __init__(self) -> None:
        self.purpose = 0

    def __call__(self, *shape: int) -> np.ndarray:
        out = np.empty(shape, np.float32)
        native().uniform(1, self.purpose, 2.0, out)
        self.purpose += 1
        return out


def blank(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def square(x: np.ndarray) -> np.ndarray:
    return x * x


RATE = float(np.float32(0.003))
TOKEN = np.array([3, 1, 4, 1, 5])
TABLE = (blank(3, 4), blank(3, 4))
EXPERT = np.array([[0, 3], [1, 3], [0, 1], [2, 3], [1, 5]])


def router_outputs() -> Arguments:
    return blank(5, 6), np.zeros((5, 2), np.int64), blank(5, 2)


CASES: dict[str, Callable[[Inputs], Arguments]] = {
    **{name: lambda x: (x(100), blank(100)) for name in ("exp", "log", "sin", "cos", "sigmoid", "tanh", "erf")},
    "add": lambda x: (x(100), x(100), blank(100)),
    "ordered_sum": lambda x: (x(1000), blank(1)),
    "sum_of_squares": lambda x: (x(1000), blank(1)),
    "norm_and_clip": lambda x: (square(x(30)), 0.5, blank(2)),
    "scale": lambda x: (x(100), RATE, blank(100)),
    "soft_cap": lambda x: (x(100), 0.75, blank(100)),
    "pick": lambda x: (x(1000), 0.75, 0.625),
    "rmsnorm": lambda x: (x(5, 67), x(67), 2.0**-17, blank(5, 67), blank(5)),
    "rmsnorm_backward": lambda x: (x(5, 67), x(5, 67), x(67), x(5), blank(5, 67), blank(67)),
    "add_rmsnorm": lambda x: (x(5, 67), x(5, 67), x(67), 2.0**-17, blank(5, 67), blank(5, 67), blank(5)),
    "add_rmsnorm_backward": lambda x: (*(x(5, 67) for _ in range(3)), x(67), x(5), blank(5, 67), blank(67)),
    "layernorm": lambda x: (x(5, 67), x(67), x(67), 2.0**-17, blank(5, 67), blank(5), blank(5)),
    "add_layernorm": lambda x: (
        x(5, 67), x(5, 67), x(67), x(67), 2.0**-17, blank(5, 67), blank(5, 67), blank(5), blank(5),
    ),
    "add_layernorm_backward": lambda x: (
        *(x(5, 67) for _ in range(3)), x(67), x(5), x(5), blank(5, 67), blank(67), blank(67),
    ),
    "add_bias": lambda x: (x(5, 67), x(67), blank(5, 67)),
    "bias_gradient": lambda x: (x(600, 67), blank(67)),
    "rotary_table": lambda x: (np.abs(x(4)), 1000, *(t.copy() for t in TABLE)),
    "rotary": lambda x: (x(6, 2, 8), x(3, 4), x(3, 4), blank(6, 2, 8)),
    "rotary_backward": lambda x: (x(6, 2, 8), x(3, 4), x(3, 4), blank(6, 2, 8)),
    "rotary_interleaved": lambda x: (x(6, 2, 11), x(3, 4), x(3, 4), blank(6, 2, 11)),
    "rotary_interleaved_backward": lambda x: (x(6, 2, 11), x(3, 4), x(3, 4), blank(6, 2, 11)),
    "swiglu": lambda x: (x(5, 67), x(5, 67), blank(5, 67)),
    "swiglu_backward": lambda x: (*(x(5, 67) for _ in range(3)), blank(5, 67), blank(5, 67)),
    **{name: lambda x: (x(5, 67), blank(5, 67)) for name in ("gelu", "gelu_tanh")},
    **{name: lambda x: (x(5, 67), x(5, 67), blank(5, 67)) for name in ("gelu_backward", "gelu_tanh_backward")},
    **{name: lambda x: (x(5, 67), x(5, 67), blank(5, 67)) for name in ("geglu", "geglu_tanh")},
    **{
        name: lambda x: (*(x(5, 67) for _ in range(3)), blank(5, 67), blank(5, 67))
        for name in ("geglu_backward", "geglu_tanh_backward")
    },
    "embedding": lambda x: (x(6, 9), TOKEN, blank(5, 9)),
    "embedding_backward": lambda x: (x(5, 9), TOKEN, blank(6, 9)),
    "adamw": lambda x: (x(100), x(100), x(100), square(x(100)), 0.5, RATE, 0.875, 0.9375, 2.0**-27, 0.125, 0.25, 0.125),
    "integer_muon": lambda x: (x(8, 12), x(8, 12), x(8, 12), 0.5, RATE, 0.9375, 0.125),
    "muon": lambda x: (x(8, 12), x(8, 12), x(8, 12), 0.5, RATE, 0.9375, 0.125),
    "matmul_nn": lambda x: (x(7, 600), x(600, 9), blank(7, 9)),
    "matmul_nt": lambda x: (x(7, 600), x(9, 600), blank(7, 9)),
    "matmul_tn": lambda x: (x(600, 7), x(600, 9), blank(7, 9)),
    "linear_cross_entropy": lambda x: (x(5, 8), x(9, 8), TOKEN, 0.125, 0.0, blank(5), blank(5, 8), blank(9, 8)),
    "linear_cross_entropy_frozen": lambda x: (x(5, 8), x(9, 8), TOKEN, 0.125, 0.0, blank(5), blank(5, 8)),
    "linear_cross_entropy_loss": lambda x: (x(5, 8), x(9, 8), TOKEN, 0.0, blank(5)),
    "attention": lambda x: (
        x(1, 3, 4, 8), x(1, 70, 2, 8), x(1, 70, 2, 8), 0.25, 0, 0.0, blank(1, 3, 4, 8), blank(1, 4, 3),
    ),
    "attention in a window under a cap": lambda x: (
        x(1, 3, 4, 8), x(1, 70, 2, 8), x(1, 70, 2, 6), 0.25, 66, 2.0, blank(1, 3, 4, 6), blank(1, 4, 3),
    ),
    "continued_attention": lambda x: (
        x(2, 3, 4, 8), x(2, 3, 2, 8), x(2, 3, 2, 6), np.array([66]), 0.25, 0, 0.0, x(2, 72, 2, 8), x(2, 72, 2, 6),
        blank(2, 3, 4, 6), blank(2, 4, 3),
    ),
    "attention_backward": lambda x: (
        x(1, 5, 4, 8), x(1, 5, 4, 8), x(1, 5, 2, 8), x(1, 5, 2, 8), x(1, 5, 4, 8), square(x(1, 4, 5)), 0.25, 0, 0.0,
        blank(1, 5, 4, 8), blank(1, 5, 2, 8), blank(1, 5, 2, 8),
    ),
    "attention_backward in a window under a cap": lambda x: (
        x(1, 5, 4, 6), x(1, 5, 4, 8), x(1, 5, 2, 8), x(1, 5, 2, 6), x(1, 5, 4, 6), square(x(1, 4, 5)), 0.25, 3, 2.0,
        blank(1, 5, 4, 8), blank(1, 5, 2, 8), blank(1, 5, 2, 6),
    ),
    "softmax_router": lambda x: (x(5, 6), 3, 2, 1, 0.75, *router_outputs()),
    "sigmoid_router": lambda x: (x(5, 6), x(6), 3, 2, 0, 0.75, *router_outputs()),
    "softmax_router_backward": lambda x: (x(5, 2), square(x(5, 6)), EXPERT, 1, 0.75, blank(5, 6)),
    "sigmoid_router_backward": lambda x: (x(5, 2), square(x(5, 6)), EXPERT, 1, 0.75, blank(5, 6)),
    "dispatch": lambda _: (EXPERT, *(np.zeros(shape, np.int64) for shape in ((5, 2), 10, 6))),
    "combine": lambda x: (x(10, 67), np.arange(9, -1, -1).reshape(5, 2), x(5, 2), blank(5, 67)),
    "combine_backward": lambda x: (
        x(5, 67), x(10, 67), np.arange(9, -1, -1).reshape(5, 2), x(5, 2), blank(10, 67), blank(5, 2),
    ),
    "integer_matmul_nn": lambda x: (x(7, 600), x(600, 9), blank(7, 9)),
    "integer_matmul_nt": lambda x: (x(7, 600), x(9, 600), blank(7, 9)),
    "integer_matmul_tn": lambda x: (x(600, 7), x(600, 9), blank(7, 9)),
    "integer_linear_cross_entropy": lambda x: (
        x(5, 8), x(9, 8), TOKEN, 0.125, 0.0, blank(5), blank(5, 8), blank(9, 8)
    ),
    "integer_linear_cross_entropy of logits far apart": lambda x: (
        32 * x(1, 8), x(300, 8), TOKEN[:1], 0.125, 0.0, blank(1), blank(1, 8), blank(300, 8)
    ),
    "integer_linear_cross_entropy_frozen": lambda x: (x(5, 8), x(9, 8), TOKEN, 0.125, 0.0, blank(5), blank(5, 8)),
    "integer_linear_cross_entropy_loss": lambda x: (x(5, 8), x(9, 8), TOKEN, 0.0, blank(5)),
    "uniform": lambda _: (1, 5, 0.25, blank(100)),
    "permutation": lambda _: (1, 5, 7, 100),
    "philox": lambda _: (1, 2, 3, 4, 5, 6, np.zeros((9, 4), np.uint32)),
}  # fmt: skip
NOT_A_NUMBER = {"all_finite", *looks.KERNELS}  # answers yes or no, or an index
NOT_A_KERNEL = {"set_num_threads"}  # there so that a definition can stand in for its twin


def digest(twins, kernels, name: str) -> str:
    found = hashlib.sha256()
    for array in twins.run(kernels, name.split()[0], *CASES[name](Inputs())):
        canonical = np.where(np.isnan(array), np.float32(np.nan), array) if array.dtype == np.float32 else array
        found.update(canonical.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("name", CASES)
def test_golden_digest_of(twins, golden, name):
    for isa in twins.isas:
        golden(name, digest(twins, native(isa), name))


def test_golden_digests_exist_for_every_kernel():
    assert {name.split()[0] for name in CASES} | NOT_A_NUMBER | NOT_A_KERNEL == set(vars(definitions()))


def test_one_ulp_in_one_input_changes_the_digest(twins, monkeypatch):
    before = digest(twins, native(), "matmul_nn")
    ordinary = Inputs.__call__

    def moved(self, *shape):
        out = ordinary(self, *shape)
        out.reshape(-1)[0] = np.nextafter(out.reshape(-1)[0], np.float32(9))
        return out

    monkeypatch.setattr(Inputs, "__call__", moved)
    assert digest(twins, native(), "matmul_nn") != before
