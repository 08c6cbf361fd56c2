"""How long a command takes from the first byte of Python to its end, where nothing is left to compile.

    python benchmarks/startup.py RELEASE [--runs 15]

`--help`, and `verify` and `audit` of a release (the bars are for that of `make demo`): each a process of its own,
interleaved, after one run of each that leaves the bytecode. The median and the fastest, in seconds, beside the
processor time of the median, which other work on the machine changes less.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

BARS = {"--help": 0.2, "verify": 1.0, "audit": 0.6}


def run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """(seconds, processor seconds) of a process."""
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    took, after = time.perf_counter() - started, os.times()
    return took, after.children_user - before.children_user + after.children_system - before.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    commands = {
        verb: [sys.executable, "-m", "glasswright.cli", verb, *([] if verb == "--help" else [str(options.release)])]
        for verb in BARS
    }
    taken: dict[str, list[tuple[float, float]]] = {verb: [] for verb in commands}
    for number in range(options.runs + 1):
        for verb, command in commands.items():
            one = run(command, environment)
            if number:
                taken[verb].append(one)
    for verb, runs in taken.items():
        seconds, processor = (statistics.median(column) for column in zip(*runs, strict=True))
        fastest = min(runs)[0]
        print(f"{verb:7} {seconds:.3f} s, fastest {fastest:.3f}, processor {processor:.3f} (bar {BARS[verb]} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
