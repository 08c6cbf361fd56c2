"""How large the base install is, and that it verifies, audits and scans.

    python benchmarks/install_size.py [WHEEL or SOURCE ARCHIVE]

Makes a fresh virtual environment, installs this tree or the file in it without extras, and adds up every file of it. A
file is installed as where there is no compiler. The bar is 150 MB, without torch.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BAR_BYTES = 150_000_000
NOT_IN_BASE = ("torch", "numpy", "pyarrow", "tokenizers", "safetensors")


def size_of(path: Path) -> int:
    """The bytes of a file, or of every file in a folder."""
    files = (path,) if path.is_file() else (file for file in path.rglob("*") if not file.is_dir())
    return sum(file.lstat().st_size for file in files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", help="what to install instead of this tree")
    options = parser.parse_args()
    environment = {**os.environ, "CXX": "no-compiler"} if options.file else None
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "venv"
        venv.create(home, with_pip=True)
        before = size_of(home)
        pip = [home / "bin" / "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt"]
        subprocess.run([*pip, options.file or ROOT], env=environment, check=True)
        added = size_of(home) - before
        packages = home.glob("lib/python*/site-packages/*")
        largest = sorted(((size_of(path), path.name) for path in packages), reverse=True)[:5]
        found = [name for name in NOT_IN_BASE if any(home.glob(f"lib/python*/site-packages/{name}"))]
        print(f"installed: {added / 1e6:.1f} MB (bar {BAR_BYTES / 1e6:.0f} MB), beside {before / 1e6:.1f} MB of pip")
        print("largest: " + ", ".join(f"{name} {size / 1e6:.1f} MB" for size, name in largest))
        print(f"of {', '.join(NOT_IN_BASE)}: {', '.join(found) or 'none'}", flush=True)
        works = subprocess.run([home / "bin" / "python", ROOT / ".ci/try_installed.py"], check=False).returncode == 0
    return 0 if added < BAR_BYTES and not found and works else 1


if __name__ == "__main__":
    sys.exit(main())
