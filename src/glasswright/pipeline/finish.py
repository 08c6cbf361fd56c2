"""The end of a build: what the stages left becomes a release, which is checked before it has its name."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from glasswright import host, release, verify
from glasswright import recipe as recipes
from glasswright.audit import audit_release, load_parent
from glasswright.corpus.reports import write_reports
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.pipeline.stage import Job, damaged_files
from glasswright.pipeline.stages import parent_path
from glasswright.records.duties import Inheritance
from glasswright.records.openness import Openness
from glasswright.records.progress import Progress
from glasswright.records.recipe import Train
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.release.public import copy_public
from glasswright.train.folder import state_path

MAX_NAMED = 3  # findings, or damaged files, that a message names


def finish(job: Job, out: Path, inheritance: Inheritance | None) -> None:
    """Put the release folder `out` together from the stages' folders; `inheritance` is what comes with a parent.

    Raises:  Misuse if `out` exists, or checkpoints are asked for that were not kept; ClaimFalse or Unknown if the
             release does not verify; WriteFailed if the disk does not take it. In each case nothing is left at `out`.
    """
    setting = job.setting
    if setting.with_checkpoints:
        _require_all_states(job)
    release.bundle(
        job.recipe,
        recipe_text=recipes.write_resolved(job.recipe),
        corpus=job.folder("corpus"),
        tokens=job.folder("tokens"),
        train=job.folder("train"),
        parent=job.folder("parent") if job.recipe.parent is not None else None,
        inheritance=inheritance,
        salt=setting.salt,
        out=out,
        with_checkpoints=setting.with_checkpoints,
        observed=host.describe(),
        describe_corpus=_describe_corpus,
        audit=lambda folder: _audit(job, folder),
        check=lambda folder: _require_proved(job, folder, out),
        report=setting.report,
    )


def _require_all_states(job: Job) -> None:
    """That the training left the state of every segment boundary: an earlier build may not have asked for them."""
    trained = job.folder("train")
    for step in _boundaries(job.recipe.train):
        path = state_path(trained, step)
        if not path.exists():
            raise Misuse(
                f"{path}: this training was done without keeping all checkpoints",
                hint=f"remove {trained}, or name another --work, to train again with --checkpoints",
            )


def _boundaries(train: Train) -> list[int]:
    return [*range(0, train.num_steps, train.segment_steps), train.num_steps]


def _describe_corpus(folder: Path) -> None:
    write_reports(folder, folder / "corpus")


def _audit(job: Job, folder: Path) -> Openness:
    """How open the release in `folder` is, by its files."""
    report = job.setting.report
    report(Progress(what="audit", done=0, total=1, unit="releases"))
    parent = job.recipe.parent
    parents = (load_parent(parent_path(job), parent.name),) if parent is not None else ()
    with _as_strangers_see_it(job, folder) as seen:
        found = audit_release(seen, job.recipe.name, parents)
    report(Progress(what="audit", done=1, total=1, unit="releases"))
    return found


@contextmanager
def _as_strangers_see_it(job: Job, folder: Path) -> Iterator[Path]:
    """The folder, or of a private release what of it is public: the card is for those who have no more."""
    if job.recipe.private is None:
        yield folder
        return
    with TemporaryDirectory(dir=job.setting.work) as seen:
        copy_public(folder, Path(seen), copy=shutil.copyfile)
        yield Path(seen)


def _require_proved(job: Job, folder: Path, out: Path) -> None:
    """That what was put together in `folder`, to become `out`, is what it says.

    Raises:  ClaimFalse if it is refuted; Unknown if that could not be found out.
    """
    setting = job.setting
    verdict = verify.check(folder, num_threads=setting.effort.num_threads, report=setting.report)
    if verdict.answer is not Answer.PROVED:
        kind = ClaimFalse if verdict.answer is Answer.REFUTED else Unknown
        raise kind(_message(verdict, out), hint=_distrusted(job))


def _message(verdict: Verdict, out: Path) -> str:
    said = "not what it says" if verdict.answer is Answer.REFUTED else "not shown to be what it says"
    first = [finding for finding in verdict.findings if finding.answer is verdict.answer][:MAX_NAMED]
    return "\n".join([f"{out}: the finished release is {said}, and was not put there", *map(_told, first)])


def _told(finding: Finding) -> str:
    return f"{finding.claim}: {finding.evidence}"


def _distrusted(job: Job) -> str:
    """What to do: the stage whose files are not those it left runs again by itself."""
    damaged = [str(path) for path in damaged_files(job)]
    if damaged:
        named = ", ".join(damaged[:MAX_NAMED]) + (" ..." if len(damaged) > MAX_NAMED else "")
        return f"no more as its stage left it: {named}; run the same command again, that stage will run anew"
    folders = ", ".join(str(ended.folder) for ended in job.ended.values())
    return (
        f"every stage's files are as it left them, so memory failed or Glasswright is wrong: remove {folders}, run the "
        "same command again, and report it if it says the same"
    )
