"""Items answered by a model: how likely it holds the choices, or what it writes.

An item whose tokens do not fit in the model's positions is not cut: it has no answer, and its tokens are counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum
from typing import Any

from glasswright.evaluate.encode import MAX_WINDOW, encoded, require_begins, windows
from glasswright.evaluate.items import Item
from glasswright.evaluate.likelihood import Likelihood, likelihoods
from glasswright.evaluate.tasks import ENDS_OF_ANSWER, MAX_WRITTEN_TOKENS, Task
from glasswright.model.decoder import Decoder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.canonical import digest
from glasswright.records.evaluation import Answered, Choice


@dataclass(frozen=True, slots=True)
class Subject:
    """A model with its tokenizer."""

    model: Decoder
    tokenizer: FolderTokenizer

    @property
    def begins(self) -> int | None:
        """The token that stands before a text behind nothing."""
        config = self.model.config
        return config.begin_of_text if config.begin_of_text is not None else next(iter(config.ends_of_text), None)

    def answers(self, task: Task, items: Sequence[Item]) -> Iterator[Answered]:
        """Each item with its answer, in order. However many are given at a time changes no bit.

        Raises:  Malformed naming an item that has no tokens to judge; Misuse if the model computes no number.
        """
        if task.is_written:
            yield from (self._written(item) for item in items)
            return
        if task.is_long:
            yield from (self._long(item) for item in items)
            return
        fed = [[encoded(it, self.tokenizer, self.begins, item.place) for it in item.requests] for item in items]
        lengths = [max(len(tokens.fed) for tokens in one) for one in fed]
        longest = self.model.config.max_positions
        fitting = [one for one, length in zip(fed, lengths, strict=True) if length <= longest]
        judged = likelihoods(self.model, fitting, with_likeliest=task.needs_likeliest)
        for item, length in zip(items, lengths, strict=True):
            yield _too_long(item, length) if length > longest else _chosen(item, next(judged))

    def losses_of_text(self, text: str) -> list[float]:
        """The loss in nats of each token of a text of any length, which is judged in windows.

        Raises:  Misuse if the model has no token to stand before it, or computes no number.
        """
        longest = min(self.model.config.max_positions, MAX_WINDOW)
        parts = windows(self.tokenizer.encode(text), require_begins(self.begins), longest)
        return [loss for (one,) in likelihoods(self.model, [[it] for it in parts]) for loss in one.losses_nats]

    def _long(self, item: Item) -> Answered:
        text = item.requests[0].continuation
        losses = self.losses_of_text(text)
        whole = Choice(loss_nats=fsum(losses), num_tokens=len(losses), size=len(text.encode()))
        return Answered(**_of(item), choices=(whole,))

    def _written(self, item: Item) -> Answered:
        before = self.tokenizer.encode(item.requests[0].context)
        if len(before) + MAX_WRITTEN_TOKENS > self.model.config.max_positions:
            return _too_long(item, len(before) + MAX_WRITTEN_TOKENS)
        text = written(self, before, MAX_WRITTEN_TOKENS, ENDS_OF_ANSWER)
        return Answered(**_of(item), text=text, wanted=item.wanted)


def written(subject: Subject, before: Sequence[int], num_tokens: int, ends: Sequence[str]) -> str:
    """The likeliest continuation of a prompt, up to the first of the texts that end it, which is not given."""
    ids: list[int] = []
    text = ""
    for token in generate(subject.model, list(before), num_tokens=num_tokens, temperature=Fraction(0), seed=0):
        ids.append(token)
        text = subject.tokenizer.continuation(before, ids)
        found = [place for place in (text.find(end) for end in ends) if place >= 0]
        if found:
            return text[: min(found)]
    return text


def _of(item: Item) -> dict[str, Any]:
    return {"item": item.digest(), "place": item.place, "cluster": digest(item.cluster), "right": item.right}


def _too_long(item: Item, num_tokens: int) -> Answered:
    return Answered(**_of(item), wanted=item.wanted, num_tokens_too_long=num_tokens)


def _chosen(item: Item, found: list[Likelihood]) -> Answered:
    choices = (
        Choice(
            loss_nats=one.loss_nats,
            num_tokens=len(one.losses_nats),
            size=len(request.continuation.removeprefix(" ")),
            is_likeliest=one.is_likeliest,
        )
        for request, one in zip(item.requests, found, strict=True)
    )
    return Answered(**_of(item), choices=tuple(choices))
