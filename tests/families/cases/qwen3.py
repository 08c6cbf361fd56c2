"""Queries and keys normed head by head; heads wider and narrower than the model's share, biases, tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

CASE = Case(
    config="Qwen3Config",
    shapes=(
        SMALL | {"head_dim": 10},
        SMALL | {"head_dim": 4, "num_key_value_heads": 6, "attention_bias": True},
        SMALL | {"head_dim": 2, "num_key_value_heads": 1, "tie_word_embeddings": True},
    ),
    recipe={
        "family": "qwen3", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"head_size": 6},
    },
)  # fmt: skip
