"""What DeepSeek V2 and V3 have in common: latent attention, experts, and their keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families import keys, names
from glasswright.records.families.family import (
    COUNT,
    COUNT_OR_NULL,
    NUMBER,
    Config,
    Entry,
    Key,
    Kind,
    Only,
    Repeats,
    Values,
    Written,
    refused,
)
from glasswright.records.families.rope import Rope

if TYPE_CHECKING:
    from glasswright.records.model import Model


def _zero_or_count(value: Any) -> int:
    return 0 if value == 0 and not isinstance(value, bool) else COUNT.read(value)


ZERO_OR_COUNT = Kind("a count or 0", _zero_or_count, int)


@dataclass(frozen=True, slots=True)
class SharedExperts:
    """The part that every token goes through, as wide as so many experts."""

    names: Sequence[str] = ("n_shared_experts",)

    def read(self, config: Config, where: str) -> Values:
        try:
            count, size = COUNT.read(config.get("n_shared_experts")), COUNT.read(config.get("moe_intermediate_size"))
        except ValueError:
            raise refused(where, "n_shared_experts", "a count", config.get("n_shared_experts")) from None
        return {"experts.shared_size": count * size}

    def write(self, model: "Model") -> dict[str, Any]:
        assert model.experts is not None
        return {"n_shared_experts": model.experts.shared_size // model.experts.size}

    def supported(self) -> str:
        return "a count"


KEYS: tuple[Entry, ...] = (
    *keys.WIDTHS,
    Key("num_attention_heads", ("num_heads", "num_kv_heads"), COUNT),
    Repeats("num_key_value_heads", {"num_attention_heads": "num_heads"}),
    Key("q_lora_rank", "latent.query_rank", COUNT_OR_NULL, 1536),
    Key("kv_lora_rank", "latent.rank", COUNT),
    Key("qk_nope_head_dim", "latent.plain_size", COUNT),
    Key("qk_rope_head_dim", "latent.turned_size", COUNT),
    Repeats("qk_head_dim", {"qk_nope_head_dim": "latent.plain_size", "qk_rope_head_dim": "latent.turned_size"}),
    Repeats("head_dim", {"qk_rope_head_dim": "latent.turned_size"}),
    Key("v_head_dim", "latent.value_size", COUNT),
    Key("n_routed_experts", "experts.count", COUNT),
    Key("num_experts_per_tok", "experts.chosen", COUNT),
    Key("moe_intermediate_size", "experts.size", COUNT),
    SharedExperts(),
    Key("first_k_dense_replace", "experts.first_dense", ZERO_OR_COUNT, 0),
    Key("routed_scaling_factor", "experts.scale", NUMBER, 1.0),
    keys.SILU,
    Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
    keys.UNTIED,
    Rope(kinds=("yarn",)),
    Only("attention_bias", False),
    Only("moe_layer_freq", 1),
    Only("output_router_logits", False),
    Only("pretraining_tp", 1),
    Written("attention_dropout", 0.0),
    Written("aux_loss_alpha", 0.001),
    Written("ep_size", 1),
    Written("initializer_range", 0.02),
    Written("seq_aux", True),
)
NAMES = (
    names.ENDS
    | names.NORMS
    | names.FEED_FORWARD
    | {
        "q.weight": "model.layers.{i}.self_attn.q_proj.weight",
        "q_a.weight": "model.layers.{i}.self_attn.q_a_proj.weight",
        "q_a_norm.gain": "model.layers.{i}.self_attn.q_a_layernorm.weight",
        "q_b.weight": "model.layers.{i}.self_attn.q_b_proj.weight",
        "kv_a.weight": "model.layers.{i}.self_attn.kv_a_proj_with_mqa.weight",
        "kv_a_norm.gain": "model.layers.{i}.self_attn.kv_a_layernorm.weight",
        "kv_b.weight": "model.layers.{i}.self_attn.kv_b_proj.weight",
        "o.weight": "model.layers.{i}.self_attn.o_proj.weight",
        "router.weight": "model.layers.{i}.mlp.gate.weight",
        "router.selection": "model.layers.{i}.mlp.gate.e_score_correction_bias",
    }
    | {
        f"expert.{slot}.weight": f"model.layers.{{i}}.mlp.experts.{{j}}.{slot}_proj.weight"
        for slot in ("gate", "up", "down")
    }
    | {
        f"shared.{slot}.weight": f"model.layers.{{i}}.mlp.shared_experts.{slot}_proj.weight"
        for slot in ("gate", "up", "down")
    }
)
LATENT = {"query_rank": 0, "rank": 32, "plain_size": 16, "turned_size": 16, "value_size": 32}
EXPERTS = {"count": 8, "chosen": 2, "size": 88, "shared_size": 88, "first_dense": 1}
