"""`glasswright plan`: what a recipe will build and what it will take, before anything is run."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glasswright import kernels
from glasswright.cli.options import Device, Json, LeavesAtOnce, Recompute, Threads, Work, effort
from glasswright.cli.progress import duration
from glasswright.cli.show import out, show_json, size, table

if TYPE_CHECKING:
    from glasswright.recipe.size import Size
    from glasswright.records.recipe import Recipe
    from glasswright.train.effort import Effort


def plan(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe, YAML.")],
    work: Work = Path(".glasswright"),
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    probe: Annotated[bool, typer.Option(help="Time a few steps here, to estimate how long training takes.")] = True,
    as_json: Json = False,
) -> None:
    """Say what a recipe will build and what it will take on this machine."""
    from glasswright.host.memory import memory_of
    from glasswright.recipe import load
    from glasswright.recipe.size import require_memory, size_of

    kernels.wanted()
    loaded, share = load(recipe), effort(threads, leaves_at_once, recompute, device)
    counted = size_of(loaded, leaves_at_once=share.leaves_at_once, recompute=recompute)
    if device != "cpu":  # what a GPU needs is looked at with torch, which a plan for the processor does without
        from glasswright.train.rehearsal import require_device

        require_device(loaded, device)
    free = memory_of(device)
    if not as_json:
        _show_recipe(loaded)
        _show_parameters(counted)
    if free is not None:
        require_memory(loaded, free, leaves_at_once=share.leaves_at_once, recompute=recompute)
    corpus_tokens = _corpus_tokens(loaded, recipe.parent, work, share)
    seconds = _seconds_per_step(loaded, share) if probe else None
    if as_json:
        show_json(_record(loaded, counted, corpus_tokens, free, seconds, share.num_threads))
    else:
        _show_training(counted, corpus_tokens)
        _show_needs(counted, free, seconds, share)


def _record(
    recipe: "Recipe",
    counted: "Size",
    corpus_tokens: int | None,
    free: int | None,
    seconds: float | None,
    num_threads: int,
) -> dict[str, Any]:
    return {
        "schema": "glasswright/plan/1",
        "digest": recipe.digest,
        "recipe": recipe.resolved(),
        "size": counted.record(),
        "corpus_tokens": corpus_tokens,
        "observed": {
            "available_memory_bytes": free,
            "milliseconds_per_step": None if seconds is None else round(1000 * seconds),
            "num_threads": num_threads,
        },
    }


def _corpus_tokens(recipe: "Recipe", base: Path, work: Path, share: "Effort") -> int | None:
    """Tokens to train on, known once the corpus and the tokenizer lie in the work folder."""
    if not work.exists():
        return None
    from glasswright.pipeline import Setting, known_tokens

    return known_tokens(recipe, setting=Setting(base=base, work=work, effort=share))


def _seconds_per_step(recipe: "Recipe", share: "Effort") -> float:
    from glasswright.train.probe import probe

    return probe(recipe, effort=share)


def _show_recipe(recipe: "Recipe") -> None:
    from glasswright.recipe import write_resolved

    out("The recipe with every default written out:\n")
    for line in write_resolved(recipe).splitlines():
        out(f"  {line}")
    out(f"\n  digest {recipe.digest}")


def _show_parameters(counted: "Size") -> None:
    from dataclasses import asdict

    from glasswright.recipe.size import PARTS

    out("\nParameters:\n")
    numbers = asdict(counted.parameters)
    rows = [(part.replace("_", "-"), f"{numbers[part]:>13,}") for part in PARTS]
    table([*rows, ("total", f"{counted.parameters.total:>13,}")], indent="  ")


def _show_training(counted: "Size", corpus_tokens: int | None) -> None:
    if corpus_tokens is None:
        corpus = "unknown until the corpus is built"
    else:
        corpus = f"{corpus_tokens:,} tokens, read {counted.num_tokens / corpus_tokens:.1f} times over"
    out("\nTraining:\n")
    rows: list[tuple[str, ...]] = [
        ("steps", f"{counted.num_steps:,} of {counted.tokens_per_step:,} tokens = {counted.num_tokens:,} tokens"),
        ("segments", f"{counted.num_segments:,}, each ending in a state root"),
        ("leaves", f"{counted.leaves_per_step:,} a step, added in a fixed tree"),
        ("corpus", corpus),
    ]
    table(rows, indent="  ")


def _show_needs(counted: "Size", available: int | None, seconds: float | None, share: "Effort") -> None:
    free = f"of the {size(available)} free here" if available is not None else "(what is free here is unknown)"
    threads = f"{share.num_threads} thread" + ("s" if share.num_threads > 1 else "")
    where = threads if share.device == "cpu" else "the GPU"
    rows: list[tuple[str, ...]] = [
        ("memory", f"about {size(counted.memory_bytes)} {free}"),
        (
            "disk",
            f"about {size(counted.work_bytes)} to work in, {size(counted.release_bytes)} and the corpus to release",
        ),
        ("", f"with --checkpoints {size(counted.checkpoints_bytes)} more of each"),
    ]
    if seconds is None:
        rows.append(("time", "unknown: not probed"))
    else:
        whole = duration(seconds * counted.num_steps)
        rows.append(("time", f"about {whole} of training ({1000 * seconds:.0f} ms a step, probed on {where})"))
    out("\nOn this machine:\n")
    table(rows, indent="  ")
