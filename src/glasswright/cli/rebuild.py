"""`glasswright rebuild`: all of a release's training again, and the roots compared."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json, LeavesAtOnce, Recompute, ReleaseFolder, Threads, Work, effort
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict


def rebuild(
    release: ReleaseFolder,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the rebuilt release (default: in the work folder).")
    ] = None,
    work: Work = Path(".glasswright/rebuild"),
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    as_json: Json = False,
) -> int:
    """Run all of a release's training again and compare the roots.

    The documents come from the release itself. PROVED means that the weights follow from them, bit for bit.
    """
    from glasswright.pipeline import Setting
    from glasswright.replay import rebuild as run

    setting = Setting(base=release, work=work, effort=effort(threads, leaves_at_once, recompute), report=display)
    verdict = run(release, setting=setting, out=out_folder or work / "release", from_sources=False)
    return show_verdict(verdict, as_json=as_json)
