"""Will this machine do? Each claim with one of three answers, and with what to do where it is not PROVED."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from glasswright.errors import Misuse
from glasswright.host.describe import cpu_name, version
from glasswright.host.memory import available_memory
from glasswright.records.verdict import Answer, Finding, Verdict

CHECKING = ("typer", "rich", "pydantic", "ruamel.yaml", "duckdb")
TRAINING = ("torch", "numpy", "safetensors", "tokenizers", "pyarrow", "lxml", "zstandard", "license-expression")
LOWEST_PYTHON = (3, 11)
GIB = 2**30
ROOM_BYTES = 2 * GIB  # what `make demo` may take on disk, generously
MEMORY_BYTES = GIB
OPEN_FILES = 256
INSTALL = 'pip install "glasswright[build]"'

# sha256 of the float32 product below, little endian, row by row, by each version of the numerics: tests hold them to
# the definitions.
PRODUCT = "dc6cf0323f83819388e9a73f571ea04ef13727f9c6cff2e4557b7deccfa30887"
INTEGER_PRODUCT = "abdc2d631b37a5aa012420291f5436b4682b47e86610884dad8319ffae263b88"


def doctor(folder: Path) -> Verdict:
    """Check this machine; `folder` is where one means to work."""
    findings = (
        _python(),
        _packages("what checking a release needs is installed", CHECKING, "pip install glasswright"),
        _packages("what training needs is installed", TRAINING, INSTALL),
        _kernels_or_compiler(),
        *_products(),
        *_products_on_gpu(),
        *_amx(),
        _subnormals(),
        _disk(folder),
        _memory(),
        _limits(),
    )
    not_checked = (
        "every kernel: `make test` compares each with its definition, and benchmarks/gpu/run.sh on a GPU",
        "the memory's and the disk's hardware: a rebuild that matches is the test of that",
    )
    return Verdict(subject=f"this machine ({cpu_name()})", findings=findings, not_checked=not_checked)


def product_digest(matmul_nn: Callable[..., None]) -> str:
    """The digest of one small matrix product: 5 x 1100 by 1100 x 7, so that sums take three chunks and two tails.

    The operands are quotients, correctly rounded everywhere, and no sum of them is exact: another order of addition
    gives other bits.
    """
    import numpy as np

    one = np.float32(1)
    a_MK = one / (one + np.arange(5 * 1100, dtype=np.float32).reshape(5, 1100))
    b_KN = one / (np.float32(2.5) - np.arange(1100 * 7, dtype=np.float32).reshape(1100, 7))
    out_MN = np.zeros((5, 7), np.float32)
    matmul_nn(a_MK, b_KN, out_MN)
    return hashlib.sha256(out_MN.astype("<f4").tobytes()).hexdigest()


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    lowest = ".".join(map(str, LOWEST_PYTHON))
    return _finding(
        f"Python is {lowest} or newer", sys.version_info >= LOWEST_PYTHON, found, hint=f"install Python {lowest}"
    )


def _packages(claim: str, names: tuple[str, ...], install: str) -> Finding:
    versions = {name: version(name) for name in names}
    missing = [name for name, found in versions.items() if found is None]
    if missing:
        return _finding(claim, False, f"not installed: {', '.join(missing)}", hint=install)
    return _finding(claim, True, ", ".join(f"{name} {found}" for name, found in versions.items()))


def _kernels_or_compiler() -> Finding:
    claim = "the fast kernels are built, or a C++ compiler is here to build them"
    twins = _twins()
    if twins is not None:
        return _finding(claim, True, f"built; this machine runs {', '.join(twins.supported_isas())}")
    compiler = next(filter(None, map(shutil.which, (os.environ.get("CXX", "c++"), "g++", "clang++"))), None)
    if compiler is None:
        return _finding(claim, False, "neither", hint="install g++ 11 or clang 14, or newer")
    first_line = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )[0]
    return _finding(claim, True, f"not built; {first_line}", hint=INSTALL)


def _products() -> Iterator[Finding]:
    """For every instruction set of this machine, whether the small product has its bits."""
    claim = "a small matrix product has the bits it should"
    twins = _twins()
    if twins is None or version("numpy") is None:
        yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence="the kernels are not built here", hint=INSTALL)
        return
    active = twins.active_isa()
    try:
        for isa in twins.supported_isas():
            twins.use_isa(isa)
            yield _product(f"{claim}, on {isa}", twins.matmul_nn, PRODUCT)
    finally:
        twins.use_isa(active)


def _products_on_gpu() -> Iterator[Finding]:
    """The same on the GPU that torch computes on, by both versions; nothing where none is."""
    claim = "a small matrix product has the bits it should, on the GPU"
    if version("torch") is None or version("numpy") is None:
        return
    from glasswright.kernels.cuda import device
    from glasswright.kernels.cuda.arrays import OnArrays

    if not device.is_there():
        return
    try:
        kernels = OnArrays(device.Device())
    except Misuse as missing:
        yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence=str(missing), hint=missing.hint)
        return
    yield _product(f"{claim} by version 1", kernels.matmul_nn, PRODUCT)
    yield _product(f"{claim} by version 2", kernels.integer_matmul_nn, INTEGER_PRODUCT)


def _product(claim: str, matmul_nn: Callable[..., None], expected: str) -> Finding:
    found = product_digest(matmul_nn)
    evidence = f"sha256 {found[:12]}" + ("" if found == expected else f", expected {expected[:12]}")
    hint = "do not build on it: the compiler or the processor is faulty; please report it"
    return _finding(claim, found == expected, evidence, hint=hint)


def _amx() -> Iterator[Finding]:
    """Where the processor has AMX, whether its products are those of integers: version 2 uses it only then."""
    twins = _twins()
    state = twins.amx() if twins is not None else "absent"
    if state == "absent":
        return
    claim, without = "AMX multiplies integers as it should", "version 2 of the numerics does without it, more slowly"
    if state == "refused":
        yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"the kernel does not grant it: {without}")
        return
    evidence = "two products of known bytes" if state == "right" else f"a product of known bytes is wrong: {without}"
    yield _finding(claim, state == "right", evidence, hint="the processor or its virtual machine is faulty")


def _subnormals() -> Finding:
    """Some libraries switch flush-to-zero on for the whole process when they are loaded."""
    smallest = 5e-324
    is_kept = smallest * 1.0 > 0.0 and sys.float_info.min / 2 > 0.0
    hint = "a library in this process was built with -ffast-math: find it among the imports"
    return _finding("numbers below the normal range are kept", is_kept, f"{smallest} times 1 is not 0", hint=hint)


def _disk(folder: Path) -> Finding:
    claim = f"at least {ROOM_BYTES // GIB} GiB are free to work in"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"{folder}: {error.strerror}")
    evidence = f"{free / GIB:.1f} GiB free at {folder.resolve()}"
    return _finding(claim, free >= ROOM_BYTES, evidence, hint="free some space or use --work elsewhere")


def _memory() -> Finding:
    claim = f"at least {MEMORY_BYTES // GIB} GiB of memory are free"
    free = available_memory()
    if free is None:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence="this system does not say")
    return _finding(claim, free >= MEMORY_BYTES, f"{free / GIB:.1f} GiB free", hint="close other programs")


def _limits() -> Finding:
    """Limits of this shell that a build would run into."""
    claim = "no limit of this shell is in the way"
    try:
        import resource  # not on Windows
    except ImportError:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence="this system does not say")
    low = []
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < OPEN_FILES:
        low.append(f"open files: {files} (ulimit -n)")
    for name, what, flag in (("RLIMIT_FSIZE", "size of a file", "-f"), ("RLIMIT_AS", "memory", "-v")):
        limit, _ = resource.getrlimit(getattr(resource, name))
        if limit != resource.RLIM_INFINITY and limit < ROOM_BYTES:
            low.append(f"{what}: {limit} bytes (ulimit {flag})")
    return _finding(claim, not low, "; ".join(low) or "none", hint="raise the limit")


def _twins() -> ModuleType | None:
    from glasswright import kernels

    try:
        return kernels.native()
    except (ImportError, kernels.NotCompiled):
        return None


def _finding(claim: str, holds: bool, evidence: str, *, hint: str | None = None) -> Finding:
    answer = Answer.PROVED if holds else Answer.REFUTED
    return Finding(claim=claim, answer=answer, evidence=evidence, hint=hint)
