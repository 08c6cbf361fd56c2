"""Learning from conversations: cross-entropy of the tokens of assistant turns alone, averaged over the batch.

A leaf's documents lie end to end in one sequence, each with positions of its own and attention within itself. Only the
rows whose target is learned reach the head: the others have no loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import torch
from torch import Tensor

from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.records.recipe import Recipe, Train
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Sequences, Span
from glasswright.store.tokens import TokenReader
from glasswright.train.leaves import LeafSum
from glasswright.train.objective import per_byte
from glasswright.train.packing import PackedOrder, packed
from glasswright.train.team import Team, batch_sum


@dataclass(frozen=True, slots=True)
class Packed:
    """Documents end to end: their inputs, and the rows and targets that are learned."""

    token_1R: Tensor
    target_N: Tensor
    row_N: Tensor
    lengths: tuple[int, ...]  # inputs of each document


class AssistantTurns:
    """Cross-entropy of what is learned of each document, averaged over the batch."""

    def __init__(self, model: Decoder, tokens: TokenReader, recipe: Recipe, *, recompute: bool):
        self.model, self.tokens, self.train, self.recompute = model, tokens, recipe.train, recompute
        self.order = PackedOrder(tokens.map.documents, seed=recipe.seed, sequence_length=self.train.sequence_length)
        self._parameters = list(model.trained.values())

    def num_tokens(self, step: int) -> int:
        documents = self.tokens.map.documents
        return sum(num_learned(documents[span.document]) for spans in self.reads(step) for span in spans)

    def scale(self, step: int) -> float:
        return nearest_binary32(Fraction(1, self.num_tokens(step)))

    def leaves(self, step: int) -> int:  # noqa: ARG002
        return self.train.batch_sequences // self.train.leaf_sequences

    def leaf(self, step: int, index: int) -> LeafSum:
        spans = self._spans(step, index)
        losses_N = _losses(self.model, self.tokens, spans, self.scale(step), recompute=self.recompute)
        gradients = torch.autograd.grad(losses_N, self._parameters, torch.ones_like(losses_N))
        return LeafSum(ops.ordered_sum(losses_N), gradients)

    def _spans(self, step: int, index: int) -> list[Span]:
        """The documents of a leaf."""
        size = self.train.leaf_sequences
        return [span for spans in self.reads(step)[index * size : (index + 1) * size] for span in spans]

    def reads(self, step: int) -> Sequences:
        start = (step - 1) * self.train.batch_sequences
        return tuple(self.order.sequence(start + index) for index in range(self.train.batch_sequences))


class HeldTurns:
    """Bits per byte of what would be learned of the validation documents."""

    def __init__(self, model: Decoder, tokens: TokenReader, train: Train):
        self.model, self.tokens, self.train = model, tokens, train
        self.num_bytes = sum(d.num_bytes for d in tokens.map.documents if d.split == "validation")

    def bits_per_byte(self, team: Team) -> float:
        """The figure, rounded once to binary32."""
        leaves = self.leaves()
        return per_byte(batch_sum(team, len(leaves), lambda index: self._leaf(leaves[index])), self.num_bytes)

    def leaves(self) -> Sequence[Sequence[Span]]:
        """The documents in the order of the map, packed as in training."""
        spans = [
            Span(document=place, start=0, count=document.num_tokens)
            for place, document in enumerate(self.tokens.map.documents)
            if document.split == "validation"
        ]
        return list(packed(spans, self.train.leaf_sequences * self.train.sequence_length))

    def _leaf(self, spans: Sequence[Span]) -> LeafSum:
        with torch.no_grad():
            return LeafSum(ops.ordered_sum(_losses(self.model, self.tokens, spans, 1.0)))


def num_learned(document: DocumentTokens) -> int:
    """How many of a document's tokens are learned. The first is no target: nothing stands before it."""
    runs = document.learned if document.learned is not None else ((0, document.num_tokens),)
    return sum(count - (first == 0) for first, count in runs)


def sequences_of(document: DocumentTokens, whole: Span) -> tuple[Span, ...]:
    """The sequences that a whole document is: one, or the chosen and the rejected conversation of a preference."""
    if document.second is None:
        return (whole,)
    second = Span(document=whole.document, start=document.second, count=whole.count - document.second)
    return (Span(document=whole.document, start=0, count=document.second), second)


def read_packed(tokens: TokenReader, spans: Sequence[Span], device: str) -> Packed:
    """Documents end to end, on a device: whole, or the sequences that they are."""
    inputs, targets, rows, lengths, first_row = [], [], [], [], 0
    for given in spans:
        document = tokens.map.documents[given.document]
        is_whole = given.count == document.num_tokens
        for span in sequences_of(document, given) if is_whole else (given,):
            token_T1 = tokens.read_spans([span])
            for first, count in document.learned if document.learned is not None else ((0, document.num_tokens),):
                begin, end = max(first - span.start, 1), min(first + count - span.start, span.count)
                learned = np.arange(begin, max(begin, end))
                rows.append(first_row + learned - 1)
                targets.append(token_T1[learned])
            inputs.append(token_T1[:-1])
            lengths.append(span.count - 1)
            first_row += span.count - 1
    token_R, target_N, row_N = (torch.from_numpy(np.concatenate(parts)).to(device) for parts in (inputs, targets, rows))
    return Packed(token_R.unsqueeze(0), target_N, row_N, tuple(lengths))


def _losses(
    model: Decoder, tokens: TokenReader, spans: Sequence[Span], scale: float, *, recompute: bool = False
) -> Tensor:
    """The loss of every token of these documents that is learned, (N,)."""
    read = read_packed(tokens, spans, model.device)
    positions = model.packed_positions(read.lengths)
    return model.losses(read.token_1R, read.target_N, positions, scale, row_N=read.row_N, recompute=recompute)
