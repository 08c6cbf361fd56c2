"""One position of each sequence, decoded by playing what was recorded when an earlier one was.

    record      the model's own forward pass, on a token, angles and an index in memory of the step's own
    play        this token's, angles and index written there; then every kernel of that pass, in one call

The kernels and their order are those of the pass that was recorded, so the bits are. How far the cache is filled, they
read from its memory.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from glasswright.kernels import backends

# More sequences are bound by arithmetic: Python between the kernels is little of it, and a tape's memory is not.
MAX_SEQUENCES = 8


class Step:
    """The logits of one more position, (S, 1, V).

    owner:  the model whose weights `work` reads
    given:  what changes from one position to the next
    """

    def __init__(self, owner: object, given: Sequence[Tensor], work: Callable[[], Tensor]):
        self._owner, self._given, self._backend = owner, given, backends.of(given[0])
        self._tape = self._backend.record(work)

    @property
    def is_recorded(self) -> bool:
        """Whether it can be played: a model whose experts go by Python's decisions cannot."""
        return self._tape is not None

    def fits(self, owner: object, given: Sequence[Tensor]) -> bool:
        """Whether it is this model's, and takes these, on the kernels that are wanted now."""
        are_alike = [(it.shape, it.dtype) for it in given] == [(it.shape, it.dtype) for it in self._given]
        return owner is self._owner and are_alike and backends.of(given[0]) is self._backend

    def result(self) -> Tensor:
        """What it came to last, in memory that is the caller's."""
        assert self._tape is not None
        # By NumPy: torch would copy a vocabulary with threads of its own, which then look for more work on the
        # processors that the kernels run on, and the next step takes half as long again.
        return torch.from_numpy(self._tape.result.numpy().copy())

    def play(self, given: Sequence[Tensor]) -> Tensor:
        """Its logits for these."""
        for mine, new in zip(self._given, given, strict=True):
            mine.copy_(new)
        assert self._tape is not None
        self._tape.play()
        return self.result()
