"""Gemma 3, its text models (Gemma Team 2025, "Gemma 3"): five layers with a window for one without, normed queries and
keys, a rotation for each kind of layer."""

from glasswright.records.families import gemma, names
from glasswright.records.families.family import ABOVE_ZERO_OR_NULL, Family, Key
from glasswright.records.families.layers import LayerTypes, RopeOfLayers
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="gemma3",
    about="The text models of Gemma 3.",
    model_type="gemma3_text",
    architecture="Gemma3ForCausalLM",
    keys=(
        *gemma.KEYS,
        Key("attn_logit_softcapping", "attention.soft_cap", ABOVE_ZERO_OR_NULL, None),
        Key("final_logit_softcapping", "soft_cap", ABOVE_ZERO_OR_NULL, None),
        LayerTypes(every=6, key="sliding_window_pattern"),
        RopeOfLayers(Rope(default_theta=1e6), theta=1e4, older_key="rope_local_base_freq"),
    ),
    defaults=gemma.DEFAULTS
    | {
        "rope_theta": 1000000,
        "attention": {"window": 4096, "full_every": 6, "qk_norm": "head"},
        "positions": {"window_theta": 10000},
    },
    names=gemma.NAMES | names.QK_NORM,
)
