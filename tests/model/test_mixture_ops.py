"""A mixture over the operations: the gradients of the formula in binary64, and a row that goes by itself alone."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from glasswright.kernels import native
from glasswright.model import ops
from glasswright.model.guard import exact_run

R, D, F, X = 21, 12, 10, 6


@dataclass
class Weights:
    """Of a mixture."""

    router_XD: Tensor
    gates: list[Tensor]
    ups: list[Tensor]
    downs: list[Tensor]

    @property
    def all(self) -> list[Tensor]:
        return [self.router_XD, *self.gates, *self.ups, *self.downs]


def random(*shape: int, seed: int) -> Tensor:
    out = torch.empty(shape)
    ops.uniform_(out, seed=3, purpose=seed, half_width=1.0)
    return out


@pytest.fixture
def weights() -> Weights:
    made = Weights(
        random(X, D, seed=1),
        [random(F, D, seed=10 + x) for x in range(X)],
        [random(F, D, seed=20 + x) for x in range(X)],
        [random(D, F, seed=30 + x) for x in range(X)],
    )
    for tensor in made.all:
        tensor.requires_grad_()
    return made


def bias() -> Tensor:
    """By which the last expert is never chosen."""
    return torch.tensor([0.0, 0.25, -0.125, 0.125, 0.0, -9.0])


def mixture(x_RD: Tensor, weights: Weights, scoring: str, routing: ops.Routing) -> Tensor:
    to_router_RD, to_experts_RD = ops.share(x_RD, 2)
    (logits_RX,) = ops.linear(to_router_RD, weights.router_XD)
    if scoring == "softmax":
        weight_RK, expert_RK = ops.softmax_router(logits_RX, routing)
    else:
        weight_RK, expert_RK = ops.sigmoid_router(logits_RX, bias(), routing)
    plan = ops.dispatch(expert_RK, X)
    x_ND, _ = ops.embedding(to_experts_RD, plan.row_N)
    gate_NF, up_NF = ops.experts_linear(x_ND, plan.counts, weights.gates, weights.ups)
    (y_ND,) = ops.experts_linear(ops.swiglu(gate_NF, up_NF), plan.counts, weights.downs)
    return ops.combine(y_ND, weight_RK, plan)


def formula(x_RD: Tensor, weights: Weights, scoring: str, routing: ops.Routing) -> Tensor:
    """The same in binary64, every expert on every row, by torch."""
    router, gates, ups, downs = (
        w.double() if isinstance(w, Tensor) else [v.double() for v in w]
        for w in (weights.router_XD, weights.gates, weights.ups, weights.downs)
    )
    logits_RX = x_RD @ router.T
    score_RX = torch.softmax(logits_RX, -1) if scoring == "softmax" else torch.sigmoid(logits_RX)
    choice_RX = score_RX if scoring == "softmax" else score_RX + bias()
    chosen_RK = torch.topk(choice_RX, routing.num_chosen).indices
    weight_RK = score_RX.gather(1, chosen_RK)
    if routing.is_normalized:
        weight_RK = weight_RK / weight_RK.sum(-1, keepdim=True)
    weight_RX = torch.zeros_like(score_RX).scatter(1, chosen_RK, weight_RK * routing.scale)
    y_XRD = torch.stack(
        [(torch.nn.functional.silu(x_RD @ g.T) * (x_RD @ u.T)) @ d.T for g, u, d in zip(gates, ups, downs, strict=True)]
    )
    return torch.einsum("rx,xrd->rd", weight_RX, y_XRD)


def gradients(function, *arguments) -> list[Tensor]:
    x_RD, weights = arguments[:2]
    x_RD.requires_grad_()
    out_RD = function(*arguments)
    out_RD.backward(random(*out_RD.shape, seed=50).to(out_RD.dtype))
    found = [out_RD.detach(), *(torch.zeros_like(t) if t.grad is None else t.grad for t in (x_RD, *weights.all))]
    for tensor in weights.all:
        tensor.grad = None
    return found


@pytest.mark.parametrize("normalized", [False, True])
@pytest.mark.parametrize("scoring", ["softmax", "sigmoid"])
def test_values_and_gradients_are_those_of_the_formula(weights, scoring, normalized):
    routing = ops.Routing(num_chosen=3, is_normalized=normalized, scale=1.5)
    x_RD = random(R, D, seed=2)
    wanted = gradients(formula, x_RD.double(), weights, scoring, routing)
    with exact_run("a test"):
        found = gradients(mixture, x_RD, weights, scoring, routing)
    for ours, theirs in zip(found, wanted, strict=True):
        assert (ours - theirs).norm() <= 1e-6 * theirs.norm()  # some tens of roundings, of numbers near 1


def test_an_expert_without_rows_has_a_gradient_of_zeros(weights):
    routing = ops.Routing(num_chosen=2, is_normalized=True)
    _, _, _, *of_experts = gradients(mixture, random(R, D, seed=2), weights, "sigmoid", routing)
    has_zeros = [torch.equal(gradient, torch.zeros_like(gradient)) for gradient in of_experts]
    assert has_zeros == 3 * [False, False, False, False, False, True]


@pytest.mark.parametrize("scoring", ["softmax", "sigmoid"])
def test_a_row_goes_by_itself_whatever_else_is_in_the_batch(weights, scoring):
    routing = ops.Routing(num_chosen=2, num_groups=3, num_kept=2, is_normalized=True)
    x_RD = random(R, D, seed=2)
    together = mixture(x_RD, weights, scoring, routing)
    for r in range(R):
        alone = mixture(x_RD[r : r + 1].clone(), weights, scoring, routing)
        assert alone.detach().numpy().tobytes() == together[r].detach().numpy().tobytes()


def test_bits_are_those_of_the_definition_on_any_threads(weights, monkeypatch):
    routing = ops.Routing(num_chosen=2, num_groups=2, num_kept=1, is_normalized=True)

    def found(kernels: str) -> list[bytes]:
        monkeypatch.setenv("GLASSWRIGHT_KERNELS", kernels)
        return [t.numpy().tobytes() for t in gradients(mixture, random(5, D, seed=2), weights, "softmax", routing)]

    wanted = found("definition")
    for isa in native().supported_isas():
        for threads in (1, 3):
            native().set_num_threads(threads)
            assert found(isa) == wanted
    native().set_num_threads(1)


def test_a_sum_and_its_parts_are_added_by_kernels():
    with exact_run("a test"):
        x = random(4, 5, seed=1).requires_grad_()
        one, two, three = ops.share(x, 3)
        ops.add(ops.add(one, two), three).backward(torch.full((4, 5), 2.0))
    assert torch.equal(x.grad, torch.full((4, 5), 6.0))
