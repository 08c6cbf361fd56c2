"""A decoder of the Llama architecture as ordinary torch modules over the exact kernels.

    x = embedding(token)
    for each layer:   x = x + o(attention(rotary(q(n)), rotary(k(n)), v(n)))    n = rmsnorm(x)
                      x = x + down(silu(gate(n)) * up(n))                       n = rmsnorm(x)
    logits = head(rmsnorm(x))

Parameter names are those of transformers' LlamaForCausalLM. Legend as in ops.
"""

from dataclasses import dataclass, field
from fractions import Fraction

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from glasswright.kernels.rounding import nearest_binary32, power, square_root
from glasswright.model import ops
from glasswright.model.config import LlamaConfig


@dataclass
class KeyValueCache:
    """Keys and values of the positions fed so far, per layer: (S, U, G, E)."""

    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)
    num_positions: int = 0

    def extend(self, layer: int, k_STGE: Tensor, v_STGE: Tensor) -> tuple[Tensor, Tensor]:
        if layer in self.keys:
            k_STGE = torch.cat([self.keys[layer], k_STGE], dim=1)
            v_STGE = torch.cat([self.values[layer], v_STGE], dim=1)
        self.keys[layer], self.values[layer] = k_STGE, v_STGE
        return k_STGE, v_STGE


@dataclass(frozen=True)
class Positions:
    """The angles of the positions being fed, and what is remembered of those before."""

    num_sequences: int
    cos_Te: Tensor
    sin_Te: Tensor
    cache: KeyValueCache | None = None


class Weight(nn.Module):
    """A parameter by the name transformers gives it: `<module>.weight`."""

    def __init__(self, *shape: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(*shape))


class Attention(nn.Module):
    """Grouped-query causal self-attention; returns what is added to the residual stream."""

    def __init__(self, config: LlamaConfig, layer: int):
        super().__init__()
        D, E = config.hidden_size, config.head_size
        self.layer, self.num_heads, self.num_kv_heads, self.head_size = layer, config.num_heads, config.num_kv_heads, E
        self.scale = nearest_binary32(1 / square_root(E))
        self.q_proj = Weight(config.num_heads * E, D)
        self.k_proj = Weight(config.num_kv_heads * E, D)
        self.v_proj = Weight(config.num_kv_heads * E, D)
        self.o_proj = Weight(D, config.num_heads * E)

    def forward(self, x_RD: Tensor, positions: Positions) -> Tensor:
        R, S = x_RD.shape[0], positions.num_sequences
        H, G, E, T = self.num_heads, self.num_kv_heads, self.head_size, R // S
        q, k, v = ops.linear(x_RD, self.q_proj.weight, self.k_proj.weight, self.v_proj.weight)
        q_STHE = ops.rotary(q.view(R, H, E), positions.cos_Te, positions.sin_Te).view(S, T, H, E)
        k_STGE = ops.rotary(k.view(R, G, E), positions.cos_Te, positions.sin_Te).view(S, T, G, E)
        v_STGE = v.view(S, T, G, E)
        if positions.cache is not None:
            k_STGE, v_STGE = positions.cache.extend(self.layer, k_STGE, v_STGE)
        out_STHE = ops.attention(q_STHE, k_STGE, v_STGE, self.scale)
        (delta_RD,) = ops.linear(out_STHE.view(R, H * E), self.o_proj.weight)
        return delta_RD


class FeedForward(nn.Module):
    """SwiGLU feed-forward; returns what is added to the residual stream."""

    def __init__(self, config: LlamaConfig):
        super().__init__()
        D, F = config.hidden_size, config.intermediate_size
        self.gate_proj = Weight(F, D)
        self.up_proj = Weight(F, D)
        self.down_proj = Weight(D, F)

    def forward(self, x_RD: Tensor) -> Tensor:
        gate_RF, up_RF = ops.linear(x_RD, self.gate_proj.weight, self.up_proj.weight)
        (delta_RD,) = ops.linear(ops.swiglu(gate_RF, up_RF), self.down_proj.weight)
        return delta_RD


class Layer(nn.Module):
    """One decoder layer. The residual stream comes and goes as two terms, so that each sum is fused with a norm."""

    def __init__(self, config: LlamaConfig, layer: int):
        super().__init__()
        self.epsilon = nearest_binary32(config.norm_epsilon)
        self.input_layernorm = Weight(config.hidden_size)
        self.self_attn = Attention(config, layer)
        self.post_attention_layernorm = Weight(config.hidden_size)
        self.mlp = FeedForward(config)

    def forward(self, x_RD: Tensor, delta_RD: Tensor | None, positions: Positions) -> tuple[Tensor, Tensor]:
        gain_D = self.input_layernorm.weight
        if delta_RD is None:
            x_RD, normed_RD = ops.rmsnorm(x_RD, gain_D, self.epsilon)
        else:
            x_RD, normed_RD = ops.add_rmsnorm(x_RD, delta_RD, gain_D, self.epsilon)
        delta_RD = self.self_attn(normed_RD, positions)
        x_RD, normed_RD = ops.add_rmsnorm(x_RD, delta_RD, self.post_attention_layernorm.weight, self.epsilon)
        return x_RD, self.mlp(normed_RD)


class Decoder(nn.Module):
    """Embedding, layers and the last norm: token ids to normed states, and the embedding for a head tied to it."""

    def __init__(self, config: LlamaConfig):
        super().__init__()
        self.epsilon = nearest_binary32(config.norm_epsilon)
        self.embed_tokens = Weight(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config, i) for i in range(config.num_layers))
        self.norm = Weight(config.hidden_size)

    def forward(self, token_R: Tensor, positions: Positions, *, recompute: bool) -> tuple[Tensor, Tensor]:
        x_RD, embedding_VD = ops.embedding(self.embed_tokens.weight, token_R)
        delta_RD: Tensor | None = None
        for layer in self.layers:
            if recompute:
                x_RD, delta_RD = checkpoint(
                    layer, x_RD, delta_RD, positions, use_reentrant=False, preserve_rng_state=False
                )
            else:
                x_RD, delta_RD = layer(x_RD, delta_RD, positions)
        assert delta_RD is not None
        _, normed_RD = ops.add_rmsnorm(x_RD, delta_RD, self.norm.weight, self.epsilon)
        return normed_RD, embedding_VD


class Llama(nn.Module):
    """The language model: losses for training, logits for generation."""

    def __init__(self, config: LlamaConfig):
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        if not config.tied_embeddings:
            self.lm_head = Weight(config.vocab_size, config.hidden_size)
        self.inverse_frequency_e = _inverse_frequencies(config)

    def positions(self, num_sequences: int, num_positions: int, cache: KeyValueCache | None = None) -> Positions:
        """The rotary angles for `num_positions` positions after those in the cache."""
        first = cache.num_positions if cache is not None else 0
        cos_Te, sin_Te = ops.rotary_table(self.inverse_frequency_e, first, num_positions)
        return Positions(num_sequences, cos_Te, sin_Te, cache)

    def losses(
        self, token_ST: Tensor, target_ST: Tensor, positions: Positions, scale: float, *, recompute: bool = False
    ) -> Tensor:
        """The loss of every position in nats, (R,); the gradient is that of `scale` times their sum."""
        normed_RD, head_VD = self._states(token_ST, positions, recompute=recompute)
        return ops.linear_cross_entropy(normed_RD, head_VD, target_ST.reshape(-1), scale)

    @torch.no_grad()
    def logits(self, token_ST: Tensor, cache: KeyValueCache | None = None) -> Tensor:
        """Logits of every position fed, (S, T, V). A cache is extended by the positions fed.

        A position's logits have the same bits however the positions before it were fed, and whatever else is in the
        batch (rule 11).
        """
        S, T = token_ST.shape
        positions = self.positions(S, T, cache)
        normed_RD, head_VD = self._states(token_ST, positions, recompute=False)
        if cache is not None:
            cache.num_positions += T
        (logits_RV,) = ops.linear(normed_RD, head_VD)
        return logits_RV.view(S, T, -1)

    def _states(self, token_ST: Tensor, positions: Positions, *, recompute: bool) -> tuple[Tensor, Tensor]:
        """The normed states (R, D), and the output matrix: the embedding itself where the two are tied."""
        normed_RD, embedding_VD = self.model(token_ST.reshape(-1), positions, recompute=recompute)
        return normed_RD, embedding_VD if self.config.tied_embeddings else self.lm_head.weight


def _inverse_frequencies(config: LlamaConfig) -> Tensor:
    """theta ** (-2i / E) for i below E / 2, each rounded once."""
    E = config.head_size
    return torch.tensor([nearest_binary32(power(config.rope_theta, Fraction(-2 * i, E))) for i in range(E // 2)])
