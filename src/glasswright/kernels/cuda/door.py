"""What a kernel accepts on a device: tensors whose shapes fit each other, by the names of its definition's arguments.

x_RD (R, D)      the capitals and small letters behind the last _ are axes, and one letter has one size in a call
out_2 (2,)       a digit is a size
x_N, a           N alone, or no axes, is any shape of N elements
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor

from glasswright import kernels
from glasswright.kernels.checks import number

# The arguments of definitions that are whole numbers.
IDS = frozenset({"token_R", "target_R", "expert_RK", "place_RK", "row_N", "count_X"})
_AXES = re.compile(r"_([A-Za-z]{1,5}|\d)$")

Sizes = Mapping[str, int]


def taken(name: str, arguments: Sequence[Any], device: str) -> tuple[dict[str, int], list[Any]]:
    """The size of every axis of a call of the kernel `name`, and its arguments, each number of the kind that it takes.

    Raises:  ValueError naming the argument that does not fit, what was expected and what was found.
    """
    sizes: dict[str, int] = {}
    found: list[Any] = []
    for (parameter, axes, kind), argument in zip(_parameters(name), arguments, strict=True):
        if isinstance(argument, Tensor):
            _take(parameter, axes, argument, device, sizes)
        found.append(float(number(parameter, argument)) if kind is float else argument)
    return sizes, found


@cache
def _parameters(name: str) -> tuple[tuple[str, str, Any], ...]:
    """Each argument of a definition, its axes, and its kind."""
    definition = getattr(kernels.definitions(), name)
    parameters = inspect.signature(definition).parameters.values()
    return tuple((it.name, found[1] if (found := _AXES.search(it.name)) else "N", it.annotation) for it in parameters)


def _take(name: str, axes: str, tensor: Tensor, device: str, sizes: dict[str, int]) -> None:
    shape = (tensor.numel(),) if axes == "N" else tuple(tensor.shape)
    dtype = torch.int64 if name in IDS else torch.float32
    is_sound = tensor.is_contiguous() and not tensor.is_neg() and tensor.device.type == device
    pairs = zip(axes, shape, strict=False)  # of another number of axes, it is refused below
    wanted = tuple(int(axis) if axis.isdigit() else sizes.setdefault(axis, size) for axis, size in pairs)
    if not is_sound or tensor.dtype != dtype or len(shape) != len(axes) or wanted != shape:
        raise ValueError(
            f"{name}: expected contiguous {dtype} of shape {wanted} on {device}, "
            f"got {tensor.dtype} of shape {tuple(tensor.shape)} on {tensor.device}"
        )
