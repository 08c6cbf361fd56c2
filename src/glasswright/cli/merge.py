"""`glasswright merge`: an adapter into its base, or models into one."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.lineage import Arc, Weights
from glasswright.cli.progress import display
from glasswright.errors import Misuse
from glasswright.places import free_place


def merge(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="The base, or the models to merge.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to make.")],
    adapter: Annotated[
        Path | None, typer.Option("--adapter", metavar="DIR", help="A LoRA adapter in peft's layout.")
    ] = None,
    linear: Weights = None,
    slerp: Arc = None,
) -> None:
    """Merge a LoRA adapter into its base, or several models into one.

    By one written rule, so that anyone gets the same bits. The folder holds the record of how it was made, and
    `glasswright lineage` makes it again from that.
    """
    from glasswright.lineage import merged
    from glasswright.lineage.adapted import adapted
    from glasswright.lineage.adapter import read_adapter
    from glasswright.lineage.find import place_on_arc, weights_of
    from glasswright.lineage.make import make
    from glasswright.lineage.stored import read_stored

    if sum(it is not None for it in (adapter, linear, slerp)) != 1:
        raise Misuse("expected one of --adapter, --linear and --slerp", hint="`glasswright merge --help` shows each")
    if adapter is not None and len(models) != 1:
        raise Misuse(f"{len(models)} models, where an adapter is merged into one", hint="name its base alone")
    place = free_place(out)
    parents = [read_stored(model) for model in models]
    if adapter is not None:
        make(adapted(parents[0], adapter), [parents[0], read_adapter(adapter).stored], place, display)
    elif (t := place_on_arc(slerp)) is not None:
        make(merged.slerp(parents, t), parents, place, display)
    else:
        make(merged.linear(parents, weights_of(linear)), parents, place, display)
