"""`glasswright build`: documents in, a release out."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from glasswright import api, kernels
from glasswright.cli.beside import write_beside
from glasswright.cli.licenses import require_open, say_what_closes
from glasswright.cli.options import (
    Checkpoints,
    Device,
    Json,
    LeavesAtOnce,
    Mirror,
    ParentFolder,
    Recompute,
    ReleaseOut,
    Sources,
    Threads,
    Work,
    effort,
    locations,
)
from glasswright.cli.progress import display
from glasswright.cli.show import show_built
from glasswright.errors import Misuse
from glasswright.places import file_place, free_place


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
    out_folder: ReleaseOut = None,
    work: Work = Path(".glasswright"),
    source: Sources = None,
    mirror: Mirror = None,
    parent: ParentFolder = None,
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    checkpoints: Checkpoints = False,
    as_json: Json = False,
) -> None:
    """Documents in, a release out; what is already built is not built again.

    Stopped or killed, the same command goes on from the last state saved, to the same bits. Only the recipe decides
    what is built: every option here changes where and how fast, never a bit.
    """
    kernels.wanted()
    require_open(license)
    places = locations(source)
    if documents is None:
        chosen = _loaded(recipe, license or weights_license, places)
        release = _free(out_folder, chosen, work)
    else:
        unsized = _named(documents, license, weights_license, recipe, places)
        release = _free(out_folder, unsized, work)
        beside = file_place(release.with_name(f"{release.name}.yaml"))
        chosen = api.Recipe.for_documents(
            documents,
            license=license or "",
            weights_license=weights_license,
            locations=places,
            work=work,
            report=display,
        )
        (named,) = chosen.record.sources
        again = f"glasswright build {beside} --source {named.name}={shlex.quote(documents)}"
        write_beside(chosen, beside, command="build --documents", again=again)
    say_what_closes(chosen.record)

    from glasswright.pipeline import Setting
    from glasswright.pipeline import build as run

    setting = Setting(
        base=chosen.base,
        work=work,
        effort=effort(threads, leaves_at_once, recompute, device),
        locations=chosen.locations,
        mirror=mirror,
        parent=parent,
        salt=chosen.salt,
        with_checkpoints=checkpoints,
        report=display,
    )
    run(chosen.record, setting=setting, out=release)
    show_built(release, as_json=as_json, parent=None if chosen.parent is None else parent or chosen.parent)


def _loaded(recipe: Path | None, license: str | None, places: dict[str, Path]) -> api.Recipe:
    if recipe is None:
        raise Misuse("expected a RECIPE, or --documents with --license", hint="`glasswright new NAME` writes a recipe")
    if license is not None:
        raise Misuse("--license and --weights-license go with --documents", hint="a recipe states the licenses itself")
    return api.Recipe.load(recipe, locations=places)


def _named(
    documents: str, license: str | None, weights_license: str | None, recipe: Path | None, places: dict[str, Path]
) -> api.Recipe:
    """A recipe for the documents, before any is read: enough to say what of a command line is wrong."""
    from glasswright.recipe.place import named_source
    from glasswright.recipe.starter import for_source

    if recipe is not None:
        raise Misuse("a RECIPE and --documents: expected one of the two")
    if license is None:
        raise Misuse(
            f"{documents}: expected --license, found none",
            hint="state the license of documents that state none, e.g. --license CC-BY-4.0",
        )
    named, place = named_source(documents, license=license)
    found = {} if place is None else {named.name: place}
    return api.Recipe(record=for_source(named, weights_license), base=Path.cwd(), locations={**found, **places})


def _free(out_folder: Path | None, recipe: api.Recipe, work: Path) -> Path:
    return free_place(out_folder or Path("releases") / recipe.record.name, work=work, documents=recipe.documents)
