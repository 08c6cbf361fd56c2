"""A YAML file as a `Recipe`, or a list of the places where it is wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from glasswright.licenses import given_to_weights, spdx_expression, what_was_meant
from glasswright.recipe.document import Node, parse_document, read_document
from glasswright.recipe.reading import Place, Reading, describe
from glasswright.records.part import AS_WRITTEN
from glasswright.records.recipe import Recipe


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
    _require_licenses(reading, recipe)
    reading.finish()
    return recipe


def _require_licenses(reading: Reading, recipe: Recipe) -> None:
    """That every license is one of SPDX, or of documents a LicenseRef-: found out before they are read.

    What is compared letter by letter, or said to everybody who takes the weights, is spelt as SPDX spells it.
    """
    for place, name in _licenses(recipe):
        is_given = place == ("weights_license",)
        known = given_to_weights(name, is_derived=recipe.parent is not None) if is_given else spdx_expression(name)
        if known is None or (name != known and place[0] != "sources"):
            told = f"expected an SPDX expression, found {describe(reading.nodes[place])}; {what_was_meant(name)}"
            reading.refuse_where(place, told)


def _licenses(recipe: Recipe) -> Iterator[tuple[Place, str]]:
    """Every license that a recipe names, with its place."""
    if recipe.weights_license is not None:
        yield ("weights_license",), recipe.weights_license
    for key in ("allow_licenses", "deny_licenses"):
        yield from ((("corpus", key, i), name) for i, name in enumerate(getattr(recipe.corpus, key)))
    for i, source in enumerate(recipe.sources):
        if source.license is not None:
            yield ("sources", i, "license"), source.license
        yield from ((("sources", i, "resolve", j, "license"), r.license) for j, r in enumerate(source.resolve))


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
