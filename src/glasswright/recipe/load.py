"""A YAML file as a `Recipe`, or a list of the places where it is wrong."""

import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from glasswright.licenses import normalize_expression
from glasswright.recipe.document import Node, parse_document, read_document
from glasswright.recipe.reading import Reading, describe
from glasswright.records.recipe import AS_WRITTEN, Recipe


def load(path: Path) -> Recipe:
    """Read and check a recipe.

    Raises:  Misuse listing file, line, column, key, what was expected and what was found for every problem.
    """
    return _recipe(read_document(path), str(path))


def load_as_written(path: Path) -> Recipe:
    """The recipe that a release carries: with the keys it was written with, whatever keys this version has.

    Raises:  Misuse as `load` does.
    """
    return _recipe(read_document(path), str(path), AS_WRITTEN)


def parse(text: str, where: str) -> Recipe:
    """The same for a text; `where` names it in errors."""
    return _recipe(parse_document(text, where), where)


def _recipe(document: Node, where: str, context: dict[str, bool] | None = None) -> Recipe:
    reading = Reading(where)
    values = reading.part(document, Recipe, ())
    reading.finish()
    try:
        recipe = Recipe.model_validate(values, context=context)
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            _place_problem(reading, problem)
        reading.finish()
        raise
    _require_license(reading, recipe.weights_license)
    reading.finish()
    return recipe


def _require_license(reading: Reading, name: str | None) -> None:
    """That SPDX knows the license, spelt as SPDX spells it: a release says it to everybody who takes the weights."""
    known = normalize_expression(name)
    if name is not None and name != known:
        told = f"did you mean {known}?" if known else "SPDX knows no such license: https://spdx.org/licenses"
        reading.refuse_where(("weights_license",), f"expected an SPDX expression, found {name}; {told}")


def _place_problem(reading: Reading, problem: Any) -> None:
    """Say one of the schema's complaints at the place in the file that it is about."""
    place, message = tuple(problem["loc"]), problem["msg"]
    if problem["type"] == "missing":
        return reading.refuse_where(place, "expected this key, found none")
    if problem["type"] == "value_error":
        message = message.removeprefix("Value error, ")
        key, colon, rest = message.partition(": ")
        if colon and key.isidentifier():  # a rule of a whole section begins with the key it is about
            place, message = (*place, key), rest
        return reading.refuse_where(place, message)
    if problem["type"] == "too_short":
        return reading.refuse_where(place, "expected at least one, found none")
    expected = re.sub(r"^(Input|String|Decimal input) should ", "expected a value that should ", message)
    expected = expected.replace("expected a value that should be ", "expected a value ")
    found = f", found {describe(reading.nodes[place])}" if place in reading.nodes else ""
    return reading.refuse_where(place, f"{expected}{found}")
