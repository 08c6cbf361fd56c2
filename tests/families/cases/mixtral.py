"""Few experts and many, grouped and single key/value heads, a window, tied and not."""

from tests.families import mixtures
from tests.families.cases import Case

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
    "intermediate_size": 20, "num_local_experts": 5, "max_position_embeddings": 128,
}  # fmt: skip

CASE = Case(
    config="MixtralConfig",
    shapes=(
        SMALL,
        SMALL | {"num_local_experts": 8, "num_experts_per_tok": 3, "tie_word_embeddings": True},
        SMALL | {"num_key_value_heads": 1, "head_dim": 10},
        SMALL | {"sliding_window": 7},
    ),
    recipe={
        "family": "mixtral", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "experts": {"count": 4, "chosen": 2, "size": 12},
    },
    gradient=mixtures.gradient,
)  # fmt: skip
