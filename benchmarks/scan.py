"""What `scan` says of unsafe and of clean folders, how long 2,000 files take, and whether 10,000 odd trees hold it.

    python -m benchmarks.scan [--cases FOLDER] [--trees 10000]

The samples and the trees are those of the tests. `--cases`: a folder with one unsafe folder in each of its own.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.audit import scan_bad, scan_blind
from tests.audit.builder import write
from tests.audit.scan_clean import CLEAN
from tests.audit.test_scan_trees import scan_trees, whole_files

from glasswright.audit.scan.scanning import scan_path
from glasswright.records.verdict import Answer

NUM_FILES = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--trees", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glasswright-scan-") as made:
        folder = Path(made)
        for name, samples in (("known", scan_bad.BAD), ("blind", scan_blind.BAD)):
            folders = [write(folder / name / str(number), files) for number, files in enumerate(samples.values())]
            print_answers(f"unsafe, {name}", folders)
        if arguments.cases:
            print_answers("unsafe, cases", sorted(path for path in arguments.cases.iterdir() if path.is_dir()))
        print_answers("clean", clean(folder / "clean"))
        print_time(folder)
        started = time.perf_counter()
        scan_trees(0, arguments.trees, whole_files(folder / "whole"), folder)
        print(f"{arguments.trees:,} trees: each ended with an answer, {time.perf_counter() - started:.0f} s")


def print_answers(what: str, folders: Iterable[Path]) -> None:
    said = Counter(scan_path(folder).answer for folder in folders)
    counts = ", ".join(f"{said[answer]} {answer.name}" for answer in (Answer.REFUTED, Answer.UNKNOWN, Answer.PROVED))
    print(f"{what}: {said.total()} folders, {counts}")


def clean(root: Path) -> list[Path]:
    for number, writer in enumerate(CLEAN.values()):
        (root / str(number)).mkdir(parents=True)
        writer(root / str(number))
    return sorted(root.iterdir())


def print_time(folder: Path) -> None:
    """Files of every kind that the clean and the unsafe folders hold, over and over."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    many = folder / "many"
    for number in range(NUM_FILES):
        path = paths[number % len(paths)]
        write(many, {f"{number // 50}/{number}{path.name}": path.read_bytes()})
    started, worked = time.perf_counter(), time.process_time()
    scan_path(many)
    elapsed, at_work = time.perf_counter() - started, time.process_time() - worked
    print(f"{NUM_FILES:,} files: {elapsed:.2f} s, {at_work:.2f} s of them at work")


if __name__ == "__main__":
    main()
