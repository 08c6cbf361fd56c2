"""config.json of Hugging Face's, both ways."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from glasswright.errors import Misuse
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import FAMILIES, family_of
from glasswright.records.families.family import COUNT, Family, Kind, refused
from glasswright.records.model import Model

POSITIONS = 2048  # where a file says nothing


def to_hugging_face(config: DecoderConfig) -> dict[str, Any]:
    """The keys of config.json, as transformers' class for this family names them."""
    family = family_of(config.model.family)
    ends = config.ends_of_text
    return {
        "architectures": [family.architecture],
        "bos_token_id": config.begin_of_text,
        "dtype": "float32",
        "eos_token_id": (ends[0] if len(ends) == 1 else list(ends)) if ends else None,
        "model_type": family.model_type,
        "vocab_size": config.vocab_size,
        family.positions_key: config.max_positions,
    } | family.write(config.model)


def from_hugging_face(config: dict[str, Any], where: str) -> DecoderConfig:
    """Read a config.json, and refuse what would be computed differently here.

    Raises:  Misuse naming the key that is missing, unknown, or has a value that is not supported.
    """
    by_type = {family.model_type: family for family in FAMILIES.values()}
    model_type = config.get("model_type")
    if not isinstance(model_type, str) or model_type not in by_type:
        raise refused(where, "model_type", " or ".join(sorted(map(repr, by_type))), model_type)
    family = by_type[model_type]
    architectures = config.get("architectures")
    if architectures not in (None, [family.architecture]):
        raise refused(where, "architectures", repr([family.architecture]), architectures)
    try:
        model = Model.model_validate(family.read(config, where))
    except ValidationError as error:
        raise Misuse(f"{where}: {_told(error.errors()[0], family, config, where)}") from error
    return DecoderConfig(
        model=model,
        vocab_size=_read(config, "vocab_size", COUNT, where),
        max_positions=_read({family.positions_key: POSITIONS} | config, family.positions_key, COUNT, where),
        begin_of_text=_read(config, "bos_token_id", TOKEN, where),
        ends_of_text=_read(config, "eos_token_id", TOKENS, where),
    )


def _told(problem: Any, family: Family, config: Mapping[str, Any], where: str) -> str:
    """What is wrong with a description, under the names of the keys that said it."""
    place, message = list(problem["loc"]), problem["msg"].removeprefix("Value error, ")
    key, colon, rest = message.partition(": ")
    if problem["type"] == "value_error" and colon and key.isidentifier():  # a rule of a whole part names a value of it
        place, message = [*place, key], rest
    path = ".".join(map(str, place))
    keys = " or ".join(family.keys_of(path, config, where))
    return f"{keys} ({path} of the description): {message}" if keys else f"{path}: {message}"


def _token(value: Any) -> Any:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        raise ValueError
    return value


def _tokens(value: Any) -> tuple[int, ...]:
    return tuple(_token(item) for item in (value if isinstance(value, list) else [value]) if item is not None)


TOKEN = Kind("a token or null", _token, lambda value: value)
TOKENS = Kind("a token, a list of tokens or null", _tokens, lambda value: value)


def _read(config: Mapping[str, Any], key: str, kind: Kind, where: str) -> Any:
    try:
        return kind.read(config.get(key))
    except ValueError:
        raise refused(where, key, kind.told, config.get(key)) from None
