"""One file a family: small shapes of it as transformers configures them, and a recipe that trains it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import torch


def gradient_by_name(model: torch.nn.Module, name: str) -> torch.Tensor:
    """The gradient of a parameter that transformers holds under the name it is stored by."""
    gradient = dict(model.named_parameters())[name].grad
    assert gradient is not None, name
    return gradient


@dataclass(frozen=True)
class Case:
    """What is tried of a family.

    config:     transformers' class of its config.json
    shapes:     keyword arguments of the class; at least three
    recipe:     the `model` of a recipe, for ten steps on sequences of twelve tokens
    gradient:   where transformers holds a parameter's gradient, if not under its stored name
    """

    config: str
    shapes: tuple[Mapping[str, Any], ...]
    recipe: Mapping[str, Any]
    gradient: Callable[[torch.nn.Module, str], torch.Tensor] = field(default=gradient_by_name)


CASES: dict[str, Case] = {
    found.name: import_module(f"{__name__}.{found.name}").CASE for found in iter_modules(__path__)
}
