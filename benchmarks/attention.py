"""Attention beside torch's scaled_dot_product_attention, forward and backward, taking turns.

    GLASSWRIGHT_KERNELS=avx512 python benchmarks/attention.py [--rounds 15]

For every shape and number of threads: torch, then ours, then torch again ..., so that both meet the same clock and the
same neighbours. The ratio is the median over the rounds of (torch's time / ours) for forward and backward together;
milliseconds are the medians. Both sides read rows of (T, H*E) as linear layers write them; torch sees them as
(S, H, T, E) by a transposing view. Ours reads and writes torch's memory through NumPy views, as the model does. Results
are compared too, within a bound that only a wrong formula exceeds; tests/kernels/test_attention.py has the sharp one.
"""

import argparse
import re
import statistics
import time
from typing import Any, NamedTuple

import torch
from torch.nn.functional import scaled_dot_product_attention

from glasswright import kernels


class Shape(NamedTuple):
    sequences: int
    positions: int
    heads: int
    kv_heads: int
    head_dim: int


SHAPES = (
    Shape(8, 256, 4, 4, 32),
    Shape(8, 256, 4, 4, 64),
    Shape(4, 256, 8, 8, 64),
    Shape(4, 256, 8, 2, 64),
    Shape(1, 2048, 8, 8, 64),
    Shape(1, 2048, 8, 1, 128),
)


class Times(NamedTuple):
    forward: float  # seconds
    backward: float


class Torch:
    """Autograd around scaled_dot_product_attention."""

    def __init__(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dout: torch.Tensor):
        self.inputs = [x.clone().requires_grad_() for x in (q, k, v)]
        self.dout, self.is_grouped = dout, q.shape[2] != k.shape[2]

    def turn(self) -> Times:
        for x in self.inputs:
            x.grad = None
        began_at = time.perf_counter()
        q, k, v = (x.transpose(1, 2) for x in self.inputs)
        self.out = scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.is_grouped).transpose(1, 2)
        turned_at = time.perf_counter()
        self.out.backward(self.dout)
        return Times(turned_at - began_at, time.perf_counter() - turned_at)

    def results(self) -> list[torch.Tensor]:
        return [self.out, *(x.grad for x in self.inputs)]


class Ours:
    """The twin, into memory of its own."""

    def __init__(self, twin: Any, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, dout: torch.Tensor):
        S, T, H, E = q.shape
        self.twin, self.scale = twin, float(torch.tensor(E**-0.5))
        self.written = [torch.empty_like(x) for x in (q, q, k, v)]
        self.inputs = [x.numpy() for x in (q, k, v)]
        self.dout, self.logsumexp = dout.numpy(), torch.empty(S, H, T).numpy()
        self.out, *self.gradients = (x.numpy() for x in self.written)

    def turn(self) -> Times:
        began_at = time.perf_counter()
        self.twin.attention(*self.inputs, self.scale, 0, 0.0, self.out, self.logsumexp)
        turned_at = time.perf_counter()
        rule = self.scale, 0, 0.0
        self.twin.attention_backward(self.dout, *self.inputs, self.out, self.logsumexp, *rule, *self.gradients)
        return Times(turned_at - began_at, time.perf_counter() - turned_at)


def compare(twin: Any, shape: Shape, num_rounds: int) -> tuple[Times, Times, float]:
    """(torch's median seconds, ours, median ratio)."""
    S, T, H, G, E = shape
    torch.manual_seed(0)
    tensors = [torch.randn(S, T, heads, E) for heads in (H, G, G, H)]
    theirs, ours = Torch(*tensors), Ours(twin, *tensors)
    theirs.turn()
    ours.turn()
    for x, y in zip(theirs.results(), ours.written, strict=True):
        assert bool(torch.allclose(x, y, rtol=1e-3, atol=1e-3 * float(x.detach().abs().max()))), shape

    rounds = [(theirs.turn(), ours.turn()) for _ in range(num_rounds)]
    ratio = statistics.median(sum(torch_s) / sum(our_s) for torch_s, our_s in rounds)
    torch_s, our_s = (Times(*map(statistics.median, zip(*side, strict=True))) for side in zip(*rounds, strict=True))
    return torch_s, our_s, ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    num_rounds = parser.parse_args().rounds

    twin = kernels.active()
    blas = re.search(r"BLAS_INFO=\w+", torch.__config__.show())
    theirs = f"torch {torch.__version__}, {blas and blas[0]}, {torch.backends.cpu.get_cpu_capability()}"
    print(f"ours: {twin.active_isa()}   theirs: {theirs}")
    print("threads  S    T  H  G   E   torch ms: forward backward   ours: forward backward   ratio")
    ratios = []
    for num_threads in (1, 2):
        torch.set_num_threads(num_threads)
        twin.set_num_threads(num_threads)
        for shape in SHAPES:
            torch_s, our_s, ratio = compare(twin, shape, num_rounds)
            S, T, H, G, E = shape
            times = f"{torch_s.forward * 1e3:16.2f} {torch_s.backward * 1e3:8.2f}"
            times += f"{our_s.forward * 1e3:16.2f} {our_s.backward * 1e3:8.2f}"
            print(f"{num_threads:7} {S:2} {T:4} {H:2} {G:2} {E:3} {times} {ratio:10.2f}", flush=True)
            ratios.append(ratio)
    print(f"ratio: lowest {min(ratios):.2f}, median {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
