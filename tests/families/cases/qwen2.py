"""Biases on queries, keys and values; grouped and single heads, long texts by YaRN, tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

YARN = {"rope_type": "yarn", "rope_theta": 1e6, "factor": 4.0, "original_max_position_embeddings": 16}

CASE = Case(
    config="Qwen2Config",
    shapes=(
        SMALL,
        SMALL | {"num_key_value_heads": 6, "rope_parameters": YARN},
        SMALL | {"num_key_value_heads": 1, "tie_word_embeddings": True, "rms_norm_eps": 1e-5},
    ),
    recipe={
        "family": "qwen2", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24,
    },
)  # fmt: skip
