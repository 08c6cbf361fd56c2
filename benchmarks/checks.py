"""What it costs that nothing is taken on trust: digests of every stage's files, and `verify` at the end of a build.

    python benchmarks/checks.py [--steps 700] [--megabytes 1000]

Builds the recipe `tiny` from the documentation that came with this Python, then once more, when every stage is done:
that build does nothing but check. Then the rate at which files are hashed, of a folder made for it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from glasswright import pipeline
from glasswright.pipeline import Setting, done, finish, stage
from glasswright.recipe import load
from glasswright.records.progress import silent
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

ROOT = Path(__file__).resolve().parent.parent
NUM_THREADS = len(os.sched_getaffinity(0))
FILE_BYTES = 64 * 2**20  # a full shard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--megabytes", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glasswright-checks-") as folder:
        for name in ("first", "again"):
            print_build(name, shortened(arguments.steps), Path(folder))
        print_rate(Path(folder) / "made", arguments.megabytes)


def shortened(num_steps: int) -> Recipe:
    resolved = load(ROOT / "recipes" / "tiny.yaml").model_dump(mode="json")
    schedule = {"warmup_steps": min(20, num_steps // 6), "decay_steps": min(450, num_steps // 2)}
    resolved["train"] |= {"num_steps": num_steps, "schedule": schedule}
    return Recipe.model_validate(resolved)


def print_build(name: str, recipe: Recipe, folder: Path) -> None:
    """Build, and print how long that took and what part of it each check was."""
    effort = Effort(num_threads=NUM_THREADS, leaves_at_once=NUM_THREADS)
    setting = Setting(base=folder, work=folder / "work", effort=effort, with_checkpoints=True)
    timers = {
        "digests checked": Timer(stage, "damage"),
        "digests written": Timer(stage, "write_done"),
        "verify": Timer(finish, "_require_proved"),
    }
    started = time.perf_counter()
    pipeline.build(recipe, setting=setting, out=folder / name)
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in (folder / "work").rglob("*") if path.is_file())
    print(f"build, {name}: {seconds:.2f} s, {size / 2**20:.0f} MiB in the work folder, {NUM_THREADS} threads")
    for what, timer in timers.items():
        timer.remove()
        print(f"    {what:<16} {timer.seconds:6.3f} s   {timer.seconds / seconds:6.2%}")


def print_rate(folder: Path, megabytes: int) -> None:
    (folder / "made").mkdir(parents=True)
    data = os.urandom(2**20)
    for number in range(megabytes * 10**6 // FILE_BYTES):
        (folder / "made" / f"{number:05d}.bin").write_bytes(data * (FILE_BYTES // len(data)))
    for num_threads in sorted({1, NUM_THREADS}):
        started = time.perf_counter()
        done.write_done(folder, {}, num_threads=num_threads, report=silent)
        size = sum(path.stat().st_size for path in (folder / "made").iterdir())
        print(f"hashing, {num_threads} threads: {size / 1e6 / (time.perf_counter() - started):,.0f} MB/s")


class Timer:
    """Counts the seconds that a function of a module takes."""

    def __init__(self, module: Any, name: str):
        self.module, self.name, self.seconds = module, name, 0.0
        self.function: Callable[..., Any] = getattr(module, name)
        setattr(module, name, self)

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        started = time.perf_counter()
        try:
            return self.function(*arguments, **more)
        finally:
            self.seconds += time.perf_counter() - started

    def remove(self) -> None:
        setattr(self.module, self.name, self.function)


if __name__ == "__main__":
    main()
