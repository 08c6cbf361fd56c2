"""Tries what pip installed beside this Python: verify, audit and scan answer about a release, and find a forged bit.

Nothing is on the path but what pip has installed: no compiler, and no folder of this checkout.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FIXTURE = Path(__file__).resolve().parents[1] / "tests/fixtures/schema-2.tar.xz"
ROOT = "57f71f76dacd9634307101b7b7eda1e47cb2b7c7ca65cc1dbbf29d8353028bc5"
PROVED, REFUTED, UNKNOWN = 0, 1, 3
FLIPPED_AT = 100


def glasswright(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as pip installed it, where nothing else is."""
    command = [Path(sys.executable).with_name("glasswright"), *arguments]
    environment = {"PATH": str(Path(sys.executable).parent), "HOME": str(folder), "LANG": os.environ.get("LANG", "C")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def tried(folder: Path) -> dict[str, bool]:
    """What was tried, and whether it went as it should."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(folder, filter="data")
    release, weights = folder / "schema2", folder / "schema2/model/model.safetensors"
    (folder / "wrong.yaml").write_text("no_such_key: 1\n")
    verified, planned = glasswright("verify", release, folder=folder), glasswright("plan", "wrong.yaml", folder=folder)
    page = Path(re.findall(r"^hint: (\S+)", planned.stderr, re.MULTILINE)[0])
    results = {
        "verify proves the release": verified.returncode == PROVED and ROOT in verified.stdout,
        "audit answers": glasswright("audit", release, folder=folder).returncode == PROVED,
        "scan tells what it could not clear": glasswright("scan", release, folder=folder).returncode == UNKNOWN,
        "a hint names a page that is there": page.is_absolute() and page.is_file(),
    }
    data = bytearray(weights.read_bytes())
    data[FLIPPED_AT] ^= 1
    weights.write_bytes(data)
    forged = glasswright("verify", release, folder=folder)
    return results | {"verify refutes a flipped bit": forged.returncode == REFUTED}


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = tried(Path(folder))
    for name, is_so in results.items():
        print(f"{'passed' if is_so else 'FAILED'}: {name}")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
