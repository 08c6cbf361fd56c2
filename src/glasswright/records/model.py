"""A decoder, described: sizes, and the parts it is put together from.

The description is in the recipe and in the release, and a config.json of Hugging Face's is read into it. Everything
that is computed follows from it; a family (`records.families`) says only how config.json spells it and what the tensors
are called. The defaults are Llama's; a family fills in its own where they differ.

A zero, or nothing, stands for a part that is not there.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from glasswright.records.canonical import MAX_EXACT_INTEGER
from glasswright.records.families import FAMILIES, family_of
from glasswright.records.families.family import READ_BACK
from glasswright.records.part import AS_WRITTEN, Count, Exact, NotNegative, Part, Positive

OrNone = Annotated[int, Field(ge=0, le=MAX_EXACT_INTEGER, strict=True)]  # 0: there is none
MOST_TENSORS = 200_000  # of a model: a bound on what is listed before anything is known to be there
Share = Annotated[Exact, Field(gt=0, le=1)]


class Norm(Part):
    """How rows are normed, and where in a layer."""

    kind: Literal["rms", "layer"] = "rms"  # Zhang and Sennrich 2019; Ba et al. 2016
    gain: bool = True
    bias: bool = False
    plus_one: bool = False  # what is multiplied with is 1 + gain
    place: Literal["before", "after", "around"] = "before"  # of attention and feed-forward part, or both
    parallel: bool = False  # both parts read the layer's input, each through its own norm

    @model_validator(mode="after")
    def _fits(self) -> "Norm":
        if self.kind == "rms" and (self.bias or not self.gain):
            raise ValueError("kind: expected layer for a norm with a bias or without a gain, got rms")
        if self.kind == "layer" and (self.plus_one or self.place != "before"):
            raise ValueError("kind: expected rms for a norm of 1 + gain, or of what a part gives, got layer")
        if self.parallel and self.place != "before":
            raise ValueError(f"place: expected before where both parts read the input, got {self.place}")
        return self


class Attention(Part):
    """Causal self-attention with grouped queries (Ainslie et al. 2023)."""

    head_size: OrNone = 0  # 0: hidden_size / num_heads
    bias: bool = False  # of queries, keys and values
    output_bias: bool = False
    qk_norm: Literal["none", "head", "width"] = "none"  # of queries and keys before they are turned
    scale_size: NotNegative = Decimal(0)  # logits are divided by its square root; 0: the head size
    soft_cap: NotNegative = Decimal(0)  # logits x become cap * tanh(x / cap)
    window: OrNone = 0  # positions that a query sees, its own among them
    full_every: OrNone = 0  # every how many layers one sees all positions, window or not


class Scaling(Part):
    """Rotary frequencies for longer texts than were trained on. The names are those of config.json."""

    kind: Literal["linear", "llama3", "yarn"]
    factor: Positive
    original_max_position_embeddings: OrNone = 0
    low_freq_factor: NotNegative = Decimal(0)  # llama3
    high_freq_factor: NotNegative = Decimal(0)  # llama3
    beta_fast: NotNegative = Decimal(32)  # yarn (Peng et al. 2023)
    beta_slow: NotNegative = Decimal(1)  # yarn
    mscale: NotNegative = Decimal(0)  # yarn
    mscale_all_dim: NotNegative = Decimal(0)  # yarn
    attention_factor: NotNegative = Decimal(0)  # yarn; 0: as factor and mscale give it
    truncate: bool = True  # yarn

    @model_validator(mode="after")
    def _fits(self) -> "Scaling":
        if self.kind != "linear" and not self.original_max_position_embeddings:
            raise ValueError("original_max_position_embeddings: expected a count, got 0")
        if self.kind == "llama3" and self.low_freq_factor >= self.high_freq_factor:
            told = f"expected more than low_freq_factor = {self.low_freq_factor}, got {self.high_freq_factor}"
            raise ValueError(f"high_freq_factor: {told}")
        if self.kind == "yarn" and not 0 < self.beta_slow <= self.beta_fast:
            raise ValueError(f"beta_slow: expected above 0 and at most {self.beta_fast}, got {self.beta_slow}")
        return self


class Positions(Part):
    """How a token knows where it stands. The base of the rotation is `rope_theta`."""

    kind: Literal["rotary", "learned"] = "rotary"
    share: Share = Decimal(1)  # of a head's channels that are turned
    pairs: Literal["halves", "interleaved"] = "halves"  # channel i with i + e, or 2i with 2i + 1
    window_theta: NotNegative = Decimal(0)  # the base in layers with a window, unscaled; 0: as in the others
    scaling: Scaling | None = None


class FeedForward(Part):
    """Two matrices, or three where one is a gate (Shazeer 2020)."""

    gated: bool = True
    activation: Literal["silu", "gelu", "gelu_tanh"] = "silu"
    bias: bool = False

    @model_validator(mode="after")
    def _fits(self) -> "FeedForward":
        if not self.gated and self.activation == "silu":
            raise ValueError("activation: expected gelu or gelu_tanh without a gate, got silu")
        return self


class Experts(Part):
    """Feed-forward parts of which a router chooses a few for each token; ties go to the lower index."""

    count: Count
    chosen: Count
    size: Count  # the width of one
    shared_size: OrNone = 0  # the width of the part that every token goes through
    first_dense: OrNone = 0  # layers at the bottom that have a feed-forward part of `intermediate_size`
    scoring: Literal["softmax", "sigmoid"] = "softmax"  # sigmoid: a bias, one a layer and expert, moves the choice
    groups: Count = 1
    groups_chosen: Count = 1  # by their best expert, with sigmoid by their best two
    normalized: bool = True  # the weights of those chosen sum up to one
    scale: Positive = Decimal(1)  # of the weights

    @model_validator(mode="after")
    def _fit(self) -> "Experts":
        if self.count % self.groups:
            raise ValueError(f"groups: expected a divisor of count = {self.count}, got {self.groups}")
        if self.groups_chosen > self.groups:
            raise ValueError(f"groups_chosen: expected at most groups = {self.groups}, got {self.groups_chosen}")
        most = self.groups_chosen * (self.count // self.groups)
        if self.chosen > most:
            raise ValueError(f"chosen: expected at most the {most} in the groups chosen, got {self.chosen}")
        return self


class Latent(Part):
    """Multi-head latent attention (DeepSeek-AI 2024, section 2.1)."""

    query_rank: OrNone = 0  # 0: queries come from the stream in one matrix
    rank: Count  # of keys and values
    plain_size: Count  # channels of a head that are not turned
    turned_size: Count
    value_size: Count


def _is_a_family(name: str) -> str:
    if name not in FAMILIES:
        raise ValueError(f"expected one of {', '.join(sorted(FAMILIES))}, found {name}")
    return name


class Model(Part):
    """A decoder, but for what its tokenizer and its texts decide: vocabulary and positions."""

    family: Annotated[str, AfterValidator(_is_a_family)] = "llama"
    hidden_size: Count = 128
    num_layers: Count = 4
    num_heads: Count = 4
    num_kv_heads: Count = 4
    intermediate_size: OrNone = 344  # of a layer without experts; 0: all have them
    rope_theta: Positive = Decimal(10000)
    norm_epsilon: Positive = Decimal("0.00001")
    tied_embeddings: bool = True
    norm: Norm = Norm()
    attention: Attention = Attention()
    positions: Positions = Positions()
    feed_forward: FeedForward = FeedForward()
    experts: Experts | None = None
    latent: Latent | None = None
    scaled_embedding: bool = False  # times the square root of hidden_size
    soft_cap: NotNegative = Decimal(0)  # of the logits of the vocabulary

    @model_validator(mode="before")
    @classmethod
    def _family_fills_in(cls, values: Any, info: ValidationInfo) -> Any:
        """What is not said is as the family has it; a release says everything that there was to say."""
        if (
            not isinstance(values, dict)
            or info.context in (AS_WRITTEN, READ_BACK)
            or values.get("family") not in FAMILIES
        ):
            return values
        return _merged(family_of(values["family"]).defaults, values)

    @model_validator(mode="after")
    def _shapes_fit(self) -> "Model":
        if not self.attention.head_size and not self.latent and self.hidden_size % self.num_heads:
            told = f"expected a multiple of num_heads = {self.num_heads}, got {self.hidden_size}"
            raise ValueError(f"hidden_size: {told}")
        if self.attention.head_size * self.num_heads == self.hidden_size:
            raise ValueError(
                "attention: head_size is hidden_size / num_heads where it is left out, as it is to be here"
            )
        if self.positions.kind == "rotary" and self.turned_size % 2:
            raise ValueError(f"hidden_size: expected heads with an even number of channels, got {self.turned_size}")
        if self.positions.scaling and self.rope_theta <= 1:
            raise ValueError(f"rope_theta: expected more than 1 where frequencies are scaled, got {self.rope_theta}")
        if self.num_layers * (16 + 4 * (self.experts.count if self.experts else 0)) > MOST_TENSORS:
            raise ValueError(
                f"num_layers: expected at most {MOST_TENSORS} tensors in all, got {self.num_layers} layers"
            )
        if self.num_heads % self.num_kv_heads:
            raise ValueError(
                f"num_kv_heads: expected a divisor of num_heads = {self.num_heads}, got {self.num_kv_heads}"
            )
        return self

    @model_validator(mode="after")
    def _family_can_say_it(self, info: ValidationInfo) -> "Model":
        if info.context is not READ_BACK:
            family_of(self.family).require_sayable(self)
        return self

    @property
    def head_size(self) -> int:
        """Channels of a query head and of a key head."""
        if self.latent:
            return self.latent.plain_size + self.latent.turned_size
        return self.attention.head_size or self.hidden_size // self.num_heads

    @property
    def value_size(self) -> int:
        """Channels of a value head."""
        return self.latent.value_size if self.latent else self.head_size

    @property
    def turned_size(self) -> int:
        """Channels of a head that the rotation turns."""
        return self.latent.turned_size if self.latent else int(self.head_size * self.positions.share)

    def sees_all(self, layer: int) -> bool:
        """Whether the queries of a layer see all positions before them."""
        attention = self.attention
        return not attention.window or bool(attention.full_every and (layer + 1) % attention.full_every == 0)

    def has_experts(self, layer: int) -> bool:
        return self.experts is not None and layer >= self.experts.first_dense


def _merged(defaults: Any, values: Any) -> Any:
    if not (isinstance(defaults, dict) and isinstance(values, dict)):
        return values
    return defaults | {key: _merged(defaults.get(key), value) for key, value in values.items()}
