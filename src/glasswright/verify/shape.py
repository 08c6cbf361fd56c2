"""What a model of the Llama architecture must look like, from the recipe alone."""

from decimal import Decimal
from typing import Any

from glasswright.records.recipe import Model, Recipe


def expected_shapes(model: Model, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """The tensors of model.safetensors, named as transformers names them."""
    hidden, inner = model.hidden_size, model.intermediate_size
    kv_size = hidden // model.num_heads * model.num_kv_heads
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (vocab_size, hidden),
        "model.norm.weight": (hidden,),
    }
    if not model.tied_embeddings:
        shapes["lm_head.weight"] = (vocab_size, hidden)
    for layer in range(model.num_layers):
        of_layer = {
            "input_layernorm": (hidden,),
            "post_attention_layernorm": (hidden,),
            "self_attn.q_proj": (hidden, hidden),
            "self_attn.k_proj": (kv_size, hidden),
            "self_attn.v_proj": (kv_size, hidden),
            "self_attn.o_proj": (hidden, hidden),
            "mlp.gate_proj": (inner, hidden),
            "mlp.up_proj": (inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }
        shapes |= {f"model.layers.{layer}.{name}.weight": shape for name, shape in of_layer.items()}
    return shapes


def expected_config(recipe: Recipe, vocab_size: int, end_of_text: int) -> dict[str, Any]:
    """The keys of config.json, every one: a key beyond these could change what the weights compute."""
    model = recipe.model
    return {
        "architectures": ["LlamaForCausalLM"],
        "attention_bias": False,
        "attention_dropout": 0,
        "bos_token_id": end_of_text,
        "dtype": "float32",
        "eos_token_id": end_of_text,
        "head_dim": model.hidden_size // model.num_heads,
        "hidden_act": "silu",
        "hidden_size": model.hidden_size,
        "initializer_range": Decimal("0.02"),
        "intermediate_size": model.intermediate_size,
        "max_position_embeddings": recipe.train.sequence_length,
        "mlp_bias": False,
        "model_type": "llama",
        "num_attention_heads": model.num_heads,
        "num_hidden_layers": model.num_layers,
        "num_key_value_heads": model.num_kv_heads,
        "rms_norm_eps": model.norm_epsilon,
        "rope_parameters": {"rope_theta": model.rope_theta, "rope_type": "default"},
        "tie_word_embeddings": model.tied_embeddings,
        "vocab_size": vocab_size,
    }
