"""The resolved recipe, read back from its YAML without the code that wrote it."""

from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.part import AS_WRITTEN
from glasswright.records.recipe import Recipe

MAX_BYTES = 1_000_000
EDITED = "the file was edited or damaged"


def read_recipe(data: bytes, where: str) -> Recipe:
    """Read a recipe as it was written: with the keys that the file has, and no others.

    Raises:  ClaimFalse if it is no recipe; Unknown if it says what this version does not know.
    """
    values = _load(data, where)
    try:
        return Recipe.model_validate(values, context=AS_WRITTEN)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        message = f"{where}: {'.'.join(map(str, first['loc'])) or 'recipe'}: {first['msg']}"
        if first["type"] in ("extra_forbidden", "literal_error"):
            raise Unknown(message, hint="a later version of Glasswright may know it") from error
        raise ClaimFalse(message, hint=EDITED) from error


def _load(data: bytes, where: str) -> Any:
    """The YAML's values: decimals exact, no key twice, and no anchors, which could unfold without end."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import YAMLError

    class ExactConstructor(SafeConstructor):
        """Reads 0.1 as the decimal it is."""

    ExactConstructor.add_constructor("tag:yaml.org,2002:float", _construct_decimal)
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = ExactConstructor
    if len(data) > MAX_BYTES:
        raise ClaimFalse(f"{where}: more than {MAX_BYTES:,} bytes, larger than any recipe", hint=EDITED)
    try:
        text = data.decode("utf-8")
        if any(getattr(event, "anchor", None) is not None for event in yaml.parse(text)):
            raise ClaimFalse(f"{where}: anchors have no place in a resolved recipe", hint=EDITED)
        return yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise ClaimFalse(f"{where}: not YAML: {' '.join(str(error).split())[:200]}", hint=EDITED) from error


def _construct_decimal(constructor: Any, node: Any) -> Decimal:  # noqa: ARG001 (ruamel's signature)
    try:
        return Decimal(node.value)
    except ArithmeticError as error:
        raise ValueError(f"{node.value} is not a decimal number") from error
