"""Widths said and not said, both ways to compute the activation, tied and not."""

from tests.families.cases import Case

SMALL = {"vocab_size": 90, "n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 128}

CASE = Case(
    config="GPT2Config",
    shapes=(
        SMALL,
        SMALL | {"n_inner": 40, "activation_function": "gelu", "tie_word_embeddings": False},
        SMALL | {"n_head": 1, "n_layer": 3, "layer_norm_epsilon": 1e-3},
    ),
    recipe={
        "family": "gpt2", "hidden_size": 16, "num_layers": 2, "num_heads": 2, "num_kv_heads": 2,
        "intermediate_size": 24,
    },
)  # fmt: skip
