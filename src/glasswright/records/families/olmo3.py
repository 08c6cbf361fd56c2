"""OLMo 3 (OLMo Team 2025): OLMo 2's norms behind each part, with windows in three layers of four."""

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
from glasswright.records.families.layers import WINDOW_SIZE, LayerTypes, RopeOfLayers
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo3",
    about="OLMo 3.",
    model_type="olmo3",
    architecture="Olmo3ForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        HeadSize(),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        Key("sliding_window", "attention.window", WINDOW_SIZE, 4096),
        LayerTypes(every=4),
        RopeOfLayers(Rope(default_theta=5e5), theta=5e5),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={
        "tied_embeddings": False,
        "rope_theta": 500000,
        "norm": {"place": "after"},
        "attention": {"window": 4096, "full_every": 4, "qk_norm": "width"},
        "positions": {"window_theta": 500000},
    },
    names=names.ENDS | names.ATTENTION | names.FEED_FORWARD | names.QK_NORM | names.NORMS_AFTER,
)
