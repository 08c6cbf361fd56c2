"""The same decoder in plain eager PyTorch: what training is compared with."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from glasswright.records.recipe import Recipe


class RMSNorm(nn.RMSNorm):
    def __init__(self, width: int, recipe: Recipe):
        super().__init__(width, eps=float(recipe.model.norm_epsilon))


class Layer(nn.Module):
    """Attention through scaled_dot_product_attention, feed-forward through silu."""

    def __init__(self, recipe: Recipe):
        super().__init__()
        m = recipe.model
        width, kv = m.hidden_size, m.hidden_size // m.num_heads * m.num_kv_heads
        self.heads, self.kv_heads = m.num_heads, m.num_kv_heads
        self.norm1, self.norm2 = RMSNorm(width, recipe), RMSNorm(width, recipe)
        self.q, self.o = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.k, self.v = nn.Linear(width, kv, bias=False), nn.Linear(width, kv, bias=False)
        self.gate = nn.Linear(width, m.intermediate_size, bias=False)
        self.up = nn.Linear(width, m.intermediate_size, bias=False)
        self.down = nn.Linear(m.intermediate_size, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        h = self.norm1(x)
        q, k, v = (
            projection(h).unflatten(-1, (heads, -1)).transpose(1, 2)
            for projection, heads in ((self.q, self.heads), (self.k, self.kv_heads), (self.v, self.kv_heads))
        )
        out = functional.scaled_dot_product_attention(
            rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True, enable_gqa=self.heads != self.kv_heads
        )
        x = x + self.o(out.transpose(1, 2).flatten(2))
        h = self.norm2(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


class Decoder(nn.Module):
    """The recipe's decoder."""

    def __init__(self, recipe: Recipe, vocab_size: int):
        super().__init__()
        width = recipe.model.hidden_size
        self.embedding = nn.Embedding(vocab_size, width)
        self.layers = nn.ModuleList(Layer(recipe) for _ in range(recipe.model.num_layers))
        self.norm = RMSNorm(width, recipe)
        self.head = nn.Linear(width, vocab_size, bias=False)
        if recipe.model.tied_embeddings:
            self.head.weight = self.embedding.weight
        head_size = width // recipe.model.num_heads
        frequency = float(recipe.model.rope_theta) ** (-torch.arange(0, head_size, 2) / head_size)
        angle = torch.outer(torch.arange(recipe.train.sequence_length), frequency).repeat(1, 2)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())

    def forward(self, token: Tensor) -> Tensor:
        T = token.shape[1]
        x = self.embedding(token)
        for layer in self.layers:
            x = layer(x, self.cos[:T], self.sin[:T])
        return self.head(self.norm(x))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


class EagerTraining:
    """A training step as it is usually written: one batch, AdamW, clipping; fused AdamW, the fastest there is."""

    def __init__(self, recipe: Recipe, vocab_size: int, *, bfloat16: bool = False):
        optimizer = recipe.train.optimizer
        self.model, self.bfloat16, self.clip = Decoder(recipe, vocab_size), bfloat16, float(optimizer.gradient_clip)
        decay = float(optimizer.weight_decay)
        groups = [
            {"params": [p for p in self.model.parameters() if p.dim() > 1], "weight_decay": decay},
            {"params": [p for p in self.model.parameters() if p.dim() == 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(
            groups,
            lr=float(optimizer.learning_rate),
            betas=(float(optimizer.beta1), float(optimizer.beta2)),
            eps=float(optimizer.epsilon),
            fused=True,
        )

    def loss(self, tokens: Tensor) -> Tensor:
        """Mean loss in nats of sequences of T + 1 tokens."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            logits = self.model(tokens[:, :-1])
        return functional.cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten())

    def step(self, tokens: Tensor) -> float:
        loss = self.loss(tokens)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return float(loss.detach())


def plain_name(name: str) -> str:
    """The name in Decoder of a parameter that transformers and Glasswright call `name`."""
    for ours, plain in (
        ("model.embed_tokens", "embedding"),
        ("lm_head", "head"),
        ("model.", ""),
        ("self_attn.", ""),
        ("mlp.", ""),
        ("_proj", ""),
        ("post_attention_layernorm", "norm2"),
        ("input_layernorm", "norm1"),
    ):
        name = name.replace(ours, plain)
    return name
