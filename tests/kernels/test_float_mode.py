"""Rule 1: kernels round to nearest and keep subnormals, whatever mode the process is in, and give it back."""

import ctypes
import ctypes.util
import platform
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from tests.kernels.conftest import Twins, first_difference

from glasswright.kernels import native

KERNELS = native()
NUM_THREADS = (1, 3)

# The processor's own names for a mode's bits.
FLUSH, READ_AS_ZERO = {"x86_64": (0x8000, 0x40), "aarch64": (0x1000000, 0x1000000)}.get(platform.machine(), (0, 0))
# <fenv.h>'s, and the bits each sets.
UPWARD, DOWNWARD, TOWARD_ZERO = {
    "x86_64": (0x800, 0x400, 0xC00), "aarch64": (0x400000, 0x800000, 0xC00000),
}.get(platform.machine(), (0, 0, 0))  # fmt: skip

pytestmark = pytest.mark.skipif(not FLUSH, reason="did not run: this processor's float mode has no names here")


def round_to(direction: int) -> None:
    """The C library's fesetround, for this thread."""
    assert ctypes.CDLL(ctypes.util.find_library("m")).fesetround(direction) == 0


# How a process comes to a foreign mode.
FOREIGN: dict[str, Callable[[], Any]] = {
    "upward": lambda: round_to(UPWARD),
    "downward": lambda: round_to(DOWNWARD),
    "toward zero": lambda: round_to(TOWARD_ZERO),
    "flush to zero": lambda: KERNELS.set_float_mode(FLUSH),
    "subnormals read as zero": lambda: KERNELS.set_float_mode(READ_AS_ZERO),
    "all at once": lambda: (round_to(DOWNWARD), KERNELS.set_float_mode(KERNELS.float_mode() | FLUSH | READ_AS_ZERO)),
}


@pytest.fixture(autouse=True)
def _restore_float_mode() -> Iterator[None]:
    yield
    KERNELS.set_float_mode(0)


def is_flushing() -> bool:
    return bool((np.full(8, 2.0**-65, np.float32) * np.full(8, 2.0**-65, np.float32) == 0).all())


def is_reading_as_zero() -> bool:
    return bool((np.full(8, 1e-40, np.float32) * np.full(8, 2.0**10, np.float32) == 0).all())


def third() -> float:
    return float((np.full(8, 1, np.float32) / np.full(8, 3, np.float32))[0])


def test_a_thread_begins_in_the_mode_of_rule_1():
    assert KERNELS.float_mode() == 0
    assert not is_flushing()
    assert not is_reading_as_zero()


@pytest.mark.parametrize("foreign", FOREIGN)
def test_a_foreign_mode_is_seen_and_set_back(foreign):
    FOREIGN[foreign]()
    mode = KERNELS.float_mode()
    assert mode != 0
    assert KERNELS.set_float_mode(0) == mode
    assert KERNELS.float_mode() == 0
    assert ctypes.CDLL(ctypes.util.find_library("m")).fegetround() == 0


def test_the_bits_mean_what_the_processor_does():
    KERNELS.set_float_mode(FLUSH)
    assert (is_flushing(), KERNELS.float_mode()) == (True, FLUSH)
    KERNELS.set_float_mode(READ_AS_ZERO)
    assert (is_reading_as_zero(), KERNELS.float_mode()) == (True, READ_AS_ZERO)
    KERNELS.set_float_mode(0)
    nearest = third()
    round_to(DOWNWARD)
    assert third() < nearest


def test_a_mode_is_one_thread_s():
    KERNELS.set_float_mode(FLUSH)
    seen = []
    thread = threading.Thread(target=lambda: seen.append((KERNELS.set_float_mode(0), KERNELS.float_mode())))
    thread.start()
    thread.join()
    assert seen[0][1] == 0
    assert KERNELS.float_mode() == FLUSH


def test_bits_that_are_none_of_a_mode_s_are_refused():
    with pytest.raises(ValueError, match="mode: expected bits of 0x[0-9a-f]+, got 0x8"):
        KERNELS.set_float_mode(8)
    assert KERNELS.float_mode() == 0


# Every kernel on inputs near where modes differ: products that underflow, sums that round.

RNG = np.random.default_rng(0)


def small(*shape: int) -> np.ndarray:
    """Numbers whose products with each other are subnormal."""
    return (RNG.standard_normal(shape) * 2.0**-65).astype(np.float32)


def ordinary(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def positive(*shape: int) -> np.ndarray:
    return np.abs(ordinary(*shape)) + np.float32(0.5)


def empty(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def ids(num: int, end: int) -> np.ndarray:
    return RNG.integers(0, end, num)


N = 20_011  # several tasks, so that the pool's threads take part
SUBNORMAL = np.full(N, 1e-40, np.float32)
SPREAD = (RNG.standard_normal(N) * 2.0 ** RNG.integers(-149, 127, N)).astype(np.float32)
ANGLES = [positive(37, 5), positive(37, 5)]
TINY = 2.0**-65
ABOVE_A_THIRD = float(np.nextafter(1 / 3, 1))  # three times it is 1 + 2^-53, a tie

PAIRS = np.stack([np.arange(700) % 33, 33 + np.arange(700) % 34], axis=1)  # two experts of 67 for each row
PLACES = np.arange(1399, -1, -1).reshape(700, 2)


def router_outputs() -> tuple[np.ndarray, ...]:
    return empty(700, 67), np.zeros((700, 2), np.int64), empty(700, 2)


CALLS: dict[str, list[Any]] = {
    "add": [SPREAD, SUBNORMAL, empty(N)],
    **{name: [SPREAD, empty(N)] for name in ("exp", "log", "sin", "cos", "sigmoid", "tanh", "erf")},
    "ordered_sum": [SPREAD / np.float32(2**20), empty(1)],
    "sum_of_squares": [small(200_003), empty(1)],
    "all_finite": [SUBNORMAL],
    "norm_and_clip": [small(200) ** 2, 2.0**-140, empty(2)],
    "scale": [SPREAD, TINY, empty(N)],
    "soft_cap": [SPREAD, 0.75, empty(N)],
    "pick": [ordinary(5 * N), 0.75, 0.625],
    "rmsnorm": [small(700, 67), ordinary(67), 2.0**-140, empty(700, 67), empty(700)],
    "rmsnorm_backward": [small(700, 67), small(700, 67), ordinary(67), positive(700), empty(700, 67), empty(67)],
    "add_rmsnorm": [
        small(700, 67), small(700, 67), ordinary(67), 2.0**-140, empty(700, 67), empty(700, 67), empty(700),
    ],
    "add_rmsnorm_backward": [
        small(700, 67), small(700, 67), small(700, 67), ordinary(67), positive(700), empty(700, 67), empty(67),
    ],
    "layernorm": [small(700, 67), ordinary(67), small(67), 2.0**-140, empty(700, 67), empty(700), empty(700)],
    "add_layernorm": [
        small(700, 67), small(700, 67), ordinary(67), small(67), 2.0**-140,
        empty(700, 67), empty(700, 67), empty(700), empty(700),
    ],
    "add_layernorm_backward": [
        small(700, 67), small(700, 67), small(700, 67), ordinary(67), small(700), positive(700),
        empty(700, 67), empty(67), empty(67),
    ],
    "add_bias": [SPREAD[:20010].reshape(-1, 69), SUBNORMAL[:69], empty(290, 69)],
    "bias_gradient": [SPREAD[:20010].reshape(-1, 69), empty(69)],
    "rotary_table": [positive(33) * np.float32(1e-3), 1000, empty(300, 33), empty(300, 33)],
    "rotary": [SUBNORMAL[:18500].reshape(925, 2, 10), *ANGLES, empty(925, 2, 10)],
    **{
        name: [SUBNORMAL[:18500].reshape(925, 2, 10), *ANGLES, empty(925, 2, 10)]
        for name in ("rotary_backward", "rotary_interleaved", "rotary_interleaved_backward")
    },
    "swiglu": [ordinary(300, 67), SUBNORMAL[:20100 - 89].repeat(2)[: 300 * 67].reshape(300, 67), empty(300, 67)],
    "swiglu_backward": [small(300, 67), ordinary(300, 67), small(300, 67), empty(300, 67), empty(300, 67)],
    **{name: [SPREAD[:20010].reshape(2, -1), empty(2, 10005)] for name in ("gelu", "gelu_tanh")},
    **{
        name: [small(300, 67), ordinary(300, 67), empty(300, 67)]
        for name in ("gelu_backward", "gelu_tanh_backward", "geglu", "geglu_tanh")
    },
    **{
        name: [small(300, 67), ordinary(300, 67), small(300, 67), empty(300, 67), empty(300, 67)]
        for name in ("geglu_backward", "geglu_tanh_backward")
    },
    "embedding": [SUBNORMAL[:1650].reshape(50, 33), ids(700, 50), empty(700, 33)],
    "embedding_backward": [SPREAD[: 33 * 600].reshape(600, 33), ids(600, 50), empty(50, 33)],
    "adamw": [
        ordinary(N), small(N), SUBNORMAL, SUBNORMAL,
        0.75, 2.0**-140, 0.875, 0.9375, 2.0**-140, 0.125, 0.25, 0.125,
    ],
    "integer_muon": [small(40, 65), small(40, 65), small(40, 65), TINY, TINY, 0.5, 0.25],
    "muon": [small(40, 65), small(40, 65), small(40, 65), TINY, TINY, 0.5, 0.25],
    "matmul_nt": [small(70, 600), small(40, 600), empty(70, 40)],
    "matmul_nn": [small(70, 600), small(600, 40), empty(70, 40)],
    "matmul_tn": [small(600, 70), small(600, 40), empty(70, 40)],
    "linear_cross_entropy": [
        ordinary(70, 33), ordinary(50, 33), ids(70, 50), 2.0**-140, 3.0, empty(70), empty(70, 33), empty(50, 33),
    ],
    "linear_cross_entropy_frozen": [
        ordinary(70, 33), ordinary(50, 33), ids(70, 50), 2.0**-140, 3.0, empty(70), empty(70, 33),
    ],
    "linear_cross_entropy_loss": [ordinary(70, 33), ordinary(50, 33), ids(70, 50), 0.0, empty(70)],
    "integer_matmul_nt": [small(70, 600), ordinary(40, 600), empty(70, 40)],
    "integer_matmul_nn": [small(70, 600), ordinary(600, 40), empty(70, 40)],
    "integer_matmul_tn": [small(600, 70), ordinary(600, 40), empty(70, 40)],
    "integer_linear_cross_entropy": [
        ordinary(70, 33), ordinary(50, 33), ids(70, 50), 2.0**-140, 3.0, empty(70), empty(70, 33), empty(50, 33),
    ],
    "integer_linear_cross_entropy_frozen": [
        ordinary(70, 33), ordinary(50, 33), ids(70, 50), 2.0**-140, 3.0, empty(70), empty(70, 33),
    ],
    "integer_linear_cross_entropy_loss": [ordinary(70, 33), ordinary(50, 33), ids(70, 50), 0.0, empty(70)],
    "attention": [
        ordinary(2, 70, 4, 16), ordinary(2, 70, 2, 16), small(2, 70, 2, 16) * np.float32(TINY), 0.25, 67, 8.0,
        empty(2, 70, 4, 16), empty(2, 4, 70),
    ],
    "continued_attention": [
        ordinary(2, 3, 4, 16), ordinary(2, 3, 2, 16), small(2, 3, 2, 16) * np.float32(TINY), np.array([67]),
        0.25, 67, 8.0, ordinary(2, 72, 2, 16), small(2, 72, 2, 16) * np.float32(TINY),
        empty(2, 3, 4, 16), empty(2, 4, 3),
    ],
    "attention_backward": [
        small(2, 70, 4, 16), ordinary(2, 70, 4, 16), ordinary(2, 70, 2, 16), small(2, 70, 2, 16),
        small(2, 70, 4, 16), positive(2, 4, 70), 0.25, 67, 8.0,
        empty(2, 70, 4, 16), empty(2, 70, 2, 16), empty(2, 70, 2, 16),
    ],
    "softmax_router": [ordinary(700, 67), 1, 1, 1, 0.75, *router_outputs()],
    "sigmoid_router": [ordinary(700, 67), ordinary(67), 1, 1, 1, 0.75, *router_outputs()],
    "softmax_router_backward": [small(700, 2), positive(700, 67), PAIRS, 1, 0.75, empty(700, 67)],
    "sigmoid_router_backward": [small(700, 2), positive(700, 67), PAIRS, 1, 0.75, empty(700, 67)],
    "dispatch": [PAIRS, *(np.zeros(shape, np.int64) for shape in ((700, 2), 1400, 67))],
    "combine": [small(1400, 67), PLACES, ordinary(700, 2), empty(700, 67)],
    "combine_backward": [small(700, 67), small(1400, 67), PLACES, small(700, 2), empty(1400, 67), empty(700, 2)],
    "first_not_below": [ids(N, 50).astype(np.uint32), 49],
    "first_not_finite": [SUBNORMAL],
    "first_above": [SUBNORMAL, 0.0],
    "first_shrunk": [np.full(N, 3, np.float32), np.full(N, 1, np.float32), ABOVE_A_THIRD, 0.0],
    "first_moved": [np.full(N, 3, np.float32), np.full(N, 1, np.float32), ABOVE_A_THIRD, 0.0],
    "first_misspelt": [
        np.zeros(N, np.uint16), np.ones(1, np.uint32), np.zeros(1, np.uint8), np.zeros(N, np.uint8),
    ],
    "philox": [1, 2, 3, 4, 5, 6, np.zeros((5000, 4), np.uint32)],
    "uniform": [1, 5, float(np.float32(0.3)), empty(N)],
    "permutation": [1, 5, 7, N],
}  # fmt: skip

# Bits, integers, comparisons: there is nothing to round.
NOT_ROUNDED = {
    "all_finite", "embedding", "first_above", "first_misspelt", "first_not_below", "first_not_finite", "philox",
    "dispatch",
    "permutation",
}  # fmt: skip


@pytest.fixture(scope="session")
def ordinary_results(twins: Twins) -> dict[str, list[np.ndarray]]:
    """What each kernel is to leave: what its definition does in a thread of the ordinary mode."""
    assert KERNELS.float_mode() == 0
    return {name: twins.run(twins.definitions, name, *arguments) for name, arguments in CALLS.items()}


def test_every_kernel_is_here(twins):
    assert set(CALLS) == {name for name in vars(twins.definitions) if name != "set_num_threads"}


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("name", CALLS)
def test_no_mode_of_the_process_changes_a_bit_and_it_is_given_back(twins, ordinary_results, name, foreign):
    for isa in twins.isas:
        for num_threads in NUM_THREADS:
            twin = native(isa)
            FOREIGN[foreign]()
            twin.set_num_threads(1)
            twin.set_num_threads(num_threads)  # new threads inherit the mode of the one that makes them
            before = KERNELS.float_mode()
            got = twins.run(twin, name, *CALLS[name])
            after = KERNELS.set_float_mode(0)
            assert first_difference(ordinary_results[name], got) == ""
            assert after == before != 0


@pytest.mark.parametrize("name", sorted(set(CALLS) - NOT_ROUNDED))
def test_the_inputs_are_such_that_a_mode_decides(twins, ordinary_results, name):
    """NumPy takes the process's mode: a definition that runs in a foreign one differs from one that does not."""
    round_to(UPWARD)
    got = twins.run(twins.definitions, name, *CALLS[name])
    KERNELS.set_float_mode(0)
    assert first_difference(ordinary_results[name], got) != ""
