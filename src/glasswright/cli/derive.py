"""`glasswright derive`: a model and one's own documents in, a release that descends from it out."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from glasswright import api, kernels
from glasswright.cli.beside import write_beside
from glasswright.cli.licenses import require_open
from glasswright.cli.options import (
    Checkpoints,
    Device,
    Json,
    LeavesAtOnce,
    Recompute,
    ReleaseOut,
    Threads,
    Work,
    effort,
)
from glasswright.cli.progress import display, duration, say
from glasswright.cli.show import show_built, size
from glasswright.errors import Misuse
from glasswright.places import file_place, free_place

if TYPE_CHECKING:
    from glasswright.records.sources import Material
    from glasswright.train.effort import Effort


def derive(
    parent: Annotated[
        str,
        typer.Argument(
            metavar="PARENT",
            help="A release, a folder in Hugging Face's layout, or hf:ORG/NAME@COMMIT, which is fetched.",
        ),
    ],
    documents: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Learn from texts: a folder or a file of documents.")
    ] = None,
    conversations: Annotated[
        str | None, typer.Option(metavar="FILE", help="Learn from conversations, JSONL: assistant turns alone.")
    ] = None,
    preferences: Annotated[
        str | None, typer.Option(metavar="FILE", help="Learn from preferences, JSONL: prompt, chosen, rejected.")
    ] = None,
    license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="The license of what is learned from, where it states none.")
    ] = None,
    parent_license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="Of the parent's weights, where its card does not say.")
    ] = None,
    parent_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="As its makers call it (default: the hub's name, or the folder's)."),
    ] = None,
    weights_license: Annotated[
        str | None, typer.Option(metavar="SPDX", help="The license to give to what is made.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of what is made (default: after parent and documents).")] = None,
    rank: Annotated[int, typer.Option(min=1, max=4096, help="Of the adapter.")] = 16,
    all_weights: Annotated[bool, typer.Option("--all-weights", help="Train all weights, without an adapter.")] = False,
    is_private: Annotated[
        bool, typer.Option("--private", help="What is learned from is nobody else's: `private publish` leaves it out.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="How many times what is kept is read.")] = 1,
    too_long: Annotated[
        Literal["cut", "drop"] | None,
        typer.Option("--too-long", help="Of conversations longer than the parent takes (default: they are refused)."),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it will take, write the recipe, and stop.")] = False,
    out_folder: ReleaseOut = None,
    work: Work = Path(".glasswright"),
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    checkpoints: Checkpoints = False,
    as_json: Json = False,
) -> None:
    """A model and your own documents in, a release that descends from it out.

    Nothing leaves this machine; a parent of the hub is fetched once. The recipe that was made is written beside the
    release; it can be edited and built again with `glasswright build RECIPE --parent PARENT`.
    """
    from glasswright.recipe.place import HUB

    kernels.wanted()
    place, material = _material(documents, conversations, preferences)
    if license is None:
        raise Misuse(
            f"{place}: expected --license, found none",
            hint="an SPDX expression; of documents that are nobody else's business: --license LicenseRef-private",
        )
    require_open(license, allow=(license,) if license.startswith("LicenseRef-") else ())
    if out_folder is not None:
        free_place(out_folder, work=work)
    chosen = api.Recipe.for_child(
        parent,
        place,
        material=material,
        license=license,
        parent_license=parent_license,
        parent_name=parent_name,
        name=name,
        weights_license=weights_license,
        rank=0 if all_weights else rank,
        epochs=epochs,
        too_long=too_long,
        is_private=is_private,
        work=work,
        report=display,
    )
    release = free_place(out_folder or Path("releases") / chosen.record.name, work=work, documents=chosen.documents)
    if is_private:
        chosen = chosen.salted(_salt(release.with_name(f"{release.name}.salt")))
    share = effort(threads, leaves_at_once, recompute, device)
    begun_from = chosen.parent if parent.startswith(HUB) else Path(parent)
    beside = file_place(release.with_name(f"{release.name}.yaml"))
    (source,) = chosen.record.sources
    places = shlex.join(["--parent", str(begun_from), "--source", f"{source.name}={place}"])
    write_beside(chosen, beside, command="derive", again=f"glasswright build {beside} {places}")
    _say_plan(chosen, share)
    if plan:
        return

    from glasswright.pipeline import Setting
    from glasswright.pipeline import build as run

    setting = Setting(
        base=chosen.base,
        work=work,
        effort=share,
        locations=chosen.locations,
        parent=begun_from,
        salt=chosen.salt,
        with_checkpoints=checkpoints,
        report=display,
    )
    run(chosen.record, setting=setting, out=release)
    show_built(release, as_json=as_json, parent=begun_from)


def _material(documents: str | None, conversations: str | None, preferences: str | None) -> "tuple[str, Material]":
    """What is learned from, and what that is."""
    said: dict[Material, str | None] = {
        "texts": documents,
        "conversations": conversations,
        "preferences": preferences,
    }
    given = [(place, material) for material, place in said.items() if place is not None]
    if len(given) != 1:
        raise Misuse(
            f"expected one of --documents, --conversations and --preferences, found {len(given) or 'none'}",
            hint="`glasswright derive --help` has examples",
        )
    return given[0]


def _salt(path: Path) -> bytes:
    """The salt that lies beside the recipe, or a new one, put there for its owner alone to read."""
    from glasswright.attest.salted import is_salt, new_salt
    from glasswright.store.atomic import write_atomic

    if not path.exists():
        write_atomic(path, new_salt())
        path.chmod(0o600)
        say(f"salt: {path}; keep it, and keep it to yourself: without it the release cannot be built again")
    salt = path.read_bytes()
    if not is_salt(salt):
        raise Misuse(f"{path}: expected 64 hexadecimal digits and a line end", hint="move it away, and have one made")
    return salt


def _say_plan(recipe: api.Recipe, share: "Effort") -> None:
    """What will be learned, and what that takes here."""
    from glasswright.host.memory import available_memory
    from glasswright.recipe.size import require_memory, size_of
    from glasswright.train.probe import probe

    record = recipe.record
    counted = size_of(record, leaves_at_once=share.leaves_at_once, recompute=share.recompute)
    free = available_memory()
    if free is not None:
        require_memory(record, free, leaves_at_once=share.leaves_at_once, recompute=share.recompute)
    how = "all weights" if record.adapter is None else f"an adapter of rank {record.adapter.rank}"
    say(f"learns {record.learns} into {how}: {counted.num_trained:,} of {counted.parameters.total:,} parameters")
    seconds = probe(record, effort=share)
    train = record.train
    steps = f"{train.num_steps} steps of {train.batch_sequences} sequences of {train.sequence_length} tokens"
    say(f"{steps}, about {duration(seconds * train.num_steps)}; memory about {size(counted.memory_bytes)}")
