"""Grouped, single and all key/value heads; heads wider than the model; biases; tied and not."""

from tests.families.cases import Case

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
    "intermediate_size": 40, "max_position_embeddings": 128,
}  # fmt: skip

ROPE = {"rope_type": "default", "rope_theta": 5e5}

CASE = Case(
    config="LlamaConfig",
    shapes=(
        SMALL,
        SMALL | {"tie_word_embeddings": True, "num_key_value_heads": 1, "rms_norm_eps": 1e-5},
        SMALL | {"head_dim": 10, "num_key_value_heads": 6, "rope_parameters": ROPE},
    ),
    recipe={
        "family": "llama", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"head_size": 6},
    },
)  # fmt: skip
