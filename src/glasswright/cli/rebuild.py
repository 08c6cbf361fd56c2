"""`glasswright rebuild`: all of a release's training again, and the roots compared."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json, LeavesAtOnce, Recompute, ReleaseFolder, Threads, Work, threads_or_all
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict


def rebuild(
    release: ReleaseFolder,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the rebuilt release (default: in the work folder).")
    ] = None,
    work: Work = Path(".glasswright/rebuild"),
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = 1,
    recompute: Recompute = False,
    as_json: Json = False,
) -> int:
    """Run all of a release's training again and compare the roots.

    The documents come from the release itself. PROVED means that the weights follow from them, bit for bit.
    """
    from glasswright.replay import rebuild as run

    verdict = run(
        release,
        work=work,
        out=out_folder or work / "release",
        num_threads=threads_or_all(threads),
        leaves_at_once=leaves_at_once,
        recompute=recompute,
        report=display,
    )
    return show_verdict(verdict, as_json=as_json)
