"""Llama 1 to 3.2 and those in its layout, SmolLM among them (Touvron et al. 2023; Llama team 2024)."""

from glasswright.records.families import names
from glasswright.records.families.family import (
    COUNT,
    FLAG,
    NUMBER,
    Family,
    HeadSize,
    Key,
    OfKey,
    Only,
    Written,
    choice,
)  # fmt: skip
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="llama",
    about="Llama 1 to 3.2, and models in their layout such as SmolLM and TinyLlama.",
    model_type="llama",
    architecture="LlamaForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        HeadSize(),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False),
        Key("mlp_bias", "feed_forward.bias", FLAG, False),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        Rope(),
        Only("pretraining_tp", 1, is_written=False),
        Only("rope_interleaved", False, is_written=False),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    names=names.LLAMA,
)
