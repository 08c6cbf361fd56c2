"""Which kernels of a source a kernel is made of, over how many threads.

Most are one: `SINGLE` has them as rows. The others are functions of the GPU, the sizes of the call's axes and the
definition's arguments.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from glasswright.kernels.attention import BLOCK as TILE
from glasswright.kernels.attention import MAX_WINDOW
from glasswright.kernels.checks import number
from glasswright.kernels.cuda.door import Sizes, taken
from glasswright.kernels.cuda.products import Product, by_fma, by_integers
from glasswright.kernels.cuda.threads import BLOCK, NOTHING, Argument, Gpu, blocks, threads, warps
from glasswright.kernels.linear_cross_entropy import FAR
from glasswright.kernels.matmul import CHUNK
from glasswright.kernels.muon import NUM_STEPS
from glasswright.kernels.philox import MAX_SEED, MAX_WORDS, WORD
from glasswright.kernels.rotary import MAX_POSITIONS
from glasswright.kernels.scalars import integer
from glasswright.kernels.sums import ROWS_CHUNK, SQUARES_BLOCK

# Rows whose logits are held at once, whole chunks of them: at a vocabulary of 32,768 a quarter of a GiB.
LOGIT_ROWS = 4 * CHUNK

# Experts whose choices a warp compares in shared memory.
MAX_EXPERTS = 1024

Launch = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Single:
    """One kernel, which takes the definition's arguments and then sizes: products of axes."""

    file: str
    work: Callable[..., None]  # threads or warps
    num: str  # so many: a product of axes
    sizes: tuple[str, ...]
    kernel: str = ""  # where it has another name

    def __call__(self, name: str, gpu: Gpu, n: Sizes, *arguments: Any) -> None:
        sizes = [size(n, axes) for axes in self.sizes]
        self.work(gpu, self.file, self.kernel or name, size(n, self.num), *arguments, *sizes)


def size(n: Sizes, axes: str) -> int:
    """How many elements lie along some axes."""
    return prod(n[axis] for axis in axes)


SINGLE: Mapping[str, Single] = {
    "add": Single("add", threads, "N", ("N",)),
    "scale": Single("scale", threads, "N", ("N",)),
    "swiglu": Single("swiglu", threads, "RF", ("RF",)),
    "swiglu_backward": Single("swiglu", threads, "RF", ("RF",)),
    **{
        f"{name}{suffix}": Single("gelu", threads, "RF", ("RF",))
        for name in ("gelu", "gelu_tanh", "geglu", "geglu_tanh")
        for suffix in ("", "_backward")
    },
    "add_bias": Single("bias", threads, "RN", ("RN", "N")),
    "soft_cap": Single("soft_cap", threads, "N", ("N",)),
    "layernorm": Single("layernorm", warps, "R", ("R", "D")),
    "add_layernorm": Single("layernorm", warps, "R", ("R", "D")),
    "adamw": Single("adamw", threads, "N", ("N",)),
    "norm_and_clip": Single("norm_and_clip", threads, "", ("P",)),
    "ordered_sum": Single("sums", warps, "", ("N",)),
    "rmsnorm": Single("rmsnorm", warps, "R", ("R", "D")),
    "add_rmsnorm": Single("rmsnorm", warps, "R", ("R", "D")),
    "softmax_router_backward": Single("router", warps, "R", ("R", "X", "K")),
    "sigmoid_router_backward": Single("router", warps, "R", ("R", "X", "K")),
    "combine": Single("experts", warps, "R", ("R", "K", "D")),
    "combine_backward": Single("experts", warps, "RK", ("R", "K", "D")),
    "embedding": Single("embedding", warps, "R", ("V", "R", "D")),
}


# ---- sums


def sum_of_squares(gpu: Gpu, n: Sizes, x: Tensor, out: Tensor) -> None:
    num_blocks = blocks(n["N"], SQUARES_BLOCK)
    part = gpu.empty(num_blocks)
    warps(gpu, "sums", "squares_of_blocks", num_blocks, x, part, n["N"], num_blocks)
    threads(gpu, "sums", "add_left_to_right", 1, part, out, num_blocks, 1)


def all_finite(gpu: Gpu, n: Sizes, x: Tensor) -> bool:
    flag = gpu.empty(1, dtype=torch.int64)
    flag.zero_()
    threads(gpu, "sums", "find_not_finite", n["N"], x, flag, n["N"])
    return flag.tolist() == [0]


def sum_over_rows(gpu: Gpu, file: str, kernel: str, num_r: int, num_d: int, out: Tensor, *given: Tensor) -> None:
    """A column's sum over rows: its chunks by the kernel named, then left to right."""
    num_chunks = blocks(num_r, ROWS_CHUNK)
    part = gpu.empty(num_chunks, num_d)
    threads(gpu, file, kernel, num_d, *given, part, num_r, num_d, rows=num_chunks)
    threads(gpu, "sums", "add_left_to_right", num_d, part, out, num_chunks, num_d)


def bias_gradient(gpu: Gpu, n: Sizes, dout: Tensor, dbias: Tensor) -> None:
    sum_over_rows(gpu, "sums", "rows_of_chunks", n["R"], n["N"], dbias, dout)


# ---- norms


def add_rmsnorm_backward(
    gpu: Gpu, n: Sizes, dsum: Tensor | int, dout: Tensor, x: Tensor, gain: Tensor, rstd: Tensor, dx: Tensor,
    dgain: Tensor,
) -> None:  # fmt: skip
    """dx may be any of the three first, so the gain's gradient is taken before it is written."""
    num_r, num_d = n["R"], n["D"]
    sum_over_rows(gpu, "rmsnorm", "rmsnorm_dgain_of_chunks", num_r, num_d, dgain, dout, x, rstd)
    warps(gpu, "rmsnorm", "rmsnorm_dx", num_r, dsum, dout, x, gain, rstd, dx, num_r, num_d)


def rmsnorm_backward(gpu: Gpu, n: Sizes, *arguments: Tensor) -> None:
    add_rmsnorm_backward(gpu, n, NOTHING, *arguments)


def add_layernorm_backward(
    gpu: Gpu, n: Sizes, dsum: Tensor, dout: Tensor, x: Tensor, gain: Tensor, mean: Tensor, rstd: Tensor, dx: Tensor,
    dgain: Tensor, dbias: Tensor,
) -> None:  # fmt: skip
    """As above."""
    num_r, num_d = n["R"], n["D"]
    sum_over_rows(gpu, "layernorm", "layernorm_dgain_of_chunks", num_r, num_d, dgain, dout, x, mean, rstd)
    sum_over_rows(gpu, "sums", "rows_of_chunks", num_r, num_d, dbias, dout)
    warps(gpu, "layernorm", "layernorm_dx", num_r, dsum, dout, x, gain, mean, rstd, dx, num_r, num_d)


# ---- positions


def rotary_table(gpu: Gpu, n: Sizes, inverse_frequency: Tensor, first: int, cosines: Tensor, sines: Tensor) -> None:
    integer("first_position", first, 0, MAX_POSITIONS - n["T"])
    num = n["T"] * n["e"]
    threads(gpu, "rotary", "rotary_table", num, inverse_frequency, first, cosines, sines, n["T"], n["e"])


def turn(
    direction: float, is_interleaved: bool, gpu: Gpu, n: Sizes, x: Tensor, cosines: Tensor, sines: Tensor, out: Tensor
) -> None:
    num_heads, pairs, width = n["R"] * n["H"], n["e"], n["E"]
    if 2 * pairs > width or not n["T"]:
        raise ValueError(f"x: expected a head of at least {2 * pairs} channels and a table of positions, got {n}")
    between, step = (1, 2) if is_interleaved else (pairs, 1)
    where = between, step, num_heads, n["H"], width, n["T"], pairs
    threads(gpu, "rotary", "turn", num_heads * (width - pairs), x, cosines, sines, out, direction, *where)


# ---- tables


def embedding_backward(gpu: Gpu, n: Sizes, dout: Tensor, token: Tensor, dtable: Tensor) -> None:
    if dtable.numel():
        gpu.launch("embedding", "embedding_backward", (n["V"], 1), BLOCK, (dout, token, dtable, n["R"], n["D"]))


# ---- products


def matmul(product: Product, layout: str, gpu: Gpu, n: Sizes, a: Tensor, b: Tensor, out: Tensor) -> None:  # noqa: ARG001
    product(gpu, layout, a, b, out)


# ---- attention


def _window(window: int) -> int:
    return integer("window", window, 0, MAX_WINDOW) or MAX_WINDOW


def _require_heads(n: Sizes, num_keys: int) -> None:
    if not n["G"] or n["H"] % n["G"] or num_keys < n["T"] or not n["E"] or not n["F"]:
        raise ValueError(f"k: expected heads that divide those of q, and at least its positions, got {n}")


def attention(
    gpu: Gpu, n: Sizes, q: Tensor, k: Tensor, v: Tensor, scale: float, window: int, soft_cap: float, out: Tensor,
    logsumexp: Tensor,
) -> None:  # fmt: skip
    _require_heads(n, n["U"])
    if not out.numel():
        return
    num_tiles = blocks(n["U"], TILE) - (n["U"] - n["T"]) // TILE
    sizes = [n[axis] for axis in "STUHGEF"]
    arguments: list[Argument] = [q, k, v, scale, _window(window), soft_cap, out, logsumexp, *sizes]
    gpu.launch("attention", "attention", (num_tiles, n["S"] * n["H"]), BLOCK, arguments)


def attention_backward(
    gpu: Gpu, n: Sizes, dout: Tensor, q: Tensor, k: Tensor, v: Tensor, out: Tensor, logsumexp: Tensor, scale: float,
    window: int, soft_cap: float, dq: Tensor, dk: Tensor, dv: Tensor,
) -> None:  # fmt: skip
    _require_heads(n, n["T"])
    if not out.numel():
        return
    num_rows, tiles = n["S"] * n["T"] * n["H"], blocks(n["T"], TILE)
    delta = gpu.empty(num_rows)
    warps(gpu, "attention_backward", "attention_delta", num_rows, dout, out, delta, num_rows, n["F"])
    given = dout, q, k, v, logsumexp, delta, scale, _window(window), soft_cap
    sizes = [n[axis] for axis in "THGEF"]
    gpu.launch("attention_backward", "attention_dq", (tiles, n["S"] * n["H"]), BLOCK, (*given, dq, *sizes))
    gpu.launch("attention_backward", "attention_dk_dv", (tiles, n["S"] * n["G"]), BLOCK, (*given, dk, dv, *sizes))


# ---- the loss


class Loss(NamedTuple):
    """What the versions of docs/numerics.md differ in here."""

    product: Product
    far: float  # terms further below the largest logit are +0


VERSION_1 = Loss(by_fma, float("-inf"))
VERSION_2 = Loss(by_integers, float(FAR))


def linear_cross_entropy(
    loss: Loss, gpu: Gpu, n: Sizes, x: Tensor, weight: Tensor, target: Tensor, scale: float, soft_cap: float,
    loss_R: Tensor, dx: Tensor, dweight: Tensor | None = None,
) -> None:  # fmt: skip
    """Some whole chunks of rows at a time, so that the weight's gradient, if it has one, goes on chunk by chunk."""
    if not n["R"] and dweight is not None:
        dweight.zero_()
    for first in range(0, n["R"], LOGIT_ROWS):
        rows = slice(first, first + LOGIT_ROWS)
        logits = _losses(loss, gpu, n, x[rows], weight, target[rows], scale, soft_cap, loss_R[rows], wants=True)
        loss.product(gpu, "nn", logits, weight, dx[rows])
        if dweight is not None:
            loss.product(gpu, "tn", logits, x[rows], dweight, is_continued=first > 0)


def linear_cross_entropy_loss(
    loss: Loss, gpu: Gpu, n: Sizes, x: Tensor, weight: Tensor, target: Tensor, soft_cap: float, loss_R: Tensor
) -> None:
    for first in range(0, n["R"], LOGIT_ROWS):
        rows = slice(first, first + LOGIT_ROWS)
        _losses(loss, gpu, n, x[rows], weight, target[rows], 1.0, soft_cap, loss_R[rows], wants=False)


def _losses(
    loss: Loss, gpu: Gpu, n: Sizes, x: Tensor, weight: Tensor, target: Tensor, scale: float, soft_cap: float,
    loss_R: Tensor, *, wants: bool,
) -> Tensor:  # fmt: skip
    """Some rows' losses; what is returned holds their logits' gradients where they are wanted."""
    num_rows = len(target)
    logits = gpu.empty(num_rows, n["V"])
    loss.product(gpu, "nt", x, weight, logits)
    arguments = (logits, target, scale, soft_cap, loss.far, loss_R, num_rows, n["V"], int(wants))
    warps(gpu, "linear_cross_entropy", "losses_of_rows", num_rows, *arguments)
    return logits


# ---- mixtures


def router(name: str, gpu: Gpu, n: Sizes, *arguments: Any) -> None:
    """The arguments end with groups, those kept, whether weights are normalized, scale, and three that are written."""
    num_groups, num_kept = arguments[-7], arguments[-6]
    if n["X"] > MAX_EXPERTS or not 1 <= num_kept <= num_groups or n["X"] % num_groups:
        found = f"{num_groups} of {n['X']}"
        raise ValueError(f"num_groups: expected a divisor of at most {MAX_EXPERTS} experts, got {found}")
    most = num_kept * (n["X"] // num_groups)
    if not 1 <= n["K"] <= most:
        raise ValueError(f"expert_RK: expected 1 to {most} experts a row, got {n['K']}")
    warps(gpu, "router", name, n["R"], *arguments, n["R"], n["X"], n["K"])


def dispatch(gpu: Gpu, n: Sizes, expert: Tensor, place: Tensor, row: Tensor, count: Tensor) -> None:
    arguments = expert, place, row, count, expert.numel(), n["K"]
    gpu.launch("experts", "dispatch", (n["X"], 1), BLOCK, arguments)


# ---- optimizers


def muon(
    product: Product, gpu: Gpu, n: Sizes, param: Tensor, grad: Tensor, momentum: Tensor, clip: float,
    learning_rate: float, beta: float, weight_decay: float,
) -> None:  # fmt: skip
    """As in muon.cc no matrix is transposed: where u has more rows than columns, X^T is what is held."""
    num, side, is_tall = param.numel(), min(n["M"], n["N"]), n["M"] > n["N"]
    x, moved, squares = gpu.empty(*param.shape), gpu.empty(*param.shape), gpu.empty(1)
    gram, square = gpu.empty(side, side), gpu.empty(side, side)
    threads(gpu, "muon", "muon_nesterov", num, grad, momentum, x, clip, beta, num)
    sum_of_squares(gpu, {"N": num}, x, squares)
    threads(gpu, "muon", "muon_normalize", num, x, squares, num)
    for _ in range(NUM_STEPS):
        product(gpu, "tn" if is_tall else "nt", x, x, gram)
        product(gpu, "nn", gram, gram, square)
        threads(gpu, "muon", "muon_polynomial", gram.numel(), gram, square, gram.numel())
        product(gpu, "nn", *((x, gram) if is_tall else (gram, x)), moved)
        threads(gpu, "muon", "muon_step", num, x, moved, num)
    threads(gpu, "muon", "muon_move", num, param, x, learning_rate, weight_decay, max(n["M"], n["N"]), num)


# ---- random bits


def uniform(gpu: Gpu, n: Sizes, seed: int, purpose: int, half_width: float, out: Tensor) -> None:
    integer("seed", seed, 0, MAX_SEED), integer("purpose", purpose, 0, WORD - 1), integer("N", n["N"], 0, MAX_WORDS)
    if not 2.0**-100 <= number("half_width", half_width) <= 2.0**100:
        raise ValueError(f"half_width: expected 2^-100 to 2^100, got {half_width!r}")
    threads(gpu, "philox", "uniform", n["N"], seed, purpose, half_width, out, n["N"])


LAUNCHES: Mapping[str, Launch] = {
    **{name: partial(single, name) for name, single in SINGLE.items()},
    "sum_of_squares": sum_of_squares,
    "all_finite": all_finite,
    "rmsnorm_backward": rmsnorm_backward,
    "add_rmsnorm_backward": add_rmsnorm_backward,
    "add_layernorm_backward": add_layernorm_backward,
    "bias_gradient": bias_gradient,
    "rotary_table": rotary_table,
    "rotary": partial(turn, 1.0, False),
    "rotary_backward": partial(turn, -1.0, False),
    "rotary_interleaved": partial(turn, 1.0, True),
    "rotary_interleaved_backward": partial(turn, -1.0, True),
    "embedding_backward": embedding_backward,
    **{f"matmul_{layout}": partial(matmul, by_fma, layout) for layout in ("nt", "nn", "tn")},
    **{f"integer_matmul_{layout}": partial(matmul, by_integers, layout) for layout in ("nt", "nn", "tn")},
    "attention": attention,
    "attention_backward": attention_backward,
    "linear_cross_entropy": partial(linear_cross_entropy, VERSION_1),
    "linear_cross_entropy_frozen": partial(linear_cross_entropy, VERSION_1),
    "linear_cross_entropy_loss": partial(linear_cross_entropy_loss, VERSION_1),
    "integer_linear_cross_entropy": partial(linear_cross_entropy, VERSION_2),
    "integer_linear_cross_entropy_frozen": partial(linear_cross_entropy, VERSION_2),
    "integer_linear_cross_entropy_loss": partial(linear_cross_entropy_loss, VERSION_2),
    "softmax_router": partial(router, "softmax_router"),
    "sigmoid_router": partial(router, "sigmoid_router"),
    "dispatch": dispatch,
    "muon": partial(muon, by_fma),
    "integer_muon": partial(muon, by_integers),
    "uniform": uniform,
}


def run(name: str, gpu: Gpu, *arguments: Any) -> Any:
    """Run the kernel `name` with its definition's arguments.

    Raises:  ValueError naming the argument that does not fit.
    """
    sizes, found = taken(name, arguments, gpu.device)
    return LAUNCHES[name](gpu, sizes, *found)
