"""Work recorded once and played again: its kernels, called in one go on the same memory.

What changes between one time and the next lies in memory that a kernel reads; a number or a shape that Python made of
it would be played as it was. So only kernels may move numbers while work is recorded, and no answer may go to Python.
"""

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

# Torch's operations that touch no number, and those whose numbers are always the same.
UNSEEN = frozenset(
    """
    alias as_strided detach empty empty_like empty_strided expand new_empty new_empty_strided permute select slice split
    split_with_sizes squeeze t transpose unbind unsqueeze view _reshape_alias _unsafe_view
    full full_like new_zeros ones_like zeros zeros_like
    """.split()
)


class Tape:
    """Work that was done once. `result` is what it returned; each play writes there anew."""

    def __init__(self, played: Any, held: list[Tensor], result: Tensor):
        self._played, self._held, self.result = played, held, result

    def play(self) -> None:
        """Call its kernels again, on the threads and the instruction set of this moment."""
        self._played.play()


class _NotPlayable(Exception):
    """Torch moved numbers while work was recorded."""


class _Recording(threading.local):
    held: list[Tensor] | None = None  # what the kernels of the work that this thread records were lent


_recording = _Recording()


def hold(tensors: list[Tensor]) -> None:
    """Keep what a kernel was lent as long as the tape that this thread records, if it does."""
    if _recording.held is not None:
        _recording.held += tensors


def record(twins: ModuleType, work: Callable[[], Tensor]) -> Tape | None:
    """Do `work` and keep it; None, and it may be done in part, if it is not for kernels alone."""
    held: list[Tensor] = []
    played = twins.Tape()
    played.record()
    _recording.held = held
    try:
        with _KernelsAlone():  # type: ignore[no-untyped-call]
            return Tape(played, held, work())
    except (_NotPlayable, twins.NotPlayable):
        return None
    finally:
        _recording.held = None
        played.stop()


class _KernelsAlone(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, refuses what a tape would not play."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """As in model.guard: torch need not import its compiler."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func.overloadpacket.__name__ not in UNSEEN:
            raise _NotPlayable(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))
