"""What a recipe builds and what that takes: counted from the recipe alone, before anything is read or run.

Legend:  V vocabulary, D model width, L layers, F feed-forward width, K width of keys and values together per layer half
         (num_kv_heads * head size), H query heads, R rows of a leaf (sequences * positions).

Memory and disk are estimates from the arrays that training holds; docs/recipe.md has them beside measurements.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.adapter import adapter_parameters
from glasswright.records.decoder import Parameter, decoder_of, muon_s
from glasswright.records.model import Model
from glasswright.records.recipe import Recipe

BYTES = 4  # of a binary32 value
PROGRAM_BYTES = 650_000_000  # Python, torch, and the corpus stage on a few megabytes of text
STATES_KEPT = 3  # the newest, the one before in case it is damaged, and one being written
LOGITS_ROWS = 512  # rows of logits that the loss holds at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How many weights each part of the model has."""

    embedding: int
    attention: int
    feed_forward: int
    norms: int
    output: int  # 0 where it is the embedding itself
    muon: int  # of all these, what Muon moves

    @property
    def total(self) -> int:
        return self.embedding + self.attention + self.feed_forward + self.norms + self.output


PART_OF_SLOT = {"embedding": "embedding", "positions": "embedding", "head": "output"} | dict.fromkeys(
    ("gate", "up", "down", "router", "expert", "shared"), "feed_forward"
)
PARTS = ("embedding", "attention", "feed_forward", "norms", "output")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What a recipe builds, and what it takes."""

    parameters: Parameters
    num_trained: int  # of these, or of an adapter beside them
    tokens_per_step: int
    num_steps: int
    num_segments: int
    leaves_per_step: int
    memory_bytes: int
    work_bytes: int  # disk while it is built, the corpus aside
    release_bytes: int  # of the model and the transcript; the corpus comes on top
    checkpoints_bytes: int  # of the states of all segment boundaries, where they are released too

    @property
    def num_tokens(self) -> int:
        return self.tokens_per_step * self.num_steps

    def record(self) -> dict[str, Any]:
        parameters = {**asdict(self.parameters), "total": self.parameters.total}
        return {**asdict(self), "parameters": parameters, "num_tokens": self.num_tokens}


def size_of(recipe: Recipe, *, leaves_at_once: int = 1, recompute: bool = False) -> Size:
    """Count a recipe. `leaves_at_once` and `recompute` trade memory for time, and change no bit."""
    train, parameters, trained = recipe.train, count_parameters(recipe), count_trained(recipe)
    num_segments = -(-train.num_steps // train.segment_steps)
    leaves = train.batch_sequences // train.leaf_sequences
    state = BYTES * (3 * trained - (parameters.muon if recipe.adapter is None else 0))  # weights, two moments or one
    frozen = BYTES * parameters.total if recipe.adapter is not None else 0
    return Size(
        parameters=parameters,
        num_trained=trained,
        tokens_per_step=train.batch_sequences * train.sequence_length,
        num_steps=train.num_steps,
        num_segments=num_segments,
        leaves_per_step=leaves,
        memory_bytes=PROGRAM_BYTES
        + state
        + frozen
        + trained * BYTES * (leaves_at_once + (leaves - 1).bit_length())  # leaf gradients and subtree sums
        + min(leaves_at_once, leaves) * _leaf_bytes(recipe, recompute=recompute),
        work_bytes=STATES_KEPT * state + trained * BYTES,
        checkpoints_bytes=(num_segments + 1) * state,
        release_bytes=trained * BYTES + train.num_steps * (400 + 60 * train.batch_sequences),
    )


def count_parameters(recipe: Recipe) -> Parameters:
    """Every weight of the model, by part."""
    layout = decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=None).parameters()
    sizes = Counter[str]()
    for it in layout:
        sizes[_part_of(it)] += it.size
    muon = muon_s(recipe.train.optimizer, layout)
    return Parameters(**{part: sizes[part] for part in PARTS}, muon=sum(it.size for it in layout if it.name in muon))


def count_trained(recipe: Recipe) -> int:
    """The weights that training moves."""
    config = decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=None)
    layout = config.parameters() if recipe.adapter is None else adapter_parameters(config, recipe.adapter)
    return sum(it.size for it in layout)


def _part_of(it: Parameter) -> str:
    return "norms" if "norm." in it.slot else PART_OF_SLOT.get(it.slot.split(".")[0], "attention")


def require_memory(recipe: Recipe, available_bytes: int, *, leaves_at_once: int = 1, recompute: bool = False) -> None:
    """Refuse to start what cannot fit.

    Raises:  Misuse with what it takes, what there is, and what would make it smaller.
    """
    needed = size_of(recipe, leaves_at_once=leaves_at_once, recompute=recompute).memory_bytes
    if needed <= available_bytes:
        return
    smaller = "a smaller model, a shorter sequence_length or fewer leaf_sequences"
    if size_of(recipe, recompute=True).memory_bytes <= available_bytes:
        smaller = "`--recompute` with `--leaves-at-once 1`"
    raise Misuse(
        f"recipe {recipe.name}: training takes about {needed / 1e9:.1f} GB of memory, "
        f"expected at most the {available_bytes / 1e9:.1f} GB that this machine has free",
        hint=f"it fits with {smaller}" if smaller.startswith("`") else f"choose {smaller}",
    )


def _leaf_bytes(recipe: Recipe, *, recompute: bool) -> int:
    """What one leaf keeps for its backward pass, and the largest arrays that come and go in it."""
    model, V = recipe.model, recipe.tokenizer.vocab_size
    D, L, F, H = model.hidden_size, model.num_layers, _width(model), model.num_heads
    Q, K = H * model.head_size, model.num_kv_heads * model.head_size
    # A row: two sums, two norms, q and the attention's output; k, v; gate, up, product.
    layer = 4 * D + 2 * Q + 2 * K + 3 * F + H
    kept = layer + 2 * D * L if recompute else layer * L
    passing = 4 * D + 3 * F
    rows = recipe.train.leaf_sequences * recipe.train.sequence_length
    return BYTES * (rows * (kept + passing) + 2 * V * min(rows, LOGITS_ROWS))


def _width(model: Model) -> int:
    """Of what a token goes through between the matrices of a feed-forward part, at most."""
    experts = model.experts
    return max(model.intermediate_size, experts.chosen * experts.size + experts.shared_size if experts else 0)
