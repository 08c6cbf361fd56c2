"""Windows narrower than the text and none; heads wider than the model, as in Nemo; tied and not."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

ROPE = {"rope_type": "default", "rope_theta": 1e6}

CASE = Case(
    config="MistralConfig",
    shapes=(
        SMALL | {"sliding_window": 7},
        SMALL | {"sliding_window": None, "head_dim": 10, "rope_parameters": ROPE},
        SMALL | {"sliding_window": 33, "num_key_value_heads": 1, "tie_word_embeddings": True},
    ),
    recipe={
        "family": "mistral", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"window": 5},
    },
)  # fmt: skip
