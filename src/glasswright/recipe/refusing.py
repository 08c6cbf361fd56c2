"""What the schema says of values that stand in no file: those of a command line, or of a call."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from glasswright.errors import Misuse

HINT = "docs/recipe.md says what each key may be"


@contextmanager
def refusing() -> Iterator[None]:
    """Raises:  Misuse, with the key and what was found, where a record of a recipe would not have it."""
    try:
        yield
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = ".".join(map(str, problem["loc"]))
        told = problem["msg"].removeprefix("Value error, ")
        found = f", found {str(problem['input'])[:80]!r}" if key else ""
        raise Misuse(f"{f'{key}: ' if key else ''}{told[:1].lower()}{told[1:]}{found}", hint=HINT) from error
