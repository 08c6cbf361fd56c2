"""`glasswright replay`: some segments of a release's training again, drawn at random."""

import secrets
from typing import Annotated

import typer

from glasswright import kernels
from glasswright.cli.options import Device, Json, LeavesAtOnce, ParentFolder, Recompute, ReleaseFolder, Threads, effort
from glasswright.cli.progress import display, say
from glasswright.cli.show import show_verdict


def replay(
    release: ReleaseFolder,
    segments: Annotated[int, typer.Option("--segments", min=1, help="How many segments to draw.")] = 1,
    draw_seed: Annotated[
        int | None, typer.Option("--draw-seed", min=0, help="Draw these segments again (default: a new draw).")
    ] = None,
    parent: ParentFolder = None,
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    as_json: Json = False,
) -> int:
    """Run segments of a release's training again, drawn at random, and compare the states they end in.

    What starts from a state that the release does not carry, and that no segment before it has led to, is UNKNOWN: a
    release without checkpoints shows its first segments, as far as they are drawn without a gap.
    """
    kernels.wanted()
    from glasswright.replay import segments as run

    seed = secrets.randbits(32) if draw_seed is None else draw_seed
    say(f"drawing with --draw-seed {seed}")
    verdict = run(
        release,
        count=segments,
        draw_seed=seed,
        effort=effort(threads, leaves_at_once, recompute, device),
        parent=parent,
        report=display,
    )
    return show_verdict(verdict, as_json=as_json)
