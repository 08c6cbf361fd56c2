"""The rotation's keys: `rope_parameters`, and what they were called before (`rope_theta`, `rope_scaling`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families.family import COUNT, FLAG, NUMBER, Config, Kind, Values, refused

if TYPE_CHECKING:
    from glasswright.records.model import Model

SCALING = "positions.scaling"
# What a kind of scaling must say, and what it may.
KINDS: dict[str, tuple[dict[str, Kind], dict[str, Kind]]] = {
    "linear": ({"factor": NUMBER}, {}),
    "llama3": (
        {
            "factor": NUMBER,
            "low_freq_factor": NUMBER,
            "high_freq_factor": NUMBER,
            "original_max_position_embeddings": COUNT,
        },
        {},
    ),
    "yarn": (
        {"factor": NUMBER},
        {
            "original_max_position_embeddings": COUNT,
            "beta_fast": NUMBER,
            "beta_slow": NUMBER,
            "mscale": NUMBER,
            "mscale_all_dim": NUMBER,
            "attention_factor": NUMBER,
            "truncate": FLAG,
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Rope:
    """Base, scaling, and the share of a head that turns.

    default_theta:  the base where nothing is said
    kinds:          the scalings that this family has
    share:          whether the family has `partial_rotary_factor`
    """

    default_theta: float = 10000.0
    kinds: Sequence[str] = tuple(KINDS)
    share: bool = False

    @property
    def names(self) -> Sequence[str]:
        return ("rope_parameters", "rope_theta", "rope_scaling", *(("partial_rotary_factor",) if self.share else ()))

    def read(self, config: Config, where: str) -> Values:
        said = config.get("rope_parameters") or config.get("rope_scaling") or {}
        key = "rope_parameters" if config.get("rope_parameters") else "rope_scaling"
        if not isinstance(said, dict):
            raise refused(where, key, "an object", said)
        theta = said.get("rope_theta", config.get("rope_theta", self.default_theta))
        values: Values = {"rope_theta": _value(theta, NUMBER, where, "rope_theta")}
        if self.share:
            share = said.get("partial_rotary_factor", config.get("partial_rotary_factor", 1))
            values["positions.share"] = _value(share, NUMBER, where, "partial_rotary_factor")
        kind: Any = said.get("rope_type", said.get("type", "default"))
        if kind == "default":
            self._require_known(said, {}, where)
            return values | {SCALING: None}
        if kind not in self.kinds:
            raise refused(where, "rope_type", " or ".join(map(repr, ("default", *self.kinds))), kind)
        must, may = KINDS[kind]
        self._require_known(said, must | may, where)
        values[f"{SCALING}.kind"] = kind
        for name, how in (must | may).items():
            if said.get(name) is not None or name in must:
                values[f"{SCALING}.{name}"] = _value(said.get(name), how, where, f"{key}.{name}")
        if kind == "yarn" and f"{SCALING}.original_max_position_embeddings" not in values:
            original = config.get("max_position_embeddings")
            values[f"{SCALING}.original_max_position_embeddings"] = _value(original, COUNT, where, key)
        return values

    def write(self, model: "Model") -> dict[str, Any]:
        rope: dict[str, Any] = {"rope_theta": float(model.rope_theta), "rope_type": "default"}
        if self.share:
            rope["partial_rotary_factor"] = float(model.positions.share)
        scaling = model.positions.scaling
        if scaling is not None:
            must, may = KINDS[scaling.kind]
            rope["rope_type"] = scaling.kind
            for name, how in (must | may).items():
                value = getattr(scaling, name)
                if name in must or value or how is FLAG:
                    rope[name] = how.write(value)
        return {"rope_parameters": rope}

    def supported(self) -> str:
        return "rope_type " + ", ".join(("default", *self.kinds))

    def _require_known(self, said: dict[str, Any], known: dict[str, Kind], where: str) -> None:
        allowed = {"rope_type", "type", "rope_theta", *known, *self.names}
        for name in sorted(said.keys() - allowed):
            raise refused(where, f"rope_parameters.{name}", "no such key for this kind of scaling", said[name])


def _value(value: Any, kind: Kind, where: str, key: str) -> Any:
    try:
        return kind.read(value)
    except ValueError:
        raise refused(where, key, kind.told, value) from None
