"""One table of state roots by version 2 of the numerics, all equal: what multiplies, on how many threads, how leaves
are grouped, and whether activations are computed again.

    python benchmarks/units.py [--steps 2]

A small model with sums of more than one chunk is trained in this process on made-up tokens. AMX is its emulation where
the machine has none. The last rows are sabotage, one change each in the definitions, and must differ. On aarch64 the
same kernels are compared by tests/kernels/conformance, under qemu where there is no such machine.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from glasswright.kernels import DEFINITION, ENVIRONMENT_VARIABLE, integer_matmul, matmul, native
from glasswright.records.model import Model
from glasswright.records.recipe import Optimizer, Recipe, Source, Tokenizer, Train
from glasswright.train.effort import Effort
from glasswright.train.probe import write_tokens
from glasswright.train.trainer import Trainer

RECIPE = Recipe(
    name="units",
    numerics=2,
    sources=(Source(name="none", kind="python-docs"),),
    tokenizer=Tokenizer(vocab_size=1100),
    model=Model(hidden_size=32, num_layers=1, num_heads=2, num_kv_heads=1, intermediate_size=48),
    train=Train(
        num_steps=10_000, sequence_length=32, batch_sequences=4, leaf_sequences=1, optimizer=Optimizer(kind="muon")
    ),
)

quantized, slices = integer_matmul.quantized, integer_matmul.slices


def one_off(x_RK: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    q_RK, scale_R = quantized(x_RK)
    q_RK[:1, :1] += 1
    return q_RK, scale_R


def towards_zero(integers: np.ndarray) -> np.ndarray:
    nearest = integers.astype(np.float32)
    return np.where(abs(nearest) > abs(integers), np.nextafter(nearest, np.float32(0)), nearest)


def from_the_last(a_MK: np.ndarray, b_KN: np.ndarray, chunk_sum: Any) -> np.ndarray:
    """The chunks of K added right to left."""
    starts = range(0, a_MK.shape[1], matmul.CHUNK)
    sums = [chunk_sum(a_MK[:, k : k + matmul.CHUNK], b_KN[k : k + matmul.CHUNK]) for k in reversed(starts)]
    total = sums[0] if sums else np.zeros((len(a_MK), b_KN.shape[1]), np.float32)
    for each in sums[1:]:
        total = total + each
    return total


SABOTAGE = {
    "one integer off": ("quantized", one_off),
    "sums converted towards zero": ("nearest", towards_zero),
    "chunks added from the last": ("sum_of_chunks", from_the_last),
    "slices swapped": ("slices", lambda q: slices(q)[::-1]),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=2)
    num_steps = parser.parse_args().steps
    roots = set()
    with tempfile.TemporaryDirectory() as folder:
        write_tokens(Path(folder), RECIPE, num_steps=num_steps)
        print(f"{'multiplied by':24} {'threads':>7} {'at once':>7} {'again':>5}  root")
        for isa in native().supported_isas():
            for unit in native(isa).byte_units():
                native().use_byte_unit(unit)
                for threads, at_once, again in product((1, 2, 3), (1, 3), (False, True)):
                    effort = Effort(num_threads=threads, leaves_at_once=at_once, recompute=again)
                    roots.add(found := root(Path(folder), num_steps, effort))
                    print(f"{isa + ', ' + unit:24} {threads:7} {at_once:7} {'yes' if again else 'no':>5}  {found}")
        native().use_byte_unit(None)
        with by_definition():
            roots.add(found := root(Path(folder), num_steps))
            print(f"{'definitions':46}  {found}")
            sabotaged = {what: root_with(*change, Path(folder), num_steps) for what, change in SABOTAGE.items()}
    for what, found in sabotaged.items():
        print(f"must differ: {what:33}  {found}")
    print(f"{len(roots)} root" + ("" if len(roots) == 1 else "s, which must be one"))
    sys.exit(0 if len(roots) == 1 and not roots & set(sabotaged.values()) else 1)


def root(tokens: Path, num_steps: int, effort: Effort = Effort(num_threads=1, leaves_at_once=1)) -> str:  # noqa: B008
    """The root of the state after some steps."""
    with closing(Trainer(RECIPE, tokens, effort)) as trainer:
        for step in range(1, num_steps + 1):
            trainer.step(step)
        return trainer.state_record(num_steps).root


def root_with(name: str, change: Any, tokens: Path, num_steps: int) -> str:
    """The root with another function in the place of one of the definition's."""
    ordinary = getattr(integer_matmul, name)
    setattr(integer_matmul, name, change)
    try:
        return root(tokens, num_steps)
    finally:
        setattr(integer_matmul, name, ordinary)


@contextmanager
def by_definition() -> Iterator[None]:
    os.environ[ENVIRONMENT_VARIABLE] = DEFINITION
    try:
        yield
    finally:
        del os.environ[ENVIRONMENT_VARIABLE]


if __name__ == "__main__":
    main()
