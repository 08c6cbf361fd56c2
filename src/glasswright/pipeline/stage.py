"""A stage: from what, how, and whether its output is there and sound.

WORK/corpus-3f2a90c1d4e5/      done.json: the inputs, once the stage has ended well, and the digest of every file

A stage's output folder is named by the digest of its inputs, so only what is stale runs again. The bytes in it are
held to their digests before they are used: a disk forgets, and a release made from what it made up would be refuted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glasswright.pipeline.done import DONE, damage, write_done
from glasswright.pipeline.setting import Setting
from glasswright.records.canonical import digest
from glasswright.records.progress import Progress
from glasswright.records.recipe import Recipe
from glasswright.store.atomic import explained, remove, remove_partials

MAX_NAMED = 3  # damaged files that a message names


@dataclass(frozen=True, slots=True)
class Ended:
    """A stage's output."""

    folder: Path
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a stage is given: the recipe, the circumstances, and what the stages before it have left."""

    recipe: Recipe
    setting: Setting
    ended: dict[str, Ended] = field(default_factory=dict)  # by the stages' names

    def folder(self, stage: str) -> Path:
        """Where a stage that has ended put its output."""
        return self.ended[stage].folder


def starts_over(job: Job, folder: Path, damaged: Sequence[str]) -> bool:  # noqa: ARG001
    """Nothing in a damaged folder is of use."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a build. It knows no other: what it needs of those before it lies in their folders."""

    name: str
    inputs: Callable[[Job], dict[str, Any]]  # all that its output depends on
    make: Callable[[Job, Path], None]  # fills its folder
    resumes: bool = False  # `make` goes on in a folder that was not finished; any other stage is given an empty one
    # Takes away what is damaged and what rests on it, if `make` can go on from the rest; else False.
    mend: Callable[[Job, Path, Sequence[str]], bool] = starts_over


def run(stages: Sequence[Stage], job: Job, begin: Callable[[str, Path], None]) -> None:
    """Bring every stage's output about, in order: what is there and sound is taken as it is. `begin` is told of each.

    Raises:  WriteFailed if the disk does not take it; whatever a stage raises.
    """
    for stage in stages:
        inputs = stage.inputs(job)
        folder = _folder(stage, job, inputs)
        begin(stage.name, folder)
        with explained(folder):
            damaged = _damage(job, folder, inputs)
            if damaged != []:
                _prepare(stage, job, folder, damaged)
                _make(stage, job, folder, inputs)
        job.ended[stage.name] = Ended(folder, inputs)


def find(stages: Sequence[Stage], job: Job) -> None:
    """Look which stages' output is there and sound, up to the first one's that is not. Makes nothing."""
    for stage in stages:
        inputs = stage.inputs(job)
        folder = _folder(stage, job, inputs)
        if _damage(job, folder, inputs) != []:
            return
        job.ended[stage.name] = Ended(folder, inputs)


def damaged_files(job: Job) -> list[Path]:
    """What is no more as the stages left it, in the folders of those that have ended."""
    found = [(ended.folder, _damage(job, ended.folder, ended.inputs)) for ended in job.ended.values()]
    return [folder / path for folder, damaged in found for path in ([DONE] if damaged is None else damaged)]


def _folder(stage: Stage, job: Job, inputs: dict[str, Any]) -> Path:
    return job.setting.work / f"{stage.name}-{digest(inputs)[:12]}"


def _damage(job: Job, folder: Path, inputs: dict[str, Any]) -> list[str] | None:
    return damage(folder, inputs, num_threads=job.setting.effort.num_threads, report=job.setting.report)


def _prepare(stage: Stage, job: Job, folder: Path, damaged: Sequence[str] | None) -> None:
    """Leave in the folder what the stage can go on from. `damaged` is None where it has not ended."""
    if damaged is None:
        goes_on = stage.resumes
    else:
        _tell(stage, job, folder, damaged)
        goes_on = stage.mend(job, folder, damaged)
    if not goes_on:
        _clear(folder)
    remove(folder / DONE)


def _make(stage: Stage, job: Job, folder: Path, inputs: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stage.make(job, folder)
    remove_partials(folder)
    write_done(folder, inputs, num_threads=job.setting.effort.num_threads, report=job.setting.report)


def _clear(folder: Path) -> None:
    """Empty the folder but for done.json: killed half-way, what is left is not taken for an unfinished stage's."""
    for path in folder.iterdir() if folder.exists() else ():
        if path.name != DONE:
            remove(path)


def _tell(stage: Stage, job: Job, folder: Path, damaged: Sequence[str]) -> None:
    named = ", ".join(str(folder / path) for path in damaged[:MAX_NAMED])
    more = f" and {len(damaged) - MAX_NAMED} more" if len(damaged) > MAX_NAMED else ""
    note = f"{named}{more}: not as the stage left it; {stage.name} runs again"
    job.setting.report(Progress(what=stage.name, done=0, total=None, unit="files", note=note, is_news=True))
