"""What a family is, and the kinds of keys that its config.json has.

A key is an entry that reads its values into a description and writes them from one. What a family can say of a
description is what comes back when it is written and read again; everything else is refused by name.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from glasswright.errors import Misuse

if TYPE_CHECKING:
    from glasswright.records.model import Model

READ_BACK = {"read_back": True}  # validation context of a description that was read from a config.json just written

Config = Mapping[str, Any]  # a config.json
Values = dict[str, Any]  # of a description, by path: {"attention.bias": False}

# Keys that say nothing about what is computed here: of training, of generation (which has its own file), of the writer.
SILENT = frozenset(
    """
    _name_or_path attention_dropout auto_map chunk_size_feed_forward classifier_dropout dtype embd_pdrop attn_pdrop
    resid_pdrop hidden_dropout id2label initializer_range label2id output_attentions output_hidden_states pad_token_id
    problem_type return_dict torch_dtype transformers_version unsloth_version use_bfloat16 use_cache is_llama_config
    task_specific_params summary_activation summary_first_dropout summary_proj_to_labels summary_type summary_use_proj
    n_ctx transformers.js_config cache_implementation
    """.split()
)


class Entry(Protocol):
    """One key of config.json, or several that say one thing together."""

    @property
    def names(self) -> Sequence[str]:
        """The keys it reads."""

    def read(self, config: Config, where: str) -> Values:
        """What the keys say. Raises:  Misuse naming the key, what was expected and what was found."""

    def write(self, model: "Model") -> dict[str, Any]:
        """The keys for a description."""

    def supported(self) -> str:
        """In words: what may stand there, for the table of docs/families.md."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: how it is read, written and told."""

    told: str
    read: Callable[[Any], Any]  # Raises:  ValueError
    write: Callable[[Any], Any]
    takes_null: bool = False  # null is a value of its own, not a key that is missing


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError from error
    if not found.is_finite() or found < 0:
        raise ValueError
    return found


def _above_zero(value: Any) -> Decimal:
    found = _number(value)
    if not found:
        raise ValueError
    return found


COUNT = Kind("a count", _count, int)
COUNT_OR_NULL = Kind(
    "a count or null", lambda value: 0 if value is None else _count(value), lambda value: value or None, takes_null=True
)
FLAG = Kind("true or false", _flag, bool)
NUMBER = Kind("a number", _number, float)
ABOVE_ZERO = Kind("a number above 0", _above_zero, float)  # where a 0 of the description says something else
ABOVE_ZERO_OR_NULL = Kind(
    "a number above 0, or null",
    lambda value: Decimal(0) if value is None else _above_zero(value),
    lambda value: float(value) if value else None,
    takes_null=True,
)


def choice(**names: str) -> Kind:
    """One of several names of config.json, each for one of the description: choice(gelu_new="gelu_tanh")."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError
        return names[value]

    back = {mine: theirs for theirs, mine in reversed(names.items())}  # the first name is the one written
    return Kind(" or ".join(repr(name) for name in names), read, lambda value: back.get(value, value))


REQUIRED = object()
LAYER = re.compile(r"model\.layers\.(\d{1,9})\.")


@dataclass(frozen=True)
class Key:
    """One key for one value of the description, or for several that this family holds equal."""

    name: str
    paths: tuple[str, ...]
    kind: Kind
    missing: Any = REQUIRED  # what is meant where the key is not there: a value, or the name of another key

    def __init__(self, name: str, path: str | tuple[str, ...], kind: Kind, missing: Any = REQUIRED):
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "paths", (path,) if isinstance(path, str) else path)
        object.__setattr__(self, "kind", kind)
        object.__setattr__(self, "missing", missing)

    @property
    def names(self) -> Sequence[str]:
        return (self.name,)

    def read(self, config: Config, where: str) -> Values:
        value = config.get(self.name)
        is_null = value is None and self.missing is not REQUIRED and not self.kind.takes_null
        if self.name not in config or is_null:
            value = self.missing
            if isinstance(value, OfKey):
                value = config.get(value.name)
        try:
            found = self.kind.read(None if value is REQUIRED else value)
        except ValueError:
            raise refused(where, self.name, self.kind.told, None if value is REQUIRED else value) from None
        return dict.fromkeys(self.paths, found)

    def write(self, model: "Model") -> dict[str, Any]:
        value = value_at(model, self.paths[0])
        if value is None:
            raise refused("model", self.paths[0], self.kind.told, None)
        return {self.name: self.kind.write(value)}

    def supported(self) -> str:
        if self.missing is REQUIRED:
            return f"{self.kind.told}; must be there"
        missing = f"that of `{self.missing.name}`" if isinstance(self.missing, OfKey) else json.dumps(self.missing)
        return f"{self.kind.told}; missing: {missing}"


@dataclass(frozen=True, slots=True)
class OfKey:
    """A missing key means what another one says."""

    name: str


@dataclass(frozen=True, slots=True)
class Only:
    """A key that may have one value alone: another would be computed differently."""

    name: str
    value: Any
    is_written: bool = True

    @property
    def names(self) -> Sequence[str]:
        return (self.name,)

    def read(self, config: Config, where: str) -> Values:
        found = config.get(self.name)
        if found is not None and (found != self.value or isinstance(found, bool) != isinstance(self.value, bool)):
            raise refused(where, self.name, repr(self.value), found)
        return {}

    def write(self, model: "Model") -> dict[str, Any]:  # noqa: ARG002
        return {self.name: self.value} if self.is_written else {}

    def supported(self) -> str:
        return f"only {self.value!r}"


@dataclass(frozen=True)
class Repeats:
    """A key that says again what others say: the sum of them, which are in the description at these paths."""

    name: str
    paths: Mapping[str, str]
    is_written: bool = True

    @property
    def names(self) -> Sequence[str]:
        return (self.name,)

    def read(self, config: Config, where: str) -> Values:
        found, parts = config.get(self.name), [config.get(name) for name in self.paths]
        if found is not None and found != sum(part for part in parts if isinstance(part, int)):
            raise refused(where, self.name, " + ".join(self.paths), found)
        return {}

    def write(self, model: "Model") -> dict[str, Any]:
        return {self.name: sum(int(value_at(model, path)) for path in self.paths.values())}

    def supported(self) -> str:
        return f"only {' + '.join(f'`{name}`' for name in self.paths)}"


@dataclass(frozen=True, slots=True)
class Written:
    """A key that says nothing here, written as its readers expect it."""

    name: str
    value: Any

    @property
    def names(self) -> Sequence[str]:
        return (self.name,)

    def read(self, config: Config, where: str) -> Values:  # noqa: ARG002
        return {}

    def write(self, model: "Model") -> dict[str, Any]:  # noqa: ARG002
        return {self.name: self.value}

    def supported(self) -> str:
        return "anything: it changes nothing here"


@dataclass(frozen=True, slots=True)
class HeadSize:
    """`head_dim`, which many files leave out.

    missing:  what is meant then; None: hidden_size / num_attention_heads
    """

    names: Sequence[str] = ("head_dim",)
    missing: int | None = None

    def read(self, config: Config, where: str) -> Values:
        found = self.missing if config.get("head_dim") is None else config["head_dim"]
        if found is None:
            return {}
        try:
            size = _count(found)
        except ValueError:
            raise refused(where, "head_dim", "a count", found) from None
        is_usual = size * config["num_attention_heads"] == config["hidden_size"]
        return {"attention.head_size": 0 if is_usual else size}

    def write(self, model: "Model") -> dict[str, Any]:
        return {"head_dim": model.head_size}

    def supported(self) -> str:
        return f"a count; missing: {self.missing or 'hidden_size / num_attention_heads'}"


@dataclass(frozen=True, kw_only=True)
class Family:
    """One family of decoders.

    about:       which models it is of, in a sentence
    names:       of the tensors, by slot; `{i}` is the layer and `{j}` the expert
    prefix:      of names, which some published files leave out
    fused:       queries, keys and values are one matrix: in three "parts", or in three for each of its "heads"
    transposed:  matrices of the layers are stored with their inputs first
    unused:      patterns of tensors that some writers store and nothing is computed with
    beyond:      what layers behind the last one are, which are not read, where files have some
    """

    name: str
    about: str
    model_type: str
    architecture: str
    keys: Sequence[Entry]
    names: Mapping[str, str]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    positions_key: str = "max_position_embeddings"
    prefix: str = ""
    fused: str | None = None
    transposed: bool = False
    unused: Sequence[str] = (r"model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq",)
    beyond: str = ""

    def is_unused(self, tensor: str, num_layers: int) -> bool:
        """Whether a tensor of a file is nothing to this model of so many layers."""
        return self.is_beyond(tensor, num_layers) or any(re.fullmatch(pattern, tensor) for pattern in self.unused)

    def is_beyond(self, tensor: str, num_layers: int) -> bool:
        """Whether a tensor is of a layer behind the last one, of a family whose files have such."""
        found = LAYER.match(tensor)
        return bool(self.beyond and found and int(found[1]) >= num_layers)

    def read(self, config: Config, where: str) -> dict[str, Any]:
        """A config.json as the values of a description.

        Raises:  Misuse naming the key that is missing, unknown, or has a value that is not supported.
        """
        values: Values = {}
        for entry in self.keys:
            values |= entry.read(config, where)
        known = SILENT | {name for entry in self.keys for name in entry.names} | COMMON | {self.positions_key}
        for key in sorted(config.keys() - known):
            raise Misuse(f"{where}: {key}: not a key of this family, {self.name}", hint=UNKNOWN)
        return _nested(self.defaults, values) | {"family": self.name}

    def keys_of(self, path: str, config: Config, where: str) -> list[str]:
        """The keys of a config.json that say what stands at a path of its description; else all that may."""
        named = [name for entry in self.keys if path in entry.read(config, where) for name in entry.names]
        return [name for name in named if name in config] or named

    def write(self, model: "Model") -> dict[str, Any]:
        """The keys of config.json for a description."""
        return {key: value for entry in self.keys for key, value in entry.write(model).items()}

    def require_sayable(self, model: "Model") -> None:
        """That the description is one of this family.

        Raises:  ValueError naming the part, and what of it the family's files cannot say.
        """
        try:
            values = self.read(self.write(model), "model")
        except Misuse as error:
            raise ValueError(str(error)) from error
        read_back = type(model).model_validate(values, context=READ_BACK)
        for path, value, back in _differences(model, read_back):
            top, _, rest = path.partition(".")
            raise ValueError(f"{top}: the family {self.name} cannot have {rest or top} = {value}, only {back}")


COMMON = frozenset({"architectures", "bos_token_id", "eos_token_id", "model_type", "vocab_size"})
UNKNOWN = "it may change what is computed, and is not guessed at: docs/families.md lists what is supported, key by key"


def refused(where: str, key: str, expected: str, found: Any) -> Misuse:
    """The error for one key."""
    told = repr(found) if len(repr(found)) <= 80 else repr(found)[:77] + "..."
    return Misuse(f"{where}: {key}: expected {expected}, found {told}", hint="docs/families.md lists what is supported")


def value_at(model: "Model", path: str) -> Any:
    """What stands at a path of a description, None below a part that is not there."""
    value: Any = model
    for step in path.split("."):
        value = getattr(value, step, None)
    return value


def _nested(defaults: Mapping[str, Any], values: Values) -> dict[str, Any]:
    whole: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in defaults.items()}
    for path, value in values.items():
        *parts, last = path.split(".")
        place = whole
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = value
    return whole


def _differences(said: Any, back: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two descriptions differ; decimals are as config.json has them, binary64."""
    if hasattr(type(said), "model_fields") and type(said) is type(back):
        for key in type(said).model_fields:
            yield from _differences(getattr(said, key), getattr(back, key), f"{path}.{key}")
    elif isinstance(said, Decimal) and isinstance(back, Decimal):
        if float(said) != float(back):
            yield path[1:], said, back
    elif said != back:
        yield path[1:], said, back
