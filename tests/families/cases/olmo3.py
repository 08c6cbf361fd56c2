"""Windows in three layers of four, and in others; the rotation of what sees everything scaled; tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

OLMO = SMALL | {"num_hidden_layers": 5, "pad_token_id": None}
YARN = {
    "full_attention": {
        "rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "rope_theta": 5e5,
        "attention_factor": 1.2, "beta_fast": 32.0, "beta_slow": 1.0,
    },
    "sliding_attention": {"rope_type": "default", "rope_theta": 5e5},
}  # fmt: skip

CASE = Case(
    config="Olmo3Config",
    shapes=(
        OLMO | {"sliding_window": 7},
        OLMO | {"sliding_window": 33, "num_key_value_heads": 6, "rope_parameters": YARN},
        OLMO | {
            "sliding_window": 5, "num_key_value_heads": 1, "tie_word_embeddings": True, "num_hidden_layers": 3,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"], "attention_bias": True,
        },
    ),
    recipe={
        "family": "olmo3", "hidden_size": 16, "num_layers": 4, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"window": 5},
    },
)  # fmt: skip
