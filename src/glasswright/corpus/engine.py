"""Who examines the batches: this process, Daft's workers on this machine, or Daft's workers on a Ray cluster.

A batch is named to a worker, which reads it from the work folder and writes its result there, so what passes between
processes is a key. On a cluster every machine has to see that folder.

One worker is this process: Daft takes seconds to start, longer than a small corpus takes to be examined.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from glasswright.corpus.batches import Batches
from glasswright.corpus.examine import Examiner
from glasswright.errors import GlasswrightError, Misuse
from glasswright.records import recipe

EngineName = Literal["native", "ray"]

# Read by Daft and Ray when they are imported: nothing is reported to their makers, and progress is shown by us.
QUIET = {"DO_NOT_TRACK": "1", "DAFT_PROGRESS_BAR": "0", "RAY_USAGE_STATS_ENABLED": "0"}


class EngineFailed(GlasswrightError):
    """A worker raised or died. The batches that were examined are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How many examine at once, and where."""

    name: EngineName = "native"
    workers: int = 1

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers: expected at least 1, got {self.workers}")
        for package in self._packages:
            if find_spec(package) is None:
                raise Misuse(
                    f"{package} is not installed",
                    hint="pip install 'glasswright[cluster]', or leave out --engine and --workers",
                )

    @property
    def _packages(self) -> tuple[str, ...]:
        if self.name == "ray":
            return "daft", "ray"
        return ("daft",) if self.workers > 1 else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """All that a worker has to know. It may be sent to other processes."""

    rules: recipe.Corpus
    base: Path  # where the recipe's relative paths start
    batches: Batches

    def examiner(self) -> Examiner:
        return Examiner(self.rules, self.base)


def examine_all(keys: Sequence[str], work: Work, engine: Engine, examiner: Examiner) -> Iterator[str]:
    """Examine the batches of these keys; yields each key when its result is on disk, in any order.

    Raises:  EngineFailed if a worker of Daft raises or dies.
    """
    if not keys:
        return iter(())
    if engine.name == "native" and engine.workers == 1:
        return _here(keys, work, examiner)
    return _with_daft(keys, work, engine)


def _here(keys: Sequence[str], work: Work, examiner: Examiner) -> Iterator[str]:
    for key in keys:
        work.batches.examine(key, examiner)
        yield key


def _with_daft(keys: Sequence[str], work: Work, engine: Engine) -> Iterator[str]:
    os.environ.update(QUIET)
    import daft

    if engine.name == "ray":
        daft.set_runner_ray(noop_if_initialized=True)
    else:
        daft.set_runner_native()

    @daft.cls(use_process=engine.name == "native" or None, max_concurrency=engine.workers)
    class Worker:
        def __init__(self, work: Work):
            self._work, self._examiner = work, work.examiner()

        @daft.method.batch(return_dtype=daft.DataType.string(), batch_size=1)  # type: ignore[untyped-decorator]
        def examine(self, keys: Any) -> list[str]:
            names: list[str] = keys.to_pylist()
            for key in names:
                self._work.batches.examine(key, self._examiner)
            return names

    frame = daft.from_pydict({"key": list(keys)})
    if engine.name == "ray":
        frame = frame.into_partitions(len(keys))
    try:
        for row in frame.select(Worker(work).examine(frame["key"]).alias("key")).iter_rows():
            yield row["key"]
    except Exception as error:  # Daft and Ray raise what they like
        raise EngineFailed(
            f"corpus: a worker failed: {str(error).strip().splitlines()[-1]}",
            hint="run the same command again: what was examined is kept",
        ) from error
