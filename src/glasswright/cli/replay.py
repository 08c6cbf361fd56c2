"""`glasswright replay`: some segments of a release's training again, drawn at random."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from glasswright import kernels
from glasswright.cli.evaluate import Data, Texts
from glasswright.cli.generate import model_folder
from glasswright.cli.options import (
    Device,
    Json,
    LeavesAtOnce,
    ParentFolder,
    Recompute,
    ReleaseFolder,
    Threads,
    effort,
    threads_or_all,
)
from glasswright.cli.progress import display, say
from glasswright.cli.show import show_verdict
from glasswright.records.verdict import Verdict


def replay(
    release: ReleaseFolder,
    segments: Annotated[int, typer.Option("--segments", min=1, help="How many segments to draw.")] = 1,
    draw_seed: Annotated[
        int | None, typer.Option("--draw-seed", min=0, help="Draw these segments again (default: a new draw).")
    ] = None,
    evaluation: Annotated[
        Path | None, typer.Option("--evaluation", metavar="FOLDER", help="Ask items of this evaluation again instead.")
    ] = None,
    items: Annotated[int, typer.Option("--items", min=1, help="How many items of the evaluation to draw.")] = 20,
    data: Data = None,
    texts: Texts = None,
    parent: ParentFolder = None,
    threads: Threads = None,
    leaves_at_once: LeavesAtOnce = None,
    recompute: Recompute = False,
    device: Device = "cpu",
    as_json: Json = False,
) -> int:
    """Run segments of a release's training again, drawn at random, and compare the states they end in.

    With --evaluation, a model answers some of the items of an evaluation again: the release may be any model then.
    What starts from a state that the release does not carry, and that no segment before it has led to, is UNKNOWN: a
    release without checkpoints shows its first segments, as far as they are drawn without a gap.
    """
    kernels.wanted()
    seed = secrets.randbits(32) if draw_seed is None else draw_seed
    say(f"drawing with --draw-seed {seed}")
    if evaluation is not None:
        from glasswright.kernels import backends

        backends.on("cpu").set_num_threads(threads_or_all(threads))
        verdict = _answers(release, evaluation, data, texts, items, seed)
        return show_verdict(verdict, as_json=as_json)
    from glasswright.replay import segments as run

    verdict = run(
        release,
        count=segments,
        draw_seed=seed,
        effort=effort(threads, leaves_at_once, recompute, device),
        parent=parent,
        report=display,
    )
    return show_verdict(verdict, as_json=as_json)


def _answers(
    model: Path, evaluation: Path, data: Path | None, texts: Path | None, items: int, draw_seed: int
) -> Verdict:
    from glasswright.evaluate.again import again, items_here
    from glasswright.evaluate.folder import EvaluationFolder
    from glasswright.evaluate.run import digest_of, load

    folder, (path, _) = EvaluationFolder(evaluation), model_folder(model)
    here = items_here(folder.record()[0], data, texts)
    subject, digest = load(path, display), digest_of(path, display)
    return again(folder, subject, digest, here, count=items, draw_seed=draw_seed, report=display)
