"""Norms of what a part gives, and of all queries together; grouped and single heads, biases, tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

CASE = Case(
    config="Olmo2Config",
    shapes=(
        SMALL | {"eos_token_id": 2},
        SMALL | {"eos_token_id": 2, "num_key_value_heads": 6, "attention_bias": True, "rms_norm_eps": 1e-6},
        SMALL | {"eos_token_id": None, "num_key_value_heads": 1, "tie_word_embeddings": True},
    ),
    recipe={
        "family": "olmo2", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24,
    },
)  # fmt: skip
