"""Who does the work: this process, Daft's workers on this machine, or Daft's workers on a Ray cluster.

Work is a list of items and a task that takes one of them. What passes between processes is an item and a count: what
a task reads and what it finds lies on disk. On a cluster every machine has to see those folders.
"""

import os
import pickle
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from typing import Any, Literal, TypeVar

from glasswright.errors import GlasswrightError, Misuse

EngineName = Literal["native", "ray"]
Item = TypeVar("Item")
Task = Callable[[Item], Iterator[int]]  # does one item; yields how much it did, as it goes on

# Read by Daft and Ray when they are imported: nothing is reported to their makers, and progress is shown by us.
QUIET = {"DO_NOT_TRACK": "1", "DAFT_PROGRESS_BAR": "0", "RAY_USAGE_STATS_ENABLED": "0"}
EXTRAS = {"parallel": ("daft",), "cluster": ("daft", "ray")}
MIN_BYTES = 2**25  # in less time than that takes, workers would hardly have started
PARTITIONS_PER_WORKER = 8  # so that a worker with easy items takes over some of another's


class EngineFailed(GlasswrightError):
    """A worker died. What was done is kept."""


class WorkerDefect(Exception):
    """A worker raised what it should not: its traceback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How many work at once, and where. `workers` None: one for each core, where there is enough to do."""

    name: EngineName = "native"
    workers: int | None = 1

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers: expected at least 1, got {self.workers}")
        if self.name == "ray" or (self.workers or 1) > 1:
            self._require_packages()

    def each(self, items: Sequence[Item], task: Task[Item], *, num_bytes: int) -> Iterator[int]:
        """Do every item, in any order; yields how much was done. Task and items may be sent to other processes.

        num_bytes:  how much there is to do, of text

        Raises:  EngineFailed if a worker dies; whatever GlasswrightError a task raises.
        """
        workers = self._workers(len(items), num_bytes)
        if not items or (self.name == "native" and workers == 1):
            return chain.from_iterable(map(task, items))
        return _with_daft(items, task, name=self.name, workers=workers)

    def _workers(self, num_items: int, num_bytes: int) -> int:
        if self.workers is not None:
            return min(self.workers, num_items)
        if self.name == "native" and (num_bytes < MIN_BYTES or not find_spec("daft")):
            return 1
        return min(len(os.sched_getaffinity(0)), num_items)

    def _require_packages(self) -> None:
        extra = "cluster" if self.name == "ray" else "parallel"
        for package in EXTRAS[extra]:
            if find_spec(package) is None:
                raise Misuse(
                    f"{package} is not installed",
                    hint=f"pip install 'glasswright[{extra}]', or leave out --engine and --workers",
                )


def _with_daft(items: Sequence[Item], task: Task[Item], *, name: EngineName, workers: int) -> Iterator[int]:
    os.environ.update(QUIET, DAFT_RUNNER=name)
    import daft

    @daft.cls(use_process=name == "native" or None, max_concurrency=workers)
    class Worker:
        def __init__(self, task: Task[Item]):
            self._task = task

        @daft.method.batch(return_dtype=daft.DataType.binary(), batch_size=1)  # type: ignore[untyped-decorator]
        def do(self, items: Any) -> list[bytes]:
            return [_done(self._task, pickle.loads(item)) for item in items.to_pylist()]

    frame = daft.from_pydict({"item": [pickle.dumps(item) for item in items]})
    if name == "ray":
        frame = frame.into_partitions(min(len(items), PARTITIONS_PER_WORKER * workers))
    try:
        for row in frame.select(Worker(task).do(frame["item"]).alias("done")).iter_rows():
            done = pickle.loads(row["done"])
            if isinstance(done, Exception):
                raise done
            yield done
    except (GlasswrightError, WorkerDefect):
        raise
    except Exception as error:  # a worker that dies shows as whatever Daft or Ray makes of it
        raise EngineFailed(
            f"corpus: a worker failed: {_last_line(error)}",
            hint="run the same command again: what was done is kept; with fewer --workers it takes less memory",
        ) from error


def _done(task: Task[Item], item: Item) -> bytes:
    """How much was done, or the error that stopped it: engines lose the type of what a worker raises."""
    try:
        return pickle.dumps(sum(task(item)))
    except GlasswrightError as error:
        return pickle.dumps(error)
    except Exception:  # a defect is told where it was met
        return pickle.dumps(WorkerDefect(traceback.format_exc()))


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__
