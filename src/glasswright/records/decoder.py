"""A decoder with everything that its weights depend on, and the list of these weights.

A parameter is what a checkpoint stores: its name, shape and layout are those of the family's published files, so that
nothing is computed when weights come in or go out. What it is for is its slot; what is done with it, its role.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

from glasswright.records.families import family_of
from glasswright.records.model import Model
from glasswright.records.recipe import Optimizer, Recipe

Role = Literal[
    "embedding", "head", "matrix", "output", "router", "gain", "bias", "selection", "adapter_down", "adapter_up"
]
# An output is a matrix whose product is added to the residual stream. A selection bias is not trained by gradients.

MATRICES = frozenset({"matrix", "output"})  # those between the embeddings, which Muon moves
DECAYED = frozenset({"embedding", "head", "matrix", "output", "router"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One tensor of a checkpoint."""

    name: str
    shape: tuple[int, ...]
    role: Role
    slot: str  # "q.weight"
    layer: int | None = None
    expert: int | None = None
    is_transposed: bool = False  # a matrix that is stored with its inputs first

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def num_inputs(self) -> int:
        """Of a matrix: how many numbers it takes."""
        return self.shape[0] if self.is_transposed else self.shape[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecoderConfig:
    """A model, and what its tokenizer and its texts decide."""

    model: Model
    vocab_size: int
    max_positions: int
    begin_of_text: int | None = None
    ends_of_text: tuple[int, ...] = ()

    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter, in the order of the computation."""
        family = family_of(self.model.family)
        return tuple(
            Parameter(
                name=family.names[slot].format(i=layer, j=expert),
                shape=shape[::-1] if family.transposed and role in MATRICES else shape,
                role=role,
                slot=slot,
                layer=layer,
                expert=expert,
                is_transposed=family.transposed and role in MATRICES,
            )
            for slot, layer, expert, shape, role in _slots(self)
        )


def decoder_of(recipe: Recipe, *, vocab_size: int, end_of_text: int | None) -> DecoderConfig:
    """The decoder that a recipe builds with a tokenizer: a text begins and ends with the same token.

    Where the recipe has a parent, this and the positions are as the parent has them.
    """
    parent = recipe.parent
    if parent is not None:
        return DecoderConfig(
            model=recipe.model,
            vocab_size=vocab_size,
            max_positions=parent.max_positions,
            begin_of_text=parent.begin_of_text,
            ends_of_text=parent.ends_of_text,
        )
    return DecoderConfig(
        model=recipe.model,
        vocab_size=vocab_size,
        max_positions=recipe.train.sequence_length,
        begin_of_text=end_of_text,
        ends_of_text=() if end_of_text is None else (end_of_text,),
    )


def muon_s(optimizer: Optimizer, layout: Iterable[Parameter]) -> frozenset[str]:
    """The parameters that Muon moves: the matrices between the embeddings (Jordan et al. 2024), if it is asked for."""
    return frozenset(it.name for it in layout if optimizer.kind == "muon" and it.role in MATRICES)


Slot = tuple[str, int | None, int | None, tuple[int, ...], Role]
Part = tuple[str, tuple[int, ...], Role]


def _slots(config: DecoderConfig) -> Iterator[Slot]:
    model, D = config.model, config.model.hidden_size
    yield "embedding.weight", None, None, (config.vocab_size, D), "embedding"
    if model.positions.kind == "learned":
        yield "positions.weight", None, None, (config.max_positions, D), "embedding"
    for layer in range(model.num_layers):
        for slot, shape, role in _layer(model, layer):
            yield slot, layer, None, shape, role
        if model.experts and model.has_experts(layer):
            for expert in range(model.experts.count):
                for slot, shape, role in _feed_forward(model, model.experts.size, "expert."):
                    yield slot, layer, expert, shape, role
    for slot, shape, role in _norm(model, "final_norm", D):
        yield slot, None, None, shape, role
    if not model.tied_embeddings:
        yield "head.weight", None, None, (config.vocab_size, D), "head"


def _layer(model: Model, layer: int) -> Iterator[Part]:
    before, after = model.norm.place != "after", model.norm.place != "before"
    if before:
        yield from _norm(model, "attention_norm", model.hidden_size)
    yield from _latent(model) if model.latent else _attention(model)
    if after:
        yield from _norm(model, "attention_post_norm", model.hidden_size)
    if before:
        yield from _norm(model, "feed_forward_norm", model.hidden_size)
    if model.experts and model.has_experts(layer):
        yield "router.weight", (model.experts.count, model.hidden_size), "router"
        if model.experts.scoring == "sigmoid":
            yield "router.selection", (model.experts.count,), "selection"
        if model.experts.shared_size:
            yield from _feed_forward(model, model.experts.shared_size, "shared.")
    else:
        yield from _feed_forward(model, model.intermediate_size)
    if after:
        yield from _norm(model, "feed_forward_post_norm", model.hidden_size)


def _norm(model: Model, slot: str, width: int) -> Iterator[Part]:
    if model.norm.gain:
        yield f"{slot}.gain", (width,), "gain"
    if model.norm.bias:
        yield f"{slot}.bias", (width,), "bias"


def _attention(model: Model) -> Iterator[Part]:
    D, q_width, kv_width = model.hidden_size, model.num_heads * model.head_size, model.num_kv_heads * model.head_size
    inputs = (("qkv", q_width + 2 * kv_width),) if family_of(model.family).fused else ()
    for slot, width in inputs or (("q", q_width), ("k", kv_width), ("v", kv_width)):
        yield from _linear(slot, (width, D), "matrix", has_bias=model.attention.bias)
    if model.attention.qk_norm != "none":
        for slot, width in (("q_norm", q_width), ("k_norm", kv_width)):
            yield f"{slot}.gain", (model.head_size if model.attention.qk_norm == "head" else width,), "gain"
    yield from _linear("o", (D, q_width), "output", has_bias=model.attention.output_bias)


def _latent(model: Model) -> Iterator[Part]:
    latent, D, H = model.latent, model.hidden_size, model.num_heads
    assert latent is not None
    if latent.query_rank:
        yield "q_a.weight", (latent.query_rank, D), "matrix"
        yield "q_a_norm.gain", (latent.query_rank,), "gain"
        yield "q_b.weight", (H * model.head_size, latent.query_rank), "matrix"
    else:
        yield "q.weight", (H * model.head_size, D), "matrix"
    yield "kv_a.weight", (latent.rank + latent.turned_size, D), "matrix"
    yield "kv_a_norm.gain", (latent.rank,), "gain"
    yield "kv_b.weight", (H * (latent.plain_size + latent.value_size), latent.rank), "matrix"
    yield "o.weight", (D, H * latent.value_size), "output"


def _feed_forward(model: Model, width: int, place: str = "") -> Iterator[Part]:
    D, has_bias = model.hidden_size, model.feed_forward.bias
    if model.feed_forward.gated:
        yield from _linear(f"{place}gate", (width, D), "matrix", has_bias=has_bias)
    yield from _linear(f"{place}up", (width, D), "matrix", has_bias=has_bias)
    yield from _linear(f"{place}down", (D, width), "output", has_bias=has_bias)


def _linear(slot: str, shape: tuple[int, int], role: Role, *, has_bias: bool) -> Iterator[Part]:
    yield f"{slot}.weight", shape, role
    if has_bias:
        yield f"{slot}.bias", shape[:1], "bias"
