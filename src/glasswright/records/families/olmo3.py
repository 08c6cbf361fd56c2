"""OLMo 3 (OLMo Team 2025): OLMo 2's norms behind each part, with windows in three layers of four."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import NUMBER, Family, HeadSize, Key
from glasswright.records.families.layers import WINDOW_SIZE, LayerTypes, RopeOfLayers
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo3",
    about="OLMo 3.",
    model_type="olmo3",
    architecture="Olmo3ForCausalLM",
    keys=(
        *keys.SIZES,
        HeadSize(),
        keys.ATTENTION_BIAS,
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        keys.UNTIED,
        Key("sliding_window", "attention.window", WINDOW_SIZE, 4096),
        LayerTypes(every=4),
        RopeOfLayers(Rope(default_theta=5e5), theta=5e5),
        *keys.OF_TRAINING,
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
