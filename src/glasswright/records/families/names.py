"""Names of tensors that many families share with Llama."""

ENDS = {
    "embedding.weight": "model.embed_tokens.weight",
    "final_norm.gain": "model.norm.weight",
    "head.weight": "lm_head.weight",
}
NORMS = {
    "attention_norm.gain": "model.layers.{i}.input_layernorm.weight",
    "feed_forward_norm.gain": "model.layers.{i}.post_attention_layernorm.weight",
}
ATTENTION = {
    f"{slot}.{end}": f"model.layers.{{i}}.self_attn.{slot}_proj.{end}" for slot in "qkvo" for end in ("weight", "bias")
}
FEED_FORWARD = {
    f"{slot}.{end}": f"model.layers.{{i}}.mlp.{slot}_proj.{end}"
    for slot in ("gate", "up", "down")
    for end in ("weight", "bias")
}
LLAMA = ENDS | NORMS | ATTENTION | FEED_FORWARD
QK_NORM = {f"{slot}_norm.gain": f"model.layers.{{i}}.self_attn.{slot}_norm.weight" for slot in "qk"}
NORMS_AFTER = {
    "attention_post_norm.gain": "model.layers.{i}.post_attention_layernorm.weight",
    "feed_forward_post_norm.gain": "model.layers.{i}.post_feedforward_layernorm.weight",
}
