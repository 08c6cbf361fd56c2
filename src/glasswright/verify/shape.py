"""What a model of the Llama architecture must look like, from the recipe alone."""

from glasswright.records.recipe import Model


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
