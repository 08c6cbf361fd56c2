"""Each operation of a model and its gradients are torch's, within rounding, and run in an exact run."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from glasswright.model import ops
from glasswright.model.guard import exact_run

Operation = Callable[..., Tensor]
EPSILON = 2.0**-17
# A few roundings each of numbers near 1; sums over 24 rows or 20 columns of them.
TOLERANCE = 2e-5


def numbers(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


X, Y, GAIN, BIAS = numbers(24, 20), numbers(24, 20, seed=1), numbers(20, seed=2), numbers(20, seed=3)
HEADS, COS, SIN = numbers(24, 2, 10, seed=4), numbers(12, 4, seed=5), numbers(12, 4, seed=6)


def rms(x: Tensor) -> Tensor:
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + EPSILON)


def turned(x_RHE: Tensor, pairs: tuple[Tensor, Tensor]) -> Tensor:
    """The channels of `pairs` turned by the tables, in place of what they were."""
    first, second = pairs
    cos, sin = (table.repeat(2, 1)[:, None] for table in (COS, SIN))
    out = x_RHE.clone()
    out[..., first] = x_RHE[..., first] * cos - x_RHE[..., second] * sin
    out[..., second] = x_RHE[..., second] * cos + x_RHE[..., first] * sin
    return out


HALVES = torch.arange(4), torch.arange(4, 8)
NEIGHBOURS = torch.arange(0, 8, 2), torch.arange(1, 8, 2)

# (ours, torch's, inputs); a stream that is handed on comes first and is joined with what is computed of it.
CASES: dict[str, tuple[Operation, Operation, tuple[Tensor, ...]]] = {
    "rmsnorm": (
        lambda x, g: torch.cat(ops.rmsnorm(x, g, EPSILON)), lambda x, g: torch.cat([x, rms(x) * g]), (X, GAIN),
    ),
    "rms_normalize": (lambda x, g: ops.rms_normalize(x, g, EPSILON), lambda x, g: rms(x) * g, (X, GAIN)),
    "rms_normalize without a gain": (lambda x: ops.rms_normalize(x, None, EPSILON), rms, (X,)),
    "rms_normalize plus one": (
        lambda x, g: ops.rms_normalize(x, ops.plus_one(g), EPSILON), lambda x, g: rms(x) * (1 + g), (X, GAIN),
    ),
    "layernorm": (
        lambda x, g, b: torch.cat(ops.layernorm(x, g, b, EPSILON)),
        lambda x, g, b: torch.cat([x, functional.layer_norm(x, (20,), g, b, EPSILON)]), (X, GAIN, BIAS),
    ),
    "layernorm without gain and bias": (
        lambda x: torch.cat(ops.layernorm(x, None, None, EPSILON)),
        lambda x: torch.cat([x, functional.layer_norm(x, (20,), eps=EPSILON)]), (X,),
    ),
    "add_layernorm": (
        lambda x, y, g, b: torch.cat(ops.add_layernorm(x, y, g, b, EPSILON)),
        lambda x, y, g, b: torch.cat([x + y, functional.layer_norm(x + y, (20,), g, b, EPSILON)]), (X, Y, GAIN, BIAS),
    ),
    "add_layernorm without gain and bias": (
        lambda x, y: torch.cat(ops.add_layernorm(x, y, None, None, EPSILON)),
        lambda x, y: torch.cat([x + y, functional.layer_norm(x + y, (20,), eps=EPSILON)]), (X, Y),
    ),
    "add_bias": (ops.add_bias, torch.add, (X, BIAS)),
    "add": (ops.add, torch.add, (X, Y)),
    "scaled": (lambda x: ops.scaled(x, 0.75), lambda x: 0.75 * x, (X,)),
    "gelu": (ops.gelu, functional.gelu, (X,)),
    "gelu_tanh": (ops.gelu_tanh, lambda x: functional.gelu(x, approximate="tanh"), (X,)),
    "geglu": (ops.geglu, lambda x, y: functional.gelu(x) * y, (X, Y)),
    "geglu_tanh": (ops.geglu_tanh, lambda x, y: functional.gelu(x, approximate="tanh") * y, (X, Y)),
    "swiglu": (ops.swiglu, lambda x, y: functional.silu(x) * y, (X, Y)),
    "rotary": (lambda x: ops.rotary(x, COS, SIN), lambda x: turned(x, HALVES), (HEADS,)),
    "rotary_interleaved": (
        lambda x: ops.rotary_interleaved(x, COS, SIN), lambda x: turned(x, NEIGHBOURS), (HEADS,),
    ),
}  # fmt: skip


def with_gradients(
    operation: Operation, inputs: tuple[Tensor, ...], run: Callable[[], AbstractContextManager[None]] = nullcontext
) -> list[Tensor]:
    leaves = [x.clone().requires_grad_() for x in inputs]
    with run():
        out = operation(*leaves)
    dout = numbers(*out.shape, seed=9)
    with run():
        return [out.detach(), *torch.autograd.grad(out, leaves, dout)]


@pytest.mark.parametrize("name", CASES)
def test_an_operation_and_its_gradients_are_torchs(name: str) -> None:
    ours, theirs, inputs = CASES[name]
    found = with_gradients(ours, inputs, lambda: exact_run("a test"))
    for x, y in zip(found, with_gradients(theirs, inputs), strict=True):
        assert (x - y).abs().max() <= TOLERANCE * max(1, y.abs().max())


def test_a_capped_loss_is_the_loss_of_capped_logits() -> None:
    target_R = torch.arange(24) % 20
    weight_VD = numbers(20, 20, seed=7)
    (logits_RV,) = ops.linear(X, weight_VD)
    expected = functional.cross_entropy(ops.soft_cap(logits_RV, 3.0), target_R, reduction="none")
    for x_RD in (X, X.clone().requires_grad_()):
        assert (ops.linear_cross_entropy(x_RD, weight_VD, target_R, 1.0, 3.0) - expected).abs().max() < TOLERANCE


def test_a_tables_factor_multiplies_cosines_and_sines() -> None:
    frequency_e = numbers(4).abs()
    plain, scaled = (ops.rotary_table(frequency_e, 3, 5, factor=factor) for factor in (1.0, 1.25))
    for table_Te, times_Te in zip(plain, scaled, strict=True):
        assert torch.equal(times_Te, 1.25 * table_Te)
