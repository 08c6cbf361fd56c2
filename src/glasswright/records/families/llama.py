"""Llama 1 to 3.2 and those in its layout, SmolLM among them (Touvron et al. 2023; Llama team 2024)."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import FLAG, NUMBER, Family, HeadSize, Key, Only
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="llama",
    about="Llama 1 to 3.2, and models in their layout such as SmolLM and TinyLlama.",
    model_type="llama",
    architecture="LlamaForCausalLM",
    keys=(
        *keys.SIZES,
        HeadSize(),
        keys.ATTENTION_BIAS,
        Key("mlp_bias", "feed_forward.bias", FLAG, False),
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        keys.UNTIED,
        Rope(),
        Only("pretraining_tp", 1, is_written=False),
        Only("rope_interleaved", False, is_written=False),
        *keys.OF_TRAINING,
    ),
    names=names.LLAMA,
)
