"""Mistral and Mistral Nemo (Jiang et al. 2023): Llama's layers, with a window that all of them share or none has."""

from glasswright.records.families import names
from glasswright.records.families.family import (
    COUNT,
    COUNT_OR_NULL,
    FLAG,
    NUMBER,
    Family,
    HeadSize,
    Key,
    OfKey,
    Written,
    choice,
)  # fmt: skip
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="mistral",
    about="Mistral 7B and Mistral Nemo.",
    model_type="mistral",
    architecture="MistralForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        HeadSize(),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        Key("sliding_window", "attention.window", COUNT_OR_NULL, 4096),
        Rope(),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={"tied_embeddings": False},
    names=names.LLAMA,
)
