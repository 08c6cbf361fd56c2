"""What an operation of a model is: a kernel forward and a kernel backward."""

from typing import Any

import torch


class Operation(torch.autograd.Function):
    """An autograd function whose bookkeeping is left out where no gradient is wanted.

    In decoding it would cost as much as a kernel of one row.
    """

    @classmethod
    def apply(cls, *arguments: Any) -> Any:
        """Run `forward`, and record it for the gradient where one is wanted."""
        if torch.is_grad_enabled():
            return super().apply(*arguments)  # type: ignore[no-untyped-call]
        return cls.forward(_NoContext(), *arguments)


class _NoContext:
    """What `forward` keeps for the gradient, kept by nobody."""

    def save_for_backward(self, *tensors: Any) -> None: ...

    def set_materialize_grads(self, value: bool) -> None: ...

    def mark_non_differentiable(self, *tensors: Any) -> None: ...
