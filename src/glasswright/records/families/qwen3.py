"""Qwen 3 (Yang et al. 2025): Llama's layers, with queries and keys normed head by head."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import NUMBER, Family, HeadSize, Key
from glasswright.records.families.qwen2 import NO_WINDOW
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="qwen3",
    about="Qwen 3, dense and without windows.",
    model_type="qwen3",
    architecture="Qwen3ForCausalLM",
    keys=(
        *keys.SIZES,
        HeadSize(missing=128),
        keys.ATTENTION_BIAS,
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        keys.UNTIED,
        *NO_WINDOW,
        Rope(),
        *keys.OF_TRAINING,
    ),
    defaults={"tied_embeddings": False, "attention": {"qk_norm": "head"}},
    names=names.LLAMA | names.QK_NORM,
)
