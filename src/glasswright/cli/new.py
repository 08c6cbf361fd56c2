"""`glasswright new`: a recipe to start from."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.progress import say
from glasswright.cli.show import out
from glasswright.errors import Misuse


def new(name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the model; the file is NAME.yaml.")]) -> None:
    """Write a commented recipe to start from."""
    from glasswright.recipe.starter import starter

    path, text = Path(f"{name}.yaml"), starter(name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise Misuse(f"{path}: the file exists already", hint="choose another name, or move it away") from error
    out(str(path))
    say(f"next: edit it, then `glasswright plan {path}` and `glasswright build {path}`")
