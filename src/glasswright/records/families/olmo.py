"""OLMo 1 (Groeneveld et al. 2024): Llama's layers, with layer norms that have neither gain nor bias."""

from glasswright.records.families import names
from glasswright.records.families.family import COUNT, FLAG, Family, Key, OfKey, Only, Written, choice
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo",
    about="OLMo 1, where its queries, keys and values are not clipped.",
    model_type="olmo",
    architecture="OlmoForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        Only("clip_qkv", None),
        Rope(),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={"tied_embeddings": False, "norm": {"kind": "layer", "gain": False}},
    names=names.LLAMA,
)
