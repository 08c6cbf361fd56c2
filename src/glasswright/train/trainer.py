"""One training run in memory: parameters, moments, and the step that takes one state to the next.

    step s:   leaves -> (loss, gradient) each -> tree -> norm and clip -> optimizer

Nothing here touches the disk but the tokens; run.py saves and resumes, replay drives the same steps from a checkpoint.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from glasswright.attest.tensors import tensors_root
from glasswright.errors import GlasswrightError
from glasswright.kernels.rounding import PRECISION, nearest_binary32
from glasswright.model import ops
from glasswright.model.config import LlamaConfig
from glasswright.model.initial import initialize
from glasswright.model.llama import Llama
from glasswright.records.canonical import float_bits
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import Sequences, Span, StateRecord, StepRecord, reads_digest
from glasswright.store.tokens import open_tokens
from glasswright.train.digests import digests_of
from glasswright.train.effort import Effort
from glasswright.train.leaves import LeafSum, combine
from glasswright.train.optimizer import Norm, Optimizer, Rates
from glasswright.train.order import Order
from glasswright.train.schedule import schedule_table
from glasswright.train.workers import Workers

T = TypeVar("T")


class NotFinite(GlasswrightError):
    """A loss or a gradient norm is NaN or infinite: training cannot go on."""

    def __init__(self, step: int, what: str):
        super().__init__(
            f"step {step}: {what} is not finite", hint="lower the learning rates, or look at the step's documents"
        )
        self.step, self.what = step, what


class Trainer:
    """The state of a run and its step. Tensors are float32; the state after a step is named by the step's number."""

    def __init__(self, recipe: Recipe, tokens: Path, effort: Effort):
        train = recipe.train
        self.recipe, self.effort = recipe, effort
        self.tokens = open_tokens(tokens)
        token_map = self.tokens.map
        self.order = Order(token_map.documents, seed=recipe.seed, sequence_length=train.sequence_length)
        self.schedule = schedule_table(train)
        config = LlamaConfig.from_recipe(
            recipe.model,
            vocab_size=token_map.vocab_size,
            max_positions=train.sequence_length,
            end_of_text=token_map.end_of_text,
        )
        self.model = Llama(config)
        initialize(self.model, recipe.seed)
        self.optimizer = Optimizer(self.model, train.optimizer)
        self.num_tokens = train.batch_sequences * train.sequence_length
        self.scale = nearest_binary32(Fraction(1, self.num_tokens))
        self.parameters = dict(self.model.named_parameters())
        self.leaf_positions = self.model.positions(train.leaf_sequences, train.sequence_length)
        num_leaves = train.batch_sequences // train.leaf_sequences
        self.workers = Workers(at_once=min(effort.leaves_at_once, num_leaves), num_threads=effort.num_threads)

    def close(self) -> None:
        self.workers.close()

    def step(self, step: int) -> StepRecord:
        """Take the state after step - 1 to the state after `step`.

        Raises:  NotFinite naming the step and the tensor; the state is then the one before.
        """
        sequences = self.sequences(step)
        total = combine(
            self.workers.results(self._leaf, _cut(sequences, self.recipe.train.leaf_sequences)), LeafSum.add
        )
        gradients = dict(zip(self.parameters, total.gradients, strict=True))
        loss = float(np.float32(ops.array(total.loss)[0]) * np.float32(self.scale))
        norm = self.optimizer.norm(gradients)
        self._require_finite(step, loss, norm, gradients)
        update = partial(
            self.optimizer.update, gradients=gradients, clip=norm.clip, rates=Rates.at(self.schedule, step)
        )
        for _ in self.workers.results(update, self.optimizer.largest_first):
            pass
        return StepRecord(
            step=step,
            loss_nats=float_bits(loss),
            gradient_norm=float_bits(norm.norm),
            clip=float_bits(norm.clip),
            num_tokens=self.num_tokens,
            reads=reads_digest(sequences),
            validation_bits_per_byte=self.validate() if self.validates(step) else None,
        )

    def sequences(self, step: int) -> Sequences:
        """What each sequence of the step reads."""
        size = self.recipe.train.batch_sequences
        return tuple(self.order.sequence(index) for index in range((step - 1) * size, step * size))

    def ends_segment(self, step: int) -> bool:
        return step % self.recipe.train.segment_steps == 0 or step == self.recipe.train.num_steps

    def validates(self, step: int) -> bool:
        train = self.recipe.train
        every = train.segment_steps * train.validate_every_segments
        return bool(self._validation_bytes()) and (step % every == 0 or step == train.num_steps)

    def validate(self) -> str:
        """Bits per byte over the validation documents, as a binary32 bit pattern.

        Every token is predicted once, each document's first after an end-of-text token; the nats are added over leaves
        in the tree, then divided by ln 2 and the documents' bytes in exact decimal.
        """
        nats = float(
            ops.array(combine(self.workers.results(self._validation_leaf, self._validation_leaves()), _add))[0]
        )
        with localcontext() as context:
            context.prec = PRECISION
            bits = Decimal(nats) / (Decimal(2).ln() * self._validation_bytes())
        return float_bits(nearest_binary32(bits))

    def tensors(self) -> dict[str, np.ndarray]:
        """The full state by name: arrays that share the state's memory."""
        state = {f"model.{name}": ops.array(parameter) for name, parameter in self.parameters.items()}
        return state | {name: ops.array(moment) for name, moment in self.optimizer.state.items()}

    def load(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Take over a full state.

        Raises:  ValueError if a tensor is missing, unexpected or of another shape.
        """
        state = self.tensors()
        if state.keys() != tensors.keys():
            raise ValueError(f"expected other tensors: {sorted(state.keys() ^ tensors.keys())[:3]} ...")
        for name, values in state.items():
            if values.shape != tensors[name].shape or values.dtype != tensors[name].dtype:
                raise ValueError(f"{name}: expected {values.shape}, found {tensors[name].shape}")
            values[...] = tensors[name]

    def state_record(self, step: int) -> StateRecord:
        """The state's digests, as it is after `step` steps."""
        digests = digests_of(self.tensors())
        segment = -(-step // self.recipe.train.segment_steps)
        return StateRecord(segment=segment, step=step, root=tensors_root(digests), tensors=digests)

    def _leaf(self, sequences: Sequence[tuple[Span, ...]]) -> LeafSum:
        length = self.recipe.train.sequence_length
        tokens = np.stack([self.tokens.read_spans(spans) for spans in sequences])
        assert tokens.shape[1] == length + 1
        losses_R = self.model.losses(
            torch.from_numpy(np.ascontiguousarray(tokens[:, :-1])),
            torch.from_numpy(np.ascontiguousarray(tokens[:, 1:])),
            self.leaf_positions,
            self.scale,
            recompute=self.effort.recompute,
        )
        gradients = torch.autograd.grad(losses_R, list(self.parameters.values()), torch.ones_like(losses_R))
        return LeafSum(_total(losses_R.detach()), gradients)

    def _validation_leaf(self, tokens_ST1: np.ndarray) -> torch.Tensor:
        S, T = tokens_ST1.shape[0], tokens_ST1.shape[1] - 1
        with torch.no_grad():
            losses_R = self.model.losses(
                torch.from_numpy(np.ascontiguousarray(tokens_ST1[:, :-1])),
                torch.from_numpy(np.ascontiguousarray(tokens_ST1[:, 1:])),
                self.model.positions(S, T),
                1.0,
            )
        return _total(losses_R)

    def _validation_leaves(self) -> Iterable[np.ndarray]:
        """The validation documents end to end, cut in leaves of the training leaf's shape, and what is left."""
        token_map = self.tokens.map
        spans = [
            Span(document=place, start=0, count=document.num_tokens)
            for place, document in enumerate(token_map.documents)
            if document.split == "validation"
        ]
        stream = np.concatenate([[token_map.end_of_text], self.tokens.read_spans(spans)])
        length = self.recipe.train.sequence_length
        windows = [stream[at : at + length + 1] for at in range(0, len(stream) - 1, length)]
        whole = [window for window in windows if len(window) == length + 1]
        for leaf in _cut(whole, self.recipe.train.leaf_sequences):
            yield np.stack(leaf)
        if len(whole) < len(windows):
            yield windows[-1][np.newaxis]

    def _validation_bytes(self) -> int:
        return sum(d.num_bytes for d in self.tokens.map.documents if d.split == "validation")

    def _require_finite(self, step: int, loss: float, norm: Norm, gradients: Mapping[str, torch.Tensor]) -> None:
        if not math.isfinite(loss):
            raise NotFinite(step, "the loss")
        if not math.isfinite(norm.norm):
            bad = next((n for n, g in gradients.items() if not ops.kernel.all_finite(ops.array(g).reshape(-1))), None)
            raise NotFinite(step, f"the gradient of {bad}" if bad else "the gradient norm (each element is finite)")


def _cut(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of `size`; the last may be shorter."""
    return (items[at : at + size] for at in range(0, len(items), size))


def _total(losses_R: torch.Tensor) -> torch.Tensor:
    total_1 = ops.new(1)
    ops.kernel.ordered_sum(ops.array(losses_R), total_1)
    return ops.tensor(total_1)


def _add(total: torch.Tensor, part: torch.Tensor) -> torch.Tensor:
    ops.add_into((total,), (part,))
    return total
