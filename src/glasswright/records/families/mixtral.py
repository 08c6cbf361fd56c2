"""Mixtral: Mistral with eight feed-forward parts to choose two from (Jiang et al. 2024)."""

from glasswright.records.families import keys, names
from glasswright.records.families.family import COUNT, COUNT_OR_NULL, NUMBER, Family, HeadSize, Key, Only, Written
from glasswright.records.families.rope import Rope

FAMILY = Family(
    name="mixtral",
    about="Mixtral 8x7B and 8x22B. All layers have experts: `intermediate_size` is the width of one, as `experts.size` "
    "in a recipe.",
    model_type="mixtral",
    architecture="MixtralForCausalLM",
    keys=(
        Key("hidden_size", "hidden_size", COUNT),
        Key("intermediate_size", "experts.size", COUNT),
        Key("num_hidden_layers", "num_layers", COUNT),
        Key("num_attention_heads", "num_heads", COUNT),
        Key("num_key_value_heads", "num_kv_heads", COUNT, 8),
        HeadSize(),
        Key("num_local_experts", "experts.count", COUNT, 8),
        Key("num_experts_per_tok", "experts.chosen", COUNT, 2),
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        Key("sliding_window", "attention.window", COUNT_OR_NULL, None),
        keys.UNTIED,
        Rope(default_theta=1e6),
        Only("output_router_logits", False),
        Only("router_jitter_noise", 0.0),
        Written("router_aux_loss_coef", 0.001),
        *keys.OF_TRAINING,
    ),
    names=names.ENDS
    | names.NORMS
    | names.ATTENTION
    | {
        "router.weight": "model.layers.{i}.block_sparse_moe.gate.weight",
        "expert.gate.weight": "model.layers.{i}.block_sparse_moe.experts.{j}.w1.weight",
        "expert.up.weight": "model.layers.{i}.block_sparse_moe.experts.{j}.w3.weight",
        "expert.down.weight": "model.layers.{i}.block_sparse_moe.experts.{j}.w2.weight",
    },
    defaults={"intermediate_size": 0, "experts": {"count": 8, "chosen": 2, "size": 344}},
)
