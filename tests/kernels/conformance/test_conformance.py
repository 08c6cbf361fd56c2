"""The kernels without Python, on every instruction set at hand: x86-64 natively, aarch64 in an emulator, equal digests.

The oldest compilers that the project builds with must give the same bits as this machine's own.

golden.txt holds `kernel shape digest` lines, as printed by conformance.cc. `make golden` rewrites it.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).with_name("golden.txt")
THREADS = (1, 3)
CROSS = "aarch64-linux-gnu"
OLDEST_COMPILERS = ("g++-11", "clang++-14")

pytestmark = pytest.mark.slow

Conformance = Callable[..., list[str]]


def require(*tools: str, hint: str) -> list[str]:
    """Where the tools are, beside this Python or on the path; a test that lacks one did not run."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    found = {tool: shutil.which(tool, path=places) for tool in tools}
    if missing := [tool for tool, place in found.items() if place is None]:
        pytest.skip(f"did not run: no {' and no '.join(missing)} ({hint})")
    return [place for place in found.values() if place is not None]


def build(folder: Path, *options: str) -> Path:
    """Configure and build the program; return it."""
    cmake, _ = require("cmake", "make", hint="to build the conformance program")
    configure = [cmake, "-S", ROOT, "-B", folder, "-G", "Unix Makefiles", "-DGW_PYTHON=OFF", "-DGW_PROGRAMS=ON"]
    subprocess.run([*configure, *options], check=True, capture_output=True)
    jobs = str(os.cpu_count() or 1)
    subprocess.run([cmake, "--build", folder, "--target", "conformance", "-j", jobs], check=True, capture_output=True)
    return folder / "conformance"


def runner(*command: str | Path) -> Conformance:
    def run(*arguments: object) -> list[str]:
        words = [str(word) for word in (*command, *arguments)]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()

    return run


@pytest.fixture(scope="module")
def native_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("native"))


@pytest.fixture(scope="module")
def native(native_program: Path) -> Conformance:
    return runner(native_program)


@pytest.fixture(scope="module")
def aarch64(tmp_path_factory: pytest.TempPathFactory) -> Conformance:
    hint = "Debian: g++-aarch64-linux-gnu, qemu-user"
    compiler, emulator = require(f"{CROSS}-g++", "qemu-aarch64", hint=hint)
    options = ("-DCMAKE_SYSTEM_NAME=Linux", "-DCMAKE_SYSTEM_PROCESSOR=aarch64", f"-DCMAKE_CXX_COMPILER={compiler}")
    program = build(tmp_path_factory.mktemp("aarch64"), *options)
    return runner(emulator, "-L", f"/usr/{CROSS}", program)


@pytest.fixture(scope="module")
def golden_lines(request: pytest.FixtureRequest) -> set[str]:
    """What golden.txt says, or says from now on."""
    if request.config.getoption("--write-golden"):
        native: Conformance = request.getfixturevalue("native")
        GOLDEN.write_text("".join(f"{line}\n" for line in native(native("isas")[0], 1)))
    return set(GOLDEN.read_text().splitlines())


def test_golden_digests_on_this_machine(native: Conformance, golden_lines: set[str]) -> None:
    for isa in native("isas"):
        for num_threads in THREADS:
            assert set(native(isa, num_threads)) == golden_lines, f"{platform.machine()} {isa}, {num_threads} threads"


def test_golden_digests_on_aarch64(aarch64: Conformance, golden_lines: set[str]) -> None:
    assert aarch64("isas") == ["generic", "neon"]
    for isa in aarch64("isas"):
        for num_threads in THREADS:
            assert set(aarch64(isa, num_threads)) == golden_lines, f"aarch64 {isa}, {num_threads} threads"


@pytest.mark.parametrize("name", OLDEST_COMPILERS)
def test_golden_digests_by_the_oldest_compilers(name: str, tmp_path: Path, golden_lines: set[str]) -> None:
    (compiler,) = require(name, hint="Debian: g++-11, clang-14")
    program = build(tmp_path, f"-DCMAKE_CXX_COMPILER={compiler}")
    run = runner(program)
    for isa in run("isas"):
        for num_threads in THREADS:
            assert set(run(isa, num_threads)) == golden_lines, f"{name}, {isa}, {num_threads} threads"
    assert_no_code_is_lent(program)


def test_the_aarch64_that_is_emulated_multiplies_bytes(aarch64: Conformance) -> None:
    """So the test above has shown SDOT's products equal to those of 16-bit integers, which `plain` ones are."""
    assert aarch64("neon", "units") == ["none", "dotprod"]


def test_one_changed_bit_of_input_changes_every_digest(native: Conformance, golden_lines: set[str]) -> None:
    for isa in native("isas"):
        changed = native(isa, 1, "changed")
        assert len(changed) == len(golden_lines)
        assert not golden_lines & set(changed)


def test_no_instruction_set_lends_its_code_to_another(native_program: Path) -> None:
    assert_no_code_is_lent(native_program)


def assert_no_code_is_lent(program: Path) -> None:
    """The linker keeps one copy of a weak function for all; were it the AVX-512 one, older processors would stop."""
    (nm,) = require("nm", hint="Debian: binutils")
    objects = {
        isa: sorted(program.parent.glob(f"CMakeFiles/gw_{isa}.dir/**/*.o"))
        for isa in ("generic", "avx2", "avx512", "neon")
    }
    assert sum(map(len, objects.values())) > 0
    for isa, files in objects.items():
        for file in files:
            symbols = subprocess.run([nm, "-C", file], check=True, capture_output=True, text=True).stdout.splitlines()
            shared = [line for line in symbols if " W " in line and f"gw::{isa}::" not in line]
            assert not shared, (isa, file.name, shared)
