"""The matrix product of both versions of the numerics beside torch's, one thread each, taking turns.

    GLASSWRIGHT_KERNELS=avx512 python benchmarks/matmul.py [--rounds 15]

For every shape: torch.mm, then version 1, then version 2, then torch.mm again ..., so that all meet the same clock and
the same neighbours. Ratios are medians over the rounds: torch's time / version 1's, version 1's / version 2's, whose
time has the making of its integers in it; GFLOP/s are the best round's. The peak is the most
fused multiply-adds a core can do from registers, measured at the start and the end by fma_peak.cc, which needs a C++
compiler. Ours reads and writes torch's memory through NumPy views, as the model does. Every product is also compared
with torch's, within the error bounds of both.
"""

import argparse
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch

from glasswright import kernels

MIN_SECONDS = 0.004  # of one side's turn: many calls of a small product
# How to build fma_peak.cc for an instruction set, and the register class its vectors live in.
PEAK_FLAGS = {
    "avx512": ["-mavx512f", '-DGW_REGISTER="v"'],
    "avx2": ["-mavx2", "-mfma", '-DGW_REGISTER="x"'],
    "neon": ['-DGW_REGISTER="w"'],
}


# Rows, width, feed-forward width and vocabulary of models of 1M, 6.6M, 29M and 110M parameters.
MODELS = ((512, 128, 344, 2048), (1024, 256, 688, 2048), (2048, 512, 1376, 4096), (1024, 768, 2048, 8192))


class Shape(NamedTuple):
    use: str
    layout: str  # nn, nt or tn: see kernels/matmul.py
    m: int
    n: int
    k: int


def shapes() -> Iterator[Shape]:
    for side in (64, 128, 256, 512, 1024, 2048):
        yield Shape("square", "nn", side, side, side)
    for rows, width, ffn, vocabulary in MODELS:
        yield Shape("attention in/out", "nt", rows, width, width)
        yield Shape("ffn up", "nt", rows, ffn, width)
        yield Shape("ffn down", "nt", rows, width, ffn)
        yield Shape("ffn input gradient", "nn", rows, width, ffn)
        yield Shape("ffn weight gradient", "tn", ffn, width, rows)
        yield Shape("attention weight gradient", "tn", width, width, rows)
        yield Shape("logits", "nt", 512, vocabulary, width)
        yield Shape("logits input gradient", "nn", 512, width, vocabulary)
        yield Shape("logits weight gradient", "tn", vocabulary, width, 512)


def seconds_per_call(call: Callable[[], object], num_calls: int) -> float:
    begin = time.perf_counter()
    for _ in range(num_calls):
        call()
    return (time.perf_counter() - begin) / num_calls


class Times(NamedTuple):
    """Seconds of a call, in the same round."""

    torch: float
    version_1: float
    version_2: float


def compare(twin: object, shape: Shape, num_rounds: int) -> list[Times]:
    """Time every round; refuse a product that is further from torch's than both may be from the truth."""
    a = torch.randn((shape.k, shape.m) if shape.layout == "tn" else (shape.m, shape.k))
    b = torch.randn((shape.n, shape.k) if shape.layout == "nt" else (shape.k, shape.n))
    a_MK, b_KN = (a.T if shape.layout == "tn" else a), (b.T if shape.layout == "nt" else b)
    theirs, ours = torch.empty(shape.m, shape.n), torch.empty(shape.m, shape.n)
    views = a.numpy(), b.numpy(), ours.numpy()
    products = [getattr(twin, f"{version}matmul_{shape.layout}") for version in ("", "integer_")]
    torch.mm(a_MK, b_KN, out=theirs)
    bound_1 = 2 * (min(shape.k, 512) + shape.k / 512) * 2.0**-24 * (a_MK.abs() @ b_KN.abs())
    bound_2 = bound_1 + 1.01 * shape.k * 2.0**-13 * a.abs().max() * b.abs().max()
    for kernel, bound in zip(products, (bound_1, bound_2), strict=True):
        kernel(*views)
        assert bool(((theirs - ours).abs() <= bound).all()), shape

    num_calls = max(1, round(MIN_SECONDS * 1e11 / (2 * shape.m * shape.n * shape.k)))
    calls = [lambda: torch.mm(a_MK, b_KN, out=theirs), *(partial(kernel, *views) for kernel in products)]
    return [Times(*(seconds_per_call(call, num_calls) for call in calls)) for _ in range(num_rounds)]


def peak_gflops(isa: str) -> float | None:
    """None where it cannot be measured."""
    compiler = shutil.which("c++")
    if compiler is None or isa not in PEAK_FLAGS:
        return None
    here = Path(__file__).parent
    native = here.parent / "src/glasswright/kernels/native"
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/fma_peak"
        which = [f"-DGW_ISA={isa}", f"-DGW_ISA_{isa}", *PEAK_FLAGS[isa], f"-I{native}"]
        subprocess.run([compiler, "-std=c++20", "-O3", "-w", *which, here / "fma_peak.cc", "-o", program], check=True)
        return float(subprocess.run([program], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    num_rounds = parser.parse_args().rounds

    twin = kernels.active()
    isa = twin.active_isa()
    twin.set_num_threads(1)
    torch.set_num_threads(1)
    blas = re.search(r"BLAS_INFO=\w+", torch.__config__.show())
    peak = peak_gflops(isa)
    theirs = f"torch {torch.__version__}, {blas and blas[0]}, {torch.backends.cpu.get_cpu_capability()}"
    print(f"ours: {isa}   theirs: {theirs}   one thread each")
    print(f"{'':26} layout     M     N     K   torch       1       2  torch/1  1/2  1 of peak")
    ratios: list[tuple[float, float]] = []
    for shape in shapes():
        times = compare(twin, shape, num_rounds)
        gflop = 2e-9 * shape.m * shape.n * shape.k
        rates = [gflop / min(side) for side in zip(*times, strict=True)]
        ratios.append(
            (
                statistics.median(t.torch / t.version_1 for t in times),
                statistics.median(t.version_1 / t.version_2 for t in times),
            )
        )
        share = f"{rates[1] / peak:10.0%}" if peak else "         ?"
        columns = "".join(f"{rate:8.1f}" for rate in rates) + "".join(f"{ratio:6.2f}" for ratio in ratios[-1])
        print(f"{shape.use:26} {shape.layout:>6} {shape.m:5} {shape.n:5} {shape.k:5}{columns}{share}", flush=True)
    for name, side in zip(("torch/1", "1/2"), zip(*ratios, strict=True), strict=True):
        print(f"{name}: lowest {min(side):.2f}, median {statistics.median(side):.2f}")
    if peak:
        print(f"peak of fused multiply-adds: {peak:.1f} GFLOP/s at the start, {peak_gflops(isa):.1f} at the end")
    else:
        print("peak not measured: no C++ compiler for this instruction set")


if __name__ == "__main__":
    main()
