"""A layer of a decoder: attention and a feed-forward part, each adding to the residual stream.

The stream comes and goes as two terms, x and delta, so that their sum is fused with the norm that follows.
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from glasswright.model import ops
from glasswright.model.blocks.attention import Attention
from glasswright.model.blocks.experts import Experts
from glasswright.model.blocks.feed_forward import FeedForward
from glasswright.model.blocks.latent import LatentAttention
from glasswright.model.blocks.norm import Norm
from glasswright.model.positions import Positions
from glasswright.records.model import Model

Weights = Mapping[str, Tensor]  # of a layer, by slot
Stream = tuple[Tensor, Tensor]  # x and delta
Part = Callable[[Tensor], Tensor]
Layer = Callable[[Tensor, Tensor | None, Positions], Stream]


class Sublayer:
    """x + f(norm(x)), x + norm(f(x)) or x + norm(f(norm(x))): what a part reads is normed, what it gives, or both.

    Sources:  before: Xiong et al. 2020; after: OLMo team 2024; around: Gemma team 2024.
    """

    def __init__(self, model: Model, weights: Weights, slot: str):
        place = model.norm.place
        self.before = Norm(model, weights, f"{slot}_norm") if place != "after" else None
        self.after = Norm(model, weights, f"{slot}_post_norm") if place != "before" else None

    def __call__(self, x_RD: Tensor, delta_RD: Tensor | None, part: Part) -> Stream:
        if self.before:
            x_RD, read_RD = self.before.joined(x_RD, delta_RD)
        else:
            x_RD, read_RD = ops.share(x_RD if delta_RD is None else ops.add(x_RD, delta_RD), 2)
        delta_RD = part(read_RD)
        return x_RD, self.after.alone(delta_RD) if self.after else delta_RD


class OneByOne:
    """The feed-forward part reads what attention has added to the stream."""

    def __init__(self, model: Model, weights: Weights, layer: int):
        self.attention = attention_of(model, weights, layer)
        self.feed_forward = feed_forward_of(model, weights, layer)
        self.around_attention = Sublayer(model, weights, "attention")
        self.around_feed_forward = Sublayer(model, weights, "feed_forward")

    def __call__(self, x_RD: Tensor, delta_RD: Tensor | None, positions: Positions) -> Stream:
        x_RD, delta_RD = self.around_attention(x_RD, delta_RD, lambda read_RD: self.attention(read_RD, positions))
        return self.around_feed_forward(x_RD, delta_RD, self.feed_forward)


class SideBySide:
    """Both parts read the layer's input, each through its own norm (Black et al. 2022, section 2.1)."""

    def __init__(self, model: Model, weights: Weights, layer: int):
        self.attention_norm = Norm(model, weights, "attention_norm")
        self.attention = attention_of(model, weights, layer)
        self.feed_forward_norm = Norm(model, weights, "feed_forward_norm")
        self.feed_forward = feed_forward_of(model, weights, layer)

    def __call__(self, x_RD: Tensor, delta_RD: Tensor | None, positions: Positions) -> Stream:
        x_RD, read_RD = self.attention_norm.joined(x_RD, delta_RD)
        x_RD, also_read_RD = self.feed_forward_norm.joined(x_RD, None)
        return x_RD, ops.add(self.feed_forward(also_read_RD), self.attention(read_RD, positions))


def layer_of(model: Model, weights: Weights, layer: int) -> Layer:
    """The layer that a description asks for."""
    return (SideBySide if model.norm.parallel else OneByOne)(model, weights, layer)


def attention_of(model: Model, weights: Weights, layer: int) -> Callable[[Tensor, Positions], Tensor]:
    """The attention that a description has."""
    return LatentAttention(model, weights, layer) if model.latent else Attention(model, weights, layer)


def feed_forward_of(model: Model, weights: Weights, layer: int) -> Callable[[Tensor], Tensor]:
    """The feed-forward part that a description has in a layer."""
    return Experts(model, weights) if model.has_experts(layer) else FeedForward(model, weights)
