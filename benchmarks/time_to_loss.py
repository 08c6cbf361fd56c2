"""Validation loss against training time: `tiny` as it is built, beside AdamW in eager PyTorch on the same data.

    python benchmarks/time_to_loss.py TOKENS [--steps 700] [--our-steps 450] [--threads 2]
                                             [--rates 0.001 0.002 0.003] [--plot FILE.svg]

TOKENS is the tokens folder of a build of recipes/tiny.yaml (.glasswright/tokens-...). All contenders start from the
same weights, read the same sequences in the same order and follow a warm-up, stable, decay schedule over the steps
they are given. PyTorch is given several learning rates; the best is what counts. Contenders take turns, each in a
process of its own; validation is not counted as time.

    glasswright-muon     recipes/tiny.yaml, planned over --our-steps
    glasswright-adamw    the same with AdamW at PyTorch's best rate: the same curve is expected, in less time
    torch-adamw-RATE     eager PyTorch, fused AdamW
"""

import argparse
import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

ROOT = Path(__file__).resolve().parent.parent
NUM_TURNS = 14


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokens", type=Path)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--our-steps", type=int, default=450)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rates", nargs="+", default=["0.001", "0.002", "0.003"])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker, arguments)
        return
    names = ["glasswright-muon", *(f"torch-adamw-{rate}" for rate in arguments.rates)]
    curves = race(names, arguments)
    best = min(names[1:], key=lambda name: curves[name][-1]["bits"])
    curves |= race([f"glasswright-adamw-{best.removeprefix('torch-adamw-')}"], arguments)
    report(curves, best)
    if arguments.plot:
        plot(curves, arguments.plot)


def race(names: list[str], arguments: argparse.Namespace) -> dict[str, list[dict]]:
    """Let the contenders take turns; their points (step, seconds, bits)."""
    curves: dict[str, list[dict]] = {name: [] for name in names}
    with ExitStack() as stack:
        workers = {}
        for name in names:
            command = [sys.executable, __file__, str(arguments.tokens), "--worker", name]
            steps = arguments.our_steps if name == "glasswright-muon" else arguments.steps
            command += ["--steps", str(steps), "--threads", str(arguments.threads)]
            worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            workers[name] = stack.enter_context(worker)
        for _ in range(NUM_TURNS):
            for name, worker in workers.items():
                worker.stdin.write("go\n")
                worker.stdin.flush()
                curves[name].append(json.loads(worker.stdout.readline()))
        for worker in workers.values():
            worker.stdin.close()
    return curves


def report(curves: dict[str, list[dict]], best: str) -> None:
    print(f"{'contender':<24} {'step':>5} {'seconds':>8} {'validation bits/byte':>21}")
    for name, points in curves.items():
        for point in (points[NUM_TURNS // 3], points[2 * NUM_TURNS // 3], points[-1]):
            print(f"{name:<24} {point['step']:5} {point['seconds']:8.1f} {point['bits']:21.4f}")
    goal = curves[best][-1]
    reached = seconds_to(curves["glasswright-muon"], goal["bits"])
    print(f"\n{best} ends at {goal['bits']:.4f} bits per byte after {goal['seconds']:.1f} s;")
    print(f"glasswright-muon is there after {reached:.1f} s: {reached / goal['seconds']:.2f} of the time")
    ours = next(points for name, points in curves.items() if name.startswith("glasswright-adamw"))
    print(f"with AdamW on both sides the ends differ by {ours[-1]['bits'] - goal['bits']:+.4f} bits per byte")


def seconds_to(points: list[dict], bits: float) -> float:
    """When a curve first reaches a loss, between its points by straight lines."""
    before = None
    for point in points:
        if point["bits"] <= bits:
            if before is None:
                return point["seconds"]
            share = (before["bits"] - bits) / (before["bits"] - point["bits"])
            return before["seconds"] + share * (point["seconds"] - before["seconds"])
        before = point
    return float("inf")


def plot(curves: dict[str, list[dict]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "glasswright"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for name, points in curves.items():
        style = "-" if name.startswith("glasswright") else "--"
        axes.plot([p["seconds"] for p in points], [p["bits"] for p in points], style, label=name, marker=".")
    axes.set(xlabel="seconds of training", ylabel="validation bits per byte", title="tiny, same data and threads")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def work(name: str, arguments: argparse.Namespace) -> None:
    """Answer each line of standard input with the point reached after some more steps."""
    from glasswright.recipe import load
    from glasswright.records.recipe import Recipe

    resolved = load(ROOT / "recipes" / "tiny.yaml").resolved()
    train, steps = resolved["train"], arguments.steps
    train |= {"num_steps": steps, "segment_steps": steps}
    train["schedule"] |= {"warmup_steps": steps // 35, "decay_steps": 9 * steps // 14}
    if "adamw" in name:
        train["schedule"]["decay_steps"] = 3 * steps // 7  # better for AdamW: 2.19 where 9/14 ends at 2.25
        train["optimizer"] |= {"kind": "adamw", "learning_rate": name.rsplit("-", 1)[1]}
    recipe = Recipe.model_validate(resolved)
    contender = (Ours if name.startswith("glasswright") else Theirs)(recipe, arguments)
    done, seconds = 0, 0.0
    for turn, _ in enumerate(sys.stdin, start=1):
        started = time.perf_counter()
        while done < steps * turn // NUM_TURNS:
            done += 1
            contender.step(done)
        seconds += time.perf_counter() - started
        print(json.dumps({"step": done, "seconds": seconds, "bits": contender.bits()}), flush=True)


class Ours:
    def __init__(self, recipe, arguments: argparse.Namespace):
        from glasswright.train.effort import Effort
        from glasswright.train.trainer import Trainer

        threads = arguments.threads
        self.trainer = Trainer(recipe, arguments.tokens, Effort(num_threads=threads, leaves_at_once=threads))

    def step(self, step: int) -> None:
        self.trainer.step(step)

    def bits(self) -> float:
        from glasswright.records.canonical import float_from_bits

        return float_from_bits(self.trainer.validate())


class Theirs:
    """PyTorch from the same weights, on the same sequences, at the same rates."""

    def __init__(self, recipe, arguments: argparse.Namespace):
        import torch

        from eager import EagerTraining, plain_name
        from glasswright.store.tokens import open_tokens

        ours = Ours(recipe, arguments)
        self.trainer, self.tokens = ours.trainer, open_tokens(arguments.tokens)
        torch.set_num_threads(arguments.threads)
        self.training = EagerTraining(recipe, self.trainer.model.config.vocab_size)
        theirs = dict(self.training.model.named_parameters())
        with torch.no_grad():
            for name, parameter in self.trainer.state.parameters.items():
                theirs[plain_name(name)].copy_(parameter)

    def step(self, step: int) -> None:
        import numpy as np
        import torch

        from glasswright.train.optimizer import Rates

        sequences = self.trainer.sequences(step)
        tokens = torch.from_numpy(np.stack([self.tokens.read_spans(spans) for spans in sequences]))
        for group in self.training.optimizer.param_groups:
            group["lr"] = Rates.at(self.trainer.schedule, step).adamw_learning_rate
        self.training.step(tokens)

    def bits(self) -> float:
        import math

        import torch

        with torch.no_grad():
            leaves = map(torch.from_numpy, self.trainer.validation.leaves())
            nats = sum(float(self.training.loss(tokens)) * tokens[:, 1:].numel() for tokens in leaves)
        return nats / math.log(2) / self.trainer.validation.num_bytes


if __name__ == "__main__":
    main()
