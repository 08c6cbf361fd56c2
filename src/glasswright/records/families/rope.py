"""The rotation's keys: `rope_parameters`, and what they were called before (`rope_theta`, `rope_scaling`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glasswright.records.families.family import ABOVE_ZERO, COUNT, FLAG, NUMBER, Config, Kind, Values, refused

if TYPE_CHECKING:
    from glasswright.records.model import Model

SCALING = "positions.scaling"
# What is remembered of a token would have to be turned anew as the text grows; here it has one value (rule 11).
MOVES = ", whose angles do not change with the length of a text"
LENGTH, ORIGINAL = "max_position_embeddings", "original_max_position_embeddings"
# What a kind of scaling must say, and what it may.
KINDS: dict[str, tuple[dict[str, Kind], dict[str, Kind]]] = {
    "linear": ({"factor": NUMBER}, {}),
    "llama3": (
        {
            "factor": NUMBER,
            "low_freq_factor": ABOVE_ZERO,
            "high_freq_factor": ABOVE_ZERO,
            ORIGINAL: COUNT,
        },
        {},
    ),
    "yarn": (
        {"factor": NUMBER},
        {
            ORIGINAL: COUNT,
            "beta_fast": NUMBER,
            "beta_slow": NUMBER,
            "mscale": NUMBER,
            "mscale_all_dim": NUMBER,
            "attention_factor": ABOVE_ZERO,
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
        key = "rope_scaling" if config.get("rope_parameters") in (None, {}) else "rope_parameters"
        return self.read_said(config.get(key), key, config, where)

    def read_said(self, said: Any, key: str, config: Config, where: str) -> Values:
        """What stands behind one key; what it leaves out is said beside it, as older files say it."""
        said = {} if said is None else said
        if not isinstance(said, dict):
            raise refused(where, key, "an object", said)
        values = {"rope_theta": self._beside("rope_theta", self.default_theta, said, key, config, where)}
        if self.share:
            values["positions.share"] = self._beside("partial_rotary_factor", 1, said, key, config, where)
        spelled = "type" if "type" in said and "rope_type" not in said else "rope_type"
        kind: Any = said.get(spelled, "default")
        if kind == "default":
            self._require_known(said, {}, key, where)
            return values | {SCALING: None}
        if kind not in self.kinds:
            expected = " or ".join(map(repr, ("default", *self.kinds)))
            raise refused(where, f"{key}.{spelled}", expected + (MOVES if kind == "dynamic" else ""), kind)
        must, may = KINDS[kind]
        self._require_known(said, must | may, key, where)
        values[f"{SCALING}.kind"] = kind
        for name, how in (must | may).items():
            if said.get(name) is not None or name in must:
                values[f"{SCALING}.{name}"] = _value(said.get(name), how, where, f"{key}.{name}")
        if kind == "yarn" and f"{SCALING}.{ORIGINAL}" not in values:
            values[f"{SCALING}.{ORIGINAL}"] = _value(config.get(LENGTH), COUNT, where, f"{key}.{ORIGINAL} or {LENGTH}")
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

    @staticmethod
    def _beside(name: str, missing: Any, said: dict[str, Any], key: str, config: Config, where: str) -> Any:
        told = f"{key}.{name}" if name in said else name
        return _value(said.get(name, config.get(name, missing)), NUMBER, where, told)

    def _require_known(self, said: dict[str, Any], known: dict[str, Kind], key: str, where: str) -> None:
        allowed = {"rope_type", "type", "rope_theta", *known, *(("partial_rotary_factor",) if self.share else ())}
        for name in sorted(said.keys() - allowed):
            raise refused(where, f"{key}.{name}", "no such key for this kind of scaling", said[name])


def _value(value: Any, kind: Kind, where: str, key: str) -> Any:
    try:
        return kind.read(value)
    except ValueError:
        raise refused(where, key, kind.told, value) from None
