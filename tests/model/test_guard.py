"""An exact run: what torch may do in it, and how the rest is refused."""

import pytest
import torch

from glasswright.model import ops
from glasswright.model.guard import StrayOperation, exact_run


def allowed(operation):
    with exact_run("a test"):
        return operation()


x = torch.arange(12, dtype=torch.float32).reshape(3, 4)


@pytest.mark.parametrize(
    "operation",
    [
        lambda: x.t().reshape(-1).view(3, 4)[1:, ::2],
        lambda: x[torch.tensor([2, 0])],
        lambda: torch.cat([x, x]).unsqueeze(0).expand(2, 6, 4).contiguous(),
        lambda: torch.empty(3).copy_(x[:, 0]),
        lambda: x.detach().permute(1, 0).select(0, 1),
        lambda: x.to("meta"),
    ],
)
def test_moves_run(operation) -> None:
    allowed(operation)


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (lambda: torch.softmax(x, -1), "softmax"),
        (lambda: x @ x.t(), "mm"),
        (lambda: x.sum(), "sum"),
        (lambda: x + x, "add"),
        (lambda: x.to(torch.float64), "_to_copy"),
        (lambda: x.clone().sub_(x), "sub"),
        (lambda: x * x, "mul"),
        (lambda: x / x, "div"),
        (lambda: torch.exp(x), "exp"),
        (lambda: x.mean(-1), "mean"),
        (lambda: torch.randn(3), "randn"),
        (lambda: x.to(torch.bfloat16), "_to_copy"),
        (lambda: torch.empty(3, dtype=torch.float64).copy_(x[:, 0]), "copy_"),
        (lambda: torch.nn.functional.layer_norm(x, (4,)), "layer_norm"),
    ],
)
def test_everything_else_is_refused_by_name_and_line(operation, name: str) -> None:
    with pytest.raises(StrayOperation) as refusal:
        allowed(operation)
    assert name in str(refusal.value)
    assert "test_guard.py:" in str(refusal.value)


def test_a_stray_operation_in_a_model_names_the_models_line(make_model) -> None:
    model = make_model()

    def forward(x_RD: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x_RD, -1)  # the stray line

    model.layers[1].feed_forward = forward
    with pytest.raises(
        StrayOperation, match=r"test_guard.py:\d+ \(`return torch.softmax\(x_RD, -1\)  # the stray line`\)"
    ):
        allowed(lambda: model.logits(torch.tensor([[1, 2, 3]])))


def test_gradients_that_torch_would_add_are_refused(make_model) -> None:
    """A tensor that feeds two operations has two gradients: adding them is a kernel's work."""
    model = make_model()
    gain_D = model.final_norm.gain_D

    def backward() -> None:
        x_RD = torch.zeros(2, 24, requires_grad=True)
        _, once = ops.rmsnorm(x_RD, gain_D, 0.5)
        _, twice = ops.rmsnorm(x_RD, gain_D, 0.5)
        torch.autograd.grad((once, twice), x_RD, (torch.ones_like(once), torch.ones_like(twice)))

    with pytest.raises(StrayOperation, match="aten.add"):
        allowed(backward)
    backward()


def test_the_backward_pass_of_a_gpu_would_stay_in_this_thread_and_follow_its_numerics() -> None:
    assert not allowed(torch._C._is_multithreading_enabled)
    assert torch._C._is_multithreading_enabled()


def test_the_guard_is_off_when_it_is_left() -> None:
    allowed(x.clone)
    torch.softmax(x, -1)
