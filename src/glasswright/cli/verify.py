"""`glasswright verify`: every byte, digest and root of a release, without running any of it; or its descent."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json, ReleaseFolder, Threads, effort, threads_or_all
from glasswright.cli.progress import display
from glasswright.cli.show import show_verdict
from glasswright.errors import Misuse


def verify(
    release: ReleaseFolder,
    lineage: Annotated[
        bool,
        typer.Option("--lineage", help="Compute it again from all it descends from: a release, or any model's file."),
    ] = False,
    parents: Annotated[
        list[Path] | None,
        typer.Option(
            "--parent", metavar="PLACE", help="With --lineage: a model it descends from, or a folder of some; repeat."
        ),
    ] = None,
    threads: Threads = None,
    as_json: Json = False,
) -> int:
    """Check a release without running any of it: every byte, digest and root.

    PROVED means that the release is whole and consistent with itself; the last lines say what was not checked.

    With --lineage every edge is computed again, from a quantized file over merges to the training of an adapter, and
    parents are found by their digests. PROVED where the bits are equal, UNKNOWN where a parent is absent.
    """
    if lineage:
        from glasswright.replay.chain import chain

        verdict = chain(release, parents or [], effort=effort(threads, None, False, "cpu"), report=display)
        return show_verdict(verdict, as_json=as_json)
    if parents:
        raise Misuse("--parent goes with --lineage", hint="`glasswright verify CHILD --lineage --parent PARENT`")
    from glasswright.verify import check

    return show_verdict(check(release, num_threads=threads_or_all(threads), report=display), as_json=as_json)
