"""How likely a model holds continuations, exactly.

    loss[t]     of each token of the continuation, binary32        kernels/linear_cross_entropy.py
    loss_nats   their exact sum, rounded once to binary64

A token's loss depends on the tokens before it alone (rule 11), and an exact sum on no order, so no batch, neighbour,
thread or instruction set can change a bit. What the choices of an item begin alike with is fed once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import fsum

import torch

from glasswright.errors import Misuse
from glasswright.evaluate.encode import Tokens
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run
from glasswright.model.positions import Branches
from glasswright.records.evaluation import MAX_LOSS_NATS

MAX_ROWS = 4096  # that are fed at a time, if an item alone has not more: so many bound the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """What a model says of one continuation."""

    losses_nats: tuple[float, ...]  # of each token
    is_likeliest: bool | None = None  # whether each token is the likeliest in its place; None: not asked for

    @property
    def loss_nats(self) -> float:
        """Of all of it: the exact sum, rounded once."""
        return fsum(self.losses_nats)


def likelihoods(
    model: Decoder, items: Sequence[Sequence[Tokens]], *, with_likeliest: bool = False
) -> Iterator[list[Likelihood]]:
    """For each item those of its requests, in their order.

    Raises:  Misuse if a loss is no finite number: the model computes none.
    """
    for batch in _batches([_Fed(item) for item in items]):
        yield from _judged(model, batch, with_likeliest=with_likeliest)


class _Fed:
    """An item's requests as they are fed: what they begin alike with, and their rests behind it."""

    def __init__(self, item: Sequence[Tokens]):
        self.item = item
        fed = [tokens.fed for tokens in item]
        shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*fed, strict=False)))
        self.rests = [tokens[shared:] for tokens in fed]
        beginning = fed[0][:shared]
        self.ids = [*beginning, *(token for rest in self.rests for token in rest)]
        lengths = [len(rest) for rest in self.rests if rest]
        self.branches = [Branches(shared, tuple(lengths))] if shared else [Branches(length, ()) for length in lengths]
        self._shared = shared

    def rows(self) -> Iterator[int]:
        """The row that each token is judged by, request by request."""
        before = 0
        for tokens, rest in zip(self.item, self.rests, strict=True):
            for place in range(len(tokens.context) - 1, len(tokens.fed)):
                yield place if place < self._shared else place + before
            before += len(rest)


def _batches(items: Sequence[_Fed]) -> Iterator[list[_Fed]]:
    batch: list[_Fed] = []
    for item in items:
        if batch and sum(len(one.ids) for one in batch) + len(item.ids) > MAX_ROWS:
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _judged(model: Decoder, batch: list[_Fed], *, with_likeliest: bool) -> Iterator[list[Likelihood]]:
    rows, first = [], 0
    for fed in batch:
        rows += [first + row for row in fed.rows()]
        first += len(fed.ids)
    targets = [token for fed in batch for tokens in fed.item for token in tokens.continuation]
    with exact_run("an evaluation"):
        positions = model.branched_positions([one for fed in batch for one in fed.branches])
        token_1R = torch.tensor([[token for fed in batch for token in fed.ids]])
        loss_N, likeliest = model.judged(
            token_1R, torch.tensor(targets), positions, torch.tensor(rows), with_likeliest=with_likeliest
        )
    losses, done = loss_N.tolist(), 0
    for fed in batch:
        found = []
        for tokens in fed.item:
            part = slice(done, done + len(tokens.continuation))
            is_likeliest = likeliest[part] == targets[part] if with_likeliest else None
            found.append(_likelihood(losses[part], is_likeliest))
            done = part.stop
        yield found


def _likelihood(losses: list[float], is_likeliest: bool | None) -> Likelihood:
    if not all(0 <= loss < MAX_LOSS_NATS for loss in losses):
        raise Misuse("the model's loss of a token is no number", hint="its weights, or their products, are not finite")
    return Likelihood(losses_nats=tuple(losses), is_likeliest=is_likeliest)
