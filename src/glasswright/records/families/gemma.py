"""What Gemma 2 and Gemma 3 share: norms around each part, gains less one, scaled embeddings, a gate of GELU."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from glasswright.records.families import keys, names
from glasswright.records.families.family import (
    ABOVE_ZERO,
    COUNT,
    FLAG,
    NUMBER,
    Config,
    Entry,
    HeadSize,
    Key,
    Only,
    Values,
    choice,
    refused,
)
from glasswright.records.families.layers import WINDOW_SIZE

if TYPE_CHECKING:
    from glasswright.records.model import Model

HEAD_SIZE = 256


@dataclass(frozen=True, slots=True)
class QueryScale:
    """`query_pre_attn_scalar`: logits are divided by its square root."""

    names: Sequence[str] = ("query_pre_attn_scalar",)

    def read(self, config: Config, where: str) -> Values:
        found = config.get("query_pre_attn_scalar", HEAD_SIZE)
        try:
            size = ABOVE_ZERO.read(found)
        except ValueError:
            raise refused(where, "query_pre_attn_scalar", ABOVE_ZERO.told, found) from None
        return {"attention.scale_size": Decimal(0) if size == config.get("head_dim", HEAD_SIZE) else size}

    def write(self, model: "Model") -> dict[str, Any]:
        size = model.attention.scale_size or Decimal(model.head_size)
        return {"query_pre_attn_scalar": int(size) if size == int(size) else float(size)}

    def supported(self) -> str:
        return f"{ABOVE_ZERO.told}; missing: {HEAD_SIZE}"


KEYS: tuple[Entry, ...] = (
    *keys.WIDTHS,
    Key("num_attention_heads", "num_heads", COUNT),
    Key("num_key_value_heads", "num_kv_heads", COUNT, 4),
    HeadSize(missing=HEAD_SIZE),
    QueryScale(),
    keys.ATTENTION_BIAS,
    Key("hidden_activation", "feed_forward.activation", choice(gelu_pytorch_tanh="gelu_tanh"), "gelu_pytorch_tanh"),
    Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
    Key("tie_word_embeddings", "tied_embeddings", FLAG, True),
    Key("sliding_window", "attention.window", WINDOW_SIZE, 4096),
    Only("hidden_act", "gelu_pytorch_tanh", is_written=False),
    Only("use_bidirectional_attention", False, is_written=False),
    *keys.OF_TRAINING,
)

DEFAULTS: dict[str, Any] = {
    "norm_epsilon": Decimal("0.000001"),
    "norm": {"plus_one": True, "place": "around"},
    "feed_forward": {"activation": "gelu_tanh"},
    "scaled_embedding": True,
}

NAMES = (
    names.LLAMA
    | names.NORMS_AFTER
    | {
        "feed_forward_norm.gain": "model.layers.{i}.pre_feedforward_layernorm.weight",
    }
)
