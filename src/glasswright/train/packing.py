"""What every step reads of conversations: whole documents in a seeded order, packed in sequences.

    epoch e        documents permuted by (seed, DOCUMENTS, e)
    sequence       the next documents of the epoch as long as their inputs fit in T together; what an epoch ends with
                   may be short
    step s         sequences (s-1)*B to s*B - 1, counted through all epochs

A document of n tokens has n - 1 inputs. Attention never crosses documents, so packing changes no document's loss or
gradient: it decides only which step reads it, and beside what.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import numpy as np

from glasswright.errors import Misuse
from glasswright.kernels import host
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Span
from glasswright.train.order import DOCUMENTS


class PackedOrder:
    """The reading order of a run whose documents are read whole.

    Raises:  Misuse if there is no training document, or one that does not fit in a sequence.
    """

    def __init__(self, documents: Sequence[DocumentTokens], *, seed: int, sequence_length: int):
        self.seed, self.sequence_length = seed, sequence_length
        self.place_N = np.array([i for i, d in enumerate(documents) if d.split == "train"], np.int64)
        self.count_N = np.array([documents[i].num_tokens for i in self.place_N], np.int64)
        if not len(self.place_N):
            raise Misuse("there is no document to train on", hint="add documents, or lower tokens.validation_share")
        require_fit(documents, sequence_length)
        self._epoch = lru_cache(maxsize=2)(self._packed)
        self._first = cache(self._counted)

    def sequence(self, index: int) -> tuple[Span, ...]:
        """The documents that sequence `index` of the run reads."""
        epoch = 0
        while self._first(epoch + 1) <= index:
            epoch += 1
        return self._epoch(epoch)[index - self._first(epoch)]

    def _counted(self, epoch: int) -> int:
        """The number of an epoch's first sequence: asked for from the first epoch on, and kept."""
        return self._first(epoch - 1) + len(self._epoch(epoch - 1)) if epoch else 0

    def _packed(self, epoch: int) -> list[tuple[Span, ...]]:
        order_N = host.permutation(self.seed, DOCUMENTS, epoch, len(self.place_N))
        spans = [Span(document=int(self.place_N[n]), start=0, count=int(self.count_N[n])) for n in order_N]
        return list(packed(spans, self.sequence_length))


def packed(spans: Sequence[Span], sequence_length: int) -> Iterator[tuple[Span, ...]]:
    """Whole documents, in order, in sequences of at most `sequence_length` inputs."""
    sequence: list[Span] = []
    room = sequence_length
    for span in spans:
        if sequence and span.count - 1 > room:
            yield tuple(sequence)
            sequence, room = [], sequence_length
        sequence.append(span)
        room -= span.count - 1
    if sequence:
        yield tuple(sequence)


def require_fit(documents: Sequence[DocumentTokens], sequence_length: int) -> None:
    """Raises:  Misuse if a document has more inputs than a sequence."""
    longest = max(documents, key=lambda document: document.num_tokens)
    if longest.num_tokens - 1 > sequence_length:
        raise Misuse(
            f"document {longest.document_id[:12]} has {longest.num_tokens} tokens: expected at most "
            f"{sequence_length + 1}, which is train.sequence_length and the last target",
            hint="make train.sequence_length longer, or have longer documents cut or dropped (tokens.too_long)",
        )
