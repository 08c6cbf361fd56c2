"""Mistral and Mistral Nemo (Jiang et al. 2023): Llama's layers, with a window that all of them share or none has."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import COUNT_OR_NULL, NUMBER, Family, HeadSize, Key
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="mistral",
    about="Mistral 7B and Mistral Nemo.",
    model_type="mistral",
    architecture="MistralForCausalLM",
    keys=(
        *keys.SIZES,
        HeadSize(),
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        keys.UNTIED,
        Key("sliding_window", "attention.window", COUNT_OR_NULL, 4096),
        Rope(),
        *keys.OF_TRAINING,
    ),
    defaults={"tied_embeddings": False},
    names=names.LLAMA,
)
