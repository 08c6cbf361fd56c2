"""Qwen 2 and 2.5 (Yang et al. 2024): Llama's layers, with biases on queries, keys and values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families import keys, names
from glasswright.records.families.family import NUMBER, Config, Family, Key, Only, Values, Written, refused
from glasswright.records.families.rope import Rope

if TYPE_CHECKING:
    from glasswright.records.model import Model


@dataclass(frozen=True, slots=True)
class AllFull:
    """`layer_types`, where every layer sees all positions."""

    names: Sequence[str] = ("layer_types",)

    def read(self, config: Config, where: str) -> Values:
        found = config.get("layer_types")
        if found is not None and (not isinstance(found, list) or any(kind != "full_attention" for kind in found)):
            raise refused(where, "layer_types", "'full_attention' for every layer", found)
        return {}

    def write(self, model: "Model") -> dict[str, Any]:  # noqa: ARG002
        return {}

    def supported(self) -> str:
        return "'full_attention' for every layer"


# The size of a window that is not used says nothing; published files have it.
NO_WINDOW = (
    Only("use_sliding_window", False),
    Only("use_mrope", False, is_written=False),
    Written("sliding_window", None),
    Written("max_window_layers", 28),
    AllFull(),
)

FAMILY = Family(
    name="qwen2",
    about="Qwen 2 and Qwen 2.5, without windows.",
    model_type="qwen2",
    architecture="Qwen2ForCausalLM",
    keys=(
        *keys.SIZES,
        keys.SILU,
        Key("rms_norm_eps", "norm_epsilon", NUMBER, 1e-6),
        keys.UNTIED,
        *NO_WINDOW,
        Only("use_mrope", False, is_written=False),
        Rope(),
        *keys.OF_TRAINING,
    ),
    defaults={"tied_embeddings": False, "attention": {"bias": True}},
    names=names.LLAMA,
)
