"""GPT-NeoX and Pythia (Black et al. 2022; Biderman et al. 2023): both parts of a layer may read its input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families import keys
from glasswright.records.families.family import COUNT, FLAG, NUMBER, Config, Family, Key, Values, Written, choice
from glasswright.records.families.rope import Rope

if TYPE_CHECKING:
    from glasswright.records.model import Model

LAYER = "gpt_neox.layers.{i}."
SLOTS = {
    "attention_norm": "input_layernorm",
    "qkv": "attention.query_key_value",
    "o": "attention.dense",
    "feed_forward_norm": "post_attention_layernorm",
    "up": "mlp.dense_h_to_4h",
    "down": "mlp.dense_4h_to_h",
}
NORMS = ("attention_norm", "feed_forward_norm")


@dataclass(frozen=True, slots=True)
class PartialRope:
    """The rotation's keys, and what they were called in Pythia's files: rotary_pct and rotary_emb_base."""

    rope: Rope = Rope(share=True)  # noqa: RUF009 (frozen)

    @property
    def names(self) -> Sequence[str]:
        return (*self.rope.names, "rotary_pct", "rotary_emb_base")

    def read(self, config: Config, where: str) -> Values:
        share = Key("rotary_pct", "positions.share", NUMBER, 0.25).read(config, where)
        older = {"partial_rotary_factor": share["positions.share"]}
        if "rotary_emb_base" in config:
            older |= Key("rotary_emb_base", "rope_theta", NUMBER, self.rope.default_theta).read(config, where)
        return self.rope.read({**older, **config}, where)

    def write(self, model: "Model") -> dict[str, Any]:
        return self.rope.write(model)

    def supported(self) -> str:
        return self.rope.supported()


FAMILY = Family(
    name="gpt_neox",
    about="GPT-NeoX and Pythia.",
    model_type="gpt_neox",
    architecture="GPTNeoXForCausalLM",
    keys=(
        *keys.WIDTHS,
        Key("num_attention_heads", ("num_heads", "num_kv_heads"), COUNT),
        Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, True),
        Key(
            "hidden_act", "feed_forward.activation",
            choice(gelu="gelu", gelu_new="gelu_tanh", gelu_fast="gelu_tanh", gelu_pytorch_tanh="gelu_tanh"), "gelu",
        ),
        Key("layer_norm_eps", "norm_epsilon", NUMBER, 1e-5),
        Key("use_parallel_residual", "norm.parallel", FLAG, True),
        keys.UNTIED,
        PartialRope(),
        Written("attention_dropout", 0.0),
        Written("hidden_dropout", 0.0),
        Written("initializer_range", 0.02),
        Written("is_decoder", False),
    ),
    defaults={
        "tied_embeddings": False,
        "norm": {"kind": "layer", "bias": True, "parallel": True},
        "attention": {"bias": True, "output_bias": True},
        "positions": {"share": "0.25"},
        "feed_forward": {"gated": False, "activation": "gelu", "bias": True},
    },
    names={
        "embedding.weight": "gpt_neox.embed_in.weight",
        "final_norm.gain": "gpt_neox.final_layer_norm.weight",
        "final_norm.bias": "gpt_neox.final_layer_norm.bias",
        "head.weight": "embed_out.weight",
        **{
            f"{slot}.{'gain' if slot in NORMS and end == 'weight' else end}": f"{LAYER}{name}.{end}"
            for slot, name in SLOTS.items()
            for end in ("weight", "bias")
        },
    },
    fused="heads",
    unused=(r"gpt_neox\.layers\.\d+\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)",),
)  # fmt: skip
