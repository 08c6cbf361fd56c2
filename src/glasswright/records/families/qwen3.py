"""Qwen 3 (Yang et al. 2025): Llama's layers, with queries and keys normed head by head."""

from glasswright.records.families import names
from glasswright.records.families.family import (
    COUNT,
    FLAG,
    NUMBER,
    Family,
    HeadSize,
    Key,
    OfKey,
    Written,
    choice,
)  # fmt: skip
from glasswright.records.families.qwen2 import NO_WINDOW
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="qwen3",
    about="Qwen 3, dense and without windows.",
    model_type="qwen3",
    architecture="Qwen3ForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        HeadSize(missing=128),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        *NO_WINDOW,
        Rope(),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={"tied_embeddings": False, "attention": {"qk_norm": "head"}},
    names=names.LLAMA | names.QK_NORM,
)
