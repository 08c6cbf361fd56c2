"""What every step reads: documents in a seeded order, cut in windows, the windows in a seeded order.

    epoch e        documents permuted by (seed, DOCUMENTS, e) and laid end to end: the stream of e
    window w       tokens w*T to w*T + T of that stream: T inputs, and the target of the last
    sequence g     epoch g // W, window permuted by (seed, WINDOWS, e) at g % W       W windows an epoch
    step s         sequences (s-1)*B to s*B - 1

What is left of a stream after its last whole window is not read in that epoch; another epoch's order leaves another
rest. Only integers are involved.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from glasswright.errors import Misuse
from glasswright.kernels import host
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Span

# Keys of the random bits: never used for anything else.
DOCUMENTS, WINDOWS = 1, 2


@dataclass(frozen=True)
class Epoch:
    """One pass over the documents."""

    document_N: np.ndarray  # place in the list of training documents, in reading order
    end_N: np.ndarray  # where each document's tokens end in the stream
    window_W: np.ndarray  # windows in reading order


class Order:
    """The reading order of a run."""

    def __init__(self, documents: tuple[DocumentTokens, ...], *, seed: int, sequence_length: int):
        self.seed, self.sequence_length = seed, sequence_length
        # Spans name a document by its place in the token map, validation documents included.
        self.place_N = np.array([i for i, d in enumerate(documents) if d.split == "train"], np.int64)
        self.count_N = np.array([documents[i].num_tokens for i in self.place_N], np.int64)
        self.num_tokens = int(self.count_N.sum())
        self.num_windows = max(0, (self.num_tokens - 1) // sequence_length)
        if self.num_windows == 0:
            raise Misuse(
                f"the training documents have {self.num_tokens} tokens: expected more than one sequence of "
                f"{sequence_length}",
                hint="add documents, or make train.sequence_length smaller",
            )
        self._epoch = lru_cache(maxsize=2)(self._permute)

    def sequence(self, index: int) -> tuple[Span, ...]:
        """The spans that sequence `index` of the run reads: sequence_length + 1 tokens."""
        epoch = self._epoch(index // self.num_windows)
        first = int(epoch.window_W[index % self.num_windows]) * self.sequence_length
        return tuple(self._spans(epoch, first, self.sequence_length + 1))

    def _spans(self, epoch: Epoch, first: int, count: int) -> list[Span]:
        spans = []
        at = int(np.searchsorted(epoch.end_N, first, side="right"))
        while count:
            document = int(epoch.document_N[at])
            start = first - int(epoch.end_N[at] - self.count_N[document])
            taken = min(count, int(self.count_N[document]) - start)
            spans.append(Span(document=int(self.place_N[document]), start=start, count=taken))
            first, count, at = first + taken, count - taken, at + 1
        return spans

    def _permute(self, epoch: int) -> Epoch:
        document_N = host.permutation(self.seed, DOCUMENTS, epoch, len(self.count_N))
        window_W = host.permutation(self.seed, WINDOWS, epoch, self.num_windows)
        return Epoch(document_N, np.cumsum(self.count_N[document_N]), window_W)
