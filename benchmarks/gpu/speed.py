"""Training and products on a GPU by both versions of the numerics, and what the state's digests take of the time.

    python benchmarks/gpu/speed.py [--device cuda] [--shape 162M] [--steps 3]

A step's time is the median of a few, after one to warm up; a product's that of several in a row, quantizing included.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import torch

from glasswright.kernels import backends
from glasswright.kernels.float_mode import exact_float_mode
from glasswright.records.model import Model
from glasswright.records.recipe import Optimizer, Recipe, Source, Tokenizer, Train
from glasswright.train.effort import default_effort
from glasswright.train.probe import write_tokens
from glasswright.train.trainer import Trainer

# name: width, layers, heads, feed-forward width, vocabulary, positions, sequences a batch, sequences a leaf
SHAPES = {
    "162M": (768, 12, 12, 2048, 32768, 1024, 32, 16),
    "tiny": (64, 2, 4, 172, 512, 64, 4, 2),
}
PRODUCTS = {"162M": (4096, 10), "tiny": (256, 2)}  # side of the matrices, times in a row
VERSIONS = (1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--shape", choices=SHAPES, default="162M")
    parser.add_argument("--steps", type=int, default=3)
    arguments = parser.parse_args()
    side, times = PRODUCTS[arguments.shape]
    for version in VERSIONS:
        rate = product_rate(arguments.device, version, side, times)
        print(f"product {side}^3, version {version}: {rate / 1e12:.1f} TFLOP/s", flush=True)
    for version in VERSIONS:
        train(recipe_of(arguments.shape, version), arguments.device, arguments.steps)


def recipe_of(shape: str, version: int) -> Recipe:
    width, layers, heads, ffn, vocab, positions, batch, leaf = SHAPES[shape]
    return Recipe(
        numerics=version,
        name=shape.lower(),
        sources=(Source(name="none", kind="python-docs"),),
        tokenizer=Tokenizer(vocab_size=vocab),
        model=Model(
            hidden_size=width, num_layers=layers, num_heads=heads, num_kv_heads=heads, intermediate_size=ffn,
            tied_embeddings=False,
        ),
        train=Train(
            num_steps=10_000, sequence_length=positions, batch_sequences=batch, leaf_sequences=leaf,
            optimizer=Optimizer(kind="adamw"),
        ),
    )  # fmt: skip


def train(recipe: Recipe, device: str, num_steps: int) -> None:
    """Print the rate of training steps, and the time of one state's digests."""
    with tempfile.TemporaryDirectory() as folder:
        write_tokens(Path(folder), recipe, num_steps=num_steps + 1)
        with closing(Trainer(recipe, Path(folder), default_effort(1, device))) as trainer:
            times = [seconds(lambda step=step: trainer.step(step), device) for step in range(1, num_steps + 2)]
            step = statistics.median(times[1:])
            digests = seconds(lambda: trainer.state_record(num_steps + 1), device)
    share = digests / (digests + recipe.train.segment_steps * step)
    tokens = recipe.train.batch_sequences * recipe.train.sequence_length
    print(
        f"{recipe.name}, version {recipe.numerics}: {tokens / step:,.0f} tokens/s, {1000 * step:.0f} ms a step; "
        f"a state's digests {digests:.2f} s, {share:.1%} of a segment of {recipe.train.segment_steps} steps",
        flush=True,
    )


def product_rate(device: str, version: int, side: int, times: int) -> float:
    """Operations a second of out = a b^T."""
    with backends.following(version), exact_float_mode("a benchmark"):
        backend = backends.on(device)
        a, b, out = (backend.empty(side, side) for _ in range(3))
        for number, x in enumerate((a, b)):
            backend.kernel("uniform")(1, number, 2.0, x)
        product = backend.kernel("matmul_nt")
        product(a, b, out)
        return 2 * side**3 * times / seconds(lambda: [product(a, b, out) for _ in range(times)], device)


def seconds(work: Callable[[], object], device: str) -> float:
    """How long it takes until it is done on the device."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    started = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
