"""A layer of a decoder: attention and a feed-forward part, each adding to the residual stream.

The stream comes and goes as two terms, x and delta, so that their sum is fused with the norm that follows.
"""

from collections.abc import Callable, Mapping

from torch import Tensor

from glasswright.model.blocks.attention import Attention
from glasswright.model.blocks.experts import Experts
from glasswright.model.blocks.feed_forward import FeedForward
from glasswright.model.blocks.latent import LatentAttention
from glasswright.model.blocks.norm import Norm
from glasswright.model.positions import Positions
from glasswright.records.model import Model

Weights = Mapping[str, Tensor]  # of a layer, by slot
Layer = Callable[[Tensor, Tensor | None, Positions], tuple[Tensor, Tensor]]


class NormBefore:
    """x + f(norm(x)) for each part: what it reads is normed (Xiong et al. 2020)."""

    def __init__(self, model: Model, weights: Weights, layer: int):
        self.attention_norm = Norm(model, weights, "attention_norm")
        self.attention = attention_of(model, weights, layer)
        self.feed_forward_norm = Norm(model, weights, "feed_forward_norm")
        self.feed_forward = feed_forward_of(model, weights, layer)

    def __call__(self, x_RD: Tensor, delta_RD: Tensor | None, positions: Positions) -> tuple[Tensor, Tensor]:
        x_RD, normed_RD = self.attention_norm.joined(x_RD, delta_RD)
        delta_RD = self.attention(normed_RD, positions)
        x_RD, normed_RD = self.feed_forward_norm.joined(x_RD, delta_RD)
        return x_RD, self.feed_forward(normed_RD)


def layer_of(model: Model, weights: Weights, layer: int) -> Layer:
    """The layer that a description asks for."""
    return NormBefore(model, weights, layer)


def attention_of(model: Model, weights: Weights, layer: int) -> Callable[[Tensor, Positions], Tensor]:
    """The attention that a description has."""
    return LatentAttention(model, weights, layer) if model.latent else Attention(model, weights, layer)


def feed_forward_of(model: Model, weights: Weights, layer: int) -> Callable[[Tensor], Tensor]:
    """The feed-forward part that a description has in a layer."""
    return Experts(model, weights) if model.has_experts(layer) else FeedForward(weights)
