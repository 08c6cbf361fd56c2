"""DeepSeek V3 and R1: latent attention, and experts chosen by sigmoid and a bias (DeepSeek-AI 2024, V3)."""

from glasswright.records.families import deepseek
from glasswright.records.families.family import COUNT, FLAG, Family, Key, Kind, Only, Written

INTERLEAVED = Kind(
    FLAG.told,
    lambda value: "interleaved" if FLAG.read(value) else "halves",
    lambda pairs: pairs == "interleaved",
)

FAMILY = Family(
    name="deepseek_v3",
    about="DeepSeek V3 and R1, but for their modules that predict a second token, which are not read.",
    model_type="deepseek_v3",
    architecture="DeepseekV3ForCausalLM",
    keys=(
        *deepseek.KEYS,
        Key("n_group", "experts.groups", COUNT, 1),
        Key("topk_group", "experts.groups_chosen", COUNT, 1),
        Key("norm_topk_prob", "experts.normalized", FLAG, True),
        Key("rope_interleave", "positions.pairs", INTERLEAVED, True),
        Only("scoring_func", "sigmoid"),
        Only("topk_method", "noaux_tc"),
        Written("num_nextn_predict_layers", 0),
    ),
    names=deepseek.NAMES,
    defaults={
        "latent": deepseek.LATENT | {"query_rank": 64},
        "experts": deepseek.EXPERTS | {"scoring": "sigmoid"},
        "positions": {"pairs": "interleaved"},
    },
    beyond="modules that predict a second token",
)
