"""What a step learns from: the leaves of its batch, and what they read.

next tokens     every token is predicted from those before it in its sequence
validation      the same over documents that are never read: bits per byte

turns.py learns from conversations.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from glasswright.kernels.rounding import PRECISION, nearest_binary32
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.model.positions import Positions
from glasswright.records.recipe import Recipe, Train
from glasswright.records.transcript import Sequences, Span
from glasswright.store.tokens import TokenReader
from glasswright.train.leaves import LeafSum
from glasswright.train.order import Order
from glasswright.train.team import Team, batch_sum

Tokens = np.ndarray  # (S, T + 1) int64: T inputs of each sequence, and the target of the last


class Objective(Protocol):
    """What is learned: a loss and a gradient for each leaf of each step's batch. Called from several threads."""

    def num_tokens(self, step: int) -> int:
        """Tokens of the step's batch whose losses are added up."""

    def scale(self, step: int) -> float:
        """What the summed losses are multiplied by: the gradients are those of the product."""

    def leaves(self, step: int) -> int:
        """How many leaves the step's batch has."""

    def leaf(self, step: int, index: int) -> LeafSum:
        """The losses of one leaf, added up, and the gradients of what is trained, in the model's order."""

    def reads(self, step: int) -> Sequences:
        """What each sequence of the step's batch reads, for the transcript."""


class Held(Protocol):
    """Documents that are never read, and what the model makes of them."""

    @property
    def num_bytes(self) -> int:
        """UTF-8 bytes of what their learned tokens spell; 0 where there are none."""

    def bits_per_byte(self, team: Team) -> float:
        """The nats of their learned tokens, added over leaves in the tree, in bits for each of the bytes."""


class NextTokens:
    """Cross-entropy of every next token, averaged over the batch."""

    def __init__(self, model: Decoder, tokens: TokenReader, recipe: Recipe, *, recompute: bool):
        self.model, self.tokens, self.train, self.recompute = model, tokens, recipe.train, recompute
        self.order = Order(tokens.map.documents, seed=recipe.seed, sequence_length=self.train.sequence_length)
        self._parameters = list(model.trained.values())
        self._positions = model.positions(self.train.leaf_sequences, self.train.sequence_length)

    def num_tokens(self, step: int) -> int:  # noqa: ARG002
        return self.train.batch_sequences * self.train.sequence_length

    def scale(self, step: int) -> float:
        return nearest_binary32(Fraction(1, self.num_tokens(step)))

    def leaves(self, step: int) -> int:  # noqa: ARG002
        return self.train.batch_sequences // self.train.leaf_sequences

    def leaf(self, step: int, index: int) -> LeafSum:
        sequences = self._sequences(step, first=index * self.train.leaf_sequences, count=self.train.leaf_sequences)
        tokens_ST1 = np.stack([self.tokens.read_spans(spans) for spans in sequences])
        losses_R = _losses(self.model, tokens_ST1, self._positions, self.scale(step), recompute=self.recompute)
        gradients = torch.autograd.grad(losses_R, self._parameters, torch.ones_like(losses_R))
        return LeafSum(ops.ordered_sum(losses_R), gradients)

    def reads(self, step: int) -> Sequences:
        return self._sequences(step, first=0, count=self.train.batch_sequences)

    def _sequences(self, step: int, *, first: int, count: int) -> Sequences:
        start = (step - 1) * self.train.batch_sequences + first
        return tuple(self.order.sequence(index) for index in range(start, start + count))


class Validation:
    """Bits per byte over the validation documents.

    Every token is predicted once, each document's first after an end-of-text token; the nats are added over leaves in
    the tree, then divided by ln 2 and the documents' bytes in exact decimal.
    """

    def __init__(self, model: Decoder, tokens: TokenReader, train: Train):
        self.model, self.tokens, self.train = model, tokens, train
        self.num_bytes = sum(d.num_bytes for d in tokens.map.documents if d.split == "validation")

    def bits_per_byte(self, team: Team) -> float:
        """The figure, rounded once to binary32."""
        leaves = self.leaves()
        return per_byte(batch_sum(team, len(leaves), lambda index: self._leaf(leaves[index])), self.num_bytes)

    def leaves(self) -> Sequence[Tokens]:
        """The documents end to end, cut in leaves of the training leaf's shape, and what is left."""
        token_map, length = self.tokens.map, self.train.sequence_length
        spans = [
            Span(document=place, start=0, count=document.num_tokens)
            for place, document in enumerate(token_map.documents)
            if document.split == "validation"
        ]
        stream = np.concatenate([[token_map.end_of_text], self.tokens.read_spans(spans)])
        windows = [stream[at : at + length + 1] for at in range(0, len(stream) - 1, length)]
        whole = [window for window in windows if len(window) == length + 1]
        size = self.train.leaf_sequences
        leaves = [np.stack(whole[at : at + size]) for at in range(0, len(whole), size)]
        return leaves if len(whole) == len(windows) else [*leaves, windows[-1][np.newaxis]]

    def _leaf(self, tokens_ST1: Tokens) -> LeafSum:
        num_sequences, length = tokens_ST1.shape[0], tokens_ST1.shape[1] - 1
        with torch.no_grad():
            losses_R = _losses(self.model, tokens_ST1, self.model.positions(num_sequences, length), 1.0)
        return LeafSum(ops.ordered_sum(losses_R))


def per_byte(total: LeafSum, num_bytes: int) -> float:
    """Nats in bits for each byte, rounded once to binary32."""
    (nats,) = total.loss.tolist()
    with localcontext() as context:
        context.prec = PRECISION
        return nearest_binary32(Decimal(nats) / (Decimal(2).ln() * num_bytes))


def _losses(
    model: Decoder, tokens_ST1: Tokens, positions: Positions, scale: float, *, recompute: bool = False
) -> Tensor:
    """The loss of every position, (R,), R = S T."""
    token_ST, target_ST = (
        torch.from_numpy(np.ascontiguousarray(part)).to(model.device)
        for part in (tokens_ST1[:, :-1], tokens_ST1[:, 1:])
    )
    return model.losses(token_ST, target_ST, positions, scale, recompute=recompute)
