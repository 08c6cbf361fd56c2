"""OLMo 2 (OLMo team 2024): what a part gives is normed and not what it reads; queries and keys over all heads."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import NUMBER, Family, Key
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo2",
    about="OLMo 2.",
    model_type="olmo2",
    architecture="Olmo2ForCausalLM",
    keys=(
        *keys.SIZES,
        keys.ATTENTION_BIAS,
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        keys.UNTIED,
        Rope(),
        *keys.OF_TRAINING,
    ),
    defaults={"tied_embeddings": False, "norm": {"place": "after"}, "attention": {"qk_norm": "width"}},
    names=names.ENDS | names.ATTENTION | names.FEED_FORWARD | names.QK_NORM | names.NORMS_AFTER,
)
