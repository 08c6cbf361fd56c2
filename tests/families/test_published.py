"""The configurations of published models are read, and give the numbers of weights that were published.

Only the keys of their files that say something of the model's shape stand here, and those that are most often beside
them.
"""

from typing import Any

import pytest

from glasswright.records.families import FAMILIES
from glasswright.records.huggingface import from_hugging_face, to_hugging_face

LLAMA_3 = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
    "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009], "hidden_act": "silu", "initializer_range": 0.02,
    "max_position_embeddings": 131072, "mlp_bias": False, "num_attention_heads": 32, "num_key_value_heads": 8,
    "pretraining_tp": 1, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "torch_dtype": "bfloat16", "use_cache": True,
    "transformers_version": "4.43.0.dev0", "vocab_size": 128256,
}  # fmt: skip
ROPE_3 = {
    "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192, "rope_type": "llama3",
}  # fmt: skip
YARN = {
    "beta_fast": 32, "beta_slow": 1, "factor": 40, "mscale": 1.0, "mscale_all_dim": 1.0,
    "original_max_position_embeddings": 4096, "type": "yarn",
}  # fmt: skip

PUBLISHED: dict[str, tuple[int, dict[str, Any]]] = {
    "Llama-2-7b": (
        6_738_415_616,
        {
            "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 4096, "rope_scaling": None, "tie_word_embeddings": False, "hidden_act": "silu",
        },
    ),
    "Llama-3.1-8B-Instruct": (
        8_030_261_248,
        LLAMA_3
        | {
            "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "tie_word_embeddings": False,
            "rope_scaling": ROPE_3 | {"factor": 8.0},
        },
    ),
    "Llama-3.2-1B": (
        1_235_814_400,
        LLAMA_3
        | {
            "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "tie_word_embeddings": True,
            "head_dim": 64, "rope_scaling": ROPE_3 | {"factor": 32.0},
        },
    ),
    "SmolLM2-135M-Instruct": (
        134_515_008,
        {
            "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536, "num_hidden_layers": 30,
            "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 8192, "rope_theta": 100000, "rope_interleaved": False, "is_llama_config": True,
            "tie_word_embeddings": True, "pad_token_id": 2, "transformers.js_config": {"kv_cache_dtype": {}},
        },
    ),
    "Mistral-7B-v0.1": (
        7_241_732_096,
        {
            "model_type": "mistral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 32768, "rope_theta": 10000.0, "sliding_window": 4096,
            "tie_word_embeddings": False, "hidden_act": "silu",
        },
    ),
    "Mistral-Nemo-Base-2407": (
        12_247_782_400,
        {
            "model_type": "mistral", "hidden_size": 5120, "intermediate_size": 14336, "num_hidden_layers": 40,
            "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 131072,
            "rms_norm_eps": 1e-5, "max_position_embeddings": 128000, "rope_theta": 1000000.0, "sliding_window": None,
            "tie_word_embeddings": False,
        },
    ),
    "Mixtral-8x7B-v0.1": (
        46_702_792_704,
        {
            "model_type": "mixtral", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 32000, "rms_norm_eps": 1e-5,
            "max_position_embeddings": 32768, "rope_theta": 1000000.0, "sliding_window": None,
            "num_local_experts": 8, "num_experts_per_tok": 2, "output_router_logits": False,
            "router_aux_loss_coef": 0.02, "tie_word_embeddings": False,
        },
    ),
    "OLMo-1B-hf": (
        1_176_764_416,
        {
            "model_type": "olmo", "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
            "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 50304, "clip_qkv": None,
            "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": True, "hidden_act": "silu",
            "rope_scaling": None, "attention_bias": False,
        },
    ),
    "OLMo-2-1124-7B": (
        7_298_617_344,
        {
            "model_type": "olmo2", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 100352, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 4096, "rope_theta": 500000, "rope_scaling": None, "tie_word_embeddings": False,
        },
    ),
    "Olmo-3-1025-7B": (
        7_298_011_136,
        {
            "model_type": "olmo3", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
            "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 100278, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 65536, "rope_theta": 500000, "sliding_window": 4096,
            "layer_types": [*["sliding_attention"] * 3, "full_attention"] * 8, "tie_word_embeddings": False,
        },
    ),
    "pythia-160m": (
        162_322_944,
        {
            "model_type": "gpt_neox", "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
            "num_attention_heads": 12, "vocab_size": 50304, "layer_norm_eps": 1e-5, "max_position_embeddings": 2048,
            "rotary_pct": 0.25, "rotary_emb_base": 10000, "use_parallel_residual": True, "tie_word_embeddings": False,
            "hidden_act": "gelu", "bos_token_id": 0, "eos_token_id": 0,
        },
    ),
    "gpt2": (
        124_439_808,
        {
            "model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "activation_function": "gelu_new",
            "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
            "initializer_range": 0.02, "layer_norm_epsilon": 1e-5, "n_ctx": 1024, "n_embd": 768, "n_head": 12,
            "n_layer": 12, "n_positions": 1024, "resid_pdrop": 0.1, "summary_activation": None,
            "summary_first_dropout": 0.1, "summary_proj_to_labels": True, "summary_type": "cls_index",
            "summary_use_proj": True, "vocab_size": 50257,
            "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
        },
    ),
    "Qwen2.5-7B": (
        7_615_616_512,
        {
            "model_type": "qwen2", "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
            "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152064, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 131072, "rope_theta": 1000000.0, "sliding_window": 131072,
            "use_sliding_window": False, "max_window_layers": 28, "use_mrope": False, "tie_word_embeddings": False,
            "hidden_act": "silu",
        },
    ),
    "Qwen3-8B": (
        8_190_735_360,
        {
            "model_type": "qwen3", "hidden_size": 4096, "intermediate_size": 12288, "num_hidden_layers": 36,
            "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 40960, "rope_theta": 1000000, "rope_scaling": None,
            "sliding_window": None, "use_sliding_window": False, "max_window_layers": 36, "attention_bias": False,
            "tie_word_embeddings": False, "hidden_act": "silu",
        },
    ),
    "gemma-2-9b": (
        9_241_705_984,
        {
            "model_type": "gemma2", "hidden_size": 3584, "intermediate_size": 14336, "num_hidden_layers": 42,
            "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 256, "vocab_size": 256000,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 8192, "rope_theta": 10000.0, "sliding_window": 4096,
            "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "query_pre_attn_scalar": 256,
            "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh", "attention_bias": False,
            "cache_implementation": "hybrid", "sliding_window_size": 4096,
        },
    ),
    "gemma-3-1b": (
        999_885_952,
        {
            "model_type": "gemma3_text", "hidden_size": 1152, "intermediate_size": 6912, "num_hidden_layers": 26,
            "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 32768, "rope_theta": 1000000,
            "rope_local_base_freq": 10000, "rope_scaling": None, "sliding_window": 512, "sliding_window_pattern": 6,
            "query_pre_attn_scalar": 256, "attn_logit_softcapping": None, "final_logit_softcapping": None,
            "hidden_activation": "gelu_pytorch_tanh", "cache_implementation": "hybrid", "attention_bias": False,
        },
    ),
    "DeepSeek-V2-Lite": (
        15_706_484_224,
        {
            "model_type": "deepseek_v2", "architectures": ["DeepseekV2ForCausalLM"], "hidden_size": 2048,
            "intermediate_size": 10944, "moe_intermediate_size": 1408, "num_hidden_layers": 27,
            "num_attention_heads": 16, "num_key_value_heads": 16, "kv_lora_rank": 512, "q_lora_rank": None,
            "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 64,
            "n_shared_experts": 2, "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1,
            "n_group": 1, "topk_group": 1, "topk_method": "greedy", "scoring_func": "softmax", "norm_topk_prob": False,
            "routed_scaling_factor": 1.0, "aux_loss_alpha": 0.001, "seq_aux": True, "pretraining_tp": 1,
            "rms_norm_eps": 1e-6, "max_position_embeddings": 163840, "rope_theta": 10000, "vocab_size": 102400,
            "rope_scaling": YARN | {"mscale": 0.707, "mscale_all_dim": 0.707}, "tie_word_embeddings": False,
            "auto_map": {"AutoConfig": "configuration_deepseek.DeepseekV2Config"}, "attention_bias": False,
        },
    ),
    "DeepSeek-V3 in bfloat16": (
        671_026_419_200,
        {
            "model_type": "deepseek_v3", "hidden_size": 7168, "intermediate_size": 18432,
            "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 128,
            "num_key_value_heads": 128, "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64, "v_head_dim": 128, "n_routed_experts": 256, "n_shared_experts": 1,
            "num_experts_per_tok": 8, "first_k_dense_replace": 3, "moe_layer_freq": 1, "n_group": 8, "topk_group": 4,
            "topk_method": "noaux_tc", "scoring_func": "sigmoid", "norm_topk_prob": True, "ep_size": 1,
            "routed_scaling_factor": 2.5, "num_nextn_predict_layers": 1, "rms_norm_eps": 1e-6,
            "max_position_embeddings": 163840, "rope_theta": 10000, "vocab_size": 129280, "rope_scaling": YARN,
            "tie_word_embeddings": False, "attention_bias": False, "hidden_act": "silu",
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_configuration_gives_the_weights_that_were_published(name: str) -> None:
    num_weights, config = PUBLISHED[name]
    assert sum(it.size for it in from_hugging_face(config, name).parameters()) == num_weights


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_read_is_written_to_the_same_model(name: str) -> None:
    found = from_hugging_face(PUBLISHED[name][1], name)
    assert from_hugging_face(to_hugging_face(found), name) == found


def test_every_family_has_a_published_model() -> None:
    assert {config["model_type"] for _, config in PUBLISHED.values()} == {it.model_type for it in FAMILIES.values()}
