"""`glasswright diff`: where two releases, or two training runs, first differ."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json
from glasswright.cli.show import show_verdict

First = Annotated[Path, typer.Argument(metavar="A", help="A release, or the folder of a training run.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="Another.")]


def diff(first: First, second: Second, as_json: Json = False) -> int:
    """Find where two releases first differ: key, row, step, state, tensor, element, bits.

    Parts come in the order in which one gives rise to the next, so the first one REFUTED is the cause of the rest.
    """
    from glasswright.verify import diff as compare

    return show_verdict(compare(first, second), as_json=as_json)
