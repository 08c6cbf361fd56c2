"""`glasswright rebuild`: all of a release's training again, and the roots compared."""

import os
from pathlib import Path
from typing import Annotated

import typer

from glasswright import kernels
from glasswright.cli.options import (
    Device,
    Json,
    LeavesAtOnce,
    Mirror,
    ParentFolder,
    Recompute,
    ReleaseFolder,
    Sources,
    Threads,
    Work,
    effort,
    locations,
)
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict
from glasswright.errors import Misuse
from glasswright.places import free_place


def rebuild(
    release: ReleaseFolder,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the rebuilt release (default: RELEASE-rebuilt).")
    ] = None,
    work: Work = Path(".glasswright"),
    from_sources: Annotated[
        bool, typer.Option("--from-sources", help="Collect the documents again, instead of taking the release's own.")
    ] = False,
    source: Sources = None,
    mirror: Mirror = None,
    parent: ParentFolder = None,
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    as_json: Json = False,
) -> int:
    """Run all of a release's training again and compare the roots.

    PROVED means that the weights follow from the documents, bit for bit.
    """
    kernels.wanted()
    places = locations(source)
    rebuilt = free_place(out_folder or Path(f"{os.path.realpath(release)}-rebuilt"), work=work)
    if not from_sources and (places or mirror):
        raise Misuse("--source and --mirror go with --from-sources", hint="else the documents come from the release")

    from glasswright.pipeline import Setting
    from glasswright.replay import rebuild as run

    setting = Setting(
        base=Path.cwd(),
        work=work,
        effort=effort(threads, leaves_at_once, recompute, device),
        locations=places,
        mirror=mirror,
        parent=parent,
        report=display,
    )
    verdict = run(release, setting=setting, out=rebuilt, from_sources=from_sources)
    return show_verdict(verdict, as_json=as_json)
