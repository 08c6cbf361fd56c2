"""DeepSeek V2 and V2-Lite: latent attention, and experts chosen by softmax (DeepSeek-AI 2024, V2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families import deepseek
from glasswright.records.families.family import COUNT, Config, Family, Only, Values, refused

if TYPE_CHECKING:
    from glasswright.records.model import Model


@dataclass(frozen=True, slots=True)
class Groups:
    """How experts are chosen: among all (greedy), or among those of the best groups."""

    names: Sequence[str] = ("topk_method", "n_group", "topk_group")

    def read(self, config: Config, where: str) -> Values:
        method = "greedy" if config.get("topk_method") is None else config["topk_method"]
        if method == "greedy":
            return {"experts.groups": 1, "experts.groups_chosen": 1}
        if method != "group_limited_greedy":
            raise refused(where, "topk_method", "'greedy' or 'group_limited_greedy'", method)
        return {
            "experts.groups": self._count(config, "n_group", where),
            "experts.groups_chosen": self._count(config, "topk_group", where),
        }

    def write(self, model: "Model") -> dict[str, Any]:
        experts = model.experts
        assert experts is not None
        method = "greedy" if experts.groups == 1 else "group_limited_greedy"
        return {"topk_method": method, "n_group": experts.groups, "topk_group": experts.groups_chosen}

    def supported(self) -> str:
        return "'greedy', or 'group_limited_greedy' with two counts"

    @staticmethod
    def _count(config: Config, name: str, where: str) -> Any:
        try:
            return COUNT.read(config.get(name))
        except ValueError:
            raise refused(where, name, COUNT.told, config.get(name)) from None


FAMILY = Family(
    name="deepseek_v2",
    about="DeepSeek V2 and V2-Lite.",
    model_type="deepseek_v2",
    architecture="DeepseekV2ForCausalLM",
    keys=(
        *deepseek.KEYS,
        Groups(),
        Only("mlp_bias", False),
        Only("norm_topk_prob", False),
        Only("scoring_func", "softmax"),
    ),
    names=deepseek.NAMES,
    defaults={
        "latent": deepseek.LATENT,
        "experts": deepseek.EXPERTS | {"normalized": False},
        "positions": {"pairs": "interleaved"},
    },
)
