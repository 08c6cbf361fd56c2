"""How long a command takes from the first byte of Python to its end, where nothing is left to compile.

    python benchmarks/startup.py RELEASE [--runs 15]

`--help`, `verify` of a release, `audit` of its model alone and of all of it (the bars are for that of `make demo`):
each a process of its own, interleaved, after one run of each that leaves the bytecode. The median and the fastest, in
seconds, beside the processor time of the median, which other work on the machine changes less.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = {("--help",): 0.2, ("verify", "."): 1.0, ("audit", "model"): 0.6, ("audit", "."): 0.6}  # the bars in seconds


def run(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """(seconds, processor seconds) of a process."""
    before, started = os.times(), time.perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet, check=False)
    took, after = time.perf_counter() - started, os.times()
    return took, after.children_user - before.children_user + after.children_system - before.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    taken: dict[tuple[str, ...], list[tuple[float, float]]] = {words: [] for words in COMMANDS}
    for number in range(options.runs + 1):
        for words, runs in taken.items():
            one = run([sys.executable, "-m", "glasswright.cli", *words], options.release, environment)
            if number:
                runs.append(one)
    for words, runs in taken.items():
        seconds, processor = (statistics.median(column) for column in zip(*runs, strict=True))
        told = f"{seconds:.3f} s, fastest {min(runs)[0]:.3f}, processor {processor:.3f}"
        print(f"{' '.join(words):12} {told} (bar {COMMANDS[words]} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
