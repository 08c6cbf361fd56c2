"""Five layers with a window for one without, and other patterns; two rotations, one of them scaled; odd heads."""

from tests.families.cases import Case
from tests.families.cases.gemma2 import GEMMA

SCALED = {
    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 3e5},
    "sliding_attention": {"rope_type": "default", "rope_theta": 5e3},
}

CASE = Case(
    config="Gemma3TextConfig",
    shapes=(
        GEMMA | {"sliding_window": 7, "num_hidden_layers": 7},
        GEMMA | {"sliding_window": 3, "sliding_window_pattern": 2, "rope_parameters": SCALED, "head_dim": 10},
        GEMMA | {
            "sliding_window": 33, "tie_word_embeddings": False, "num_key_value_heads": 6,
            "layer_types": ["sliding_attention"] * 2 + ["full_attention"], "final_logit_softcapping": 3.0,
        },
        GEMMA | {"sliding_window": 7, "num_hidden_layers": 7, "query_pre_attn_scalar": 6, "rope_parameters": SCALED},
    ),
    recipe={
        "family": "gemma3", "hidden_size": 16, "num_layers": 3, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"window": 5, "full_every": 3},
    },
)  # fmt: skip
