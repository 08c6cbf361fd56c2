"""Validation loss at equal tokens by what the products of linear layers are computed in, over several seeds.

    python benchmarks/learning.py TOKENS LOG.jsonl [--steps 350] [--seeds 3] [--threads 1] [--shape tiny]
        [--only CONTENDER ...]

TOKENS is the tokens folder of a build of recipes/tiny.yaml (.glasswright/tokens-...). The contenders of a seed start
from the same weights and read the same sequences in the same order with AdamW at the same rates. LOG has a line for
each run that is done: called again, the program goes on with those that are not. Contenders:

    torch             eager PyTorch in float32
    version-1         this package, numerics 1
    version-2         this package, numerics 2: three products of slices, a scale for each chunk of 512 terms
    three-chunks      version 2's linear layers in PyTorch, all else as `torch`: shows how far the emulation carries
    three-rows        the same with one scale for a whole row of the contraction axis
    four-chunks       the same as three-chunks with the product of the two low slices
"""

import argparse
import json
import math
import statistics
import sys
from argparse import Namespace
from itertools import product
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))

from glasswright.recipe import load
from glasswright.records.recipe import Recipe
from shapes import SHAPES
from shapes import recipe_of as recipe_of_shape
from time_to_loss import ROOT, Ours, Theirs

CHUNK, MAX_Q = 512, 32639
RATE = "0.002"  # the best of benchmarks/time_to_loss.py for AdamW
CONTENDERS = ("torch", "version-1", "version-2", "three-chunks", "three-rows", "four-chunks")


def quantized(x_RK: Tensor) -> tuple[Tensor, Tensor]:
    """Integers of 16 bits, and what one is worth in each row, in float64: see kernels/integer_matmul.py."""
    max_R1 = x_RK.abs().amax(1, keepdim=True).clamp_min(2.0**-112)
    e_R1 = torch.frexp(max_R1).exponent - 1
    e_R1 = e_R1 + (torch.ldexp(max_R1, 14 - e_R1).round() > MAX_Q)
    place_R1 = torch.ldexp(torch.ones_like(max_R1, dtype=torch.float64), e_R1 - 14)
    return (x_RK / place_R1).round(), place_R1


def integer_product(a_MK: Tensor, b_NK: Tensor, *, chunk: int, num_products: int) -> Tensor:
    """a b^T by integers. Their sums are below 2^53, where float64 is exact in any order."""
    total_MN = torch.zeros(len(a_MK), len(b_NK))
    for a, b in zip(a_MK.split(chunk, 1), b_NK.split(chunk, 1), strict=True):
        (a_q, a_place), (b_q, b_place) = quantized(a), quantized(b)
        sum_MN = a_q @ b_q.T
        if num_products == 3:
            a_lo, b_lo = ((q + 128).remainder(256) - 128 for q in (a_q, b_q))
            sum_MN -= a_lo @ b_lo.T
        total_MN += (sum_MN * a_place * b_place.T).float()
    return total_MN


class IntegerLinear(torch.autograd.Function):
    """x weight^T and its gradients, by integers."""

    @staticmethod
    def forward(ctx, x, weight_ND, how):
        x_RD = x.reshape(-1, x.shape[-1])
        ctx.save_for_backward(x_RD, weight_ND)
        ctx.how, ctx.shape = how, x.shape
        return integer_product(x_RD, weight_ND, **how).reshape(*x.shape[:-1], -1)

    @staticmethod
    def backward(ctx, dout):
        x_RD, weight_ND = ctx.saved_tensors
        dout_RN = dout.reshape(-1, dout.shape[-1])
        dx = integer_product(dout_RN, weight_ND.T, **ctx.how).reshape(ctx.shape)
        return dx, integer_product(dout_RN.T, x_RD.T, **ctx.how), None


def by_integers(model: nn.Module, how: dict[str, int]) -> None:
    """Let every linear layer of a model compute by integers."""
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            layer.forward = lambda x, layer=layer: IntegerLinear.apply(x, layer.weight, how)


def contender_of(name: str, recipe: Recipe, arguments: Namespace) -> Ours | Theirs:
    if name.startswith("version"):
        return Ours(recipe, arguments)
    contender = Theirs(recipe, arguments)
    if name != "torch":
        count, unit = name.split("-")
        chunk = CHUNK if unit == "chunks" else sys.maxsize
        by_integers(contender.training.model, {"chunk": chunk, "num_products": {"three": 3, "four": 4}[count]})
    return contender


def recipe_of(name: str, seed: int, num_steps: int, shape: str) -> Recipe:
    resolved = load(ROOT / "recipes" / "tiny.yaml").resolved()
    if shape != "tiny":
        resolved["model"] = recipe_of_shape(shape).resolved()["model"]
    train = resolved["train"] | {"num_steps": num_steps, "segment_steps": num_steps}
    train["schedule"] |= {"warmup_steps": num_steps // 35, "decay_steps": 3 * num_steps // 7}
    train["optimizer"] |= {"kind": "adamw", "learning_rate": RATE}
    numerics = 2 if name == "version-2" else 1
    return Recipe.model_validate({**resolved, "seed": seed, "numerics": numerics, "train": train})


def bits_per_byte(name: str, seed: int, arguments: Namespace) -> float:
    contender = contender_of(name, recipe_of(name, seed, arguments.steps, arguments.shape), arguments)
    for step in range(1, arguments.steps + 1):
        contender.step(step)
    return contender.bits()


def report(runs: list[dict]) -> None:
    print(f"{'contender':14} {'seeds':>5} {'bits/byte':>9} {'spread':>7}   less torch, seed by seed")
    found = {(run["contender"], run["seed"]): run["bits_per_byte"] for run in runs}
    for name in CONTENDERS:
        own = {seed: bits for (contender, seed), bits in found.items() if contender == name}
        if not own:
            continue
        spread = statistics.stdev(own.values()) if len(own) > 1 else math.nan
        less = " ".join(
            f"{bits - found['torch', seed]:+.4f}" for seed, bits in sorted(own.items()) if ("torch", seed) in found
        )
        print(f"{name:14} {len(own):5} {statistics.mean(own.values()):9.4f} {spread:7.4f}   {less}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--steps", type=int, default=350)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--shape", choices=("tiny", *SHAPES), default="tiny")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=CONTENDERS)
    arguments = parser.parse_args()
    runs = [json.loads(line) for line in arguments.log.read_text().splitlines()] if arguments.log.exists() else []
    runs = [run for run in runs if (run["shape"], run["steps"]) == (arguments.shape, arguments.steps)]
    done = {(run["contender"], run["seed"]) for run in runs}
    for seed, name in product(range(1, arguments.seeds + 1), arguments.only):
        if (name, seed) in done:
            continue
        bits = bits_per_byte(name, seed, arguments)
        runs.append(
            {"contender": name, "shape": arguments.shape, "seed": seed, "steps": arguments.steps, "bits_per_byte": bits}
        )
        with arguments.log.open("a") as log:
            log.write(json.dumps(runs[-1]) + "\n")
        print(runs[-1], flush=True)
    report(runs)


if __name__ == "__main__":
    main()
