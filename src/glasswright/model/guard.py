"""An exact run: torch moves numbers about, kernels do all arithmetic, in the float mode of rule 1.

Torch's own kernels differ by build, device and thread count, and go by whatever mode a thread is in, so an operation
outside the list below would make a model that cannot be rebuilt. In an exact run such a model stops at its first stray
operation, with its name and line.
"""

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from glasswright.errors import Misuse
from glasswright.kernels.float_mode import exact_float_mode

# Moves, views, allocation and integer indexing: the bits of a value never change.
MOVES = frozenset(
    """
    alias as_strided cat clone copy_ detach empty empty_like empty_strided expand fill_ full full_like index_select
    lift_fresh new_empty new_empty_strided new_zeros ones_like permute reshape select set_ slice split split_with_sizes
    squeeze stack t transpose unbind unsqueeze view zero_ zeros zeros_like _reshape_alias _to_copy _unsafe_view
    """.split()
)


class StrayOperation(Misuse):
    """A torch operation whose bits are not defined ran during an exact run."""


@contextmanager
def exact_run(what: str) -> Iterator[None]:
    """This thread in an exact run: torch keeps its modes thread by thread, and so does the processor.

    The backward pass stays in this thread: for a GPU's tensors torch would take one of its own, which follows nobody's
    numerics.

    Raises:  StrayOperation naming a torch operation whose bits this package does not define; FloatModeChanged naming
             `what` if the float mode was switched on the way.
    """
    with (
        exact_float_mode(what),
        torch.autograd.set_multithreading_enabled(False),
        DispatchGuard(),  # type: ignore[no-untyped-call]
    ):
        yield


class DispatchGuard(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, refuses every torch operation that is not a move."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Torch's way to say that nothing here is compiled: it need not import its compiler, which takes seconds."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func.overloadpacket.__name__
        if name in MOVES:
            if _changes_dtype(name, args, kwargs or {}):
                raise _stray(func, "it converts between number formats")
        elif not _is_integer_indexing(name, args):
            raise _stray(func, "its bits differ between builds and devices")
        return func(*args, **(kwargs or {}))


def _changes_dtype(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    if name == "_to_copy":
        return kwargs.get("dtype") not in (None, args[0].dtype)
    if name == "copy_":
        return bool(args[0].dtype != args[1].dtype)
    if name in ("cat", "stack"):
        return len({tensor.dtype for tensor in args[0]}) > 1
    return name in ("clone", "empty_like", "view") and any(isinstance(arg, torch.dtype) for arg in args)


def _is_integer_indexing(name: str, args: tuple[Any, ...]) -> bool:
    if name != "index":
        return False
    return all(index is None or not index.dtype.is_floating_point for index in args[1])


def _stray(func: Any, reason: str) -> StrayOperation:
    return StrayOperation(
        f"{_calling_line()}: torch operation `{func}` in an exact run: {reason}",
        hint="use a kernel from glasswright.model.ops, or define the operation as a kernel of its own",
    )


def _calling_line() -> str:
    """The nearest line outside torch and this module: where the model asked for the operation."""
    frame = sys._getframe(1)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module != __name__ and not module.startswith("torch"):
            path, line = frame.f_code.co_filename, frame.f_lineno
            text = linecache.getline(path, line).strip()
            return f"{path}:{line} (`{text}`)" if text else f"{path}:{line}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return "in the backward pass"
