"""Norms without gain and bias; grouped and single heads, biases in attention, tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

CASE = Case(
    config="OlmoConfig",
    shapes=(
        SMALL | {"eos_token_id": 2},
        SMALL | {"eos_token_id": 2, "num_key_value_heads": 6, "attention_bias": True},
        SMALL | {"eos_token_id": None, "num_key_value_heads": 1, "tie_word_embeddings": True},
    ),
    recipe={
        "family": "olmo", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24,
    },
)  # fmt: skip
