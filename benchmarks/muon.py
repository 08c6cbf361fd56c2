"""What Muon makes of matrices that are hard for integers, and what it costs, by both versions of the numerics.

    python benchmarks/muon.py [--seconds 60] [--seed 1]

Hard are: rows and columns of very different sizes, few directions, few elements, signs alone, equal rows, rows that are
nearly the identity or nearly all the same. Of each update: the largest element and the largest singular value, which
one step of version 1 keeps at 1.21 at most, and the cosine to version 1's update. Then milliseconds a matrix on one
thread, the versions in turns.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from glasswright.kernels import native

VERSIONS = ("muon", "integer_muon")
LONGEST_SIDES = (8, 40, 150, 600)
TIMED = ((512, 512), (1376, 512), (512, 1376))  # a layer of 29M parameters has four, two and one of these

Make = Callable[[np.random.Generator, int, int], np.ndarray]


def of_uneven_rows(rng: np.random.Generator, m: int, n: int) -> np.ndarray:
    sizes = rng.uniform(0, 4) * rng.standard_normal((m, 1)) + rng.uniform(0, 4) * rng.standard_normal((1, n))
    return rng.standard_normal((m, n)) * np.exp(sizes)


def of_few_directions(rng: np.random.Generator, m: int, n: int) -> np.ndarray:
    rank = int(rng.integers(1, max(2, min(m, n) // 2) + 1))
    noise = 10 ** rng.uniform(-6, 0) * rng.standard_normal((m, n))
    return rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n)) + noise


KINDS: dict[str, Make] = {
    "normal": lambda rng, m, n: rng.standard_normal((m, n)),
    "uneven rows": of_uneven_rows,
    "heavy tails": lambda rng, m, n: (
        rng.standard_normal((m, n)) * np.exp(rng.uniform(0, 6) * rng.standard_normal((m, n)))
    ),
    "few directions": of_few_directions,
    "few elements": lambda rng, m, n: rng.standard_normal((m, n)) * (rng.random((m, n)) < 10 ** rng.uniform(-3, 0)),
    "signs": lambda rng, m, n: np.sign(rng.standard_normal((m, n))),
    "equal rows": lambda rng, m, n: np.repeat(rng.standard_normal((-(-m // 4), n)), 4, axis=0)[:m],
    "nearly one": lambda rng, m, n: np.eye(m, n) + 10 ** rng.uniform(-4, 0) * rng.standard_normal((m, n)) / n**0.5,
    "nearly constant": lambda rng, m, n: 1 + 10 ** rng.uniform(-3, 1) * rng.standard_normal((m, n)),
}


def update(name: str, u: np.ndarray) -> np.ndarray:
    """What a step moves a parameter by, for a rate and a scale of one."""
    parameter, momentum = np.zeros_like(u), np.zeros_like(u)
    getattr(native(), name)(parameter, u, momentum, 1.0, 1.0, 0.0, 0.0)
    return -parameter.astype(np.float64) / (0.2 * max(u.shape) ** 0.5)


def look_for_the_worst(seconds: float, seed: int) -> None:
    rng, end = np.random.default_rng(seed), time.monotonic() + seconds
    worst = {kind: [0, 0.0, 0.0, 1.0] for kind in KINDS}
    while time.monotonic() < end:
        kind = str(rng.choice(list(KINDS)))
        longest = int(rng.choice(LONGEST_SIDES))
        u = KINDS[kind](rng, *map(int, rng.integers(1, longest + 1, 2))).astype(np.float32)
        first, second = (update(name, u) for name in VERSIONS)
        size = np.linalg.norm(first) * np.linalg.norm(second)
        count, element, value, cosine = worst[kind]
        worst[kind] = [
            count + 1,
            max(element, float(abs(second).max())),
            max(value, float(np.linalg.norm(second, 2))),
            min(cosine, float((first * second).sum() / size) if size else 1.0),
        ]
    print(f"{'kind':16} matrices  element  singular value  cosine")
    for kind, (count, element, value, cosine) in worst.items():
        print(f"{kind:16} {count:8} {element:8.3f} {value:15.3f} {cosine:7.4f}")


def compare_speed(rounds: int = 9) -> None:
    native().set_num_threads(1)
    for shape in TIMED:
        u = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        times: dict[str, list[float]] = {name: [] for name in VERSIONS}
        for _ in range(rounds):
            for name in VERSIONS:
                started = time.thread_time()  # with one thread all of it is this one's
                update(name, u)
                times[name].append(1000 * (time.thread_time() - started))
        first, second = (statistics.median(times[name]) for name in VERSIONS)
        print(f"{shape[0]:5} x {shape[1]:4}: {first:6.2f} ms and {second:6.2f} ms, {first / second:.2f} times as fast")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    look_for_the_worst(arguments.seconds, arguments.seed)
    compare_speed()


if __name__ == "__main__":
    main()
