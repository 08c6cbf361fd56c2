"""The kernels without Python, on every instruction set at hand: x86-64 natively, aarch64 in an emulator, equal digests.

golden.txt holds `kernel shape digest` lines, as printed by conformance.cc. `make golden` rewrites it.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).with_name("golden.txt")
THREADS = (1, 3)
CROSS = "aarch64-linux-gnu"

pytestmark = pytest.mark.slow

Conformance = Callable[..., list[str]]


def build(folder: Path, *options: str) -> Path:
    """Configure and build the program; return it."""
    missing = [tool for tool in ("cmake", "make") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"did not run: no {' and no '.join(missing)} to build the conformance program")
    configure = ["cmake", "-S", ROOT, "-B", folder, "-G", "Unix Makefiles", "-DGW_PYTHON=OFF", "-DGW_PROGRAMS=ON"]
    subprocess.run([*configure, *options], check=True, capture_output=True)
    jobs = str(os.cpu_count() or 1)
    subprocess.run(["cmake", "--build", folder, "--target", "conformance", "-j", jobs], check=True, capture_output=True)
    return folder / "conformance"


def runner(*command: str | Path) -> Conformance:
    def run(*arguments: object) -> list[str]:
        words = [str(word) for word in (*command, *arguments)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()

    return run


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    return runner(build(tmp_path_factory.mktemp("native")))


@pytest.fixture(scope="module")
def aarch64(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    tools = (f"{CROSS}-g++", "qemu-aarch64")
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"did not run: no {' and no '.join(missing)} (Debian: g++-aarch64-linux-gnu, qemu-user)")
    options = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64", f"-DCMAKE_CXX_COMPILER={tools[0]}")
    program = build(tmp_path_factory.mktemp("aarch64"), *options)
    return runner("qemu-aarch64", "-L", f"/usr/{CROSS}", program)


def differences(found: list[str]) -> list[str]:
    """Lines that golden.txt does not have, and lines of it that were not printed."""
    return sorted(set(found) ^ set(GOLDEN.read_text().splitlines()))


def test_golden_digests_on_this_machine(native: Conformance, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--write-golden"):
        GOLDEN.write_text("".join(f"{line}\n" for line in native(native("isas")[0], 1)))
    for isa in native("isas"):
        for num_threads in THREADS:
            assert differences(native(isa, num_threads)) == [], f"{platform.machine()} {isa}, {num_threads} threads"


def test_golden_digests_on_aarch64(aarch64: Conformance) -> None:
    assert aarch64("isas") == ["generic", "neon"]
    for isa in aarch64("isas"):
        for num_threads in THREADS:
            assert differences(aarch64(isa, num_threads)) == [], f"aarch64 {isa}, {num_threads} threads"


def test_one_changed_bit_of_input_changes_every_digest(native: Conformance) -> None:
    golden = set(GOLDEN.read_text().splitlines())
    for isa in native("isas"):
        changed = native(isa, 1, "changed")
        assert len(changed) == len(golden)
        assert not golden & set(changed)
