"""`glasswright build`: documents in, a release out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glasswright import api, kernels
from glasswright.cli.licenses import require_open, say_what_closes
from glasswright.cli.options import (
    LeavesAtOnce,
    Mirror,
    Recompute,
    Sources,
    Threads,
    Work,
    effort,
    locations,
)
from glasswright.cli.progress import display, say
from glasswright.cli.show import out
from glasswright.errors import Misuse
from glasswright.places import free_place

if TYPE_CHECKING:
    from glasswright.records.recipe import Recipe


def build(
    recipe: Annotated[Path | None, typer.Argument(metavar="[RECIPE]", help="A recipe, YAML.")] = None,
    documents: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Instead of a recipe: a folder or a file of documents, or hf:ORG/NAME@COMMIT."
        ),
    ] = None,
    license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="With --documents: the license that holds where one states none.")
    ] = None,
    weights_license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="With --documents: the license to give to the weights.")
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the release (default: releases/NAME).")
    ] = None,
    work: Work = Path(".glasswright"),
    source: Sources = None,
    mirror: Mirror = None,
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    checkpoints: Annotated[
        bool, typer.Option("--checkpoints", help="Put the full state of every segment into the release.")
    ] = False,
) -> None:
    """Documents in, a release out; what is already built is not built again.

    Stopped or killed, the same command goes on from the last state saved, to the same bits. Only the recipe decides
    what is built: every option here changes where and how fast, never a bit.
    """
    kernels.wanted()
    require_open(license)
    places = locations(source)
    if documents is not None:
        chosen, places = _recipe_for(documents, license, weights_license, recipe, places)
        base = Path.cwd()
    else:
        chosen, base = _load(recipe, license or weights_license)
    release = free_place(out_folder or Path("releases") / chosen.name, work=work)

    say_what_closes(chosen)

    from glasswright.pipeline import Setting
    from glasswright.pipeline import build as run

    setting = Setting(
        base=base,
        work=work,
        effort=effort(threads, leaves_at_once, recompute),
        locations=places,
        mirror=mirror,
        with_checkpoints=checkpoints,
        report=display,
    )
    run(chosen, setting=setting, out=release)
    out(str(release))
    say(f"next: `glasswright verify {release}`, or `glasswright rebuild {release}`")


def _load(recipe: Path | None, license: str | None) -> "tuple[Recipe, Path]":
    from glasswright.recipe import load

    if recipe is None:
        raise Misuse("expected a RECIPE, or --documents with --license", hint="`glasswright new NAME` writes a recipe")
    if license is not None:
        raise Misuse("--license and --weights-license go with --documents", hint="a recipe states the licenses itself")
    return load(recipe), recipe.parent


def _recipe_for(
    documents: str, license: str | None, weights_license: str | None, recipe: Path | None, places: dict[str, Path]
) -> "tuple[Recipe, dict[str, Path]]":
    """A recipe for the documents, and where they lie; the release carries it, so that it can be kept and edited."""
    if recipe is not None:
        raise Misuse("a RECIPE and --documents: expected one of the two")
    if license is None:
        raise Misuse(
            f"{documents}: expected --license, found none",
            hint="state the license of documents that state none, e.g. --license CC-BY-4.0",
        )
    made = api.Recipe.for_documents(documents, license=license, weights_license=weights_license, locations=places)
    return made.record, {**made.locations}
