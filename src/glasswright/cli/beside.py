"""The recipe that a command made for what it was given, beside the release: to be kept, edited and built again."""

from pathlib import Path

from glasswright import api
from glasswright.cli.progress import say
from glasswright.errors import Misuse

MADE = """\
# Made by `glasswright {command}`. docs/recipe.md says what each key means. After an edit:
#   {again}
"""


def write_beside(recipe: api.Recipe, path: Path, *, command: str, again: str) -> None:
    """Write the recipe to `path`, and say how it is built again.

    command:  that made it
    again:    what builds it

    Raises:  Misuse if another is there: somebody may have edited it.
    """
    from glasswright.store.atomic import write_atomic

    text = MADE.format(command=command, again=again) + recipe.text()
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise Misuse(
            f"{path}: a recipe is there, and says otherwise than the one made now",
            hint=f"to build it: `{again}`; to have one made anew, move it away",
        )
    write_atomic(path, text.encode())
    say(f"recipe: {path}; after an edit: `{again}`")
