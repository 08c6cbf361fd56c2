"""The whole gate, from format to tests. Ends by saying what failed and what did not run."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = str(BIN / "python")
CPP = sorted(str(path) for suffix in ("cc", "cu", "h") for path in (ROOT / "src").rglob(f"*.{suffix}"))

STEPS: list[tuple[str, list[str]]] = [
    ("format: Python", [str(BIN / "ruff"), "format", "--check", "."]),
    ("format: C++", [str(BIN / "clang-format"), "--dry-run", "--Werror", *CPP]),
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("types", [str(BIN / "mypy"), "--strict"]),
    ("architecture", [PYTHON, "-m", "pytest", "-q", "tests/architecture"]),
    ("docs", [PYTHON, "-m", "pytest", "-q", "tests/docs"]),
    ("compilers", [PYTHON, "-m", "pytest", "-q", "--slow", "tests/kernels/conformance", "-k", "oldest_compilers"]),
    ("wheel", [PYTHON, ".ci/wheel.py"]),
    ("tests", ["make", "test", f"PYTHON={PYTHON}"]),
]


def main() -> int:
    failed, not_run = [], []
    for name, command in STEPS:
        print(f"\n== {name}", flush=True)
        if shutil.which(command[0]) is None:
            not_run.append(f"{name}: {Path(command[0]).name} is not installed")
            continue
        started = time.monotonic()
        returned, output = run(command)
        print(f"== {name}: {'passed' if returned == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
        if returned != 0:
            failed.append(name)
        not_run += skipped(output)
    print("\n== did not run:" if not_run else "\n== everything ran")
    for line in sorted(set(not_run)):
        print(f"   {line}")
    print(f"== failed: {', '.join(failed)}" if failed else "== passed")
    return 1 if failed else 0


def run(command: list[str]) -> tuple[int, str]:
    """Run a command, show its output as it comes, and return its exit status and output."""
    lines = []
    environment = {**os.environ, "GLASSWRIGHT_GATE": "1"}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    return process.returncode, "".join(lines)


def skipped(output: str) -> list[str]:
    """Tests that pytest skipped, from its summary."""
    return re.findall(r"^SKIPPED (.*)$", output, re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
