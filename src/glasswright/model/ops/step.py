"""What a step, of training or of generation, does beside a model. A name in _ writes over its first argument."""

from collections.abc import Sequence

from torch import Tensor

from glasswright.kernels import backends


def uniform_(out: Tensor, *, seed: int, purpose: int, half_width: float) -> None:
    """Fill with numbers spread evenly over (-half_width, half_width)."""
    backends.of(out).kernel("uniform")(seed, purpose, half_width, out)


def pick(logits_V: Tensor, *, temperature: float, fraction: float) -> int:
    """The token that `fraction`, a number from 0 to below 1, falls on; at temperature 0 the likeliest."""
    token: int = backends.of(logits_V).kernel("pick")(logits_V, temperature, fraction)
    return token


def ordered_sum(x_N: Tensor) -> Tensor:
    """The sum of a vector in 64 lanes and a tree (rule 5): (1,)."""
    backend = backends.of(x_N)
    out_1 = backend.empty(1)
    backend.kernel("ordered_sum")(x_N, out_1)
    return out_1


def add_(total: Tensor, part: Tensor) -> None:
    """total + part, in total's memory."""
    backends.of(total).kernel("add")(total, part, total)


def scale_(x: Tensor, factor: float) -> None:
    """x * factor, in x's memory."""
    backends.of(x).kernel("scale")(x, factor, x)


def norm_and_clip(gradients: Sequence[Tensor], limit: float) -> Tensor:
    """The norm over all gradients, added up in the order given, and the factor that brings it down to `limit`: (2,).

    Either may be NaN or infinite where a gradient is; the caller looks.
    """
    backend = backends.of(gradients[0])
    squares_P, out_2 = backend.empty(len(gradients)), backend.empty(2)
    for place, gradient in enumerate(gradients):
        backend.kernel("sum_of_squares")(gradient, squares_P[place : place + 1])
    backend.kernel("norm_and_clip")(squares_P, limit, out_2)
    return out_2


def all_finite(x: Tensor) -> bool:
    """Whether no element is NaN or infinite."""
    answer: bool = backends.of(x).kernel("all_finite")(x)
    return answer


def adamw_(
    parameter: Tensor, gradient: Tensor, first_moment: Tensor, second_moment: Tensor, *,
    clip: float, learning_rate: float, beta1: float, beta2: float, epsilon: float, weight_decay: float,
    bias_correction1: float, bias_correction2: float,
) -> None:  # fmt: skip
    """One step of AdamW on a parameter of any shape and its moments."""
    step = backends.of(parameter).kernel("adamw")
    step(
        parameter, gradient, first_moment, second_moment, clip, learning_rate, beta1, beta2, epsilon, weight_decay,
        bias_correction1, bias_correction2,
    )  # fmt: skip


def muon_(
    parameter_MN: Tensor, gradient_MN: Tensor, momentum_MN: Tensor, *,
    clip: float, learning_rate: float, momentum: float, weight_decay: float,
) -> None:  # fmt: skip
    """One step of Muon on a matrix and its momentum."""
    step = backends.of(parameter_MN).kernel("muon")
    step(parameter_MN, gradient_MN, momentum_MN, clip, learning_rate, momentum, weight_decay)
