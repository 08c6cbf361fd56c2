"""Grouped, single and all key/value heads; wide heads; biases; Llama 3.1's frequencies; tied and not."""

from tests.families.cases import Case

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2,
    "intermediate_size": 40, "max_position_embeddings": 128,
}  # fmt: skip

ROPE = {"rope_type": "default", "rope_theta": 5e5}
LLAMA3 = {
    "rope_type": "llama3", "rope_theta": 5e5, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}  # fmt: skip
LINEAR = {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}

CASE = Case(
    config="LlamaConfig",
    shapes=(
        SMALL,
        SMALL | {"tie_word_embeddings": True, "num_key_value_heads": 1, "rms_norm_eps": 1e-5},
        SMALL | {"head_dim": 10, "num_key_value_heads": 6, "rope_parameters": ROPE},
        SMALL | {"attention_bias": True, "mlp_bias": True, "rope_parameters": LLAMA3, "head_dim": 16},
        SMALL | {"attention_bias": True, "num_key_value_heads": 3, "rope_parameters": LINEAR},
    ),
    recipe={
        "family": "llama", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"head_size": 6},
    },
)  # fmt: skip
