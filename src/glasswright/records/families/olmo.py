"""OLMo 1 (Groeneveld et al. 2024): Llama's layers, with layer norms that have neither gain nor bias."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import Family, Only
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo",
    about="OLMo 1, where its queries, keys and values are not clipped.",
    model_type="olmo",
    architecture="OlmoForCausalLM",
    keys=(
        *keys.SIZES,
        keys.ATTENTION_BIAS,
        keys.SILU,
        keys.UNTIED,
        Only("clip_qkv", None),
        Rope(),
        *keys.OF_TRAINING,
    ),
    defaults={"tied_embeddings": False, "norm": {"kind": "layer", "gain": False}},
    names=names.LLAMA,
)
