"""Groups of experts and none, weights normalized and not, queries by one matrix and two, both pairings of channels,
YaRN with and without a temperature."""

from tests.families import mixtures
from tests.families.cases import Case

SMALL = {
    "vocab_size": 90, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3, "num_key_value_heads": 3,
    "intermediate_size": 40, "moe_intermediate_size": 12, "n_routed_experts": 8, "num_experts_per_tok": 3,
    "n_group": 4, "topk_group": 2, "first_k_dense_replace": 1, "q_lora_rank": 14, "kv_lora_rank": 10,
    "qk_nope_head_dim": 6, "qk_rope_head_dim": 4, "v_head_dim": 7, "max_position_embeddings": 128,
}  # fmt: skip

YARN = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 10}

CASE = Case(
    config="DeepseekV3Config",
    shapes=(
        SMALL,
        SMALL | {"q_lora_rank": None, "n_group": 1, "topk_group": 1, "norm_topk_prob": False},
        SMALL | {"first_k_dense_replace": 0, "n_shared_experts": 2, "tie_word_embeddings": True},
        SMALL | {"rope_interleave": False, "num_attention_heads": 4, "num_key_value_heads": 4, "v_head_dim": 12},
        SMALL | {"rope_parameters": YARN | {"mscale": 1.0, "mscale_all_dim": 1.0}, "qk_rope_head_dim": 6},
        SMALL | {"rope_parameters": YARN | {"mscale": 0.8, "beta_fast": 4, "beta_slow": 0.5}, "qk_rope_head_dim": 8},
    ),
    recipe={
        "family": "deepseek_v3", "hidden_size": 16, "num_layers": 2, "num_heads": 2, "num_kv_heads": 2,
        "intermediate_size": 24,
        "latent": {"query_rank": 8, "rank": 6, "plain_size": 4, "turned_size": 4, "value_size": 5},
        "experts": {"count": 6, "chosen": 2, "size": 12, "shared_size": 12, "groups": 2, "groups_chosen": 1},
    },
    gradient=mixtures.gradient,
)  # fmt: skip
