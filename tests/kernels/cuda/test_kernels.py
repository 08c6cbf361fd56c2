"""Every GPU kernel, thread by thread on the processor: the bits of its definition, in whatever order threads run."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.kernels.cases import CASES, Draw  # noqa: E402
from tests.kernels.conftest import first_difference  # noqa: E402
from tests.kernels.cuda.emulation import ASCENDING, DESCENDING, MIXED, Emulation  # noqa: E402

from glasswright.kernels import definitions, native  # noqa: E402
from glasswright.kernels.cuda import launches  # noqa: E402
from glasswright.kernels.cuda.arrays import OnArrays  # noqa: E402

ORDERS = (ASCENDING, DESCENDING, MIXED)
EDGES = (1, 2, 5, 31, 64, 69, 131)


def difference(name: str, gpu: Any, wanted: Any, *arguments: Any) -> str:
    """Where a kernel of `gpu` first differs from that of `wanted`; empty where it does not."""
    sides = [[it.copy() if isinstance(it, np.ndarray) else it for it in arguments] for _ in range(2)]
    assert getattr(wanted, name)(*sides[0]) == getattr(gpu, name)(*sides[1])
    return first_difference(*[[it for it in side if isinstance(it, np.ndarray)] for side in sides])


def emulated(order: int = ASCENDING, **changes: tuple[str, str]) -> OnArrays:
    """The kernels of an emulated GPU; `changes` are those of some sources."""
    return OnArrays(Emulation(order, changes))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", launches.LAUNCHES)
def test_a_kernel_has_the_bits_of_its_definition_at_the_edges_of_the_number_line(name: str, order: int):
    for n in EDGES:
        assert not difference(name, emulated(order), definitions(), *CASES[name](Draw(n, 3), n)), n


def floats(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def empty(*shape: int) -> np.ndarray:
    return np.full(shape, np.nan, np.float32)


def ids(num: int, end: int) -> np.ndarray:
    return np.random.default_rng(num).integers(0, end, num)


def attention(T: int, U: int, H: int, G: int, E: int, F: int, window: int, cap: float) -> tuple[Any, ...]:
    given = floats(2, T, H, E), floats(2, U, G, E), floats(2, U, G, F)
    return *given, 0.25, window, cap, empty(2, T, H, F), empty(2, H, T)


def attention_backward(*shape: Any) -> tuple[Any, ...]:
    q, k, v, scale, window, cap, out, logsumexp = attention(shape[0], *shape)
    native().attention(q, k, v, scale, window, cap, out, logsumexp)
    given = floats(*out.shape, seed=9), q, k, v, out, logsumexp, scale, window, cap
    return *given, empty(*q.shape), empty(*k.shape), empty(*v.shape)


def loss(R: int, V: int, D: int, cap: float, width: float = 1.0) -> tuple[Any, ...]:
    target = ids(R, V)
    target[::7] = -1
    return floats(R, D) * np.float32(width), floats(V, D), target, 2.0**-9, cap, empty(R), empty(R, D), empty(V, D)


# By kernel: calls beyond one tile, one chunk, one block.
BEYOND: Mapping[str, tuple[Callable[[], tuple[Any, ...]], ...]] = {
    "add": (lambda: (floats(70_001), floats(70_001, seed=1), empty(70_001)),),
    "swiglu": (lambda: (floats(3, 100), floats(3, 100, seed=1), empty(3, 100)),),
    "sum_of_squares": (lambda: (floats(150_001), empty(1)),),
    "rmsnorm_backward": (
        lambda: (
            floats(1030, 67), floats(1030, 67, seed=1), floats(67), floats(1030), empty(1030, 67), empty(67)
        ),
    ),
    "bias_gradient": (lambda: (floats(1030, 67), empty(67)),),
    "add_layernorm_backward": (
        lambda: (
            *(floats(1030, 67, seed=i) for i in range(3)), floats(67), floats(1030), floats(1030, seed=1),
            empty(1030, 67), empty(67), empty(67),
        ),
    ),
    "embedding_backward": (lambda: (floats(4500, 300), ids(4500, 7), empty(9, 300)),),
    "matmul_nt": (
        lambda: (floats(131, 1100), floats(140, 1100), empty(131, 140)),
        lambda: (floats(3, 0), floats(2, 0), empty(3, 2)),
    ),
    "matmul_nn": (lambda: (floats(131, 1100), floats(1100, 140), empty(131, 140)),),
    "matmul_tn": (lambda: (floats(1100, 131), floats(1100, 140), empty(131, 140)),),
    "integer_matmul_nt": (
        lambda: (floats(131, 1100), floats(140, 1100), empty(131, 140)),
        lambda: (floats(3, 0), floats(2, 0), empty(3, 2)),
    ),
    "integer_matmul_nn": (lambda: (floats(131, 1100), floats(1100, 140), empty(131, 140)),),
    "integer_matmul_tn": (lambda: (floats(1100, 131), floats(1100, 140), empty(131, 140)),),
    "attention": (
        lambda: attention(150, 150, 4, 2, 40, 72, 0, 0.0), lambda: attention(70, 200, 3, 1, 8, 8, 75, 2.0),
        lambda: attention(129, 129, 2, 2, 33, 5, 3, 0.0), lambda: attention(1, 130, 2, 1, 16, 16, 0, 0.0),
    ),
    "attention_backward": (
        lambda: attention_backward(150, 4, 2, 40, 72, 0, 0.0), lambda: attention_backward(140, 2, 1, 16, 9, 70, 2.0),
    ),
    "linear_cross_entropy": (lambda: loss(600, 150, 24, 0.0), lambda: loss(40, 300, 8, 3.0)),
    "integer_linear_cross_entropy": (
        lambda: loss(600, 150, 24, 0.0), lambda: loss(40, 300, 8, 3.0), lambda: loss(40, 300, 8, 0.0, width=20.0)
    ),
    "softmax_router": (
        lambda: (floats(40, 96), 8, 3, 1, 0.5, empty(40, 96), ids(240, 1).reshape(40, 6), empty(40, 6)),
    ),
    "sigmoid_router": (
        lambda: (
            floats(40, 96), floats(96), 8, 3, 0, 0.5, empty(40, 96), ids(240, 1).reshape(40, 6), empty(40, 6)
        ),
    ),
    "dispatch": (
        lambda: (
            np.sort(np.random.default_rng(3).permuted(np.tile(np.arange(9), (400, 1)), axis=1)[:, :3], axis=1),
            ids(1200, 1).reshape(400, 3), ids(1200, 1), ids(9, 1),
        ),
    ),
    "combine_backward": (
        lambda: (
            floats(200, 70), floats(600, 70), np.random.default_rng(4).permutation(600).reshape(200, 3),
            floats(200, 3), empty(600, 70), empty(200, 3),
        ),
    ),
    "linear_cross_entropy_frozen": (lambda: loss(600, 150, 24, 0.0)[:-1],),
    "integer_linear_cross_entropy_frozen": (lambda: loss(600, 150, 24, 0.0)[:-1],),
    **{f"{version}muon": (
        lambda: (floats(150, 40), floats(150, 40, seed=1), floats(150, 40, seed=2), 0.5, 0.25, 0.75, 0.125),
        lambda: (floats(40, 150), floats(40, 150, seed=1), floats(40, 150, seed=2), 0.5, 0.25, 0.75, 0.125),
    ) for version in ("", "integer_")},
}  # fmt: skip


@pytest.mark.parametrize(("name", "place"), [(name, i) for name, calls in BEYOND.items() for i in range(len(calls))])
def test_a_kernel_has_the_bits_of_the_processors_beyond_one_tile(
    name: str, place: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(launches, "LOGIT_ROWS", 512)
    for order in (ASCENDING, MIXED):
        assert not difference(name, emulated(order), native(), *BEYOND[name][place]())


CHANGES = [
    ("swiglu", "swiglu", "(gate[i] * sigmoid(gate[i])) * up[i]", "gate[i] * (sigmoid(gate[i]) * up[i])"),
    ("rmsnorm_backward", "rmsnorm", "kRowsChunk = 512", "kRowsChunk = 256"),
    ("add_layernorm_backward", "layernorm", "dnormed(d) - b", "dnormed(d)"),
    ("bias_gradient", "sums", "kRowsChunk = 512", "kRowsChunk = 256"),
    ("softmax_router", "router", "(a == b && i < j)", "(a == b && i > j)"),
    ("sigmoid_router", "router", "without_nan(best + second)", "best"),
    ("sum_of_squares", "sums", "kSquaresBlock = 1 << 16", "kSquaresBlock = 1 << 15"),
    ("embedding_backward", "embedding", "bits &= bits - 1", "bits = 0"),
    ("matmul_nt", "matmul", "kChunk = 512", "kChunk = 256"),
    ("matmul_tn", "matmul", "smaller(it.num_k - k, kStep)", "kStep"),
    ("integer_matmul_nt", "integer_matmul", "256 * sums.high", "255 * sums.high"),
    ("integer_matmul_nn", "integer_matmul", "(q + 128) >> 8", "q >> 8"),
    ("integer_matmul_tn", "integer_matmul", "k >= kChunk ||", "false ||"),
    ("attention", "attention", "u > before + t - window", "u >= before + t - window"),
    ("attention", "attention", "sees_odd ? exp", "false ? exp"),
    ("attention_backward", "attention_backward", "h = g * (H / G); h <", "h = g * (H / G) + 1; h <"),
    ("attention_backward", "attention_backward", "- delta)", "+ 0.0f)"),
    ("muon", "muon", "kC = 0x1.040832p", "kC = 0x1.040834p"),
    ("integer_muon", "integer_matmul", "256 * sums.high", "255 * sums.high"),
    ("integer_linear_cross_entropy", "linear_cross_entropy", "x < far ? 0.0f", "x < far ? 1e-26f"),
]


@pytest.mark.parametrize(("name", "file", "old", "new"), CHANGES)
def test_another_order_chunk_or_constant_is_noticed(name: str, file: str, old: str, new: str):
    gpu = emulated(**{file: (old, new)})
    calls = [call() for call in BEYOND[name]] + [CASES[name](Draw(n, 3), n) for n in EDGES]
    assert any(difference(name, gpu, native(), *call) for call in calls)


@pytest.mark.parametrize(
    ("name", "file", "barrier"),
    [
        ("matmul_nn", "matmul", "__syncthreads();\n    a.load"),
        ("integer_matmul_nn", "integer_matmul", "__syncthreads();\n  for (int i = 0; i < kWarps"),
        ("integer_matmul_nt", "integer_matmul", "__syncthreads();\n    a_next.load"),
        ("attention", "attention", "__syncthreads();\n    for (std::size_t row"),
    ],
)
def test_a_barrier_that_is_missing_is_noticed(name: str, file: str, barrier: str):
    without = barrier.removeprefix("__syncthreads();")
    gpus = [emulated(order, **{file: (barrier, without)}) for order in ORDERS]
    assert any(difference(name, gpu, native(), *BEYOND[name][0]()) for gpu in gpus)


def test_a_token_that_the_table_lacks_is_a_row_of_nan_and_adds_to_none():
    token = torch.tensor([1, 3, -1, 0])
    out, dtable = torch.zeros(4, 5), torch.zeros(3, 5)
    launches.run("embedding", Emulation(), torch.ones(3, 5), token, out)
    launches.run("embedding_backward", Emulation(), torch.ones(4, 5), token, dtable)
    assert out.isnan().all(1).tolist() == [False, True, True, False]
    assert dtable[:, 0].tolist() == [1.0, 1.0, 0.0]


def test_a_target_that_the_vocabulary_lacks_is_a_loss_of_nan():
    loss_R = torch.zeros(3)
    launches.run(
        "linear_cross_entropy_loss", Emulation(), torch.ones(3, 2), torch.ones(4, 2), torch.tensor([3, 4, -1]), 0.0,
        loss_R,
    )  # fmt: skip
    assert loss_R.isnan().tolist() == [False, True, False]
