"""One training run in memory: the step that takes one state to the next.

    step s:   objective: leaves -> (loss, gradient) each
              team:      their sums, in the aligned tree
              optimizer: norm and clip, then every parameter by itself

Nothing here touches the disk but the tokens; run.py saves and resumes, replay drives the same steps from a checkpoint.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
from torch import Tensor

from glasswright.errors import GlasswrightError, Misuse
from glasswright.kernels import backends
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.model.guard import exact_run
from glasswright.model.initial import initialize
from glasswright.model.weights import Weights
from glasswright.records.canonical import float_bits
from glasswright.records.decoder import DecoderConfig, decoder_of
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import Sequences, StateRecord, StepRecord, reads_digest
from glasswright.store.tokens import TokenReader, open_tokens
from glasswright.train.effort import Effort
from glasswright.train.objective import Held, NextTokens, Objective, Validation
from glasswright.train.optimizer import Norm, Optimizer, Rates
from glasswright.train.preferences import Preferences
from glasswright.train.schedule import schedule_table
from glasswright.train.team import Alone, Team, batch_sum
from glasswright.train.turns import AssistantTurns, HeldTurns


class NotFinite(GlasswrightError):
    """A loss or a gradient norm is NaN or infinite: training cannot go on."""

    def __init__(self, step: int, what: str):
        super().__init__(
            f"step {step}: {what} is not finite", hint="lower the learning rates, or look at the step's documents"
        )
        self.step, self.what = step, what


class ParentWeights(Protocol):
    """Where training begins, if not from nothing."""

    def weights(self, config: DecoderConfig) -> Weights:
        """The weights of this model.

        Raises:  Misuse if they are of another, or not those on record.
        """


class Trainer:
    """A run of `recipe` on the tokens in a folder, as it is after some step. Begins in the state of step 0.

        step(n)             the state after step n - 1 becomes the state after n; the step's record
        sequences(n)        what step n reads
        state_record(n)     the digests of the state, which is that after step n
        tensors()           the state by name, float32 arrays that share its memory; store.tensors.save takes them
        load(tensors)       the state becomes this one
        schedule            the whole table
        model               the model as it is

    Each is an exact run (model.guard): the process's float mode is set aside meanwhile. Close it when done.
    """

    objective: Objective
    validation: Held
    team: Team

    def __init__(self, recipe: Recipe, tokens: Path, effort: Effort, parent: ParentWeights | None = None):
        train, backend, reader = recipe.train, backends.on(effort.device), open_tokens(tokens)
        self.recipe = recipe
        with exact_run("the initial state"):
            self.schedule = schedule_table(train)
            self.model = _model(recipe, reader.map, parent, effort.device)
            self.objective = self._objective(reader, parent, effort)
            self.validation = _held(self.model, reader, recipe)
            self.optimizer = Optimizer(train.optimizer, self.model.trained_layout)
            self.state = self.optimizer.initial_state(self.model.trained)
        at_once = min(effort.leaves_at_once, self.objective.leaves(1))
        self.team = Alone(backend, leaves_at_once=at_once, num_threads=effort.num_threads)

    def close(self) -> None:
        self.team.close()

    def step(self, step: int) -> StepRecord:
        """Take the state after step - 1 to the state after `step`.

        Raises:  NotFinite naming the step and the tensor: the state is then the one before. FloatModeChanged if the
                 float mode was switched on the way: the state is then neither.
        """
        with self._exact_run(f"step {step}"):
            total = batch_sum(self.team, self.objective.leaves(step), partial(self.objective.leaf, step))
            ops.scale_(total.loss, self.objective.scale(step))
            (loss,) = total.loss.tolist()
            gradients = dict(zip(self.state.parameters, total.gradients, strict=True))
            norm = self.optimizer.norm(gradients)
            _require_finite(step, loss, norm, gradients)
            self._update(gradients, norm.clip, Rates.at(self.schedule, step))
            return StepRecord(
                step=step,
                loss_nats=float_bits(loss),
                gradient_norm=float_bits(norm.norm),
                clip=float_bits(norm.clip),
                num_tokens=self.objective.num_tokens(step),
                reads=reads_digest(self.sequences(step)),
                validation_bits_per_byte=self.validate() if self.validates(step) else None,
            )

    def sequences(self, step: int) -> Sequences:
        """What each sequence of the step reads."""
        return self.objective.reads(step)

    def ends_segment(self, step: int) -> bool:
        return step % self.recipe.train.segment_steps == 0 or step == self.recipe.train.num_steps

    def validates(self, step: int) -> bool:
        train = self.recipe.train
        every = train.segment_steps * train.validate_every_segments
        return bool(self.validation.num_bytes) and (step % every == 0 or step == train.num_steps)

    def validate(self) -> str:
        """Bits per byte over the validation documents, as a binary32 bit pattern."""
        with self._exact_run("validation"):
            return float_bits(self.validation.bits_per_byte(self.team))

    def tensors(self) -> dict[str, np.ndarray]:
        """The full state by name: arrays that share the state's memory, or copy it from a GPU's."""
        return self.state.tensors()

    def load(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Take over a full state.

        Raises:  ValueError if a tensor is missing, unexpected, or of another shape or dtype.
        """
        self.state.load(tensors)

    def state_record(self, step: int) -> StateRecord:
        """The state's digests, as it is after `step` steps."""
        return self.state.record(step=step, segment=-(-step // self.recipe.train.segment_steps))

    def _objective(self, tokens: TokenReader, parent: ParentWeights | None, effort: Effort) -> Objective:
        recipe, recompute = self.recipe, effort.recompute
        if recipe.learns == "texts":
            return NextTokens(self.model, tokens, recipe, recompute=recompute)
        if recipe.learns == "conversations":
            return AssistantTurns(self.model, tokens, recipe, recompute=recompute)
        if recipe.adapter is not None:
            reference = self.model.without_adapter()
        else:  # the parent's weights will have moved: they are held a second time
            reference = _model(recipe, tokens.map, parent, effort.device)
        return Preferences(self.model, tokens, recipe, reference=reference, recompute=recompute)

    @contextmanager
    def _exact_run(self, what: str) -> Iterator[None]:
        """An exact run by the recipe's numerics."""
        with backends.following(self.recipe.numerics), exact_run(what):
            yield

    def _update(self, gradients: Mapping[str, Tensor], clip: float, rates: Rates) -> None:
        """Move every parameter, the largest first: that shares out best."""
        update = partial(self.optimizer.update, state=self.state, gradients=gradients, clip=clip, rates=rates)
        largest_first = sorted(gradients, key=lambda name: (-gradients[name].numel(), name))
        for _ in self.team.results(update, largest_first):
            pass


def _model(recipe: Recipe, token_map: TokenMap, parent: ParentWeights | None, device: str) -> Decoder:
    """The model of the recipe with its initial weights: the parent's, or those that the seed gives.

    Raises:  Misuse if the parent is not given, or not the one that the recipe names.
    """
    config = decoder_of(recipe, vocab_size=token_map.vocab_size, end_of_text=token_map.end_of_text)
    if recipe.parent is None:
        model = Decoder(config, device=device)
        initialize(model, recipe.seed)
        return model
    if parent is None:
        raise Misuse(
            f"training begins from {recipe.parent.name}, whose weights are not given",
            hint="say where they lie: --parent FOLDER",
        )
    model = Decoder(config, parent.weights(config), recipe.adapter, device=device)
    if recipe.adapter is not None:
        initialize(model, recipe.seed)
    return model


def _held(model: Decoder, tokens: TokenReader, recipe: Recipe) -> Held:
    holds = Validation if recipe.learns == "texts" else HeldTurns
    return holds(model, tokens, recipe.train)


def _require_finite(step: int, loss: float, norm: Norm, gradients: Mapping[str, Tensor]) -> None:
    """Raises:  NotFinite naming the loss, the first gradient that is not finite, or the norm alone."""
    if not math.isfinite(loss):
        raise NotFinite(step, "the loss")
    if not math.isfinite(norm.norm):
        bad = next((name for name, gradient in gradients.items() if not ops.all_finite(gradient)), None)
        raise NotFinite(step, f"the gradient of {bad}" if bad else "the gradient norm (each element is finite)")
