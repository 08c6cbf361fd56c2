"""The whole corpus stage by its command: time, and memory of all its processes together.

    python benchmarks/corpus_stage.py shared [--runs 3]            ../shared/data/docs and tales, in one folder
    python benchmarks/corpus_stage.py made [--megabytes 100 1000]  JSONL made from them, as in corpus_dedup.py
        [--workers 1 2]                                            how many processes, runs interleaved

Reading, extraction, license, quality, personal data, language, near-duplicates, ledger, documents: the default policy.
Memory is the sum of the resident sizes of the command and its children, read every tenth of a second, pages that they
share counted for each. The ledger's root is printed, and has to be one for all numbers of workers.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus_dedup import SHARED, write_documents

PAGE = 4096
SAMPLE_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    seconds: float
    megabytes: float
    root: str


def run(arguments: list[str], out: Path) -> Run:
    command = [sys.executable, "-m", "glasswright.cli", "corpus", "build", *arguments, "--out", str(out)]
    shutil.rmtree(out, ignore_errors=True)
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(resident, family(process.pid))))
        time.sleep(SAMPLE_S)
    seconds = time.perf_counter() - started
    assert process.stdout is not None
    said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}")
    root = next(line.rsplit(" ", 1)[1] for line in said.splitlines() if "ledger root" in line)
    return Run(seconds=seconds, megabytes=peak / 1e6, root=root)


def family(pid: int) -> Iterator[int]:
    """A process and all that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from family(int(child))


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def table(rows: dict[str, list[Run]]) -> None:
    print(f"{'what':28}{'seconds':>10}{'peak MB':>10}  ledger root")
    for what, runs in rows.items():
        seconds, peak = statistics.median(run.seconds for run in runs), max(run.megabytes for run in runs)
        print(f"{what:28}{seconds:10.1f}{peak:10.0f}  {', '.join(sorted({run.root for run in runs}))}")


def shared(folder: Path, runs: int, workers: list[int]) -> dict[str, list[Run]]:
    source = folder / "in"
    for name in ("docs", "tales"):
        shutil.copytree(SHARED / "data" / name, source / name)
    rows: dict[str, list[Run]] = {}
    for _ in range(runs):
        for count in workers:
            found = run(["--source", str(source), "--workers", str(count)], folder / "out")
            rows.setdefault(f"docs + tales, {count} workers", []).append(found)
    return rows


def made(folder: Path, runs: int, workers: list[int], sizes: list[int]) -> dict[str, list[Run]]:
    rows: dict[str, list[Run]] = {}
    for size in sizes:
        write_documents(folder / f"{size}", size * 10**6, None)
        recipe = folder / f"{size}.yaml"
        recipe.write_text(
            f"glasswright: 1\nname: made\nsources: [{{name: made, kind: jsonl, path: '{size}', license: CC-BY-4.0}}]\n"
        )
    for _ in range(runs):
        for size in sizes:
            for count in workers:
                found = run([str(folder / f"{size}.yaml"), "--workers", str(count)], folder / "out")
                rows.setdefault(f"{size} MB, {count} workers", []).append(found)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("shared", "made"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--megabytes", type=int, nargs="+", default=[100, 1000])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.what == "shared":
            table(shared(Path(name), given.runs, given.workers))
        else:
            table(made(Path(name), given.runs, given.workers, given.megabytes))


if __name__ == "__main__":
    main()
