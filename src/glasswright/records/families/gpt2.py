"""GPT-2 (Radford et al. 2019): learned positions, matrices stored with their inputs first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families.family import (
    COUNT,
    COUNT_OR_NULL,
    FLAG,
    NUMBER,
    Config,
    Family,
    Key,
    Only,
    Values,
    Written,
    choice,
)  # fmt: skip

if TYPE_CHECKING:
    from glasswright.records.model import Model

LAYER = "transformer.h.{i}."
SLOTS = {
    "attention_norm": "ln_1",
    "qkv": "attn.c_attn",
    "o": "attn.c_proj",
    "feed_forward_norm": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
}
NORMS = ("attention_norm", "feed_forward_norm")


@dataclass(frozen=True, slots=True)
class Inner:
    """The width of the feed-forward part: four times the model's where nothing is said."""

    names: Sequence[str] = ("n_inner",)

    def read(self, config: Config, where: str) -> Values:
        said = Key("n_inner", "intermediate_size", COUNT_OR_NULL, 0).read({"n_inner": None, **config}, where)
        width = Key("n_embd", "hidden_size", COUNT).read(config, where)["hidden_size"]
        return {"intermediate_size": said["intermediate_size"] or 4 * width}

    def write(self, model: "Model") -> dict[str, Any]:
        return {"n_inner": model.intermediate_size}

    def supported(self) -> str:
        return "a count or null: four times n_embd"


FAMILY = Family(
    name="gpt2",
    about="GPT-2.",
    model_type="gpt2",
    architecture="GPT2LMHeadModel",
    keys=(
        Key("n_embd", "hidden_size", COUNT),
        Key("n_layer", "num_layers", COUNT),
        Key("n_head", ("num_heads", "num_kv_heads"), COUNT),
        Inner(),
        Key(
            "activation_function", "feed_forward.activation",
            choice(gelu_new="gelu_tanh", gelu="gelu", gelu_fast="gelu_tanh", gelu_pytorch_tanh="gelu_tanh"), "gelu_new",
        ),
        Key("layer_norm_epsilon", "norm_epsilon", NUMBER, 1e-5),
        Key("tie_word_embeddings", "tied_embeddings", FLAG, True),
        Only("scale_attn_weights", True),
        Only("scale_attn_by_inverse_layer_idx", False),
        Only("reorder_and_upcast_attn", False),
        Only("add_cross_attention", False),
        Written("attn_pdrop", 0.0),
        Written("embd_pdrop", 0.0),
        Written("resid_pdrop", 0.0),
        Written("initializer_range", 0.02),
    ),
    defaults={
        "norm": {"kind": "layer", "bias": True},
        "attention": {"bias": True, "output_bias": True},
        "positions": {"kind": "learned"},
        "feed_forward": {"gated": False, "activation": "gelu_tanh", "bias": True},
    },
    names={
        "embedding.weight": "transformer.wte.weight",
        "positions.weight": "transformer.wpe.weight",
        "final_norm.gain": "transformer.ln_f.weight",
        "final_norm.bias": "transformer.ln_f.bias",
        "head.weight": "lm_head.weight",
        **{
            f"{slot}.{'gain' if slot in NORMS and end == 'weight' else end}": f"{LAYER}{name}.{end}"
            for slot, name in SLOTS.items()
            for end in ("weight", "bias")
        },
    },
    prefix="transformer.",
    positions_key="n_positions",
    fused="parts",
    transposed=True,
    unused=(r"transformer\.h\.\d+\.attn\.(bias|masked_bias)",),
)  # fmt: skip
