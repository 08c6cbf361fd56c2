"""A LoRA adapter in peft's layout: adapter_config.json and adapter_model.safetensors.

    base_model.model.MODULE.lora_A.weight            (r, in)       lora_B.weight       (out, r)
    base_model.model.MODULE.lora_embedding_A         (r, tokens)   lora_embedding_B    (width, r)
    base_model.model.MODULE.weight, .bias            taken over as they are: modules_to_save, biases

    scaling = alpha / r, or alpha / sqrt(r) with use_rslora

A config may ask for more than this. What is not read here, and would change the sum, is refused by its key.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.kernels.rounding import nearest_binary32, square_root
from glasswright.lineage.stored import Stored, read_stored

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
PREFIX = "base_model.model."
FACTOR = re.compile(r"(?P<module>.+)\.lora_(?:embedding_)?(?P<side>[AB])(?:\.default)?(?:\.weight)?")
SAVED = re.compile(r"(?:\.modules_to_save(?:\.default)?|\.base_layer)(?=\.)")
PLAIN_PATTERN = re.compile(r"\^?[\w.-]{1,300}\$?")  # no repetition, so that matching one ends soon
MAX_PATTERNS = 10_000
MAX_RANK = 2**20
HINT = "name the folder that peft's `save_pretrained` wrote"
# What a key has to say, if it is there, for the sum to be base + scaling B A.
AS_READ: Mapping[str, tuple[Any, ...]] = {
    "peft_type": ("LORA",),
    "use_dora": (False, None),
    "lora_bias": (False, None),
    "use_qalora": (False, None),
    "layer_replication": (None,),
    "alora_invocation_tokens": (None,),
    "arrow_config": (None,),
    "trainable_token_indices": (None,),
    "init_lora_weights": (True, False, "gaussian", "orthogonal", None),  # the others change the base as well
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """The two matrices of a module by their names in the file, and what their product is multiplied with."""

    a: str
    b: str
    scaling: float
    is_transposed: bool  # the module's own matrix lies with its inputs first


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """factors by module, and names of the base's tensors that others take the place of, both as the base has them."""

    stored: Stored
    factors: Mapping[str, Factors]
    saved: Mapping[str, str]


def read_adapter(path: Path) -> Adapter:
    """An adapter's folder.

    Raises:  Misuse naming what is missing, not sound, or of a kind that is not read.
    """
    stored = read_stored(path, weights_file=WEIGHTS)
    config = stored.files.json(CONFIG)
    where = str(path / CONFIG)
    for key, readable in AS_READ.items():
        if key in config and not any(config[key] is it or config[key] == it for it in readable):
            told = f"{where}: {key}: {str(config[key])[:80]!r} is not read"
            raise Misuse(told, hint="what is read is base + scaling B A: merge it with peft, and it stays UNKNOWN here")
    pairs: dict[str, dict[str, str]] = {}
    saved: dict[str, str] = {}
    for name in stored.tensors:
        found = FACTOR.fullmatch(name.removeprefix(PREFIX))
        if found:
            pairs.setdefault(found["module"], {})[found["side"]] = name
        elif "lora_" in name:
            raise Misuse(f"{stored.where(name)}: not a matrix that is read", hint=HINT)
        else:
            saved[SAVED.sub("", name.removeprefix(PREFIX))] = name
    factors = {module: _factors(module, pair, config, stored, where) for module, pair in pairs.items()}
    if not factors:
        raise Misuse(f"{stored.path / WEIGHTS}: no LoRA matrices in it", hint=HINT)
    return Adapter(stored=stored, factors=factors, saved=saved)


def _factors(module: str, pair: Mapping[str, str], config: Mapping[str, Any], stored: Stored, where: str) -> Factors:
    if set(pair) != {"A", "B"}:
        raise Misuse(f"{stored.path / WEIGHTS}: module {module}: one of its two matrices is missing", hint=HINT)
    rank = stored.tensors[pair["A"]].shape[0] if stored.tensors[pair["A"]].shape else 0
    said = _number(config, "r", _pattern_of(config, "rank_pattern", module, where), where)
    if rank != said or not 0 < rank <= MAX_RANK:
        raise Misuse(f"{stored.where(pair['A'])}: rank {rank}, where {CONFIG} says {said}", hint=HINT)
    alpha = _number(config, "lora_alpha", _pattern_of(config, "alpha_pattern", module, where), where)
    by = Decimal(rank) if not config.get("use_rslora") else square_root(rank)
    return Factors(
        a=pair["A"],
        b=pair["B"],
        scaling=nearest_binary32(Fraction(alpha) / Fraction(by)),
        is_transposed=bool(config.get("fan_in_fan_out")) != ("lora_embedding_" in pair["A"]),
    )


def _number(config: Mapping[str, Any], key: str, instead: Any, where: str) -> Decimal:
    value = config.get(key) if instead is None else instead
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_RANK:
        raise Misuse(f"{where}: {key}: expected a number, found {str(value)[:80]!r}", hint=HINT)
    return Decimal(str(value))


def _pattern_of(config: Mapping[str, Any], key: str, module: str, where: str) -> Any:
    """What a pattern says for a module: the first that the end of its name matches, as peft has it."""
    patterns = config.get(key) or {}
    if not isinstance(patterns, dict) or len(patterns) > MAX_PATTERNS:
        raise Misuse(f"{where}: {key}: expected an object of at most {MAX_PATTERNS:,} names", hint=HINT)
    return next((value for pattern, value in patterns.items() if _matches(pattern, module, key, where)), None)


def _matches(pattern: str, module: str, key: str, where: str) -> bool:
    if not PLAIN_PATTERN.fullmatch(pattern):
        raise Misuse(f"{where}: {key}: {pattern[:80]!r}: of patterns, names alone are read", hint=HINT)
    return re.match(rf"(.*\.)?({pattern})$", module) is not None


def modules_beyond(adapter: Adapter, base: Stored) -> Iterator[str]:
    """Names that the adapter has something for, and the base has not."""
    yield from (module for module in adapter.factors if base.find(f"{module}.weight") is None)
    yield from (name for name in adapter.saved if base.find(name) is None)
