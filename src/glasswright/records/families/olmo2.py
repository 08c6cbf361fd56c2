"""OLMo 2 (OLMo team 2024): what a part gives is normed and not what it reads; queries and keys over all heads."""

from glasswright.records.families import names
from glasswright.records.families.family import COUNT, FLAG, NUMBER, Family, Key, OfKey, Written, choice
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="olmo2",
    about="OLMo 2.",
    model_type="olmo2",
    architecture="Olmo2ForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "intermediate_size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False),
        Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu"),
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, False),
        Rope(),
        Written("attention_dropout", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={"tied_embeddings": False, "norm": {"place": "after"}, "attention": {"qk_norm": "width"}},
    names=names.ENDS | names.ATTENTION | names.FEED_FORWARD | names.QK_NORM | names.NORMS_AFTER,
)
