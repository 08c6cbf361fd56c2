"""Queries by two matrices, and by one as in V2-Lite; experts of the best groups and of all; no dense layer and two;
YaRN with the temperature of the published models."""

from tests.families import mixtures
from tests.families.cases import Case

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "num_key_value_heads": 3,
    "intermediate_size": 40, "moe_intermediate_size": 12, "n_routed_experts": 8, "num_experts_per_tok": 3,
    "topk_method": "group_limited_greedy", "n_group": 4, "topk_group": 2, "routed_scaling_factor": 16.0,
    "first_k_dense_replace": 1, "q_lora_rank": 14, "kv_lora_rank": 10, "qk_nope_head_dim": 6, "qk_rope_head_dim": 4,
    "v_head_dim": 7, "max_position_embeddings": 128,
}  # fmt: skip

YARN = {
    "rope_type": "yarn", "rope_theta": 1e4, "factor": 40.0, "original_max_position_embeddings": 16, "beta_fast": 32,
    "beta_slow": 1, "mscale": 0.707, "mscale_all_dim": 0.707,
}  # fmt: skip

CASE = Case(
    config="DeepseekV2Config",
    shapes=(
        SMALL,
        SMALL | {"q_lora_rank": None, "topk_method": "greedy", "n_group": 1, "topk_group": 1},
        SMALL | {"first_k_dense_replace": 0, "n_shared_experts": 1, "tie_word_embeddings": True, "v_head_dim": 12},
        SMALL | {"rope_parameters": YARN, "qk_rope_head_dim": 8},
        SMALL | {"first_k_dense_replace": 2, "routed_scaling_factor": 1.0, "num_experts_per_tok": 1},
    ),
    recipe={
        "family": "deepseek_v2", "hidden_size": 16, "num_layers": 2, "num_heads": 2, "num_kv_heads": 2,
        "intermediate_size": 24,
        "latent": {"rank": 6, "plain_size": 4, "turned_size": 4, "value_size": 5},
        "experts": {"count": 4, "chosen": 2, "size": 12, "shared_size": 24},
    },
    gradient=mixtures.gradient,
)  # fmt: skip
