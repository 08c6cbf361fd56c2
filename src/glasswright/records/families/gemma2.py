"""Gemma 2 (Gemma Team 2024, "Gemma 2"): windows in every other layer, soft caps on all logits."""

from glasswright.records.families import gemma
from glasswright.records.families.family import ABOVE_ZERO_OR_NULL, Family, Key, Repeats
from glasswright.records.families.layers import LayerTypes
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="gemma2",
    about="Gemma 2.",
    model_type="gemma2",
    architecture="Gemma2ForCausalLM",
    keys=(
        *gemma.KEYS,
        Key("attn_logit_softcapping", "attention.soft_cap", ABOVE_ZERO_OR_NULL, 50.0),
        Key("final_logit_softcapping", "soft_cap", ABOVE_ZERO_OR_NULL, 30.0),
        Repeats("sliding_window_size", {"sliding_window": "attention.window"}, is_written=False),
        LayerTypes(every=2),
        Rope(),
    ),
    defaults=gemma.DEFAULTS | {"attention": {"window": 4096, "full_every": 2, "soft_cap": 50}, "soft_cap": 30},
    names=gemma.NAMES,
)
