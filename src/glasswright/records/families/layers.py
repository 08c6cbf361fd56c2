"""Keys of models whose layers differ in what they see: windows in most, everything in every so many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from glasswright.records.families.family import ABOVE_ZERO, COUNT, Config, Key, Values, refused
from glasswright.records.families.rope import LENGTH, Rope

if TYPE_CHECKING:
    from glasswright.records.model import Model

WINDOW, FULL = "sliding_attention", "full_attention"
PARAMETERS = "rope_parameters"
WINDOW_SIZE = replace(COUNT, takes_null=True)  # null is not a file that says nothing: transformers would fail on it


@dataclass(frozen=True, slots=True)
class LayerTypes:
    """`layer_types`, a word for each layer; or, where a file says that, every how many layers one sees everything.

    every:  what is meant where nothing is said
    key:    of the number that says it in older files, if there is one
    """

    every: int
    key: str = ""

    @property
    def names(self) -> Sequence[str]:
        return ("layer_types", *((self.key, f"_{self.key}") if self.key else ()))

    def read(self, config: Config, where: str) -> Values:
        every = config.get(self.key, self.every)
        if not isinstance(every, int) or isinstance(every, bool) or every < 1:
            raise refused(where, self.key, "a count", every)
        words, count = config.get("layer_types"), config.get("num_hidden_layers")
        if words is None:
            return {"attention.full_every": self._reached(every, count)}
        if isinstance(words, list) and len(words) == count:
            for n in (every, _first_full(words)):
                if words == _words(n, count):
                    return {"attention.full_every": self._reached(n, count)}
        raise refused(where, "layer_types", f"{WINDOW!r} for all layers but every n-th, {FULL!r}", words)

    def write(self, model: "Model") -> dict[str, Any]:
        return {"layer_types": _words(model.attention.full_every, model.num_layers)}

    def _reached(self, every: int, count: Any) -> int:
        """Where no layer sees everything, one number stands for all that would say so."""
        if 0 < every <= count:
            return every
        return self.every if self.every > count else 0

    def supported(self) -> str:
        return f"{WINDOW!r} for all layers but every n-th, {FULL!r}; missing: every {self.every}"


def _words(every: int, count: int) -> list[str]:
    return [FULL if every and (layer + 1) % every == 0 else WINDOW for layer in range(count)]


def _first_full(words: list[Any]) -> int:
    """Counted from 1; 0 where there is none."""
    return words.index(FULL) + 1 if FULL in words else 0


@dataclass(frozen=True, slots=True)
class RopeOfLayers:
    """`rope_parameters` with one part for each kind of layer, and what they were called before.

    full:        the keys of layers that see everything
    theta:       the base in layers with a window where nothing is said; they have no scaling
    older_key:   of that base in older files; none: it must be the default where the other is not
    """

    full: Rope
    theta: float
    older_key: str = ""

    @property
    def names(self) -> Sequence[str]:
        return (*self.full.names, *((self.older_key,) if self.older_key else ()))

    def read(self, config: Config, where: str) -> Values:
        parts = config.get(PARAMETERS)
        if parts is None:
            values = self.full.read_said(config.get("rope_scaling"), "rope_scaling", config, where)
            return values | {"positions.window_theta": self._older_theta(config, where)}
        if not isinstance(parts, dict) or parts.keys() - {FULL, WINDOW}:
            raise refused(where, PARAMETERS, f"an object with {FULL!r} and {WINDOW!r}", parts)
        length = {key: config[key] for key in config if key == LENGTH}
        values = self.full.read_said(parts.get(FULL), f"{PARAMETERS}.{FULL}", length, where)
        return values | {
            "positions.window_theta": self._window_theta({} if parts.get(WINDOW) is None else parts[WINDOW], where)
        }

    def write(self, model: "Model") -> dict[str, Any]:
        theta = float(model.positions.window_theta or model.rope_theta)
        parts = self.full.write(model)[PARAMETERS]
        return {PARAMETERS: {FULL: parts, WINDOW: {"rope_theta": theta, "rope_type": "default"}}}

    def supported(self) -> str:
        return f"{FULL}: {self.full.supported()}; {WINDOW}: rope_type default, rope_theta {self.theta:g} if missing"

    def _older_theta(self, config: Config, where: str) -> Any:
        if self.older_key:
            return Key(self.older_key, "positions.window_theta", ABOVE_ZERO).read(
                {self.older_key: self.theta, **config}, where
            )["positions.window_theta"]
        theta = config.get("rope_theta", self.theta)
        if theta != self.theta:
            raise refused(where, "rope_theta", f"{self.theta}, or rope_parameters for each kind of layer", theta)
        return theta

    def _window_theta(self, said: Any, where: str) -> Any:
        key = f"rope_parameters.{WINDOW}"
        if not isinstance(said, dict) or said.keys() - {"rope_theta", "rope_type"}:
            raise refused(where, key, "an object with rope_theta and rope_type", said)
        if said.get("rope_type", "default") != "default":
            raise refused(where, f"{key}.rope_type", "'default'", said["rope_type"])
        try:
            return ABOVE_ZERO.read(said.get("rope_theta", self.theta))
        except ValueError:
            raise refused(where, f"{key}.rope_theta", ABOVE_ZERO.told, said["rope_theta"]) from None
