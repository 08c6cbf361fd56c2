"""A GPU of one core, for tests: `Emulation` stands where a device stands, and runs kernels as emulation.h says."""

import ctypes
import hashlib
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from glasswright.kernels.cuda import source

ROOT = Path(__file__).resolve().parents[3]
HEADER = Path(__file__).with_name("emulation.h")
BUILT = ROOT / "build" / "emulation"
COMPILER = ["g++", "-std=c++20", "-O2", "-shared", "-fPIC", "-ffp-contract=off", "-U_FORTIFY_SOURCE", "-DGW_ISA=cuda"]
# With it a fused multiply-add is one instruction where the machine has it, and a call of the C library's otherwise.
FLAGS = ["-mfma"] if "fma" in Path("/proc/cpuinfo").read_text().split() else []

ASCENDING, DESCENDING, MIXED = 0, 1, 20261128


class Emulation:
    """Runs each kernel on tensors in the processor's memory, its threads in the order given."""

    device = "cpu"

    def __init__(self, order: int = ASCENDING, changes: Mapping[str, tuple[str, str]] | None = None):
        """`changes` says, by source, what is put where another text stands: what must be noticed."""
        self.order, self.changes = order, changes or {}

    def empty(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Memory full of NaN, or of bytes that are no number anybody meant."""
        return torch.full(shape, float("nan") if dtype == torch.float32 else 0x5A5A5A5A, dtype=dtype)

    def launch(
        self, file: str, kernel: str, grid: tuple[int, int], block: int, arguments: Sequence[Tensor | int | float]
    ) -> None:
        values = [_value(argument) for argument in arguments]
        addresses = (ctypes.c_void_p * len(values))(*map(ctypes.addressof, values))
        shape = (ctypes.c_uint * 3)(*grid, block)
        library = _library(file, *self.changes.get(file, ("", "")))
        getattr(library, f"emulated_{kernel}")(addresses, shape, ctypes.c_uint(self.order))


def _value(argument: Tensor | int | float) -> ctypes._SimpleCData:
    if isinstance(argument, Tensor):
        return ctypes.c_void_p(argument.data_ptr())
    return ctypes.c_float(argument) if isinstance(argument, float) else ctypes.c_int64(argument)


@cache
def _library(file: str, old: str, new: str) -> ctypes.PyDLL:
    """The compiled kernels of x.cu. Python's lock is kept while one runs: there is one core."""
    text = source.text(file)
    assert old in text, f"{file}.cu has no {old!r}"
    return ctypes.PyDLL(str(compiled(text.replace(old, new) if old else text, source.kernels_of(file))))


def compiled(text: str, kernels: Sequence[str]) -> Path:
    """A library of a kernel source; it is compiled once for each text."""
    calls = [
        f'extern "C" void emulated_{name}(void** arguments, const unsigned* shape, unsigned order) '
        f"{{ emulation::launch(gw::cuda::{name}, arguments, shape, order); }}\n"
        for name in kernels
    ]
    code = HEADER.read_text().replace("#pragma once", "") + re.sub(r"#pragma (once|unroll)", "", text) + "".join(calls)
    digest = hashlib.sha256("\n".join([code, *COMPILER, *FLAGS]).encode()).hexdigest()
    library = BUILT / f"{digest}.so"
    if not library.exists():
        BUILT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=BUILT) as folder:
            path = Path(folder) / "kernels.cc"
            path.write_text(code)
            subprocess.run([*COMPILER, *FLAGS, str(path), "-o", f"{folder}/kernels.so"], check=True)
            Path(folder, "kernels.so").replace(library)
    return library
